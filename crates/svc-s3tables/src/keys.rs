//! Every key space of S3 Tables. A table bucket is found by account, region and name; what is in it by its id, so that one
//! made anew has nothing of the one before.

use virga_store::{Key, Range, Space};

use crate::address::BucketAddress;
use crate::records::{Namespace, TableBucket};

static TABLE_BUCKETS: Space<TableBucket> = Space::new("s3tables.table-bucket");
static NAMESPACES: Space<Namespace> = Space::new("s3tables.namespace");

/// A table bucket.
pub(crate) fn table_bucket(at: BucketAddress<'_>) -> Key<TableBucket> {
    TABLE_BUCKETS.key((at.account, at.region, at.name))
}

/// The table buckets of an account in a region, by name.
pub(crate) fn table_buckets(account: &str, region: &str) -> Range<TableBucket> {
    TABLE_BUCKETS.prefix((account, region))
}

/// A namespace of a table bucket.
pub(crate) fn namespace(bucket: &TableBucket, name: &str) -> Key<Namespace> {
    NAMESPACES.key((&*bucket.id, name))
}

/// The namespaces of a table bucket, by name.
pub(crate) fn namespaces(bucket: &TableBucket) -> Range<Namespace> {
    NAMESPACES.prefix(&*bucket.id)
}
