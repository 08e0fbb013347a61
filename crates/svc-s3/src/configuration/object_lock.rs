//! Object Lock of a bucket: whether versions can be locked, and for how long they are by default.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use super::{Kind, document};
use crate::records::{Bucket, LockMode, Versioning};
use crate::{bucket, keys};
use virga_object::Error;

/// The longest default retention.
const MOST_YEARS: i32 = 100;
const DAYS_OF_YEAR: i32 = 365;

/// How long new versions can't be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DefaultRetention {
    /// Who may shorten it.
    pub(crate) mode: LockMode,
    /// How long.
    pub(crate) days: i32,
}

/// The default retention of a bucket.
pub(crate) fn default_retention(
    txn: &impl Reader,
    bucket: &Bucket,
) -> Result<Option<DefaultRetention>, Fault> {
    let found: Option<api::ObjectLockRule> = document::find(txn, bucket, Kind::ObjectLock)?;
    let retention = found.as_ref().and_then(api::ObjectLockRule::default_retention);
    Ok(retention.and_then(|retention| {
        let days = match (retention.days(), retention.years()) {
            (Some(days), _) => days,
            (None, years) => years?.saturating_mul(DAYS_OF_YEAR),
        };
        Some(DefaultRetention { mode: LockMode::parse(retention.mode()?)?, days })
    }))
}

/// Lets versions of the bucket be locked, and sets the default.
pub(crate) fn put_object_lock_configuration(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutObjectLockConfigurationRequest,
) -> Result<api::PutObjectLockConfigurationOutput, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let configuration = input.object_lock_configuration().ok_or(Error::MalformedXml)?;
    check(configuration)?;
    if bucket.versioning != Versioning::Enabled {
        let reason =
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration".to_owned();
        return Err(Error::InvalidBucketState { reason });
    }
    bucket.object_lock = true;
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    match configuration.rule() {
        Some(rule) => document::set(txn, input.bucket(), &mut bucket, Kind::ObjectLock, rule)?,
        None => super::delete(txn, input.bucket(), &mut bucket, (Kind::ObjectLock, ""))?,
    }
    Ok(api::PutObjectLockConfigurationOutput::new())
}

/// Whether versions of the bucket can be locked, and the default.
pub(crate) fn get_object_lock_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetObjectLockConfigurationRequest,
) -> Result<api::GetObjectLockConfigurationOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    if !bucket.object_lock {
        return Err(Error::NoSuchObjectLockConfiguration { bucket: input.bucket().to_owned() });
    }
    let rule: Option<api::ObjectLockRule> = document::find(txn, &bucket, Kind::ObjectLock)?;
    let configuration = api::ObjectLockConfiguration::new()
        .with_object_lock_enabled(api::object_lock_enabled::ENABLED)
        .with_rule(rule);
    Ok(api::GetObjectLockConfigurationOutput::new().with_object_lock_configuration(configuration))
}

fn check(configuration: &api::ObjectLockConfiguration) -> Result<(), Error> {
    document::check(configuration)?;
    if configuration.object_lock_enabled().is_none() {
        return Err(Error::MalformedXml);
    }
    let Some(rule) = configuration.rule() else { return Ok(()) };
    let retention = rule.default_retention().ok_or(Error::MalformedXml)?;
    if retention.mode().is_none() {
        return Err(Error::MalformedXml);
    }
    let (period, most) = match (retention.days(), retention.years()) {
        (Some(days), None) => (days, MOST_YEARS * DAYS_OF_YEAR),
        (None, Some(years)) => (years, MOST_YEARS),
        _ => return Err(Error::MalformedXml),
    };
    if period < 1 {
        let reason = "Default retention period must be a positive integer value".to_owned();
        return Err(Error::InvalidRetentionPeriod { reason });
    }
    if period > most {
        let reason = "Default retention period too large".to_owned();
        return Err(Error::InvalidRetentionPeriod { reason });
    }
    Ok(())
}
