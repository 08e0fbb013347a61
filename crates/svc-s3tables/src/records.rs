//! What S3 Tables stores. Times are microseconds since the epoch by the world's clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// A table bucket of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableBucket {
    /// Tells it from others of its name, before and after it: a UUID.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) created: i64,
    pub(crate) tags: BTreeMap<String, String>,
}
stored!(TableBucket, 1);

/// A namespace of a table bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Namespace {
    /// Tells it from others of its name: a UUID.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: i64,
    /// The account that made it.
    pub(crate) created_by: String,
}
stored!(Namespace, 1);
