//! Wakes waiting calls: a long poll listens to a topic, a commit wakes it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// What to listen to. Two topics may rarely be the same number: then a waiter wakes for nothing and waits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic(u64);

impl Topic {
    /// The topic of anything that can be told apart by hash, say a store key.
    pub fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Topic(hasher.finish())
    }
}

/// The waiters of a world.
#[derive(Debug, Default)]
pub(crate) struct Wakeups {
    /// Number of listeners: a wake-up when there are none costs one load.
    listening: AtomicUsize,
    topics: Mutex<HashMap<Topic, (Arc<Notify>, usize)>>,
}

/// A place among the waiters of a topic, given up on drop.
pub(crate) struct Listener<'a> {
    wakeups: &'a Wakeups,
    topic: Topic,
    notify: Arc<Notify>,
}

impl Wakeups {
    /// Takes a place among the waiters. Wake-ups from now on are not lost.
    pub(crate) fn listen(&self, topic: Topic) -> Listener<'_> {
        self.listening.fetch_add(1, Ordering::SeqCst);
        let mut topics = self.topics.lock();
        let (notify, count) = topics.entry(topic).or_default();
        *count += 1;
        Listener { wakeups: self, topic, notify: Arc::clone(notify) }
    }

    /// Wakes one waiter of the topic, or the next that comes when all are awake.
    pub(crate) fn wake_one(&self, topic: Topic) {
        if self.listening.load(Ordering::SeqCst) == 0 {
            return;
        }
        if let Some((notify, _)) = self.topics.lock().get(&topic) {
            notify.notify_one();
        }
    }

    /// Wakes everybody, after the whole state changed.
    pub(crate) fn wake_all(&self) {
        for (notify, count) in self.topics.lock().values() {
            for _ in 0..*count {
                notify.notify_one();
            }
            notify.notify_waiters();
        }
    }
}

impl Listener<'_> {
    /// Waits for a wake-up. When it is dropped after being woken, the wake-up passes to the next waiter.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let mut topics = self.wakeups.topics.lock();
        if let Some((_, count)) = topics.get_mut(&self.topic) {
            *count -= 1;
            if *count == 0 {
                topics.remove(&self.topic);
            }
        }
        self.wakeups.listening.fetch_sub(1, Ordering::SeqCst);
    }
}
