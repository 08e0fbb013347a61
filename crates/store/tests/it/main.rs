//! The store from outside, as a service sees it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive;
mod backlog;
mod concurrency;
mod model;
mod recall;
mod recovery;
mod transactions;
