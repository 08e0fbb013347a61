//! What is looked at before permissions: the length of the key, the endpoint that was called and its region, the rate of
//! requests; what directory buckets can not.

use virga_kit::{Around, Ctx};
use virga_model::{ApiError, Operation, Record};

use crate::{
    access_log, access_point, bucket, completion, express, multi_region, object, rate, region_redirect,
    warehouse,
};
use virga_object::Error;
use virga_object::members;

/// What S3 does around every call.
pub(crate) const AROUND: Around =
    Around { route: multi_region::route, admit, complete: completion::complete, answered: access_log::note };

/// What the control plane does around every call.
pub(crate) const AROUND_CONTROL: Around = Around { admit: admit_control, ..Around::NOTHING };

/// The label of host names that accelerate transfers.
const ACCELERATED: &str = "s3-accelerate.";

/// Refuses what no caller may ask for.
fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), ApiError> {
    let checked = check(ctx, input).and_then(|()| express::admit(ctx, operation, input));
    let checked = checked.and_then(|()| multi_region::admit(ctx, operation, input));
    let checked = checked.and_then(|()| access_point::admit(ctx, operation, input));
    let checked = checked.and_then(|()| warehouse::admit(ctx, operation, input));
    checked.map_err(|error| error.into_api().unwrap_or_else(|_| ApiError::internal()))?;
    region_redirect::check(ctx, operation, input)?;
    rate::admit(ctx, operation, input)
}

/// Refuses what no session of a directory bucket is for, and what another region's endpoint does.
fn admit_control(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), ApiError> {
    express::refuse_sessions(ctx, operation, input)?;
    if virga_object::multi_region::is_controlled_in(operation.name(), ctx.region()) {
        return Ok(());
    }
    let endpoint = format!("s3-control.{}.amazonaws.com", virga_object::multi_region::HOME);
    let error = Error::PermanentRedirectControl { endpoint };
    Err(error.into_api().unwrap_or_else(|_| ApiError::internal()))
}

fn check(ctx: &Ctx, input: &Record) -> Result<(), Error> {
    members::text(input, "Key").map_or(Ok(()), object::check_key)?;
    match ctx.endpoint().host.find(ACCELERATED) {
        None => Ok(()),
        Some(0) => Err(Error::request(
            "Amazon S3 Transfer Accelerate endpoint only supports virtual style requests.",
        )),
        Some(_) => members::text(input, "Bucket").map_or(Ok(()), |bucket| check_accelerated(ctx, bucket)),
    }
}

/// Whether the bucket takes requests by the name that accelerates transfers.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration-getting-started.html>
fn check_accelerated(ctx: &Ctx, given: &str) -> Result<(), Error> {
    let txn = ctx.world().store().read()?;
    let name = access_point::bucket_name(&txn, given)?;
    match bucket::find(&txn, &name, None)?.accelerate {
        Some(true) => Ok(()),
        Some(false) => Err(Error::request("S3 Transfer Acceleration is disabled on this bucket")),
        None => Err(Error::request("S3 Transfer Acceleration is not configured on this bucket")),
    }
}
