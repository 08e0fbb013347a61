//! What keeps versions from being deleted: retention, legal hold, MFA delete.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use virga_kit::Ctx;
use virga_model::Record;
use virga_store::Reader;

use crate::error::Error;
use crate::members;
use crate::records::{Bucket, Lock, LockMode, Retention, Version};

/// The lock of a new version: what the request asks for, else what the bucket gives all new versions.
pub(crate) fn of_new_version(
    ctx: &Ctx,
    _: &impl Reader,
    bucket: &Bucket,
    request: &Record,
) -> Result<Lock, Error> {
    let mode = members::text(request, "ObjectLockMode");
    let until = members::time(request, "ObjectLockRetainUntilDate");
    let hold = members::text(request, "ObjectLockLegalHoldStatus");
    if !bucket.object_lock {
        if mode.is_some() || until.is_some() || hold.is_some() {
            return Err(Error::request("Bucket is missing Object Lock Configuration"));
        }
        return Ok(Lock::default());
    }
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(mode), Some(until)) => {
            let mode = LockMode::parse(mode);
            let mode = mode.ok_or_else(|| {
                Error::argument("Unknown wormMode directive.", "x-amz-object-lock-mode", "")
            })?;
            if until <= ctx.now() {
                let reason = "The retain until date must be in the future!";
                return Err(Error::argument(reason, "x-amz-object-lock-retain-until-date", ""));
            }
            Some(Retention { mode, until: until.micros() })
        }
        _ => {
            let reason =
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            return Err(Error::argument(reason, "x-amz-object-lock-retain-until-date", ""));
        }
    };
    Ok(Lock { retention, legal_hold: hold.map(|hold| hold == "ON") })
}

/// Checks the code of the MFA device that deleting versions takes, where the bucket says so.
pub(crate) fn check_mfa(
    _: &Ctx,
    bucket: &Bucket,
    deletes_version: bool,
    mfa: Option<&str>,
) -> Result<(), Error> {
    if bucket.mfa_delete && deletes_version && mfa.is_none() {
        let reason = "Mfa Authentication must be used for this request";
        return Err(Error::AccessDeniedBecause { reason: reason.to_owned() });
    }
    Ok(())
}

/// Checks that a version may be deleted for good. `bypass_governance` says that the caller asks to get around a
/// governance retention and may.
pub(crate) fn check_delete(ctx: &Ctx, version: &Version, bypass_governance: bool) -> Result<(), Error> {
    let lock = version.content.lock;
    let retention = lock.retention.filter(|retention| retention.until > ctx.now().micros());
    let retained =
        retention.is_some_and(|retention| !(bypass_governance && retention.mode == LockMode::Governance));
    if retained || lock.legal_hold == Some(true) {
        let reason = "Access Denied because object protected by object lock.".to_owned();
        return Err(Error::AccessDeniedBecause { reason });
    }
    Ok(())
}
