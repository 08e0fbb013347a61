//! Access logging: where the logs of requests to the bucket go. How they get there is not here.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use super::{Kind, document};
use crate::records::{Bucket, ObjectOwnership};
use crate::{bucket, keys};
use virga_object::Error;

/// Sets where logs go; without a target, nowhere.
pub(crate) fn put_bucket_logging(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketLoggingRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.bucket_logging_status())?;
    let Some(logging) = input.bucket_logging_status().logging_enabled() else {
        super::delete(txn, input.bucket(), &mut bucket, (Kind::Logging, ""))?;
        return Ok(Nothing::new());
    };
    let target = txn.get(&keys::bucket(logging.target_bucket()))?;
    check_target(&bucket, logging, target.as_ref())?;
    document::set(txn, input.bucket(), &mut bucket, Kind::Logging, logging)?;
    Ok(Nothing::new())
}

/// Where logs go; says nothing when nowhere.
pub(crate) fn get_bucket_logging(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketLoggingRequest,
) -> Result<api::GetBucketLoggingOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let logging: Option<api::LoggingEnabled> = document::find(txn, &bucket, Kind::Logging)?;
    Ok(api::GetBucketLoggingOutput::new().with_logging_enabled(logging))
}

/// The target is a bucket of the same owner in the same region, and takes grants if any are to be made.
fn check_target(
    bucket: &Bucket,
    logging: &api::LoggingEnabled,
    target: Option<&Bucket>,
) -> Result<(), Error> {
    let refuse = |reason: &str| Error::InvalidTargetBucketForLogging {
        reason: reason.to_owned(),
        target: logging.target_bucket().to_owned(),
    };
    let target = target.ok_or_else(|| refuse("The target bucket for logging does not exist"))?;
    if target.account != bucket.account {
        return Err(refuse("The owner for the bucket to be logged and the target bucket must be the same."));
    }
    if target.region != bucket.region {
        let region = target.region.clone();
        // A bucket of the first region has no location to tell.
        return Err(match &*bucket.region {
            "us-east-1" => Error::CrossLocationLogging { target: region },
            location => Error::CrossLocationLoggingFrom { location: location.to_owned(), target: region },
        });
    }
    let grants = logging.target_grants().is_some_and(|grants| !grants.is_empty());
    if grants && target.ownership == Some(ObjectOwnership::BucketOwnerEnforced) {
        return Err(refuse(
            "Bucket ACLs are disabled on the target bucket, so that target grants can't be specified.",
        ));
    }
    let format = logging.target_object_key_format();
    let both = |format: &api::TargetObjectKeyFormat| {
        format.simple_prefix().is_some() == format.partitioned_prefix().is_some()
    };
    if format.is_some_and(both) { Err(Error::MalformedXml) } else { Ok(()) }
}
