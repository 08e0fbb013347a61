//! Amazon DynamoDB: tables, items, indexes, streams. The item language itself is in `virga-item`.
//!
//! Reading order: the lists of `operations`; what is stored (`records`) and under which `keys`; tables (`table`) and what
//! is set on them (`tag`, `time_to_live`, `resource_policy`, `encryption`); items (`item`), whose one way to change is
//! `item::write`; what follows them (`index`, `expiry`, `stream`, `replica` and `behind`, `recovery`, `auto_scaling`); `backup` and `restore`; what
//! happens later (`workers`). Decisions that need no store are in `rules`.

mod operations;

mod error;
mod keys;
mod records;

mod data_key;
mod sealing;
mod table;
mod table_key;

mod encryption;
mod limits;
mod resource_policy;
mod tag;
mod time_to_live;

mod index;
mod item;

mod expiry;
mod stream;

mod auto_scaling;
mod backup;
mod behind;
mod export;
mod global_table;
mod import;
mod increment;
mod insights;
mod membership;
mod overrides;
mod quota;
mod recovery;
mod replica;
mod restore;

mod access;
mod conditions;
mod rules;
mod workers;

/// Amazon DynamoDB as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::dynamodb::model(),
    action_prefix: "dynamodb",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: workers::TIMERS,
    validation: virga_kit::Validation { rules: virga_wire::Rules::ALL, error: rules::invalid_request },
    around: virga_kit::Around::NOTHING,
};

/// Amazon DynamoDB Streams as the composition root lists it.
pub static STREAMS: virga_kit::Service = virga_kit::Service {
    model: virga_api::dynamodbstreams::model(),
    action_prefix: "dynamodb",
    operations: stream::OPERATIONS,
    access: access::of_call,
    timers: &[],
    validation: virga_kit::Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};
