//! Amazon S3 and the S3 control plane: buckets, objects and everything that is configured on them. No HTTP in it.
//!
//! Reading order: the list of `operations`; what is stored and under which keys is in [`virga_bucket`]; `bucket`; how a key has
//! `versions`, the keys that seal a [`body`] are chosen (`encryption`), and what is done with an `object`, in parts
//! (`multipart`) and in a `listing`. What follows from what happens is in `events`, what comes with time in `workers`,
//! jobs in `batch`, what is of directory buckets alone in `express`. Decisions that need no store: [`virga_object`].

use virga_body as body;
use virga_bucket::{keys, records};

mod operations;

mod access_point;
mod bucket;
mod configuration;
mod control;
mod encryption;
mod events;
mod intelligent_tiering;
mod lifecycle;
mod listing;
mod live_blobs;
mod lock;
mod mfa;
mod multi_region;
mod multipart;
mod notification;
mod object;
mod pass;
mod replication;
mod restore;
mod role;
mod select;
mod versions;

mod access;
mod access_log;
mod admission;
mod analytics;
mod batch;
mod batch_error;
mod completion;
mod express;
mod inventory;
mod metadata_table;
mod rate;
mod region_redirect;
mod report_delivery;
mod warehouse;
mod workers;
pub use live_blobs::live_blobs;

/// Amazon S3 as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::s3::model(),
    action_prefix: "s3",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: workers::TIMERS,
    validation: virga_kit::Validation {
        rules: virga_wire::Rules::BOUNDS,
        error: virga_object::error::invalid_request,
    },
    around: admission::AROUND,
};

/// The S3 control plane: what belongs to accounts, access points and batch jobs.
pub static CONTROL: virga_kit::Service = virga_kit::Service {
    model: virga_api::s3control::model(),
    action_prefix: "s3",
    operations: operations::CONTROL_OPERATIONS,
    access: access::of_control_call,
    timers: &[],
    validation: virga_kit::Validation {
        rules: virga_wire::Rules::BOUNDS,
        error: virga_object::error::invalid_request,
    },
    around: admission::AROUND_CONTROL,
};
