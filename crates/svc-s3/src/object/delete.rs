//! DeleteObject and DeleteObjects: delete markers, and versions that go for good.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::ApiError;
use virga_store::Write;

use super::check_key;
use crate::events::{self, Event, Subject};
use crate::records::{Bucket, Version, Versioning};
use crate::versions::{Found, ObjectAt};
use crate::{access, bucket, lock, mfa};
use virga_object::Error;
use virga_object::etag;

/// Objects that one request deletes.
const MOST_AT_ONCE: usize = 1000;

/// What is to be deleted.
struct Wanted<'a> {
    key: &'a str,
    version_id: Option<&'a str>,
    if_match: Option<&'a str>,
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
    for (member, header) in [
        (input.if_match_last_modified_time().is_some(), "x-amz-if-match-last-modified-time"),
        (input.if_match_size().is_some(), "x-amz-if-match-size"),
    ] {
        if member {
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
        let marker = at.place_delete_marker(ctx, txn, current.as_ref())?;
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

/// Checks `If-Match`.
fn check_match(at: ObjectAt<'_>, wanted: &Wanted<'_>, version: Option<&Version>) -> Result<(), Error> {
    match (wanted.if_match, version) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Error::NoSuchKey { key: at.key.to_owned() }),
        (Some(tags), Some(version)) if etag::matches(tags, version.summary.etag) => Ok(()),
        (Some(_), Some(_)) => Err(Error::PreconditionFailed { condition: "If-Match".to_owned() }),
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
    access::may_delete(ctx, name, object.key(), object.version_id())?;
    let wanted = Wanted {
        key: object.key(),
        version_id: object.version_id(),
        if_match: object.e_tag(),
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
