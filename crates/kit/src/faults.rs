//! Injected faults: seeded rules that delay, fail or throttle calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use virga_model::{ApiError, Operation};

use crate::LoggedAccess;

/// What a rule does to a call.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum FaultEffect {
    /// Waits, in real time, and goes on.
    Latency {
        /// How long.
        millis: u64,
    },
    /// Answers with an error.
    Error {
        /// Code of the error.
        code: String,
        /// HTTP status.
        status: u16,
        /// Text.
        #[serde(default)]
        message: String,
    },
    /// Answers as the service does when it is asked too much.
    Throttle,
}

/// One rule. A call that matches all that the rule names is hit with the given probability.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct FaultRule {
    /// Service by the name of its model, say `sqs`; none is any.
    #[serde(default)]
    pub service: Option<String>,
    /// Operation; none is any.
    #[serde(default)]
    pub operation: Option<String>,
    /// Text that one of the call's resource ARNs contains; none is any.
    #[serde(default)]
    pub resource: Option<String>,
    /// 0 to 1; 1 when it is not given.
    #[serde(default = "certain")]
    pub probability: f64,
    /// Hits after which the rule has no more effect.
    #[serde(default)]
    pub limit: Option<u64>,
    /// What it does.
    pub effect: FaultEffect,
}

fn certain() -> f64 {
    1.0
}

/// The rules of a world. Draws come from a seed, so that a run can be repeated.
#[derive(Debug)]
pub struct Faults {
    /// Whether there is any rule: no rule costs one load.
    active: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    seed: u64,
    random: fastrand::Rng,
    rules: Vec<(FaultRule, u64)>,
}

impl Default for Faults {
    fn default() -> Self {
        let state = State { seed: 0, random: fastrand::Rng::with_seed(0), rules: Vec::new() };
        Faults { active: AtomicBool::new(false), state: Mutex::new(state) }
    }
}

impl Faults {
    /// Replaces all rules and starts the draws from `seed`.
    pub fn set(&self, seed: u64, rules: Vec<FaultRule>) {
        let mut state = self.state.lock();
        self.active.store(!rules.is_empty(), Ordering::Release);
        let rules = rules.into_iter().map(|rule| (rule, 0)).collect();
        *state = State { seed, random: fastrand::Rng::with_seed(seed), rules };
    }

    /// The seed, and the rules with the number of their hits.
    pub fn rules(&self) -> (u64, Vec<(FaultRule, u64)>) {
        let state = self.state.lock();
        (state.seed, state.rules.clone())
    }

    /// What happens to a call: all delays add up, the first error counts.
    pub(crate) fn strike(
        &self,
        operation: Operation,
        accesses: &[LoggedAccess],
    ) -> (Duration, Option<ApiError>) {
        let mut delay = Duration::ZERO;
        if !self.active.load(Ordering::Acquire) {
            return (delay, None);
        }
        let State { random, rules, .. } = &mut *self.state.lock();
        for (rule, hits) in rules {
            let spent = rule.limit.is_some_and(|limit| *hits >= limit);
            if spent || !rule.matches(operation, accesses) || random.f64() >= rule.probability {
                continue;
            }
            *hits += 1;
            match &rule.effect {
                FaultEffect::Latency { millis } => delay += Duration::from_millis(*millis),
                FaultEffect::Error { code, status, message } => {
                    return (delay, Some(error(operation, code, *status, message)));
                }
                FaultEffect::Throttle => return (delay, Some(throttled(operation))),
            }
        }
        (delay, None)
    }
}

impl FaultRule {
    fn matches(&self, operation: Operation, accesses: &[LoggedAccess]) -> bool {
        let mut resources = accesses.iter().flat_map(|access| &access.resources);
        let touched = move |part: &str| resources.any(|resource| resource.contains(part));
        let named =
            |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
        named(&self.service, operation.service().name())
            && named(&self.operation, operation.name())
            && self.resource.as_deref().is_none_or(touched)
    }
}

/// An error of the model when it lists the code, else one with the given status.
fn error(operation: Operation, code: &str, status: u16, message: &str) -> ApiError {
    match operation.service().shape(code).filter(|shape| shape.is_exception()) {
        Some(shape) => ApiError { status, ..ApiError::modelled(shape, message.to_owned()) },
        None => ApiError::common(code.to_owned(), status, message.to_owned()),
    }
}

/// The model's own throttling error, if it has one.
fn throttled(operation: Operation) -> ApiError {
    let known =
        ["RequestThrottled", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"];
    let message = "Rate exceeded";
    known
        .iter()
        .find_map(|name| operation.service().shape(name).filter(|shape| shape.is_exception()))
        .map_or_else(
            || ApiError::common("Throttling", 400, message),
            |shape| ApiError::modelled(shape, message),
        )
}
