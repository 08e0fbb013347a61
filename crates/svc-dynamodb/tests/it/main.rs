//! DynamoDB in process, under a virtual clock, through the dispatch that every call takes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod cloud;
mod global_table;

mod auto_scaling;
mod backup;
mod limits;
mod model;
mod replica;
mod stale;
mod strong;
mod table;
mod throttle;
