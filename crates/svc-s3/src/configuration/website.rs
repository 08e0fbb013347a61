//! Static website hosting: index and error documents, redirects and routing rules.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::{Kind, document};
use crate::bucket;
use virga_object::{Error, website_configuration};

/// Makes the bucket a website.
pub(crate) fn put_bucket_website(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketWebsiteRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    website_configuration::check(input.website_configuration())?;
    document::set(txn, input.bucket(), &mut bucket, Kind::Website, input.website_configuration())?;
    Ok(Nothing::new())
}

/// How the bucket is a website.
pub(crate) fn get_bucket_website(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketWebsiteRequest,
) -> Result<api::GetBucketWebsiteOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::WebsiteConfiguration> = document::find(txn, &bucket, Kind::Website)?;
    let missing = || Error::NoSuchWebsiteConfiguration { bucket: input.bucket().to_owned() };
    Ok(document::spread(found.ok_or_else(missing)?))
}

/// Makes the bucket no website.
pub(crate) fn delete_bucket_website(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketWebsiteRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Website, ""))?;
    Ok(Nothing::new())
}
