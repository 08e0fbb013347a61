//! Amazon Simple Queue Service.
//!
//! Reading order: the list of `operations`, what is stored (`records`) and under which `keys`; the handlers by
//! resource (`queue`, `permission`, `tag`, `send`, `receive`, `receipt`, `dead_letter`, `move_task`); how the two kinds
//! of queue keep the states of their messages (`delivery`, `standard`, `fifo`); what happens later (`workers`).
//! Decisions that need no store are in `rules`.

mod operations;

mod error;
mod keys;
mod records;

mod permission;
mod queue;
mod tag;

mod attempt;
mod batch;
mod deduplication;
mod receipt;
mod receive;
mod send;
mod shown;

mod dead_letter;
mod delivery;
mod encryption;
mod fifo;
mod move_task;
mod standard;

mod access;
mod page;
mod quota;
mod rules;
mod workers;

/// Amazon SQS as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::sqs::model(),
    action_prefix: "sqs",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: workers::TIMERS,
    validation: virga_kit::Validation { rules: virga_wire::Rules::BOUNDS, error: error::invalid_request },
    around: virga_kit::Around::NOTHING,
};
