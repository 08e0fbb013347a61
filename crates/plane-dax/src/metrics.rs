//! What a cluster counts, under the names of its CloudWatch metrics:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/dax-metrics-dimensions-dax.html>

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use virga_kit::ResourceMetrics;

/// A count of a cluster.
pub(crate) struct Count(Arc<AtomicU64>);

impl Count {
    /// Counts one more, or several.
    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }
}

/// The counts of a cluster.
pub(crate) struct ClusterMetrics {
    pub(crate) item_cache_hits: Count,
    pub(crate) item_cache_misses: Count,
    pub(crate) query_cache_hits: Count,
    pub(crate) query_cache_misses: Count,
    pub(crate) scan_cache_hits: Count,
    pub(crate) scan_cache_misses: Count,
    pub(crate) total_request_count: Count,
    pub(crate) error_request_count: Count,
    pub(crate) fault_request_count: Count,
    pub(crate) failed_request_count: Count,
}

impl ClusterMetrics {
    /// The counts of the cluster with this ARN.
    pub(crate) fn new(all: &ResourceMetrics, arn: &str) -> Self {
        let count = |metric| Count(all.counter(arn, metric));
        ClusterMetrics {
            item_cache_hits: count("ItemCacheHits"),
            item_cache_misses: count("ItemCacheMisses"),
            query_cache_hits: count("QueryCacheHits"),
            query_cache_misses: count("QueryCacheMisses"),
            scan_cache_hits: count("ScanCacheHits"),
            scan_cache_misses: count("ScanCacheMisses"),
            total_request_count: count("TotalRequestCount"),
            error_request_count: count("ErrorRequestCount"),
            fault_request_count: count("FaultRequestCount"),
            failed_request_count: count("FailedRequestCount"),
        }
    }
}
