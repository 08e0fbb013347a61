//! Appending to objects of directory buckets: PutObject at an offset, which is the size that the object has. What is added
//! is a file of its own, and a part.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-append.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::{Ctx, Incoming, Outgoing};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::{Fault, Write};

use crate::body::{DataKeys, Pieces, Place, Received, SmallBody, receive, remove_later};
use crate::object::{Expected, MOST_AT_ONCE, check_length, show_checksum};
use crate::records::{Body, ChecksumAlgorithm, ChecksumType, Encryption, PartSize, StoredChecksum, Version};
use crate::versions::{Found, ObjectAt};
use crate::{bucket, encryption};
use virga_object::condition::WriteCondition;
use virga_object::{Error, checksum, directory_bucket, etag, members};

/// Parts of an object.
const MOST_PARTS: usize = 10_000;

/// An object to which something is to be added.
pub(crate) struct Appended {
    version: Version,
    /// Its body, when that is a small one.
    small: Option<SmallBody>,
}

/// The object to which a request appends; none when it writes one that is not there yet, from its beginning.
pub(crate) async fn appended(
    ctx: &Ctx,
    input: &api::PutObjectInput,
    offset: i64,
) -> Result<Option<Appended>, Error> {
    let (name, key) = (input.bucket(), input.key());
    if !directory_bucket::is_name(name) {
        return Err(Error::HeaderNotImplementedAtAll { header: "x-amz-write-offset-bytes".to_owned() });
    }
    let found = ctx.read(|txn| {
        let bucket = bucket::find(txn, name, input.expected_bucket_owner())?;
        let Some(version) = ObjectAt::new(name, &bucket, key).current(txn)? else { return Ok(None) };
        let small = SmallBody::find(txn, bucket.id, &version.content.body)?;
        Ok::<_, Error>(Some(Appended { version, small }))
    });
    let Some(found) = found.await? else {
        return if offset == 0 { Ok(None) } else { Err(Error::InvalidWriteOffset) };
    };
    if u64::try_from(offset) != Ok(found.version.summary.size) {
        return Err(Error::InvalidWriteOffset);
    }
    if found.version.content.parts.len() >= MOST_PARTS {
        return Err(Error::TooManyParts);
    }
    let wanted = members::text(input.as_record(), "ServerSideEncryption");
    let own = found.version.content.encryption.as_ref().and_then(Encryption::name);
    match wanted.is_none_or(|wanted| Some(wanted) == own) {
        true => Ok(Some(found)),
        false => Err(Error::EncryptionTypeMismatch),
    }
}

/// Appends the body of a request.
pub(crate) async fn append(
    ctx: &Ctx,
    input: &api::PutObjectInput,
    body: &mut Incoming,
    appended: Appended,
) -> Result<(api::PutObjectOutput, Outgoing), Error> {
    let request = input.as_record();
    check_length(body)?;
    let condition = WriteCondition::of_request(request)?;
    let Appended { version, small } = appended;
    let own = version.content.checksum.as_ref().map(|checksum| checksum.algorithm);
    let expected = Expected::of_request(request, own.unwrap_or(checksum::DEFAULT))?;
    let sealed = version.content.encryption.clone();
    let sealed = sealed.ok_or_else(|| Fault::new("an object does not say how it is encrypted"))?;
    let (name, key) = (input.bucket(), input.key());
    let data_keys = encryption::data_keys(ctx, &sealed, (name, key), None).await?;
    let mut algorithms = vec![expected.algorithm];
    algorithms.extend(own.filter(|own| *own != expected.algorithm));
    let most = (MOST_AT_ONCE, Place::Files);
    let received = receive(ctx, Pieces::Request(body), &data_keys, &algorithms, most).await?;
    expected.check(body, &received)?;
    let moved = moved(ctx, &version, small, &data_keys).await?;
    let new = grown(ctx, &version, &received, moved.as_ref());
    let written = ctx.transact(|txn| {
        let bucket = bucket::find(txn, name, input.expected_bucket_owner())?;
        let at = ObjectAt::new(name, &bucket, key);
        replace(ctx, txn, &at, &condition, (&version, &new))
    });
    written.await?;
    received.body.claim();
    if let Some(moved) = moved {
        moved.body.claim();
    }
    Ok((output(&new, &sealed), Outgoing::Nothing))
}

/// A small body, written to a file, where something can follow it.
async fn moved(
    ctx: &Ctx,
    version: &Version,
    small: Option<SmallBody>,
    data_keys: &DataKeys,
) -> Result<Option<Received>, Error> {
    let Some(small) = small else { return Ok(None) };
    let mut bytes = Outgoing::Bytes(small.open(data_keys)?);
    let most = (version.summary.size, Place::Files);
    Ok(Some(receive(ctx, Pieces::Object(&mut bytes), data_keys, &[], most).await?))
}

/// The object with what was added to it.
fn grown(ctx: &Ctx, old: &Version, received: &Received, moved: Option<&Received>) -> Version {
    let before = moved.map_or_else(|| old.content.body.clone(), |moved| moved.body.in_files());
    let all = [before.segments(), received.body.in_files().segments()].concat();
    let mut new = old.clone();
    new.content.body = Body::of_segments(all);
    new.content.parts = parts(old, received.size);
    new.content.checksum = whole(old, received);
    new.summary.checksum = new.content.checksum.as_ref().map(|checksum| (checksum.algorithm, checksum.kind));
    new.summary.size += received.size;
    new.summary.etag = etag::random([ctx.random(), ctx.random()]);
    new.summary.modified = ctx.now().micros();
    new
}

/// The parts of the object: all that was there before counts as one, where it came in one piece.
fn parts(old: &Version, added: u64) -> Vec<PartSize> {
    let mut parts = old.content.parts.clone();
    if parts.is_empty() && old.summary.size > 0 {
        parts.push(PartSize { number: 1, size: old.summary.size, checksum: None });
    }
    if added > 0 {
        let number = parts.last().map_or(1, |part| part.number + 1);
        parts.push(PartSize { number, size: added, checksum: None });
    }
    parts
}

/// The checksum of all bytes, where it follows from those of the parts.
fn whole(old: &Version, received: &Received) -> Option<StoredChecksum> {
    let own = old.content.checksum.as_ref().filter(|own| own.kind == ChecksumType::FullObject)?;
    let algorithm: ChecksumAlgorithm = own.algorithm;
    let before = (STANDARD.decode(&own.value).ok()?, old.summary.size);
    let added = (received.checksum(algorithm)?.to_vec(), received.size);
    let sum = checksum::combined(algorithm, &[before, added])?;
    Some(StoredChecksum { algorithm, kind: ChecksumType::FullObject, value: STANDARD.encode(sum) })
}

/// Puts the grown object in the place of the old one, unless that has changed.
fn replace(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    condition: &WriteCondition,
    (old, new): (&Version, &Version),
) -> Result<(), Error> {
    let current = at.current(txn)?;
    condition.check(current.as_ref().and_then(|current| current.summary.object_validators()), at.key)?;
    let is_same = |current: &Version| {
        current.content.body == old.content.body && current.content.encryption == old.content.encryption
    };
    if !current.as_ref().is_some_and(is_same) {
        return Err(Error::InvalidWriteOffset);
    }
    if matches!(old.content.body, Body::Inline(..)) {
        remove_later(ctx, txn, at.bucket.id, &old.content.body)?;
    }
    Ok(at.save(txn, &Found { version: new.clone(), is_current: true })?)
}

fn output(version: &Version, sealed: &Encryption) -> api::PutObjectOutput {
    let output = api::PutObjectOutput::new()
        .with_e_tag(etag::quoted(version.summary.etag))
        .with_expiration("NotImplemented")
        .with_size(i64::try_from(version.summary.size).unwrap_or(i64::MAX));
    let mut output: Record = output.into_record();
    sealed.show(&mut output);
    show_checksum(&mut output, version.content.checksum.as_ref());
    api::PutObjectOutput::from_record(output)
}
