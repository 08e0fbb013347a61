//! Attribute-based access control: whether the tags of a bucket are condition keys.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use super::{Kind, document};
use crate::bucket;
use crate::records::Bucket;
use virga_object::Error;

use api::bucket_abac_status::{DISABLED, ENABLED};

/// Whether the tags of a bucket are condition keys.
pub(crate) fn is_enabled(txn: &impl Reader, bucket: &Bucket) -> Result<bool, Fault> {
    let found: Option<api::AbacStatus> = document::find(txn, bucket, Kind::Abac)?;
    Ok(found.is_some_and(|status| status.status() == Some(ENABLED)))
}

/// Sets whether tags are condition keys.
pub(crate) fn put_bucket_abac(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketAbacRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.abac_status())?;
    if input.abac_status().status().is_none() {
        return Err(Error::MalformedXml);
    }
    document::set(txn, input.bucket(), &mut bucket, Kind::Abac, input.abac_status())?;
    Ok(Nothing::new())
}

/// Whether tags are condition keys.
pub(crate) fn get_bucket_abac(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketAbacRequest,
) -> Result<api::GetBucketAbacOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::AbacStatus> = document::find(txn, &bucket, Kind::Abac)?;
    let status = found.unwrap_or_else(|| api::AbacStatus::new().with_status(DISABLED));
    Ok(api::GetBucketAbacOutput::new().with_abac_status(status))
}
