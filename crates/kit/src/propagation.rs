//! Eventual consistency of permissions, for those who want to test that their programs bear it: changes take effect some
//! time after their commit, by the world's clock. Off by default.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use virga_model::Timestamp;

use crate::Clock;

/// What has been committed and does not count yet.
pub(crate) struct Propagation {
    delay: Duration,
    clock: Arc<Clock>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// Generations with the time from which they count, in order.
    generations: VecDeque<(Timestamp, u64)>,
    /// Keys and resource policies that did not exist before, with the time from which they do.
    new: HashMap<String, Timestamp>,
}

impl Propagation {
    pub(crate) fn new(delay: Duration, clock: Arc<Clock>) -> Self {
        Propagation { delay, clock, pending: Mutex::default() }
    }

    /// Whether changes take effect at once.
    pub(crate) fn is_immediate(&self) -> bool {
        self.delay.is_zero()
    }

    /// Puts a generation off.
    pub(crate) fn put_off(&self, generation: u64) {
        let due = self.clock.now().plus(self.delay);
        self.pending.lock().generations.push_back((due, generation));
    }

    /// The latest generation that counts since the last question, if there is one.
    pub(crate) fn due(&self) -> Option<u64> {
        let now = self.clock.now();
        let generations = &mut self.pending.lock().generations;
        let mut last = None;
        while let Some((_, generation)) = generations.pop_front_if(|(due, _)| *due <= now) {
            last = Some(generation);
        }
        last
    }

    /// Notes that something exists for the first time.
    pub(crate) fn created(&self, name: &str) {
        if !self.is_immediate() {
            self.pending.lock().new.insert(name.to_owned(), self.clock.now().plus(self.delay));
        }
    }

    /// Whether something is too new to be known everywhere.
    pub(crate) fn is_unknown_yet(&self, name: &str) -> bool {
        if self.is_immediate() {
            return false;
        }
        let now = self.clock.now();
        let new = &mut self.pending.lock().new;
        new.retain(|_, due| *due > now);
        new.contains_key(name)
    }
}
