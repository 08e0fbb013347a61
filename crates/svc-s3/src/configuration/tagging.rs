//! Tags of buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::Kind;
use crate::bucket;
use crate::records::Tags;
use virga_object::Error;
use virga_object::bucket_tags;

/// Sets the tags, in place of all others. No tags are the same as none.
pub(crate) fn put_bucket_tagging(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketTaggingRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let tags = bucket_tags::of(input.tagging().tag_set())?;
    if tags.0.is_empty() {
        super::delete(txn, input.bucket(), &mut bucket, (Kind::Tagging, ""))?;
    } else {
        super::put(txn, input.bucket(), &mut bucket, (Kind::Tagging, ""), &tags)?;
    }
    Ok(Nothing::new())
}

/// The tags.
pub(crate) fn get_bucket_tagging(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketTaggingRequest,
) -> Result<api::GetBucketTaggingOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let tags: Option<Tags> = super::get(txn, &bucket, Kind::Tagging)?;
    let tags = tags.ok_or_else(|| Error::NoSuchTagSet { bucket: input.bucket().to_owned() })?;
    Ok(api::GetBucketTaggingOutput::new().with_tag_set(bucket_tags::shown(&tags)))
}

/// Removes the tags.
pub(crate) fn delete_bucket_tagging(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketTaggingRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Tagging, ""))?;
    Ok(Nothing::new())
}
