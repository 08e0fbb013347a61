//! AbortMultipartUpload, and what goes away with a bucket.

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Direction, Reader as _, Write};

use super::find;
use crate::body::remove_later;
use crate::records::OpaqueId;
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::condition;

/// Ends an upload; its parts go away.
pub(crate) fn abort_multipart_upload(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AbortMultipartUploadInput,
) -> Result<api::AbortMultipartUploadOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let (id, upload) = find(txn, &bucket, input.key(), input.upload_id())?;
    condition::check_initiated(input.if_match_initiated_time(), upload.initiated)?;
    remove(ctx, txn, bucket.id, input.key(), id)?;
    Ok(api::AbortMultipartUploadOutput::new())
}

/// Removes an upload with its parts.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, bucket: u64, key: &str, id: OpaqueId) -> Result<(), Error> {
    for (place, part) in txn.scan(&keys::parts(bucket, id), Direction::Forward, usize::MAX)? {
        remove_later(ctx, txn, bucket, &part.body)?;
        txn.delete(&place)?;
    }
    Ok(txn.delete(&keys::upload(bucket, key, id))?)
}

/// Ends all uploads of a bucket, which is deleted, and forgets those that were completed.
pub(crate) fn drop_uploads(ctx: &Ctx, txn: &mut Write, bucket: u64) -> Result<(), Error> {
    for (key, part) in txn.scan(&keys::all_parts(bucket), Direction::Forward, usize::MAX)? {
        remove_later(ctx, txn, bucket, &part.body)?;
        txn.delete(&key)?;
    }
    for key in txn.scan_keys(&keys::uploads(bucket), Direction::Forward, usize::MAX)? {
        txn.delete(&key)?;
    }
    for key in txn.scan_keys(&keys::completions(bucket), Direction::Forward, usize::MAX)? {
        txn.delete(&key)?;
    }
    Ok(())
}
