//! DAX's wire protocol: what the clients `amazon-dax-client` of PyPI and npm speak on `dax://` ports, in front of DynamoDB,
//! with an item cache and a query cache.
//!
//! # The protocol
//!
//! A connection is a sequence of CBOR items in both directions, without lengths around them (`cbor`).
//!
//! | step | items |
//! |---|---|
//! | greeting (`connection`) | `"J7yne5G"`, `0`, session or null, `{"UserAgent": …}`, `0`; no answer |
//! | request (`method`) | `1`, the number of the method, its arguments |
//! | answer | `[]` and what the method answers with (`answer`); or numbers that tell the error, its text, `[request id, code, status]` (`failure`) |
//!
//! `authorizeConnection` says who speaks and has no answer (`authorization`). Keys are byte strings by the schema of their table
//! (`schema`, `lex_decimal`), items lists of values behind the number of a list of names (`item_encoding`, `attribute_lists`),
//! expressions trees (`expression`), everything else a map of numbered parameters (`parameters`).
//!
//! # The way of a request
//!
//! `plane` opens a port for each cluster; `connection` finds the `cluster` and makes a `session`; `read`, `query`, `write`,
//! `batch_write` and `transaction` ask for `dax:` permissions of whoever speaks, look into the caches (`item_cache`,
//! `query_cache`, both a `cache`), and call DynamoDB with the permissions of the cluster's role. `metrics` counts.

mod cbor;
mod decoding;
mod lex_decimal;

mod attribute_lists;
mod expression;
mod item_encoding;
mod parameters;
mod schema;

mod answer;
mod failure;
mod method;

mod cache;
mod cluster;
mod item_cache;
mod metrics;
mod query_cache;

mod authorization;
mod connection;
mod plane;
mod session;

mod batch_write;
mod definition;
mod query;
mod read;
mod transaction;
mod write;

#[cfg(test)]
mod tests;

pub use decoding::decode;
pub use plane::DaxPlane;
