//! Configurations of a bucket: where they are kept. What each kind means is in the file of its kind.

pub(crate) mod document;
mod rule_id;

pub(crate) mod abac;
pub(crate) mod acl;
pub(crate) mod cors;
pub(crate) mod encryption;
pub(crate) mod lifecycle;
pub(crate) mod listed;
pub(crate) mod logging;
pub(crate) mod notification;
pub(crate) mod object_lock;
pub(crate) mod ownership;
pub(crate) mod policy;
pub(crate) mod public_access_block;
pub(crate) mod replication;
pub(crate) mod settings;
pub(crate) mod tagging;
pub(crate) mod versioning;
pub(crate) mod website;

use virga_store::{Fault, Reader, Stored, Write};

use crate::keys;
use crate::records::Bucket;

/// The kinds of configurations. The number is part of their keys and of [`Configured`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// `PutBucketTagging`.
    Tagging = 1,
    /// `PutBucketCors`.
    Cors = 2,
    /// `PutBucketWebsite`.
    Website = 3,
    /// `PutBucketLifecycleConfiguration`.
    Lifecycle = 4,
    /// `PutBucketReplication`.
    Replication = 5,
    /// `PutBucketNotificationConfiguration`.
    Notification = 6,
    /// `PutBucketEncryption`.
    Encryption = 7,
    /// `PutBucketLogging`.
    Logging = 8,
    /// `PutObjectLockConfiguration`: the default retention.
    ObjectLock = 9,
    /// `PutBucketMetricsConfiguration`.
    Metrics = 10,
    /// `PutBucketAnalyticsConfiguration`.
    Analytics = 11,
    /// `PutBucketInventoryConfiguration`.
    Inventory = 12,
    /// `PutBucketIntelligentTieringConfiguration`.
    IntelligentTiering = 13,
    /// `PutBucketAbac`.
    Abac = 16,
    /// The key of KMS that a directory bucket has had.
    CustomerManagedKey = 17,
    /// `CreateBucketMetadataConfiguration`.
    Metadata = 18,
    /// The table of S3 Tables that the bucket is of.
    Warehouse = 19,
}

/// Which kinds of configurations a bucket has: kept in the bucket, so that a request looks up only what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Configured(u64);

impl Configured {
    /// Whether there is one of the kind.
    pub(crate) fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    fn set(&mut self, kind: Kind, there: bool) {
        let bit = 1 << kind as u8;
        self.0 = if there { self.0 | bit } else { self.0 & !bit };
    }
}

/// The configuration of a kind of which a bucket has one.
pub(crate) fn get<V: Stored>(txn: &impl Reader, bucket: &Bucket, kind: Kind) -> Result<Option<V>, Fault> {
    if !bucket.configured.has(kind) {
        return Ok(None);
    }
    txn.get(&keys::configuration(bucket.id, kind, ""))
}

/// Sets a configuration. `id` is empty for the kinds of which a bucket has one. The bucket is saved when it did not
/// have any of the kind.
pub(crate) fn put<V: Stored>(
    txn: &mut Write,
    name: &str,
    bucket: &mut Bucket,
    (kind, id): (Kind, &str),
    configuration: &V,
) -> Result<(), Fault> {
    txn.put(&keys::configuration(bucket.id, kind, id), configuration)?;
    if !bucket.configured.has(kind) {
        bucket.configured.set(kind, true);
        txn.put(&keys::bucket(name), bucket)?;
    }
    Ok(())
}

/// Removes a configuration; nothing happens when there is none.
pub(crate) fn delete(
    txn: &mut Write,
    name: &str,
    bucket: &mut Bucket,
    (kind, id): (Kind, &str),
) -> Result<(), Fault> {
    if !bucket.configured.has(kind) {
        return Ok(());
    }
    txn.delete(&keys::configuration::<()>(bucket.id, kind, id))?;
    if txn
        .scan_keys(&keys::configurations::<()>(bucket.id, kind), virga_store::Direction::Forward, 1)?
        .is_empty()
    {
        bucket.configured.set(kind, false);
        txn.put(&keys::bucket(name), bucket)?;
    }
    Ok(())
}
