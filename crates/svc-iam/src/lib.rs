//! AWS Identity and Access Management.
//!
//! Reading order: the list of `operations`, what is stored (`records`) and under which `keys`; what all resources share
//! (`unique_id`, `arn`, `page`, `tag`, `quota`, `document`, `identity`); the handlers by resource.

mod operations;

mod error;
mod keys;
mod records;

mod arn;
#[expect(dead_code, reason = "policies follow")]
mod document;
#[expect(dead_code, reason = "policies follow")]
mod identity;
mod page;
mod quota;
mod tag;
#[expect(dead_code, reason = "the other resources follow")]
mod unique_id;

mod user;

mod access;

use virga_kit::{Service, Validation};

/// IAM as the composition root lists it.
pub static SERVICE: Service = Service {
    model: virga_api::iam::model(),
    action_prefix: "iam",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: &[],
    validation: Validation { rules: virga_wire::Rules::ALL, error: error::invalid_request },
};
