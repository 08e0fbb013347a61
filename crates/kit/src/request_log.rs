//! The recent calls of a world, for `virga requests`, explanations and tests.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::broadcast;
use virga_iam::Caller;
use virga_iam::authorization_request::Decision;
use virga_model::{ApiError, Operation, Text, Timestamp};

/// Calls that are kept. More than fits the caches would cost every call, since the oldest is freed each time.
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
    pub accesses: Vec<LoggedAccess>,
}

/// A permission that a call needed.
#[derive(Debug, Clone)]
pub struct LoggedAccess {
    /// Prefix of the service's actions, say `sqs`.
    pub prefix: &'static str,
    /// The action without the prefix, say `SendMessage`.
    pub action: Cow<'static, str>,
    /// ARNs of the resources.
    pub resources: Vec<String>,
    /// What the policies said; none where none are evaluated.
    pub decision: Option<Decision>,
}

impl LoggedAccess {
    /// The action as policies name it, say `sqs:SendMessage`.
    pub fn full_action(&self) -> String {
        format!("{}:{}", self.prefix, self.action)
    }
}

/// The recent calls.
#[derive(Debug)]
pub struct RequestLog {
    inner: Mutex<Inner>,
    tail: broadcast::Sender<LoggedCall>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    calls: VecDeque<LoggedCall>,
}

impl Default for RequestLog {
    fn default() -> Self {
        RequestLog { inner: Mutex::default(), tail: broadcast::channel(TAIL).0 }
    }
}

impl RequestLog {
    pub(crate) fn add(&self, mut call: LoggedCall) {
        let mut inner = self.inner.lock();
        call.sequence = inner.next;
        inner.next += 1;
        // The oldest call is freed after the lock is given back.
        let _oldest = if inner.calls.len() == KEPT { inner.calls.pop_front() } else { None };
        if self.tail.receiver_count() > 0 {
            // An error means that the last reader has just gone.
            let _ = self.tail.send(call.clone());
        }
        inner.calls.push_back(call);
        drop(inner);
    }

    /// The newest calls that the filter takes, newest first, at most `limit`.
    pub fn recent(&self, limit: usize, filter: impl Fn(&LoggedCall) -> bool) -> Vec<LoggedCall> {
        self.inner.lock().calls.iter().rev().filter(|call| filter(call)).take(limit).cloned().collect()
    }

    /// Calls from now on.
    pub fn tail(&self) -> broadcast::Receiver<LoggedCall> {
        self.tail.subscribe()
    }

    pub(crate) fn clear(&self) {
        self.inner.lock().calls.clear();
    }
}
