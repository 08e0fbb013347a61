//! Counts that single resources keep of themselves, under the names of their CloudWatch metrics.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// The counts of a world, by the ARN of the resource and the name of the metric.
#[derive(Debug, Default)]
pub struct ResourceMetrics(Mutex<BTreeMap<(String, &'static str), Arc<AtomicU64>>>);

impl ResourceMetrics {
    /// The count of a metric of a resource, which its owner keeps to add to.
    pub fn counter(&self, resource: &str, metric: &'static str) -> Arc<AtomicU64> {
        Arc::clone(self.0.lock().entry((resource.to_owned(), metric)).or_default())
    }

    /// All counts, by resource and metric.
    pub fn all(&self) -> Vec<(String, &'static str, u64)> {
        let counts = self.0.lock();
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        counts.iter().map(|((resource, metric), count)| (resource.clone(), *metric, load(count))).collect()
    }
}
