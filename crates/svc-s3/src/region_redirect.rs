//! Whether a request went to the region of its bucket, and where it is to go.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
//!
//! An endpoint without a region in its name stands for that of the region that the client signs for. The name of a bucket
//! in front of such an endpoint leads to the bucket wherever it is, as AWS's name servers do it.

use virga_kit::Ctx;
use virga_model::{ApiError, Operation, Record};

use crate::{bucket, multi_region};
use virga_object::Error;
use virga_object::members;
use virga_object::region;

/// The header that tells clients where a bucket is.
const BUCKET_REGION: &str = "x-amz-bucket-region";
/// Where buckets were looked up before there were regions.
const OLDEST: &str = "us-east-1";

/// Refuses a request that went to another region than its bucket is in, or was signed for another than it went to.
pub(crate) fn check(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), ApiError> {
    match misdirected(ctx, operation, input) {
        Ok(None) => Ok(()),
        // What does not let the bucket be found is told by the operation.
        Err(Error::Fault(_)) => Err(ApiError::internal()),
        Err(_) => Ok(()),
        Ok(Some((error, bucket_region))) => {
            let error = error.into_api().unwrap_or_else(|_| ApiError::internal());
            Err(match bucket_region {
                Some(region) => error.with_header(BUCKET_REGION, region),
                None => error,
            })
        }
    }
}

/// The error for a request that went astray, with the region of its bucket.
fn misdirected(
    ctx: &Ctx,
    operation: Operation,
    input: &Record,
) -> Result<Option<(Error, Option<String>)>, Error> {
    let named = &ctx.origin().regions;
    let (signed, host) = (named.signed.as_deref(), named.host.as_deref());
    let malformed = |expected: &str| {
        Error::wrong_region(ctx.origin().is_presigned(), signed.unwrap_or_default(), expected)
    };
    if let (Some(signed), Some(host)) = (signed, host)
        && signed != host
    {
        return Ok(Some((malformed(host), None)));
    }
    let Some(called) = host.or(signed).filter(|_| operation.name() != "CreateBucket") else {
        return Ok(None);
    };
    let Some(given) = members::text(input, "Bucket") else { return Ok(None) };
    let Some((name, bucket)) = bucket::of_call(ctx, given)?.filter(|(_, bucket)| bucket.region != called)
    else {
        return Ok(None);
    };
    // Every client may ask the oldest region where a bucket is.
    if operation.name() == "GetBucketLocation" && called == OLDEST {
        return Ok(None);
    }
    let at = &*ctx.endpoint().host;
    let by_name = at.strip_prefix(given).is_some_and(|rest| rest.starts_with('.'));
    let error = if (by_name && host.is_none()) || multi_region::is_arn(given) {
        malformed(&bucket.region)
    } else if region::is_opted_into(&bucket.region) {
        Error::IllegalLocationConstraint { location: bucket.region.clone() }
    } else {
        let endpoint = region::endpoint(at, host, &bucket.region, by_name.then_some(given));
        Error::PermanentRedirect { endpoint, bucket: name }
    };
    Ok(Some((error, Some(bucket.region.clone()))))
}
