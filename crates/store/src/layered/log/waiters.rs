//! Futures that wait until the log is written, or synced, up to a position.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::writer::Log;
use crate::Fault;

/// Who waits, and for which position.
#[derive(Default)]
pub(super) struct Waiters {
    waiting: Mutex<Vec<(u64, Waker)>>,
}

impl Waiters {
    fn add(&self, position: u64, waker: Waker) {
        self.waiting.lock().push((position, waker));
    }

    /// How many wait.
    pub(super) fn count(&self) -> usize {
        self.waiting.lock().len()
    }

    /// Wakes those whose position has been reached, and says how many they are.
    pub(super) fn wake(&self, synced: u64) -> usize {
        let reached: Vec<_> =
            self.waiting.lock().extract_if(.., |(position, _)| *position <= synced).collect();
        let count = reached.len();
        for (_, waker) in reached {
            waker.wake();
        }
        count
    }
}

/// Resolves when the log is synced up to `position`, or has failed.
pub(super) struct Synced {
    pub(super) log: Arc<Log>,
    pub(super) position: u64,
}

impl Future for Synced {
    type Output = Result<(), Fault>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(done) = self.log.is_synced(self.position) {
            return Poll::Ready(done);
        }
        self.log.waiters.add(self.position, context.waker().clone());
        // A sync that ended before the waker was in place has not seen it.
        self.log.is_synced(self.position).map_or(Poll::Pending, Poll::Ready)
    }
}

/// Writes the log up to `position`, behind the tasks that are ready: what they commit until then is written with it, by one
/// call of the system.
pub(super) struct Written {
    log: Arc<Log>,
    position: u64,
    has_yielded: bool,
}

impl Written {
    pub(super) fn new(log: Arc<Log>, position: u64) -> Self {
        Self { log, position, has_yielded: false }
    }
}

impl Future for Written {
    type Output = Result<(), Fault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !std::mem::replace(&mut self.has_yielded, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.log.write(self.position))
    }
}
