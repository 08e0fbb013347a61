//! Counts of calls per operation.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use virga_model::Operation;

use crate::Services;
use crate::service::Served;

/// Calls of one operation.
#[derive(Debug, Default)]
pub struct OperationStats {
    /// Calls that were answered, whatever the answer.
    pub calls: AtomicU64,
    /// Answers that blame the caller.
    pub client_errors: AtomicU64,
    /// Answers that blame the server.
    pub server_errors: AtomicU64,
    /// Time spent, in microseconds.
    pub busy_micros: AtomicU64,
}

/// Counts of a world, by service and operation.
#[derive(Debug)]
pub struct Metrics {
    services: Vec<Vec<OperationStats>>,
}

impl Metrics {
    pub(crate) fn new(services: &Services) -> Self {
        let row = |count: usize| std::iter::repeat_with(OperationStats::default).take(count).collect();
        Metrics { services: services.iter().map(|service| row(service.model.operation_count())).collect() }
    }

    pub(crate) fn count(&self, served: &Served, status: u16, took: Duration) {
        let stats = &self.services[served.position][served.entry.index];
        stats.calls.fetch_add(1, Ordering::Relaxed);
        match status {
            500.. => stats.server_errors.fetch_add(1, Ordering::Relaxed),
            400..=499 => stats.client_errors.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        stats.busy_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The operations that were called, with their counts.
    pub fn called<'a>(
        &'a self,
        services: &'a Services,
    ) -> impl Iterator<Item = (Operation, &'a OperationStats)> {
        services.iter().zip(&self.services).flat_map(|(service, row)| {
            service.model.operations().zip(row).filter(|(_, stats)| stats.calls.load(Ordering::Relaxed) > 0)
        })
    }
}
