//! DeleteObject and DeleteObjects: delete markers, and versions that go for good.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::{ApiError, Timestamp};
use virga_store::Write;

use super::check_key;
use crate::events::{self, Event, Subject};
use crate::records::{Bucket, Version, Versioning};
use crate::versions::{Found, ObjectAt};
use crate::{access, bucket, lock, mfa};
use virga_object::{Error, directory_bucket, etag};

/// Objects that one request deletes.
const MOST_AT_ONCE: usize = 1000;
const MODIFIED_CONDITION: &str = "x-amz-if-match-last-modified-time";
const SIZE_CONDITION: &str = "x-amz-if-match-size";

/// What is to be deleted.
struct Wanted<'a> {
    key: &'a str,
    version_id: Option<&'a str>,
    if_match: Option<&'a str>,
    /// Of directory buckets only, as the next one.
    if_modified: Option<Timestamp>,
    if_size: Option<i64>,
    bypass_governance: bool,
}

/// What was deleted.
#[derive(Default)]
struct Deleted {
    /// The version that is gone, or the delete marker that was made.
    version_id: Option<String>,
    /// Whether that is a delete marker.
    is_delete_marker: bool,
}

/// Deletes an object, or a version of it.
pub(crate) fn delete_object(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteObjectInput,
) -> Result<api::DeleteObjectOutput, Error> {
    let is_directory = directory_bucket::is_name(input.bucket());
    for (member, header) in [
        (input.if_match_last_modified_time().is_some(), MODIFIED_CONDITION),
        (input.if_match_size().is_some(), SIZE_CONDITION),
    ] {
        if member && !is_directory {
            return Err(Error::HeaderNotImplementedAtAll { header: header.to_owned() });
        }
    }
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    check_bypass(&bucket, input.bypass_governance_retention())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    if input.version_id().is_some() {
        mfa::check_delete(ctx, txn, &bucket, input.mfa())?;
    }
    let wanted = Wanted {
        key: input.key(),
        version_id: input.version_id(),
        if_match: input.if_match(),
        if_modified: input.if_match_last_modified_time(),
        if_size: input.if_match_size(),
        bypass_governance: input.bypass_governance_retention() == Some(true),
    };
    let deleted = delete(ctx, txn, at, &wanted)?;
    Ok(api::DeleteObjectOutput::new()
        .with_version_id(deleted.version_id)
        .with_delete_marker(deleted.is_delete_marker.then_some(true)))
}

/// Where nothing is ever locked, there is nothing to get around, whichever way the header is set.
fn check_bypass(bucket: &Bucket, bypass: Option<bool>) -> Result<(), Error> {
    if bypass.is_none() || bucket.object_lock {
        return Ok(());
    }
    Err(Error::InvalidArgumentName {
        reason: "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
            .to_owned(),
        argument: "x-amz-bypass-governance-retention".to_owned(),
    })
}

fn delete(ctx: &Ctx, txn: &mut Write, at: ObjectAt<'_>, wanted: &Wanted<'_>) -> Result<Deleted, Error> {
    let Some(version_id) = wanted.version_id else { return delete_current(ctx, txn, at, wanted) };
    let found = at.version(txn, version_id)?;
    check_match(at, wanted, found.as_ref().map(|found| &found.version))?;
    // What is not there is gone already.
    let Some(found) = found else {
        return Ok(Deleted { version_id: Some(version_id.to_owned()), is_delete_marker: false });
    };
    lock::check_delete(ctx, &found.version, wanted.bypass_governance)?;
    at.remove(ctx, txn, &found)?;
    raise(ctx, txn, at, Event::Deleted, &found.version)?;
    Ok(Deleted {
        version_id: Some(version_id.to_owned()),
        is_delete_marker: found.version.summary.is_delete_marker,
    })
}

/// Deletes what a caller sees under the key: for good where no versions are kept, else by a delete marker.
fn delete_current(
    ctx: &Ctx,
    txn: &mut Write,
    at: ObjectAt<'_>,
    wanted: &Wanted<'_>,
) -> Result<Deleted, Error> {
    let current = at.current(txn)?;
    let object = current.as_ref().filter(|version| !version.summary.is_delete_marker);
    check_match(at, wanted, object)?;
    if at.bucket.versioning != Versioning::Never {
        let marker = at.place_delete_marker(ctx, txn, current.as_ref(), ctx.now().micros())?;
        raise(ctx, txn, at, Event::DeleteMarkerCreated, &marker)?;
        let version_id = Some(marker.summary.version.text());
        return Ok(Deleted { version_id, is_delete_marker: true });
    }
    if let Some(version) = current {
        let found = Found { version, is_current: true };
        at.remove(ctx, txn, &found)?;
        raise(ctx, txn, at, Event::Deleted, &found.version)?;
    }
    Ok(Deleted::default())
}

/// Checks the conditions on what is to be deleted.
fn check_match(at: ObjectAt<'_>, wanted: &Wanted<'_>, version: Option<&Version>) -> Result<(), Error> {
    let Wanted { if_match, if_modified, if_size, .. } = *wanted;
    if if_match.is_none() && if_modified.is_none() && if_size.is_none() {
        return Ok(());
    }
    let summary = &version.ok_or_else(|| Error::NoSuchKey { key: at.key.to_owned() })?.summary;
    let modified = Timestamp::from_micros(summary.modified).secs();
    let checks = [
        (if_match.is_none_or(|tags| etag::matches(tags, summary.etag)), "If-Match"),
        (if_modified.is_none_or(|time| time.secs() == modified), MODIFIED_CONDITION),
        (if_size.is_none_or(|size| u64::try_from(size) == Ok(summary.size)), SIZE_CONDITION),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, condition)) => Err(Error::PreconditionFailed { condition: (*condition).to_owned() }),
        None => Ok(()),
    }
}

fn raise(ctx: &Ctx, txn: &mut Write, at: ObjectAt<'_>, event: Event, version: &Version) -> Result<(), Error> {
    let ObjectAt { bucket_name, bucket, key } = at;
    events::raise(ctx, txn, event, &Subject { bucket_name, bucket, key, version })
}

/// Deletes up to a thousand objects, each on its own: what fails is said in the answer.
pub(crate) fn delete_objects(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteObjectsInput,
) -> Result<api::DeleteObjectsOutput, Error> {
    let name = input.bucket();
    let objects = input.delete().objects();
    if objects.is_empty() || objects.len() > MOST_AT_ONCE {
        return Err(Error::MalformedXml);
    }
    let bucket = bucket::shared(txn, name, input.expected_bucket_owner())?;
    check_bypass(&bucket, input.bypass_governance_retention())?;
    let any_version = objects.iter().any(|object| object.version_id().is_some());
    if any_version {
        mfa::check_delete(ctx, txn, &bucket, input.mfa())?;
    }
    let bypass_governance = input.bypass_governance_retention() == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in objects.iter() {
        match delete_one(ctx, txn, (name, &bucket), object, bypass_governance) {
            Ok(entry) => deleted.push(entry),
            Err(error) => errors.push(refused(object, error.into_api()?)),
        }
    }
    let quiet = input.delete().quiet() == Some(true);
    Ok(api::DeleteObjectsOutput::new()
        .with_deleted((!quiet && !deleted.is_empty()).then_some(deleted))
        .with_errors((!errors.is_empty()).then_some(errors)))
}

fn delete_one(
    ctx: &Ctx,
    txn: &mut Write,
    (name, bucket): (&str, &Bucket),
    object: &api::ObjectIdentifier,
    bypass_governance: bool,
) -> Result<api::DeletedObject, Error> {
    check_key(object.key())?;
    let is_directory = directory_bucket::is_name(name);
    access::may_delete(ctx, name, object.key(), object.version_id())?;
    let wanted = Wanted {
        key: object.key(),
        version_id: object.version_id(),
        if_match: object.e_tag(),
        if_modified: object.last_modified_time().filter(|_| is_directory),
        if_size: object.size().filter(|_| is_directory),
        bypass_governance,
    };
    // Among several, an id that cannot be is one that is not there.
    let deleted =
        delete(ctx, txn, ObjectAt::new(name, bucket, wanted.key), &wanted).map_err(|error| match error {
            Error::InvalidArgument { argument, value, .. } if argument == "versionId" => {
                Error::NoSuchVersion { key: wanted.key.to_owned(), version_id: value }
            }
            error => error,
        })?;
    let entry = api::DeletedObject::new().with_key(object.key()).with_version_id(object.version_id());
    let marker = deleted.is_delete_marker.then_some(deleted.version_id).flatten();
    Ok(entry.with_delete_marker(marker.is_some().then_some(true)).with_delete_marker_version_id(marker))
}

fn refused(object: &api::ObjectIdentifier, error: ApiError) -> api::Error {
    api::Error::new()
        .with_key(object.key())
        .with_version_id(object.version_id())
        .with_code(&*error.code)
        .with_message(error.message)
}
