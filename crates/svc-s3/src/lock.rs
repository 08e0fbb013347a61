//! What keeps versions from being deleted: retention, legal hold, MFA delete.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use time::OffsetDateTime;
use time::macros::{format_description, offset};
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::{Record, Timestamp};
use virga_store::{Read, Reader, Write};

use crate::configuration::Kind;
use crate::configuration::object_lock::default_retention;
use crate::events::Subject;
use crate::records::{Bucket, Lock, LockMode, Retention, Version};
use crate::versions::ObjectAt;
use crate::{access, bucket, replication};
use virga_object::Error;
use virga_object::members;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// The header that says how strong a retention is.
const MODE: &str = "x-amz-object-lock-mode";
/// The header that says how long it lasts.
const UNTIL: &str = "x-amz-object-lock-retain-until-date";

/// The lock of a new version: what the request asks for, else what the bucket gives all new versions.
pub(crate) fn of_new_version(
    ctx: &Ctx,
    txn: &impl Reader,
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
    let now = ctx.now().micros();
    let both = |missing: &str| Error::InvalidArgumentName {
        reason: format!("{UNTIL} and {MODE} must both be supplied"),
        argument: missing.to_owned(),
    };
    let retention = match (mode, until) {
        (Some(mode), until) => {
            let strength = LockMode::parse(mode);
            let mode = strength.ok_or_else(|| Error::argument("Unknown wormMode directive.", MODE, mode))?;
            let until = until.ok_or_else(|| both(UNTIL))?;
            Some(Retention { mode, until: in_future(until, now, UNTIL)? })
        }
        (None, Some(_)) => return Err(both(MODE)),
        (None, None) => default_retention(txn, bucket)?
            .map(|default| Retention { mode: default.mode, until: now + i64::from(default.days) * DAY }),
    };
    let legal_hold = hold.map(|hold| switch(hold).ok_or_else(|| unknown_hold(hold))).transpose()?;
    Ok(Lock { retention, legal_hold })
}

fn switch(status: &str) -> Option<bool> {
    match status {
        "ON" => Some(true),
        "OFF" => Some(false),
        _ => None,
    }
}

fn unknown_hold(hold: &str) -> Error {
    Error::argument("Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", hold)
}

/// A time in microseconds that has to come yet.
fn in_future(until: Timestamp, now: i64, argument: &str) -> Result<i64, Error> {
    if until.micros() > now {
        return Ok(until.micros());
    }
    Err(Error::argument("The retain until date must be in the future!", argument, pacific(until)))
}

/// Checks that a version may be deleted for good. `bypass_governance` says that the caller asks to get around a
/// governance retention and may.
pub(crate) fn check_delete(ctx: &Ctx, version: &Version, bypass_governance: bool) -> Result<(), Error> {
    if version.content.lock.allows_deletion(ctx.now().micros(), bypass_governance) {
        return Ok(());
    }
    Err(protected())
}

fn protected() -> Error {
    Error::AccessDeniedBecause { reason: "Access Denied because object protected by object lock.".to_owned() }
}

/// Checks that versions of the bucket can be locked.
fn check_lockable(bucket: &Bucket) -> Result<(), Error> {
    if bucket.object_lock {
        Ok(())
    } else {
        Err(Error::request("Bucket is missing Object Lock Configuration"))
    }
}

/// Sets until when a version is kept, or ends that.
pub(crate) fn put_object_retention(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutObjectRetentionInput,
) -> Result<api::PutObjectRetentionOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "PUT");
    let mut found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    check_lockable(&bucket)?;
    let now = ctx.now().micros();
    let retention = given_retention(input.retention().ok_or(Error::MalformedXml)?, now)?;
    let bypasses = input.bypass_governance_retention() == Some(true);
    if !found.version.content.lock.allows_retention(retention, now, bypasses) {
        return Err(protected());
    }
    found.version.content.lock.retention = retention;
    at.save(txn, &found)?;
    changed(ctx, txn, &at, &found.version)?;
    Ok(api::PutObjectRetentionOutput::new())
}

/// Replicas get the lock of their original. AWS has no event that tells of it.
fn changed(ctx: &Ctx, txn: &mut Write, at: &ObjectAt<'_>, version: &Version) -> Result<(), Error> {
    let ObjectAt { bucket_name, bucket, key } = *at;
    if bucket.configured.has(Kind::Replication) {
        replication::enqueue(ctx, txn, &Subject { bucket_name, bucket, key, version }, true)?;
    }
    Ok(())
}

/// The retention of a document; none for an empty one.
fn given_retention(given: &api::ObjectLockRetention, now: i64) -> Result<Option<Retention>, Error> {
    let (mode, until) = match (given.mode(), given.retain_until_date()) {
        (None, None) => return Ok(None),
        (Some(mode), Some(until)) => (LockMode::parse(mode).ok_or(Error::MalformedXml)?, until),
        _ => return Err(Error::MalformedXml),
    };
    Ok(Some(Retention { mode, until: in_future(until, now, "RetainUntilDate")? }))
}

/// A time as AWS repeats it in this one error: `Tue Dec 31 16:00:00 PST 2019`.
fn pacific(time: Timestamp) -> String {
    let format = format_description!(
        "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] PST [year]"
    );
    let time = OffsetDateTime::from_unix_timestamp(time.secs()).ok();
    time.and_then(|time| time.to_offset(offset!(-8)).format(format).ok()).unwrap_or_default()
}

/// Until when a version is kept.
pub(crate) fn get_object_retention(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetObjectRetentionInput,
) -> Result<api::GetObjectRetentionOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "GET");
    let found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    check_lockable(&bucket)?;
    let retention = found.version.content.lock.retention.ok_or(Error::NoSuchObjectLock)?;
    let retention = api::ObjectLockRetention::new()
        .with_mode(retention.mode.as_str())
        .with_retain_until_date(Timestamp::from_micros(retention.until));
    Ok(api::GetObjectRetentionOutput::new().with_retention(retention))
}

/// Puts a version on hold, or takes it off.
pub(crate) fn put_object_legal_hold(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutObjectLegalHoldInput,
) -> Result<api::PutObjectLegalHoldOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "PUT");
    let mut found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    check_lockable(&bucket)?;
    let status = input.legal_hold().and_then(api::ObjectLockLegalHold::status);
    let is_held = status.and_then(switch).ok_or(Error::MalformedXml)?;
    found.version.content.lock.legal_hold = Some(is_held);
    at.save(txn, &found)?;
    changed(ctx, txn, &at, &found.version)?;
    Ok(api::PutObjectLegalHoldOutput::new())
}

/// Whether a version is on hold.
pub(crate) fn get_object_legal_hold(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetObjectLegalHoldInput,
) -> Result<api::GetObjectLegalHoldOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "GET");
    let found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    check_lockable(&bucket)?;
    let is_held = found.version.content.lock.legal_hold.ok_or(Error::NoSuchObjectLock)?;
    let hold = api::ObjectLockLegalHold::new().with_status(if is_held { "ON" } else { "OFF" });
    Ok(api::GetObjectLegalHoldOutput::new().with_legal_hold(hold))
}
