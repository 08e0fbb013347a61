//! AWS Security Token Service.
//!
//! `operations` is the one list of what is served, `error` of what a caller can be told, `keys` and `records` of what
//! is stored. Each AWS resource has a file with its handlers; `rules` are pure decisions.

mod operations;

mod access;
mod caller_identity;
mod error;

use virga_kit::{Service, Validation};

/// The service, for the composition root.
pub static SERVICE: Service = Service {
    model: virga_api::sts::model(),
    action_prefix: "sts",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: &[],
    validation: Validation::STANDARD,
};
