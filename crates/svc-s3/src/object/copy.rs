//! CopyObject, and what it shares with the copy of a part: the source. What is copied is opened and sealed anew.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::{Ctx, Outgoing};
use virga_model::view::Structure as _;
use virga_model::{Record, Timestamp};
use virga_store::{Fault, Read};

use super::draft::{class, headers, metadata};
use super::get::{Source, check_readable};
use super::put::NewObject;
use super::{Draft, MOST_AT_ONCE, show_checksum};
use crate::body::{Pieces, Place, receive};
use crate::encryption::{self, CustomerKey, SOURCE};
use crate::events::Event;
use crate::intelligent_tiering;
use crate::records::{Bucket, ChecksumType, StorageClass, StoredChecksum, Version};
use crate::versions::ObjectAt;
use crate::{access, bucket};
use virga_object::Error;
use virga_object::condition::{self, WriteCondition};
use virga_object::copy_source::CopySource;
use virga_object::members;
use virga_object::{checksum, etag, tags};

/// How often a source is looked for that is replaced again and again.
const MOST_LOOKS: usize = 16;

/// A source that was found, and is opened.
pub(crate) struct Opened {
    /// The bucket of the source.
    pub(crate) bucket: Arc<Bucket>,
    /// The version that is copied.
    pub(crate) version: Version,
    /// Its bytes, or some of them.
    pub(crate) body: Outgoing,
}

/// Finds the source of a copy, checks the conditions on it and opens it. `choose` says which bytes are copied.
pub(crate) async fn open_source(
    ctx: &Ctx,
    request: &Record,
    source: &CopySource,
    choose: impl Fn(&Version) -> Result<Range<u64>, Error>,
) -> Result<Opened, Error> {
    let bucket = (&*source.bucket, members::text(request, "ExpectedSourceBucketOwner"));
    let (key, version_id) = (&*source.key, source.version_id.as_deref());
    let customer_key = CustomerKey::of_request(ctx, request, &SOURCE)?;
    let find = |txn: &Read| {
        Source::find(ctx, txn, bucket, key, version_id, "GET").map_err(|error| match error {
            Error::Other(error) if error.code == "MethodNotAllowed" => Error::request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ),
            error => error,
        })
    };
    for _ in 0..MOST_LOOKS {
        let found = ctx.read(find).await;
        let mut found = found.map_err(|error| access::missing(ctx, bucket.0, error))?;
        condition::check_source(request, found.version.summary.validators(), ctx.now())?;
        check_readable(ctx, &found.version).map_err(|_| Error::ObjectNotInActiveTier)?;
        let range = choose(&found.version)?;
        let encryption = found.version.content.encryption.clone();
        let encryption =
            encryption.ok_or_else(|| Fault::new("an object does not say how it is encrypted"))?;
        let keys = encryption::data_keys(ctx, &encryption, (bucket.0, key), customer_key.clone()).await?;
        let body = found.version.content.body.clone();
        let still_there = |txn: &Read| Ok(find(txn)?.version.content.body == body);
        if let Some(body) = found.open(ctx, keys, range, still_there).await? {
            intelligent_tiering::note_read(ctx, (bucket.0, &found.bucket), key, &found.version).await?;
            return Ok(Opened { bucket: found.bucket, version: found.version, body });
        }
    }
    Err(Fault::new("an object is replaced so often that it can't be copied").into())
}

/// Whether a directive says that what the request gives replaces what the source has.
fn replaces(request: &Record, member: &str, what: &str) -> Result<bool, Error> {
    match members::text(request, member) {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => {
            let argument = format!("x-amz-{what}-directive");
            Err(Error::argument(format!("Unknown {what} directive."), argument, other))
        }
    }
}

/// What the copy is to be.
fn draft(request: &Record, source: &Version) -> Result<Draft, Error> {
    let content = &source.content;
    let mut draft = Draft {
        headers: content.headers.clone(),
        metadata: content.metadata.clone(),
        tags: content.tags.clone(),
        class: class(request)?,
    };
    let given = headers(request)?;
    // The redirect is never the source's.
    draft.headers.website_redirect_location.clone_from(&given.website_redirect_location);
    if replaces(request, "MetadataDirective", "metadata")? {
        draft.headers = given;
        draft.metadata = metadata(request)?;
    }
    if replaces(request, "TaggingDirective", "tagging")? {
        let tags = members::text(request, "Tagging").map(tags::of_header).transpose()?;
        draft.tags = tags.unwrap_or_default();
    }
    if draft.class == StorageClass::ExpressOnezone && !draft.tags.is_empty() {
        return Err(Error::HeaderNotImplementedAtAll { header: "x-amz-tagging-directive".to_owned() });
    }
    Ok(draft)
}

/// A copy of an object to itself must change something.
fn check_change(request: &Record, source: &Version) -> Result<(), Error> {
    let changes = ["StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "SSECustomerAlgorithm"];
    let changed = changes.iter().any(|member| members::text(request, member).is_some())
        || members::text(request, "MetadataDirective") == Some("REPLACE")
        || source.content.encryption != Some(crate::records::Encryption::S3)
        || members::text(request, "ChecksumAlgorithm").is_some();
    if changed {
        return Ok(());
    }
    Err(Error::request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    ))
}

fn check_size(size: u64) -> Result<(), Error> {
    if size > MOST_AT_ONCE {
        return Err(Error::request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MOST_AT_ONCE}"
        )));
    }
    Ok(())
}

/// Copies an object.
pub(crate) async fn copy_object(
    ctx: &Ctx,
    input: &api::CopyObjectInput,
) -> Result<api::CopyObjectOutput, Error> {
    let request = input.as_record();
    let (name, key, owner) = (input.bucket(), input.key(), input.expected_bucket_owner());
    let source = CopySource::parse(input.copy_source())?;
    let condition = WriteCondition::of_request(request)?;
    let default = ctx.read(|txn| encryption::default_of(txn, &*bucket::shared(txn, name, owner)?)).await?;
    let choose = |version: &Version| check_size(version.summary.size).map(|()| 0..version.summary.size);
    let mut opened = open_source(ctx, request, &source, choose).await?;
    if source.bucket == name && source.key == key && source.version_id.is_none() && default.is_none() {
        check_change(request, &opened.version)?;
    }
    let draft = draft(request, &opened.version)?;
    let sealing = encryption::of_new_object(ctx, request, (name, key), default.as_ref()).await?;
    let own = opened.version.summary.checksum.map(|(algorithm, _)| algorithm);
    let algorithm = checksum::named(request)?.or(own).unwrap_or(checksum::DEFAULT);
    let pieces = Pieces::Object(&mut opened.body);
    let received = receive(ctx, pieces, &sealing.keys, &[algorithm], (MOST_AT_ONCE, Place::Anywhere)).await?;
    let checksum = received.checksum(algorithm).map(|value| StoredChecksum {
        algorithm,
        kind: ChecksumType::FullObject,
        value: STANDARD.encode(value),
    });
    let new = NewObject { draft: &draft, sealing: &sealing, received: &received, checksum: &checksum };
    let placed = ctx.transact(|txn| {
        let bucket = bucket::shared(txn, name, owner)?;
        let at = ObjectAt::new(name, &bucket, key);
        let version = new.place(ctx, txn, &at, (request, &condition), Event::CreatedByCopy)?;
        Ok::<_, Error>((bucket.shown(version.summary.version), version))
    });
    let (version_id, version) = placed.await?;
    received.body.claim();
    let output = api::CopyObjectOutput::new()
        .with_copy_object_result(result(&version))
        .with_version_id(version_id)
        .with_copy_source_version_id(opened.bucket.shown(opened.version.summary.version));
    let mut output = output.into_record();
    sealing.encryption.show(&mut output);
    Ok(api::CopyObjectOutput::from_record(output))
}

fn result(version: &Version) -> api::CopyObjectResult {
    let result = api::CopyObjectResult::new()
        .with_e_tag(etag::quoted(version.summary.etag))
        .with_last_modified(Timestamp::from_secs(Timestamp::from_micros(version.summary.modified).secs()));
    let mut result = result.into_record();
    show_checksum(&mut result, version.content.checksum.as_ref());
    api::CopyObjectResult::from_record(result)
}
