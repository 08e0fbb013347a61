//! Small answers wait for a moment. A thread that has many requests at hand serves them all before it writes the first
//! answer: a client on the same machine is woken once for many answers, not once for each, and takes no processor from
//! the requests that are still to be served. Measured in decision 008.

use std::task::Context;

/// The bytes of an answer that have yet to be written.
#[derive(Default)]
pub(super) struct Deferred {
    bytes: Vec<u8>,
    has_yielded: bool,
}

impl Deferred {
    /// Bytes that wait at most: a larger answer is written as it comes.
    pub(super) const MOST: usize = 8 << 10;
    /// Bytes for which there is room while nothing waits.
    const KEPT: usize = 2 << 10;

    /// Whether so many bytes more may wait.
    pub(super) fn has_room(&self, length: usize) -> bool {
        self.bytes.len() + length <= Self::MOST
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// What is to be written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn written(&mut self, length: usize) {
        self.bytes.drain(..length);
        if self.bytes.is_empty() {
            self.has_yielded = false;
            if self.bytes.capacity() > Self::KEPT {
                self.bytes = Vec::new();
            }
        }
    }

    /// Whether it is time to write. The first time it is not: the task goes behind those that are ready.
    pub(super) fn is_due(&mut self, context: &Context<'_>) -> bool {
        if self.bytes.is_empty() || self.has_yielded {
            return true;
        }
        self.has_yielded = true;
        context.waker().wake_by_ref();
        false
    }
}
