//! Amazon DynamoDB Accelerator (DAX): clusters, their nodes, parameter groups, subnet groups and events. What clients of a
//! cluster speak is in `virga-plane-dax`, which learns of clusters through `virga_kit::dax_clusters`.
//!
//! Reading order: the list of `operations`; what is stored (`records`) and under which `keys`; the handlers by resource
//! (`cluster`, `node`, `parameter_group`, `subnet_group`, `event`, `tag`); what happens later (`workers`). Decisions that
//! need no store are in `rules`.

mod operations;

mod error;
mod keys;
mod records;

mod cluster;
mod describe;
mod node;

mod event;
mod parameter_group;
mod subnet_group;
mod tag;

mod access;
mod page;
mod rules;
mod workers;

/// DAX as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::dax::model(),
    action_prefix: "dax",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: workers::TIMERS,
    validation: virga_kit::Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};
