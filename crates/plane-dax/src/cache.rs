//! A cache of bounded size: what was used least recently goes first, and what has expired by the world's clock is not
//! there. Item caches and query caches are made of it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use virga_model::Timestamp;

/// Bytes that an entry costs besides its own.
const OVERHEAD: usize = 160;
/// How many groups of keys are watched for writes.
const STRIPES: usize = 1024;

/// Values by their keys.
pub(crate) struct Cache<K, V> {
    entries: Mutex<Entries<K, V>>,
    capacity: usize,
    /// Counts the beginnings and ends of writes, by the hash of their keys.
    writes: Vec<AtomicU64>,
    hasher: RandomState,
}

struct Entries<K, V> {
    by_key: HashMap<Arc<K>, Entry<V>>,
    by_use: BTreeMap<u64, Arc<K>>,
    uses: u64,
    bytes: usize,
}

struct Entry<V> {
    value: V,
    /// None when it stays until it is replaced or evicted.
    expires_at: Option<Timestamp>,
    size: usize,
    used: u64,
}

/// What was known of writes under a key when a value began to be fetched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fetch(u64);

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// A cache that holds so many bytes.
    pub(crate) fn new(capacity: usize) -> Self {
        let entries = Entries { by_key: HashMap::new(), by_use: BTreeMap::new(), uses: 0, bytes: 0 };
        Cache {
            entries: Mutex::new(entries),
            capacity,
            writes: std::iter::repeat_with(AtomicU64::default).take(STRIPES).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is cached under a key.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut entries = self.entries.lock();
        let entries = &mut *entries;
        let entry = entries.by_key.get_mut(key)?;
        if entry.expires_at.is_some_and(|expires_at| expires_at <= now) {
            entries.remove(key);
            return None;
        }
        entries.uses += 1;
        if let Some(shared) = entries.by_use.remove(&entry.used) {
            entries.by_use.insert(entries.uses, shared);
        }
        entry.used = entries.uses;
        Some(entry.value.clone())
    }

    /// To be asked for before a value is fetched that [`Cache::fill`] brings in.
    pub(crate) fn fetch(&self, key: &K) -> Fetch {
        Fetch(self.writes_of(key).load(Ordering::SeqCst))
    }

    /// Keeps a value that was fetched, unless somebody has written under its key since: what was fetched may be old.
    /// A lifetime of zero is endless.
    pub(crate) fn fill(
        &self,
        fetch: Fetch,
        key: K,
        value: V,
        size: usize,
        (now, ttl): (Timestamp, Duration),
    ) {
        let mut entries = self.entries.lock();
        if self.writes_of(&key).load(Ordering::SeqCst) != fetch.0 {
            return;
        }
        entries.insert(key, value, size, (ttl > Duration::ZERO).then(|| now.plus(ttl)));
        entries.shrink(self.capacity);
    }

    /// To be called before a value is written through.
    pub(crate) fn begin_write(&self, key: &K) -> Fetch {
        Fetch(self.writes_of(key).fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Keeps a value that was written, or forgets what is under the key, when the value is not known or another write
    /// was under way: which of them came last is not known here.
    pub(crate) fn end_write(
        &self,
        begun: Fetch,
        key: K,
        written: Option<(V, usize)>,
        (now, ttl): (Timestamp, Duration),
    ) {
        let mut entries = self.entries.lock();
        let was_alone = self.writes_of(&key).fetch_add(1, Ordering::SeqCst) == begun.0;
        match written.filter(|_| was_alone) {
            Some((value, size)) => {
                entries.insert(key, value, size, (ttl > Duration::ZERO).then(|| now.plus(ttl)));
                entries.shrink(self.capacity);
            }
            None => entries.remove(&key),
        }
    }

    /// To be called when nothing was written: what is cached stays, unless another write was under way.
    pub(crate) fn abandon_write(&self, begun: Fetch, key: &K) {
        let mut entries = self.entries.lock();
        if self.writes_of(key).fetch_add(1, Ordering::SeqCst) != begun.0 {
            entries.remove(key);
        }
    }

    fn writes_of(&self, key: &K) -> &AtomicU64 {
        let hash = usize::try_from(self.hasher.hash_one(key) % STRIPES as u64).unwrap_or(0);
        &self.writes[hash]
    }
}

impl<K: Hash + Eq, V> Entries<K, V> {
    fn insert(&mut self, key: K, value: V, size: usize, expires_at: Option<Timestamp>) {
        self.remove(&key);
        self.uses += 1;
        let (key, size, used) = (Arc::new(key), size + OVERHEAD, self.uses);
        self.bytes += size;
        self.by_use.insert(used, Arc::clone(&key));
        self.by_key.insert(key, Entry { value, expires_at, size, used });
    }

    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.by_key.remove(key) {
            self.by_use.remove(&entry.used);
            self.bytes -= entry.size;
        }
    }

    fn shrink(&mut self, capacity: usize) {
        while self.bytes > capacity
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            if let Some(entry) = self.by_key.remove(&*oldest) {
                self.bytes -= entry.size;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(300);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn fill(cache: &Cache<u32, u32>, key: u32, value: u32) {
        cache.fill(cache.fetch(&key), key, value, 0, (at(0), TTL));
    }

    #[test]
    fn entries_live_as_long_as_they_may() {
        let cache = Cache::new(10 * OVERHEAD);
        fill(&cache, 1, 10);
        assert_eq!(
            [cache.get(&1, at(299)), cache.get(&1, at(300)), cache.get(&1, at(0))],
            [Some(10), None, None]
        );
        cache.fill(cache.fetch(&2), 2, 20, 0, (at(0), Duration::ZERO));
        assert_eq!(cache.get(&2, at(1_000_000_000)), Some(20));
    }

    #[test]
    fn what_was_used_least_recently_goes_first() {
        let cache = Cache::new(3 * OVERHEAD);
        for key in [1, 2, 3] {
            fill(&cache, key, key);
        }
        cache.get(&1, at(0));
        fill(&cache, 4, 4);
        assert_eq!([1, 2, 3, 4].map(|key| cache.get(&key, at(0))), [Some(1), None, Some(3), Some(4)]);
        let entries = cache.entries.lock();
        assert_eq!((entries.by_key.len(), entries.by_use.len(), entries.bytes), (3, 3, 3 * OVERHEAD));
    }

    #[test]
    fn what_was_fetched_before_a_write_is_not_kept() {
        let cache = Cache::new(10 * OVERHEAD);
        let fetch = cache.fetch(&1);
        let write = cache.begin_write(&1);
        cache.end_write(write, 1, Some((2, 0)), (at(0), TTL));
        cache.fill(fetch, 1, 1, 0, (at(0), TTL));
        assert_eq!(cache.get(&1, at(0)), Some(2));
    }

    #[test]
    fn of_two_writes_at_once_neither_is_kept() {
        let cache = Cache::new(10 * OVERHEAD);
        let (one, other) = (cache.begin_write(&1), cache.begin_write(&1));
        cache.end_write(other, 1, Some((2, 0)), (at(0), TTL));
        cache.end_write(one, 1, Some((1, 0)), (at(0), TTL));
        assert_eq!(cache.get(&1, at(0)), None);
        let write = cache.begin_write(&1);
        cache.end_write(write, 1, None, (at(0), TTL));
        assert_eq!(cache.get(&1, at(0)), None);
    }
}
