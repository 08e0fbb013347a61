//! Which kinds of configurations a bucket has. What each kind means is with the service.

use serde::{Deserialize, Serialize};

/// The kinds of configurations. The number is part of their keys and of [`Configured`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Configured(u64);

impl Configured {
    /// Whether there is one of the kind.
    pub fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Notes whether there is one of the kind.
    pub fn set(&mut self, kind: Kind, there: bool) {
        let bit = 1 << kind as u8;
        self.0 = if there { self.0 | bit } else { self.0 & !bit };
    }
}
