//! What answers of many operations have in common: who pays for the request, where the bucket is.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>

use std::sync::Arc;

use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::{ApiError, Operation, Record};

use crate::bucket;
use crate::records::Bucket;
use virga_object::members;

/// Adds to an answer what its operation need not know.
pub(crate) fn complete(
    ctx: &Ctx,
    operation: Operation,
    input: &Record,
    answer: Result<&mut Record, &mut ApiError>,
) {
    match answer {
        Ok(output) => {
            if is_charged(ctx, input) {
                members::set_text(output, "RequestCharged", Some(api::request_charged::REQUESTER));
            }
        }
        // Whoever may not look at a bucket hears where it is all the same.
        Err(error) if operation.name() == "HeadBucket" && error.status == 403 => {
            if let Some(bucket) = named_bucket(ctx, input) {
                *error = error.clone().with_header("x-amz-bucket-region", bucket.region.as_str());
            }
        }
        Err(_) => {}
    }
}

/// Whether the caller pays: somebody else than the owner, who has said so.
fn is_charged(ctx: &Ctx, input: &Record) -> bool {
    let caller = ctx.caller();
    if members::text(input, "RequestPayer").is_none() || matches!(caller.principal, Principal::Service { .. })
    {
        return false;
    }
    named_bucket(ctx, input)
        .is_some_and(|bucket| bucket.requester_pays && bucket.account != caller.account.as_str())
}

/// The bucket of a call; none when it is not there.
fn named_bucket(ctx: &Ctx, input: &Record) -> Option<Arc<Bucket>> {
    let given = members::text(input, "Bucket")?;
    bucket::of_call(ctx, given).ok().flatten().map(|(_, bucket)| bucket)
}
