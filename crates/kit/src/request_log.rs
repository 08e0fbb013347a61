//! The recent calls of a world, for `virga requests`, explanations and tests.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::broadcast;
use virga_iam::evaluation::{
    AttachedPolicy, ConditionContext, Decision, Explanation, PrincipalPolicies, Request, ResourceRule,
    Values, explain,
};
use virga_iam::{AccountId, Caller, Principal};
use virga_model::{ApiError, Operation, Text, Timestamp};

use crate::condition_context::owned;
use crate::per_thread::PerThread;

/// Calls that are kept, and of each thread. More than fits the caches would cost every call, since the oldest is freed each time.
const KEPT: usize = 1000;
/// Calls that a slow reader of the tail may lag behind before it misses some.
const TAIL: usize = 1024;

/// One call and its answer.
#[derive(Debug, Clone)]
pub struct LoggedCall {
    /// Counts the calls of the world.
    pub sequence: u64,
    /// When it was answered, by the world's clock.
    pub time: Timestamp,
    /// Request id.
    pub request_id: Text,
    /// The operation.
    pub operation: Operation,
    /// Region.
    pub region: Text,
    /// Who called.
    pub caller: Arc<Caller>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The error, if it was one.
    pub error: Option<ApiError>,
    /// How long it took, waiting included.
    pub took: Duration,
    /// What it needed permission for, and what was decided.
    pub accesses: LoggedAccesses,
}

/// The permissions that a call needed: most need one.
pub type LoggedAccesses = SmallVec<[LoggedAccess; 1]>;

/// A permission that a call needed.
#[derive(Debug, Clone)]
pub struct LoggedAccess {
    /// Prefix of the service's actions, say `sqs`.
    pub prefix: &'static str,
    /// The action without the prefix, say `SendMessage`.
    pub action: Cow<'static, str>,
    /// ARNs of the resources.
    pub resources: Vec<String>,
    /// What the policies said; none where nothing restricts the caller.
    pub decision: Option<Arc<LoggedDecision>>,
}

/// A decision with all that it was made from, so that it can be explained later.
#[derive(Debug, Clone)]
pub struct LoggedDecision {
    /// What was decided.
    pub decision: Decision,
    /// The action with its prefix.
    pub action: String,
    /// The resource that was asked for.
    pub resource: String,
    /// Whose account the resource is in.
    pub resource_account: AccountId,
    /// What its policy means.
    pub rule: ResourceRule,
    /// The policies and tags of the caller.
    pub principal: Arc<PrincipalPolicies>,
    /// The resource control policies of the resource's account.
    pub resource_control: Arc<Vec<Vec<AttachedPolicy>>>,
    /// The policy of the resource.
    pub resource_policy: Option<AttachedPolicy>,
    /// The condition keys that were asked for, with their values.
    pub asked: Vec<(String, Option<Vec<String>>)>,
    /// Whether a grant of the resource allowed it.
    pub is_granted: bool,
}

impl LoggedDecision {
    /// Whether the call goes on.
    pub fn allows(&self) -> bool {
        self.decision.is_allowed()
    }

    /// AWS's sentence for a caller that is denied.
    pub fn message(&self, caller: &Caller) -> String {
        let who = caller.arn().unwrap_or_else(|| match &caller.principal {
            Principal::Service { name, .. } => name.clone(),
            _ => "anonymous".to_owned(),
        });
        let on =
            if self.resource == "*" { String::new() } else { format!(" on resource: {}", self.resource) };
        let why = self.decision.because(&self.action).map(|why| format!(" {why}")).unwrap_or_default();
        format!("User: {who} is not authorized to perform: {}{on}{why}", self.action)
    }

    /// The error for a caller that is denied. Nobody, and who is of another account, may hear `to_others` instead of
    /// the reasons.
    pub(crate) fn error(&self, caller: &Caller, to_others: Option<&'static str>) -> ApiError {
        let is_other = caller.account != self.resource_account || caller.principal == Principal::Anonymous;
        match to_others.filter(|_| is_other) {
            Some(message) => ApiError::common("AccessDenied", 403, message),
            None => ApiError::common("AccessDenied", 403, self.message(caller)),
        }
    }

    /// Every policy that was looked at, statement by statement.
    pub fn explain(&self, caller: &Caller) -> Explanation {
        let asked = Asked(&self.asked);
        explain(&Request {
            resource_account: self.resource_account,
            resource_policy: self.resource_policy.as_ref().map(|policy| (policy, self.rule)),
            resource_control: &self.resource_control,
            is_granted: self.is_granted,
            ..Request::new(&self.action, &self.resource, caller, &self.principal, &asked)
        })
    }
}

/// The condition keys that were asked for once, and no others.
struct Asked<'a>(&'a [(String, Option<Vec<String>>)]);

impl ConditionContext for Asked<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.and_then(|(_, values)| values.clone()).map(owned)
    }
}

impl LoggedAccess {
    /// The action as policies name it, say `sqs:SendMessage`.
    pub fn full_action(&self) -> String {
        full_action(self.prefix, &self.action)
    }
}

/// An action of another service comes with its prefix.
pub(crate) fn full_action(prefix: &str, action: &str) -> String {
    if action.contains(':') { action.to_owned() } else { format!("{prefix}:{action}") }
}

/// The recent calls.
#[derive(Debug)]
pub struct RequestLog {
    next: AtomicU64,
    calls: PerThread<Mutex<VecDeque<LoggedCall>>>,
    tail: broadcast::Sender<LoggedCall>,
    /// Whether somebody may read the tail: what is sent is cloned.
    is_followed: AtomicBool,
    /// Held while that changes, so that nobody who comes meanwhile is taken for gone.
    following: Mutex<()>,
}

impl Default for RequestLog {
    fn default() -> Self {
        RequestLog {
            next: AtomicU64::new(0),
            calls: PerThread::default(),
            tail: broadcast::channel(TAIL).0,
            is_followed: AtomicBool::new(false),
            following: Mutex::default(),
        }
    }
}

impl RequestLog {
    pub(crate) fn add(&self, mut call: LoggedCall) {
        call.sequence = self.next.fetch_add(1, Ordering::Relaxed);
        if self.is_followed.load(Ordering::Acquire) && self.tail.send(call.clone()).is_err() {
            self.stop_following();
        }
        let mut calls = self.calls.own(Mutex::default).lock();
        // The oldest call is freed after the lock is given back.
        let _oldest = if calls.len() == KEPT { calls.pop_front() } else { None };
        calls.push_back(call);
        drop(calls);
    }

    /// The newest calls that the filter takes, newest first, at most `limit`.
    pub fn recent(&self, limit: usize, filter: impl Fn(&LoggedCall) -> bool) -> Vec<LoggedCall> {
        let oldest = self.next.load(Ordering::Relaxed).saturating_sub(KEPT as u64);
        let mut found: Vec<LoggedCall> = Vec::new();
        for calls in self.calls.all() {
            let calls = calls.lock();
            let taken = calls.iter().rev().filter(|call| call.sequence >= oldest && filter(call));
            found.extend(taken.take(limit).cloned());
        }
        found.sort_unstable_by_key(|call| Reverse(call.sequence));
        found.truncate(limit);
        found
    }

    /// Calls from now on.
    pub fn tail(&self) -> broadcast::Receiver<LoggedCall> {
        let _changing = self.following.lock();
        let tail = self.tail.subscribe();
        self.is_followed.store(true, Ordering::Release);
        tail
    }

    /// Calls are no longer sent once the last reader of the tail has gone.
    fn stop_following(&self) {
        let _changing = self.following.lock();
        if self.tail.receiver_count() == 0 {
            self.is_followed.store(false, Ordering::Release);
        }
    }

    pub(crate) fn clear(&self) {
        self.calls.all().for_each(|calls| calls.lock().clear());
    }
}

#[cfg(test)]
mod tests {
    use virga_api::sqs::op;
    use virga_model::view::Operation as _;

    use super::*;

    fn add(log: &RequestLog) {
        let account: AccountId = "111122223333".parse().unwrap();
        log.add(LoggedCall {
            sequence: 0,
            time: Timestamp::from_secs(0),
            request_id: "id".into(),
            operation: op::ListQueues::model(),
            region: "us-east-1".into(),
            caller: Arc::new(Caller::service("test.amazonaws.com", account, None)),
            status: 200,
            error: None,
            took: Duration::ZERO,
            accesses: LoggedAccesses::new(),
        });
    }

    fn is_followed(log: &RequestLog) -> bool {
        log.is_followed.load(Ordering::Acquire)
    }

    #[test]
    fn calls_are_sent_only_while_somebody_reads_the_tail() {
        let log = RequestLog::default();
        add(&log);
        let mut first = log.tail();
        let second = log.tail();
        add(&log);
        assert_eq!(first.try_recv().unwrap().sequence, 1);
        drop(first);
        add(&log);
        assert!(is_followed(&log), "the second is still there");
        drop(second);
        add(&log);
        assert!(!is_followed(&log), "nobody is left");
        let mut third = log.tail();
        add(&log);
        assert_eq!(third.try_recv().unwrap().sequence, 4);
    }

    #[test]
    fn who_comes_while_the_last_one_goes_hears_every_call() {
        let log = RequestLog::default();
        drop(log.tail());
        let mut tail = log.tail();
        log.stop_following();
        assert!(is_followed(&log));
        add(&log);
        assert_eq!(tail.try_recv().unwrap().sequence, 0);
    }
}
