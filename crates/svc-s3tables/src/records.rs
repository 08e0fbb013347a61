//! What S3 Tables stores. Times are microseconds since the epoch by the world's clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// A table bucket: of a customer, or the one that S3 manages in a region.
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

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// Tells it from others of its name, and names it in its ARN: a UUID.
    pub(crate) id: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The bucket of Amazon S3 that holds its files.
    pub(crate) warehouse: String,
    /// The file of metadata that says what the table is; none until somebody has written one.
    pub(crate) metadata_location: Option<String>,
    /// Changes with every change of the table.
    pub(crate) version_token: String,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    /// The accounts that made and changed it.
    pub(crate) created_by: String,
    pub(crate) modified_by: String,
    /// The service that writes it, and nobody else.
    pub(crate) managed_by: Option<String>,
    pub(crate) encryption: Encryption,
    pub(crate) tags: BTreeMap<String, String>,
    /// Its own policy.
    pub(crate) policy: Option<String>,
}
stored!(Table, 1);

/// The namespace and the name of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableName {
    pub(crate) namespace: String,
    pub(crate) name: String,
}
stored!(TableName, 1);

/// How tables are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// With keys of Amazon S3.
    S3,
    /// With a key of KMS: its ARN.
    Kms(String),
}
stored!(Encryption, 1);
