//! Rates that AWS allows, for those who want to test that their programs bear being throttled. Off by default.
//!
//! Token buckets under the world's clock, in memory: how much of a rate is left is nothing to keep.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use parking_lot::Mutex;
use virga_model::Timestamp;

use crate::Ctx;

/// Buckets that are kept; past that, all are full again.
const KEPT: usize = 65_536;

/// The buckets of a world.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    hasher: RandomState,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl Quotas {
    fn take(&self, name: impl Hash, per_second: u32, now: Timestamp) -> bool {
        let most = f64::from(per_second);
        let hash = self.hasher.hash_one(name);
        let mut buckets = self.buckets.lock();
        if buckets.len() >= KEPT && !buckets.contains_key(&hash) {
            buckets.clear();
        }
        let bucket = buckets.entry(hash).or_insert(Bucket { tokens: most, at: now });
        let filled = bucket.tokens + now.since(bucket.at).as_secs_f64() * most;
        *bucket = Bucket { tokens: filled.min(most), at: now };
        let is_within = bucket.tokens >= 1.0;
        if is_within {
            bucket.tokens -= 1.0;
        }
        is_within
    }
}

impl Ctx {
    /// Whether a call stays within a rate, which it uses up. Always, unless quotas are enforced in this world. `name`
    /// tells the rate from all others: service, action, resource.
    pub fn is_within_rate(&self, name: impl Hash, per_second: u32) -> bool {
        let world = self.world();
        !world.settings().enforce_quotas || world.quotas().take(name, per_second, self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_with_time() {
        let quotas = Quotas::default();
        let at = |millis: i64| Timestamp::from_micros(millis * 1000);
        let taken = |millis| (0..1000).filter(|_| quotas.take("a", 300, at(millis))).count();
        assert_eq!(taken(0), 300);
        assert_eq!(taken(100), 30);
        assert_eq!(taken(5000), 300, "no more than one second's worth");
        assert!(quotas.take("b", 300, at(5000)));
    }
}
