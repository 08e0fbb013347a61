//! Counts of calls per operation, and of what single resources count of themselves (`resource`).

mod resource;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use virga_model::Operation;

pub use resource::ResourceMetrics;

use crate::Services;
use crate::per_thread::PerThread;
use crate::service::Served;

/// Calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OperationStats {
    /// Calls that were answered, whatever the answer.
    pub calls: u64,
    /// Answers that blame the caller.
    pub client_errors: u64,
    /// Answers that blame the server.
    pub server_errors: u64,
    /// Time spent, in microseconds.
    pub busy_micros: u64,
}

/// The same while it is being counted.
#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU64,
    client_errors: AtomicU64,
    server_errors: AtomicU64,
    busy_micros: AtomicU64,
}

impl Counts {
    fn add_to(&self, stats: &mut OperationStats) {
        stats.calls += self.calls.load(Ordering::Relaxed);
        stats.client_errors += self.client_errors.load(Ordering::Relaxed);
        stats.server_errors += self.server_errors.load(Ordering::Relaxed);
        stats.busy_micros += self.busy_micros.load(Ordering::Relaxed);
    }
}

/// Counts of a world, by service and operation.
#[derive(Debug)]
pub struct Metrics {
    /// How many operations each service has.
    operations: Vec<usize>,
    services: PerThread<Vec<Vec<Counts>>>,
}

impl Metrics {
    pub(crate) fn new(services: &Services) -> Self {
        let operations = services.iter().map(|service| service.model.operation_count()).collect();
        Metrics { operations, services: PerThread::default() }
    }

    pub(crate) fn count(&self, served: &Served, status: u16, took: Duration) {
        let row = |count: &usize| std::iter::repeat_with(Counts::default).take(*count).collect();
        let services = self.services.own(|| self.operations.iter().map(row).collect());
        let counts = &services[served.position][served.entry.index];
        counts.calls.fetch_add(1, Ordering::Relaxed);
        match status {
            500.. => counts.server_errors.fetch_add(1, Ordering::Relaxed),
            400..=499 => counts.client_errors.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        counts.busy_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The operations that were called, with their counts.
    pub fn called(&self, services: &Services) -> impl Iterator<Item = (Operation, OperationStats)> {
        services.iter().enumerate().flat_map(move |(position, service)| {
            service.model.operations().enumerate().filter_map(move |(index, operation)| {
                let mut stats = OperationStats::default();
                self.services.all().for_each(|of_thread| of_thread[position][index].add_to(&mut stats));
                (stats.calls > 0).then_some((operation, stats))
            })
        })
    }
}
