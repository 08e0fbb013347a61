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
pub(crate) mod metadata;
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

pub(crate) use virga_bucket::configured::{Configured, Kind};

use crate::keys;
use crate::records::Bucket;

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
