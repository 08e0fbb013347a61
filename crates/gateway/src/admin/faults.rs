//! `/_virga/faults`: rules that delay, fail or throttle calls of the world.

use serde::Deserialize;
use serde_json::{Value, json};
use virga_kit::{FaultEffect, FaultRule};

use super::answer::{Answer, json};
use super::error::AdminError;
use super::visit::Visit;

/// Rules of a world at most: each is looked at in every call.
const MOST_RULES: usize = 1000;
/// The longest delay of a rule.
const MOST_MILLIS: u64 = 24 * 3600 * 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRules {
    #[serde(default)]
    seed: u64,
    rules: Vec<FaultRule>,
}

/// `GET /_virga/faults`
pub(super) fn show(visit: &Visit<'_>) -> Answer {
    let (seed, rules) = visit.world.faults().rules();
    let rules: Result<Vec<Value>, serde_json::Error> = rules
        .into_iter()
        .map(|(rule, hits)| {
            let mut shown = serde_json::to_value(rule)?;
            shown["hits"] = hits.into();
            Ok(shown)
        })
        .collect();
    json(&json!({ "seed": seed, "rules": rules.map_err(AdminError::internal)? }))
}

/// `PUT /_virga/faults`
pub(super) async fn replace(mut visit: Visit<'_>) -> Answer {
    let NewRules { seed, rules } = visit.body().await?;
    if rules.len() > MOST_RULES {
        return Err(AdminError::invalid(format!("a world has at most {MOST_RULES} rules")));
    }
    for (number, rule) in rules.iter().enumerate() {
        check(rule).map_err(|reason| AdminError::invalid(format!("rule {number}: {reason}")))?;
    }
    visit.world.faults().set(seed, rules);
    show(&visit)
}

/// `DELETE /_virga/faults`
pub(super) fn clear(visit: &Visit<'_>) -> Answer {
    visit.world.faults().set(0, Vec::new());
    show(visit)
}

/// A rule that can never strike is a mistake.
fn check(rule: &FaultRule) -> Result<(), String> {
    if !(0.0..=1.0).contains(&rule.probability) {
        return Err("probability is from 0 to 1".to_owned());
    }
    if let Some(name) = &rule.service {
        let service = virga_model::service(name).ok_or_else(|| format!("there is no service {name}"))?;
        let operation = rule.operation.as_deref();
        if let Some(operation) = operation.filter(|operation| service.operation(operation).is_none()) {
            return Err(format!("{name} has no operation {operation}"));
        }
    }
    if let (None, Some(operation)) = (&rule.service, &rule.operation)
        && !virga_model::services().any(|service| service.operation(operation).is_some())
    {
        return Err(format!("no service has an operation {operation}"));
    }
    match &rule.effect {
        FaultEffect::Latency { millis } if *millis > MOST_MILLIS => {
            Err(format!("millis is at most {MOST_MILLIS}, a day"))
        }
        FaultEffect::Error { status, .. } if !(400..=599).contains(status) => {
            Err("status is from 400 to 599".to_owned())
        }
        FaultEffect::Error { code, .. } if code.is_empty() => Err("code is empty".to_owned()),
        FaultEffect::Latency { .. } | FaultEffect::Error { .. } | FaultEffect::Throttle => Ok(()),
    }
}
