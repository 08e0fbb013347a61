//! Cross-origin resource sharing: which pages of which origins may use the bucket from a browser.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::{Kind, document};
use crate::bucket;
use virga_object::{Error, cors_configuration};

/// Sets the rules.
pub(crate) fn put_bucket_cors(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketCorsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    cors_configuration::check(input.cors_configuration())?;
    document::set(txn, input.bucket(), &mut bucket, Kind::Cors, input.cors_configuration())?;
    Ok(Nothing::new())
}

/// The rules.
pub(crate) fn get_bucket_cors(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketCorsRequest,
) -> Result<api::GetBucketCorsOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::CORSConfiguration> = document::find(txn, &bucket, Kind::Cors)?;
    let missing = || Error::NoSuchCorsConfiguration { bucket: input.bucket().to_owned() };
    Ok(document::spread(found.ok_or_else(missing)?))
}

/// Removes the rules.
pub(crate) fn delete_bucket_cors(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketCorsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Cors, ""))?;
    Ok(Nothing::new())
}
