//! Every key space of S3 Tables. A table bucket is found by account, region and name; what is in it by its id, so that one
//! made anew has nothing of the one before.

use virga_store::{Key, Range, Space};

use crate::address::BucketAddress;
use crate::records::{Encryption, Namespace, Table, TableBucket, TableName};

static TABLE_BUCKETS: Space<TableBucket> = Space::new("s3tables.table-bucket");
static ENCRYPTIONS: Space<Encryption> = Space::new("s3tables.encryption");
static NAMESPACES: Space<Namespace> = Space::new("s3tables.namespace");
static TABLES: Space<Table> = Space::new("s3tables.table");
static TABLE_NAMES: Space<TableName> = Space::new("s3tables.table-name");

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

/// How tables of a table bucket are encrypted that do not say how.
pub(crate) fn encryption(bucket: &TableBucket) -> Key<Encryption> {
    ENCRYPTIONS.key(&*bucket.id)
}

/// A table by its name.
pub(crate) fn table(bucket: &TableBucket, namespace: &str, name: &str) -> Key<Table> {
    TABLES.key((&*bucket.id, namespace, name))
}

/// The tables of a table bucket, by namespace and name.
pub(crate) fn tables(bucket: &TableBucket) -> Range<Table> {
    TABLES.prefix(&*bucket.id)
}

/// The tables of a namespace, by name.
pub(crate) fn tables_of(bucket: &TableBucket, namespace: &str) -> Range<Table> {
    TABLES.prefix((&*bucket.id, namespace))
}

/// The name of a table, by its id.
pub(crate) fn table_name(bucket: &TableBucket, id: &str) -> Key<TableName> {
    TABLE_NAMES.key((&*bucket.id, id))
}
