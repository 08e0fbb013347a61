//! GetObject and HeadObject: a version, all of it or a range.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::{Ctx, Failure, Outgoing};
use virga_model::view::Structure as _;
use virga_model::{Record, Value};
use virga_store::{Fault, Read};

use super::{show_checksum, show_version};
use crate::body::{AnyPlace, BodyReader, DataKeys, SmallBody};
use crate::configuration::Kind;
use crate::encryption::{self, CustomerKey, GIVEN};
use crate::records::{Body, Bucket, Segment, StorageClass, StoredChecksum, Version};
use crate::versions::{Found, ObjectAt};
use crate::{access, analytics, bucket, intelligent_tiering, lifecycle};
use virga_object::Error;
use virga_object::members;
use virga_object::{condition, range};

/// Members of a request that choose headers of the answer.
const OVERRIDES: [&str; 6] = [
    "ResponseCacheControl",
    "ResponseContentDisposition",
    "ResponseContentEncoding",
    "ResponseContentLanguage",
    "ResponseContentType",
    "ResponseExpires",
];
/// How often a body is looked for that is replaced again and again.
const MOST_LOOKS: usize = 16;

/// A version that is read, with the small body that it may have.
pub(crate) struct Source {
    /// The bucket.
    pub(crate) bucket: Arc<Bucket>,
    /// The version.
    pub(crate) version: Version,
    small: Option<SmallBody>,
    /// When the object expires by the bucket's rules, where a request means the newest version.
    expiration: Option<String>,
}

/// What a version holds.
enum Content {
    /// All of a small body.
    Bytes(Bytes),
    /// The files of a large one.
    Files(Vec<Segment>),
}

impl Source {
    /// Finds the version that a request means.
    pub(crate) fn find(
        ctx: &Ctx,
        txn: &Read,
        bucket: (&str, Option<&str>),
        key: &str,
        version_id: Option<&str>,
        method: &str,
    ) -> Result<Self, Error> {
        let mut source = Source::without_body(ctx, txn, bucket, key, version_id, method)?;
        source.small = SmallBody::find(txn, source.bucket.id, &source.version.content.body)?;
        Ok(source)
    }

    /// The same for whoever does not read the body.
    fn without_body(
        ctx: &Ctx,
        txn: &Read,
        (name, expected_owner): (&str, Option<&str>),
        key: &str,
        version_id: Option<&str>,
        method: &str,
    ) -> Result<Self, Error> {
        let bucket = bucket::known(ctx, txn, name, expected_owner)?;
        let found = ObjectAt::new(name, &bucket, key).find_object(txn, version_id, method)?;
        let Found { version, .. } = found;
        let expiration = match version_id {
            None => lifecycle::expiration(txn, &ObjectAt::new(name, &bucket, key), &version)?,
            Some(_) => None,
        };
        Ok(Source { bucket, version, small: None, expiration })
    }

    /// Notes that bytes of it are read, where something is made of that.
    async fn note_read(&self, ctx: &Ctx, name: &str, key: &str, bytes: u64) -> Result<(), Error> {
        if self.bucket.configured.has(Kind::Analytics) {
            analytics::note_read(ctx, &self.bucket, key, &self.version, bytes).await?;
        }
        intelligent_tiering::note_read(ctx, (name, &self.bucket), key, &self.version).await
    }

    /// A small body, opened; or the files of a large one. The version stays as it is: callers compare it with what is there
    /// later. A small body is given once.
    fn content(&mut self, keys: &DataKeys) -> Result<Content, Fault> {
        match &self.version.content.body {
            Body::Nothing => Ok(Content::Bytes(Bytes::new())),
            Body::Blobs(segments) => Ok(Content::Files(segments.clone())),
            _ => {
                let small = self.small.take().ok_or_else(|| Fault::new("a body is read twice"))?;
                small.open(keys).map(Content::Bytes)
            }
        }
    }

    /// Opens its body, or a range of it. Files may go away between finding them and holding them: then the object has
    /// changed, and `None` says to look again.
    pub(crate) async fn open(
        &mut self,
        ctx: &Ctx,
        keys: DataKeys,
        range: Range<u64>,
        still_there: impl FnOnce(&Read) -> Result<bool, Error>,
    ) -> Result<Option<Outgoing>, Error> {
        match self.content(&keys)? {
            Content::Bytes(bytes) if bytes.is_empty() => Ok(Some(Outgoing::Nothing)),
            Content::Bytes(bytes) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(Some(Outgoing::Bytes(bytes.slice(place(range.start)..place(range.end)))))
            }
            Content::Files(segments) => {
                let reader = BodyReader::hold(ctx, keys, segments, range);
                let is_there = ctx.read(|txn| still_there(txn).map_err(Failure::from)).await?;
                Ok(is_there.then(|| reader.into_outgoing()))
            }
        }
    }
}

/// Opens the newest version of an object to be read from any place on.
pub(crate) async fn open_any_place(
    ctx: &Ctx,
    bucket: (&str, Option<&str>),
    key: &str,
    customer_key: Option<CustomerKey>,
) -> Result<AnyPlace, Error> {
    let source = ctx.read(|txn| Source::find(ctx, txn, bucket, key, None, "GET")).await?;
    check_readable(ctx, &source.version)?;
    source.note_read(ctx, bucket.0, key, source.version.summary.size).await?;
    open_archived(ctx, bucket, (key, None), customer_key).await
}

/// Opens a version of an object to be read from any place on, be it archived or not.
pub(crate) async fn open_archived(
    ctx: &Ctx,
    bucket: (&str, Option<&str>),
    (key, version_id): (&str, Option<&str>),
    customer_key: Option<CustomerKey>,
) -> Result<AnyPlace, Error> {
    for _ in 0..MOST_LOOKS {
        let mut source = ctx.read(|txn| Source::find(ctx, txn, bucket, key, version_id, "GET")).await?;
        let Some(encryption) = source.version.content.encryption.clone() else {
            return Err(Fault::new("an object does not say how it is encrypted").into());
        };
        let keys = encryption::data_keys(ctx, &encryption, (bucket.0, key), customer_key.clone()).await?;
        let segments = match source.content(&keys)? {
            Content::Bytes(bytes) => return Ok(AnyPlace::of_bytes(bytes)),
            Content::Files(segments) => segments,
        };
        let opened = AnyPlace::hold(ctx, keys, segments);
        let again = ctx.read(|txn| Source::find(ctx, txn, bucket, key, version_id, "GET")).await?;
        if again.version.content.body == source.version.content.body {
            return Ok(opened);
        }
    }
    Err(Fault::new("an object is replaced so often that it can't be read").into())
}

/// Whether the body of an archived object can't be read, because no copy of it is restored.
pub(crate) fn check_readable(ctx: &Ctx, version: &Version) -> Result<(), Error> {
    let class = version.summary.class;
    let archived = matches!(class, StorageClass::Glacier | StorageClass::DeepArchive);
    if let Some(tier) = version.archive_tier() {
        return Err(Error::InvalidAccessTier {
            storage_class: class.as_str().to_owned(),
            access_tier: tier.as_str().to_owned(),
        });
    }
    let restored = version.summary.restore.and_then(|restore| restore.until);
    if archived && restored.is_none_or(|until| until <= ctx.now().micros()) {
        return Err(Error::InvalidObjectState { storage_class: class.as_str().to_owned() });
    }
    Ok(())
}

/// Reads an object, or a range of it.
pub(crate) async fn get_object(
    ctx: &Ctx,
    input: &api::GetObjectInput,
    _: &mut virga_kit::Incoming,
) -> Result<(api::GetObjectOutput, Outgoing), Error> {
    let request = input.as_record();
    check_overrides(ctx, request)?;
    let (name, key, version_id) = (input.bucket(), input.key(), input.version_id());
    let bucket = (name, input.expected_bucket_owner());
    let customer_key = CustomerKey::of_request(ctx, request, &GIVEN)?;
    for _ in 0..MOST_LOOKS {
        let source = ctx.read(|txn| Source::find(ctx, txn, bucket, key, version_id, "GET"));
        let mut source = source.await.map_err(|failure| access::missing(ctx, name, failure))?;
        condition::check_read(request, source.version.summary.validators())?;
        check_readable(ctx, &source.version)?;
        let shown = Shown::of_request(request, &source.version)?;
        let encryption = source.version.content.encryption.clone();
        let encryption =
            encryption.ok_or_else(|| Fault::new("an object does not say how it is encrypted"))?;
        let keys = encryption::data_keys(ctx, &encryption, (name, key), customer_key.clone()).await?;
        // Only files can go away.
        let files = match &source.version.content.body {
            files @ Body::Blobs(_) => files.clone(),
            _ => Body::Nothing,
        };
        let still_there = |txn: &Read| {
            let again = Source::without_body(ctx, txn, bucket, key, version_id, "GET")?;
            Ok(again.version.content.body == files)
        };
        if let Some(outgoing) = source.open(ctx, keys, shown.range.clone(), still_there).await? {
            source.note_read(ctx, name, key, shown.range.end - shown.range.start).await?;
            let mut output = api::GetObjectOutput::new().into_record();
            shown.show(&mut output, request, &source);
            return Ok((api::GetObjectOutput::from_record(output), outgoing));
        }
    }
    Err(Fault::new("an object is replaced so often that it can't be read").into())
}

/// Headers of an answer are the caller's to choose where the request is signed.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
fn check_overrides(ctx: &Ctx, request: &Record) -> Result<(), Error> {
    let overrides = |member: &&str| members::text(request, member).is_some();
    if ctx.caller().principal == Principal::Anonymous && OVERRIDES.iter().any(overrides) {
        let text = "Request specific response headers cannot be used for anonymous GET requests.";
        return Err(Error::request(text));
    }
    Ok(())
}

/// What a read of the object would answer, without the body.
pub(crate) fn head_object(
    ctx: &Ctx,
    txn: &Read,
    input: &api::HeadObjectInput,
) -> Result<api::HeadObjectOutput, Error> {
    let request = input.as_record();
    let bucket = (input.bucket(), input.expected_bucket_owner());
    let customer_key = CustomerKey::of_request(ctx, request, &GIVEN)?;
    let source = Source::without_body(ctx, txn, bucket, input.key(), input.version_id(), "HEAD");
    let source = source.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    if let Some(encryption) = &source.version.content.encryption {
        encryption::check_customer_key(encryption, customer_key.as_ref())?;
    }
    condition::check_read(request, source.version.summary.validators())?;
    let shown = Shown::of_request(request, &source.version)?;
    let mut output = api::HeadObjectOutput::new().into_record();
    shown.show(&mut output, request, &source);
    Ok(api::HeadObjectOutput::from_record(output))
}

/// Which bytes of a version are shown.
struct Shown {
    range: Range<u64>,
    /// Whether it is not all of it.
    is_partial: bool,
    /// The part that was asked for.
    part: Option<i32>,
}

impl Shown {
    fn of_request(request: &Record, version: &Version) -> Result<Self, Error> {
        let size = version.summary.size;
        let header = members::text(request, "Range");
        let part = match request.by_name("PartNumber") {
            Some(Value::Integer(number)) => Some(i32::try_from(*number).unwrap_or(0)),
            _ => None,
        };
        match (header, part) {
            (Some(_), Some(_)) => {
                Err(Error::request("Cannot specify both Range header and partNumber query parameter"))
            }
            (None, Some(number)) => {
                let range = range::of_part(number, &version.content.parts, size)?;
                Ok(Shown { range, is_partial: size > 0, part: Some(number) })
            }
            (Some(header), None) => {
                let range = range::of_header(header, size)?;
                let is_partial = range.is_some();
                Ok(Shown { range: range.unwrap_or(0..size), is_partial, part: None })
            }
            (None, None) => Ok(Shown { range: 0..size, is_partial: false, part: None }),
        }
    }

    fn show(&self, output: &mut Record, request: &Record, source: &Source) {
        let Source { bucket, version, .. } = source;
        show_version(output, bucket, version);
        members::set_text(output, "Expiration", source.expiration.as_deref());
        let Range { start, end } = self.range;
        members::set(output, "ContentLength", Value::Integer(i64::try_from(end - start).unwrap_or(0)));
        if self.is_partial {
            let text = format!("bytes {start}-{}/{}", end.saturating_sub(1), version.summary.size);
            members::set_text(output, "ContentRange", Some(&text));
        }
        let parts = &version.content.parts;
        if self.part.is_some() && !parts.is_empty() {
            members::set(output, "PartsCount", Value::Integer(parts.len() as i64));
        }
        if members::text(request, "ChecksumMode") == Some("ENABLED") {
            self.show_checksum(output, version);
        }
        for (asked, member) in [
            ("ResponseCacheControl", "CacheControl"),
            ("ResponseContentDisposition", "ContentDisposition"),
            ("ResponseContentEncoding", "ContentEncoding"),
            ("ResponseContentLanguage", "ContentLanguage"),
            ("ResponseContentType", "ContentType"),
        ] {
            members::set_text(output, member, members::text(request, asked));
        }
        if let Some(expires) = members::time(request, "ResponseExpires") {
            members::set_text(output, "Expires", Some(&virga_wire::timestamp::rfc822(expires)));
        }
    }

    /// The checksum of what is shown: of the whole object, or of the part where parts have one.
    fn show_checksum(&self, output: &mut Record, version: &Version) {
        let Some(checksum) = &version.content.checksum else { return };
        let is_whole = self.range == (0..version.summary.size);
        let parts = &version.content.parts;
        let index = self.part.and_then(|part| usize::try_from(part - 1).ok());
        let of_part = index.and_then(|index| parts.get(index)).and_then(|part| part.checksum.clone());
        match of_part {
            Some(value) => {
                show_checksum(output, Some(&StoredChecksum { value, ..checksum.clone() }));
            }
            None if is_whole => show_checksum(output, Some(checksum)),
            None => {}
        }
    }
}
