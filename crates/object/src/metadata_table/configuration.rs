//! Which metadata tables a bucket has.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// The configuration of a bucket's metadata tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataConfiguration {
    /// Whether it was made by `CreateBucketMetadataTableConfiguration`: one table, in a table bucket of the customer.
    pub is_v1: bool,
    /// The table bucket.
    pub table_bucket_arn: String,
    /// The namespace of the tables.
    pub namespace: String,
    /// When it was made.
    pub created: i64,
    /// The journal.
    pub journal: MetadataTable,
    /// After how many days records leave the journal; none is never.
    pub expiration_days: Option<i32>,
    /// The live inventory, if it is enabled.
    pub inventory: Option<MetadataTable>,
}
stored!(MetadataConfiguration, 1);

/// A metadata table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataTable {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The bucket of its files.
    pub warehouse: String,
    /// When it was made.
    pub created: i64,
    /// How far it is.
    pub status: TableStatus,
    /// The key of KMS under which its files are.
    pub kms_key: Option<String>,
}

/// How far a metadata table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableStatus {
    /// It is being made.
    Creating,
    /// What the bucket had before is being listed.
    Backfilling,
    /// It follows the bucket.
    Active,
    /// It can't be written, for a reason with this code.
    Failed(String),
}
