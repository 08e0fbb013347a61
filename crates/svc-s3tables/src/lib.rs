//! Amazon S3 Tables: table buckets, the namespaces in them, their policies and tags. Tables themselves are not here yet:
//! a table needs a warehouse, a bucket of its own in Amazon S3, and without one its operations stay refused.
//!
//! Reading order: the list of `operations`; what is stored (`records`) and under which `keys`; how a bucket is named by its
//! ARN (`address`); the handlers by resource (`table_bucket`, `namespace`, `policy`, `tag`). Listings go on by `page`.

mod operations;

mod error;
mod keys;
mod records;

mod address;
mod name;
mod page;

mod table_bucket;

mod namespace;
mod policy;
mod tag;

mod access;

/// Amazon S3 Tables as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::s3tables::model(),
    action_prefix: "s3tables",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: &[],
    validation: virga_kit::Validation { rules: virga_wire::Rules::ALL, error: error::invalid_request },
    around: virga_kit::Around::NOTHING,
};
