//! The admin API from the outside: a served cloud with one small service, and a client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod server;
mod service;

mod clock;
mod coverage;
mod faults;
mod guard;
mod health;
mod keys;
mod metrics;
mod requests;
mod snapshots;
mod worlds;
