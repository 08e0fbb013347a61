//! An access point: a name of its own for a bucket, with a policy of its own.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::PublicAccessBlock;

/// An access point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessPoint {
    /// The name of the bucket.
    pub(crate) bucket: String,
    /// The owner's account of the bucket, as the creator said or as it was.
    pub(crate) bucket_account: String,
    /// The virtual network from which alone it can be used.
    pub(crate) vpc_id: Option<String>,
    /// What of public access through it is blocked. It can't be changed later.
    pub(crate) public_access_block: PublicAccessBlock,
    /// When it was created.
    pub(crate) created: i64,
    /// Its alias, which can be used wherever the name of a bucket can.
    pub(crate) alias: String,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
}
stored!(AccessPoint, 1);

/// Which access point has an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessPointName {
    /// Its account.
    pub(crate) account: String,
    /// Its region.
    pub(crate) region: String,
    /// Its name.
    pub(crate) name: String,
}
stored!(AccessPointName, 1);
