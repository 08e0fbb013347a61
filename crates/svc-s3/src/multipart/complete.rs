//! CompleteMultipartUpload: the parts that are listed become the object, in one transaction. Their bytes stay where they
//! are.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::{Direction, Reader as _, Write};

use super::{completed, find};
use crate::body::remove_later;
use crate::events::{self, Event, Subject};
use crate::object::show_checksum;
use crate::records::{
    Body, Bucket, ChecksumAlgorithm, ChecksumType, Content, OpaqueId, Part, PartSize, StorageClass,
    StoredChecksum, Summary, Upload, Version, VersionId,
};
use crate::versions::ObjectAt;
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::condition::WriteCondition;
use virga_object::{checksum, etag};

/// Bytes of a part that is not the last.
const LEAST_PART: u64 = 5 << 20;
/// Parts of an upload.
const MOST_PARTS: usize = 10_000;
/// What is encoded in the key that a location ends with: slashes too.
const LOCATION: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Makes the object of its parts.
pub(crate) fn complete_multipart_upload(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CompleteMultipartUploadInput,
) -> Result<api::CompleteMultipartUploadOutput, Error> {
    let request = input.as_record();
    let (name, key, upload_id) = (input.bucket(), input.key(), input.upload_id());
    let bucket = bucket::shared(txn, name, input.expected_bucket_owner())?;
    let (id, upload) = match find(txn, &bucket, key, upload_id) {
        Ok(found) => found,
        Err(error) => {
            let version = completed::version(ctx, txn, &bucket, input)?;
            return version.map(|version| output(ctx, input, &bucket, &version)).ok_or(error);
        }
    };
    let at = ObjectAt::new(name, &bucket, key);
    let condition = WriteCondition::of_request(request)?;
    let current = at.current(txn)?;
    condition.check(current.as_ref().and_then(|current| current.summary.object_validators()), key)?;
    check_type(input, &upload)?;
    let mut parts = uploaded(txn, bucket.id, id)?;
    let chosen = chosen(input, &upload, &mut parts)?;
    let size: u64 = chosen.iter().map(|(_, part)| part.size).sum();
    check_size(input, size)?;
    let checksum = checksum_of(request, &upload, &chosen)?;
    let mut version = version(ctx, &bucket.account, upload, &chosen, checksum);
    // Parts that are not listed go away with the upload.
    for (_, part) in parts {
        remove_later(ctx, txn, bucket.id, &part.body)?;
    }
    at.place(ctx, txn, current.as_ref(), &mut version)?;
    txn.delete(&keys::upload(bucket.id, key, id))?;
    for part in txn.snapshot_scan_keys(&keys::parts(bucket.id, id), Direction::Forward, MOST_PARTS)? {
        txn.delete(&part)?;
    }
    completed::note(ctx, txn, bucket.id, id, (key, version.summary.version))?;
    let subject = Subject { bucket_name: name, bucket: &bucket, key, version: &version };
    events::raise(ctx, txn, Event::CreatedByMultipartUpload, &subject)?;
    Ok(output(ctx, input, &bucket, &version))
}

/// What the object is that an upload became.
fn output(
    ctx: &Ctx,
    input: &api::CompleteMultipartUploadInput,
    bucket: &Bucket,
    version: &Version,
) -> api::CompleteMultipartUploadOutput {
    let (name, key) = (input.bucket(), input.key());
    let version_id = bucket.shown(version.summary.version).filter(|id| id != "null");
    let output = api::CompleteMultipartUploadOutput::new()
        .with_location(format!("{}/{name}/{}", ctx.endpoint(), utf8_percent_encode(key, LOCATION)))
        .with_bucket(name)
        .with_key(key)
        .with_e_tag(etag::quoted(version.summary.etag))
        .with_version_id(version_id);
    let mut output = output.into_record();
    if let Some(encryption) = &version.content.encryption {
        encryption.show(&mut output);
    }
    show_checksum(&mut output, version.content.checksum.as_ref());
    api::CompleteMultipartUploadOutput::from_record(output)
}

/// The parts of an upload, by number.
fn uploaded(txn: &Write, bucket: u64, id: OpaqueId) -> Result<BTreeMap<u16, Part>, Error> {
    let rows = txn.scan(&keys::parts(bucket, id), Direction::Forward, MOST_PARTS)?;
    let part = |(key, part): (virga_store::Key<Part>, Part)| {
        let (_, _, _, number): (u64, u64, u64, u16) = key.parts()?;
        Ok((number, part))
    };
    rows.into_iter().map(part).collect()
}

/// The checksum type that the request names must be that of the upload.
fn check_type(input: &api::CompleteMultipartUploadInput, upload: &Upload) -> Result<(), Error> {
    let Some(asked) = input.checksum_type() else { return Ok(()) };
    let kind = upload.checksum.map(|(_, kind)| kind.as_str());
    if kind == Some(asked) {
        return Ok(());
    }
    Err(Error::request(format!(
        "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
        kind.unwrap_or("null")
    )))
}

/// Takes the parts that the request lists.
fn chosen(
    input: &api::CompleteMultipartUploadInput,
    upload: &Upload,
    parts: &mut BTreeMap<u16, Part>,
) -> Result<Vec<(u16, Part)>, Error> {
    let upload_id = || input.upload_id().to_owned();
    let listed = input.multipart_upload().ok_or(Error::MalformedXml)?;
    let listed = listed.parts().map(|parts| parts.iter().collect::<Vec<_>>()).unwrap_or_default();
    if listed.is_empty() {
        return Err(Error::request("You must specify at least one part"));
    }
    let number = |part: &api::CompletedPart| {
        part.part_number().and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
    };
    if listed.windows(2).any(|pair| number(pair[0]) >= number(pair[1])) {
        return Err(Error::InvalidPartOrder { upload_id: upload_id() });
    }
    // In directory buckets they follow each other without a gap.
    let is_express = upload.class == StorageClass::ExpressOnezone;
    let is_in_place = |(index, part): (usize, &&api::CompletedPart)| usize::from(number(part)) == index + 1;
    if is_express && let Some(part) = listed.iter().enumerate().find(|found| !is_in_place(*found)) {
        return Err(Error::InvalidPart {
            upload_id: upload_id(),
            part: number(part.1).to_string(),
            etag: etag::unquoted(part.1.e_tag().unwrap_or_default()).to_owned(),
        });
    }
    let mut chosen: Vec<(u16, Part)> = Vec::with_capacity(listed.len());
    for (index, asked) in listed.iter().enumerate() {
        let number = number(asked);
        let tag = asked.e_tag().unwrap_or_default();
        let part = parts.remove(&number).filter(|part| etag::matches(tag, part.etag));
        let missing = || Error::InvalidPart {
            upload_id: upload_id(),
            part: number.to_string(),
            etag: etag::unquoted(tag).to_owned(),
        };
        let part = part.ok_or_else(missing)?;
        check_part(asked.as_record(), upload, number, &part, missing)?;
        if index + 1 < listed.len() && part.size < LEAST_PART {
            return Err(Error::PartTooSmall {
                part: number.to_string(),
                etag: etag::plain(part.etag),
                proposed: part.size.to_string(),
                least: LEAST_PART.to_string(),
            });
        }
        chosen.push((number, part));
    }
    Ok(chosen)
}

/// Checks the checksum that the request gives for a part.
fn check_part(
    asked: &Record,
    upload: &Upload,
    number: u16,
    part: &Part,
    missing: impl Fn() -> Error,
) -> Result<(), Error> {
    let given = checksum::given(asked)?;
    let Some((algorithm, kind)) = upload.checksum else {
        // The parts have none that the caller asked for.
        let own = part.checksum.as_ref().map(|(algorithm, value)| (*algorithm, value.as_str()));
        return if given.is_none() || given == own { Ok(()) } else { Err(missing()) };
    };
    let name = algorithm.as_str().to_ascii_lowercase();
    let own = part.checksum.as_ref().map(|(_, value)| value.as_str());
    match given.map(|(_, value)| value) {
        None if kind == ChecksumType::Composite => Err(Error::request(format!(
            "The upload was created using a {name} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
        ))),
        Some(value) if own != Some(value) => {
            Err(Error::BadPartChecksum { algorithm: name, part: number.to_string() })
        }
        _ => Ok(()),
    }
}

fn check_size(input: &api::CompleteMultipartUploadInput, size: u64) -> Result<(), Error> {
    match input.mpu_object_size() {
        Some(asked) if u64::try_from(asked) != Ok(size) => Err(Error::request(format!(
            "The provided 'x-amz-mp-object-size' header value {asked} does not match what was computed: {size}"
        ))),
        _ => Ok(()),
    }
}

/// The checksum of the object, which must be the one that the request gives.
fn checksum_of(
    request: &Record,
    upload: &Upload,
    parts: &[(u16, Part)],
) -> Result<Option<StoredChecksum>, Error> {
    let (algorithm, kind) = upload.checksum.unwrap_or((checksum::DEFAULT, ChecksumType::FullObject));
    let sums: Option<Vec<(Vec<u8>, u64)>> = parts
        .iter()
        .map(|(_, part)| {
            let (_, value) = part.checksum.as_ref()?;
            Some((STANDARD.decode(value).ok()?, part.size))
        })
        .collect();
    let Some(sums) = sums else { return Ok(None) };
    let value = match kind {
        ChecksumType::Composite => Some(checksum::composite(algorithm, &sums)),
        ChecksumType::FullObject => checksum::combined(algorithm, &sums).map(|sum| STANDARD.encode(sum)),
    };
    let Some(value) = value else { return Ok(None) };
    if let Some((given, promised)) = checksum::given(request)? {
        check_whole(given, promised, algorithm, &value)?;
    }
    Ok(Some(StoredChecksum { algorithm, kind, value }))
}

fn check_whole(
    given: ChecksumAlgorithm,
    promised: &str,
    algorithm: ChecksumAlgorithm,
    value: &str,
) -> Result<(), Error> {
    // A composite one may be given without the number of parts.
    let bare = value.split_once('-').map_or(value, |(bare, _)| bare);
    if given == algorithm && (promised == value || promised == bare) {
        return Ok(());
    }
    Err(Error::BadChecksum { algorithm: algorithm.as_str().to_ascii_lowercase() })
}

/// The version that an upload becomes.
fn version(
    ctx: &Ctx,
    bucket_owner: &str,
    upload: Upload,
    parts: &[(u16, Part)],
    checksum: Option<StoredChecksum>,
) -> Version {
    let etag = match upload.class {
        StorageClass::ExpressOnezone => etag::random([ctx.random(), ctx.random()]),
        _ => etag::of_parts(parts.iter().map(|(_, part)| part.etag.digest)),
    };
    let segments = parts.iter().flat_map(|(_, part)| part.body.segments().iter().cloned());
    let size = |(number, part): &(u16, Part)| PartSize {
        number: *number,
        size: part.size,
        checksum: part
            .checksum
            .as_ref()
            .filter(|_| upload.checksum.is_some())
            .map(|(_, value)| value.clone()),
    };
    let sizes = parts.iter().map(size).collect();
    Version {
        summary: Summary {
            version: VersionId { id: OpaqueId { sequence: 0, salt: 0 }, is_null: true },
            is_delete_marker: false,
            modified: ctx.now().micros(),
            size: parts.iter().map(|(_, part)| part.size).sum(),
            etag,
            class: upload.class,
            checksum: checksum.as_ref().map(|checksum| (checksum.algorithm, checksum.kind)),
            owner: Some(upload.owner).filter(|owner| owner != bucket_owner),
            restore: None,
        },
        content: Content {
            headers: upload.headers,
            metadata: upload.metadata,
            checksum,
            tags: upload.tags,
            encryption: Some(upload.encryption),
            acl: upload.acl,
            lock: upload.lock,
            replication: None,
            body: Body::of_segments(segments.collect()),
            parts: sizes,
            tiering: None,
        },
    }
}
