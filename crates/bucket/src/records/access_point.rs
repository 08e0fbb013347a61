//! An access point: a name of its own for a bucket, with a policy of its own.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::PublicAccessBlock;

/// An access point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessPoint {
    /// The name of the bucket.
    pub bucket: String,
    /// The owner's account of the bucket, as the creator said or as it was.
    pub bucket_account: String,
    /// The virtual network from which alone it can be used.
    pub vpc_id: Option<String>,
    /// What of public access through it is blocked. It can't be changed later.
    pub public_access_block: PublicAccessBlock,
    /// When it was created.
    pub created: i64,
    /// Its alias, which can be used wherever the name of a bucket can.
    pub alias: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}
stored!(AccessPoint, 1);

/// Which access point has an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPointName {
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its name.
    pub name: String,
}
stored!(AccessPointName, 1);
