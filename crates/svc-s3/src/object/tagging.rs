//! Tags of versions.

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use crate::events::{self, Event, Subject};
use crate::versions::ObjectAt;
use crate::{access, bucket};
use virga_object::Error;
use virga_object::tags;

/// Replaces the tags of a version.
pub(crate) fn put_object_tagging(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutObjectTaggingInput,
) -> Result<api::PutObjectTaggingOutput, Error> {
    let tags = input.tagging().tag_set().iter();
    let tags: Vec<_> = tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    tags::check(&tags)?;
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let version_id = replace(ctx, txn, at, input.version_id(), tags)?;
    Ok(api::PutObjectTaggingOutput::new().with_version_id(version_id))
}

/// Removes the tags of a version.
pub(crate) fn delete_object_tagging(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteObjectTaggingInput,
) -> Result<api::DeleteObjectTaggingOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let version_id = replace(ctx, txn, at, input.version_id(), Vec::new())?;
    Ok(api::DeleteObjectTaggingOutput::new().with_version_id(version_id))
}

fn replace(
    ctx: &Ctx,
    txn: &mut Write,
    at: ObjectAt<'_>,
    version_id: Option<&str>,
    tags: Vec<(String, String)>,
) -> Result<Option<String>, Error> {
    let event = if tags.is_empty() { Event::TaggingDeleted } else { Event::TaggingPut };
    let found = at.find_tagged(txn, version_id, if tags.is_empty() { "DELETE" } else { "PUT" });
    let mut found = found.map_err(|error| access::missing(ctx, at.bucket_name, error))?;
    found.version.content.tags = tags;
    at.save(txn, &found)?;
    let ObjectAt { bucket_name, bucket, key } = at;
    events::raise(ctx, txn, event, &Subject { bucket_name, bucket, key, version: &found.version })?;
    Ok(bucket.shown(found.version.summary.version))
}

/// The tags of a version.
pub(crate) fn get_object_tagging(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetObjectTaggingInput,
) -> Result<api::GetObjectTaggingOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_tagged(txn, input.version_id(), "GET");
    let found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    let tags = found.version.content.tags.iter();
    let tags = tags.map(|(key, value)| api::Tag::new().with_key(key.as_str()).with_value(value.as_str()));
    Ok(api::GetObjectTaggingOutput::new()
        .with_tag_set(tags.collect::<Vec<_>>())
        .with_version_id(bucket.shown(found.version.summary.version)))
}
