//! MFA delete: what the owner of a bucket does for good takes a code of the root user's device.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html>

use virga_iam::Principal;
use virga_kit::Ctx;
use virga_kit::mfa::{self, MfaOwner};
use virga_store::Write;

use crate::records::{Bucket, MfaDelete};
use virga_object::Error;

/// Checks the device's serial number and the code it shows, as the caller gives them in one header.
pub(crate) fn check(ctx: &Ctx, txn: &mut Write, bucket: &Bucket, given: Option<&str>) -> Result<(), Error> {
    let given = given.ok_or_else(|| denied("Mfa Authentication must be used for this request"))?;
    if ctx.caller().principal != Principal::Root || ctx.account() != bucket.account {
        return Err(denied("This operation may only be performed by the bucket owner"));
    }
    let (serial, code) = given.rsplit_once(' ').ok_or_else(|| {
        Error::argument("The x-amz-mfa header has to be a serial number and a code", "x-amz-mfa", given)
    })?;
    match mfa::verify(ctx, txn, &bucket.account, serial.trim(), code)? {
        Some(MfaOwner::Root) => Ok(()),
        _ => Err(Error::AccessDenied),
    }
}

fn denied(reason: &str) -> Error {
    Error::AccessDeniedBecause { reason: reason.to_owned() }
}

/// Checks what deletes a version for good.
pub(crate) fn check_delete(
    ctx: &Ctx,
    txn: &mut Write,
    bucket: &Bucket,
    given: Option<&str>,
) -> Result<(), Error> {
    match bucket.mfa_delete {
        MfaDelete::Enabled => check(ctx, txn, bucket, given),
        MfaDelete::Never | MfaDelete::Disabled => Ok(()),
    }
}
