//! Amazon S3 Tables: table buckets, the namespaces in them, and their tables, which are tables of Apache Iceberg: their
//! files are in a bucket of Amazon S3 that each has for itself. What is in those files is of [`virga_iceberg`].
//!
//! Reading order: the list of `operations`; what is stored (`records`) and under which `keys`; how buckets and tables are
//! named by ARNs (`address`); the handlers by resource (`table_bucket`, `namespace`, `table_creation`, `table`,
//! `encryption`, `policy`, `tag`); the bucket of a table (`warehouse`). Listings go on by `page`.

mod operations;

mod error;
mod keys;
mod records;

mod address;
mod name;
mod page;

mod table_bucket;

mod namespace;

mod iceberg;
mod table;
mod table_creation;
mod warehouse;

mod encryption;
mod policy;
mod tag;

mod access;

/// Which names may be is checked here: namespaces of S3's own are not what the model's patterns say.
const RULES: virga_wire::Rules = virga_wire::Rules { patterns: false, enums: true };

/// Amazon S3 Tables as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::s3tables::model(),
    action_prefix: "s3tables",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: warehouse::TIMERS,
    validation: virga_kit::Validation { rules: RULES, error: error::invalid_request },
    around: virga_kit::Around::NOTHING,
};
