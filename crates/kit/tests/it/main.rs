//! The kit through a small service: transactions, waiting, timers, deliveries, the clock, worlds, faults, the log.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod clock;
mod dispatching;
mod mfa;
mod service;
mod waiting;
mod worlds;
