//! ListObjectVersions: the newest versions and the older ones merged, newest first under every key.

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_listing::{Last, Page, Rows, Scan, Start, walk};
use virga_store::{Fault, Key, Read};

use super::objects::{Style, asks_restore, common_prefixes, modified, owner_id, restore_status};
use crate::records::{Bucket, Summary};
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::listing_encoding::{self as encoding, Encoding};
use virga_object::{etag, opaque_id};

/// A version, and whether it is the newest of its key.
type Entry = (Summary, bool);

/// Both kinds of rows, each with the next one already read.
struct Merged<'t> {
    current: Scan<'t, Read, Summary>,
    older: Scan<'t, Read, Summary>,
    next_current: Option<(String, Summary)>,
    next_older: Option<(String, Summary)>,
}

impl<'t> Merged<'t> {
    fn new(current: Scan<'t, Read, Summary>, older: Scan<'t, Read, Summary>) -> Self {
        Merged { current, older, next_current: None, next_older: None }
    }
}

fn fill(rows: &mut Scan<'_, Read, Summary>, next: &mut Option<(String, Summary)>) -> Result<(), Fault> {
    if next.is_none() {
        *next = rows.next()?.map(|(key, (_, summary))| (key, summary));
    }
    Ok(())
}

impl Rows for Merged<'_> {
    type Entry = Entry;

    fn next(&mut self) -> Result<Option<(String, Entry)>, Fault> {
        fill(&mut self.current, &mut self.next_current)?;
        fill(&mut self.older, &mut self.next_older)?;
        let is_current = match (&self.next_current, &self.next_older) {
            (Some((current, _)), Some((older, _))) => current <= older,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let next = if is_current { self.next_current.take() } else { self.next_older.take() };
        Ok(next.map(|(key, summary)| (key, (summary, is_current))))
    }

    fn seek(&mut self, key: &[u8]) {
        for (rows, next) in
            [(&mut self.current, &mut self.next_current), (&mut self.older, &mut self.next_older)]
        {
            if next.as_ref().is_none_or(|(next, _)| next.as_bytes() < key) {
                *next = None;
                rows.seek(key);
            }
        }
    }
}

fn current_key(key: &Key<Summary>) -> Result<String, Fault> {
    Ok(key.parts::<(u64, String)>()?.1)
}

fn older_key(key: &Key<Summary>) -> Result<String, Fault> {
    Ok(key.parts::<(u64, String, u64)>()?.1)
}

/// Versions and delete markers by key, after a key or after a version of it.
pub(crate) fn list_object_versions(
    _: &Ctx,
    txn: &Read,
    input: &api::ListObjectVersionsInput,
) -> Result<api::ListObjectVersionsOutput, Error> {
    let encoding = Encoding::of(input.encoding_type())?;
    let limit = encoding::limit(input.max_keys(), "maxKeys")?;
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let page = Page::new(input.prefix(), input.delimiter(), limit);
    let rows = rows(txn, &bucket, input, &page)?;
    let found = walk(rows, &page, |_| true)?;
    let with_restore = asks_restore(input.optional_object_attributes().map(virga_model::view::List::iter));
    let style = Style { encoding, owner_id: owner_id(&bucket), with_restore };
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for (key, (summary, is_current)) in &found.entries {
        if summary.is_delete_marker {
            markers.push(style.delete_marker(key, summary, *is_current));
        } else {
            versions.push(style.version(key, summary, *is_current));
        }
    }
    let (next_key, next_version) = match found.last.as_ref().filter(|_| found.is_truncated) {
        Some(Last::Key(key)) => {
            let version = found.entries.last().map(|(_, (summary, _))| summary.version.text());
            (Some(encoding.write(key)), version)
        }
        Some(Last::CommonPrefix(prefix)) => (Some(encoding.write(prefix)), None),
        None => (None, None),
    };
    Ok(api::ListObjectVersionsOutput::new()
        .with_name(input.bucket())
        .with_prefix(encoding.write(page.prefix))
        .with_key_marker(encoding.write(input.key_marker().unwrap_or_default()))
        .with_version_id_marker(input.version_id_marker().unwrap_or_default())
        .with_next_key_marker(next_key)
        .with_next_version_id_marker(next_version)
        .with_delimiter(page.delimiter.map(|delimiter| encoding.write(delimiter)))
        .with_encoding_type(input.encoding_type())
        .with_max_keys(encoding::shown(limit))
        .with_is_truncated(found.is_truncated)
        .with_versions((!versions.is_empty()).then_some(versions))
        .with_delete_markers((!markers.is_empty()).then_some(markers))
        .with_common_prefixes(common_prefixes(&found.common_prefixes, encoding)))
}

/// The rows of the page.
fn rows<'t>(
    txn: &'t Read,
    bucket: &Bucket,
    input: &api::ListObjectVersionsInput,
    page: &Page<'_>,
) -> Result<Merged<'t>, Error> {
    let scans = |start: &Start<'_>| {
        let current = Scan::new(txn, bucket.id, keys::current_summaries, current_key, page, start);
        let older = Scan::new(txn, bucket.id, keys::noncurrent_summaries, older_key, page, start);
        (current, older)
    };
    let key_marker = input.key_marker().filter(|marker| !marker.is_empty());
    let version_marker = match input.version_id_marker() {
        Some("") if input.key_marker().is_some() => {
            let reason = "A version-id marker cannot be empty.";
            return Err(Error::argument(reason, "version-id-marker", ""));
        }
        other => other.filter(|marker| !marker.is_empty()),
    };
    let (key, version_id) = match (key_marker, version_marker) {
        (None, Some(version_id)) => {
            let reason = "A version-id marker cannot be specified without a key marker.";
            return Err(Error::argument(reason, "version-id-marker", version_id));
        }
        (Some(key), Some(version_id)) => (key, version_id),
        (marker, None) => {
            let (current, older) = scans(&page.after_marker(marker));
            return Ok(Merged::new(current, older));
        }
    };
    let sequence = sequence(txn, bucket, key, version_id)?;
    // Of the marker's key only older versions remain.
    let (current, older) = scans(&Start::After(key));
    Ok(Merged::new(current, older.after(keys::noncurrent_summaries(bucket.id).after((key, !sequence)))))
}

/// The place of a version among those of its key.
fn sequence(txn: &Read, bucket: &Bucket, key: &str, version_id: &str) -> Result<u64, Error> {
    if version_id == "null" {
        let at = crate::versions::ObjectAt::new("", bucket, key);
        let found = at.version(txn, version_id)?;
        return Ok(found.map_or(0, |found| found.version.summary.version.id.sequence));
    }
    let id = opaque_id::parse(version_id);
    let id =
        id.ok_or_else(|| Error::argument("Invalid version id specified", "version-id-marker", version_id))?;
    Ok(id.sequence)
}

impl Style {
    fn version(&self, key: &str, summary: &Summary, is_latest: bool) -> api::ObjectVersion {
        let algorithm = summary.checksum.map(|(algorithm, _)| vec![algorithm.as_str()]);
        api::ObjectVersion::new()
            .with_key(self.encoding.write(key))
            .with_version_id(summary.version.text())
            .with_is_latest(is_latest)
            .with_last_modified(modified(summary.modified))
            .with_e_tag(etag::quoted(summary.etag))
            .with_size(i64::try_from(summary.size).unwrap_or(i64::MAX))
            .with_storage_class(summary.class.as_str())
            .with_checksum_algorithm(algorithm)
            .with_checksum_type(summary.checksum.map(|(_, kind)| kind.as_str()))
            .with_owner(self.owner(summary))
            .with_restore_status(self.with_restore.then(|| restore_status(summary)).flatten())
    }

    fn delete_marker(&self, key: &str, summary: &Summary, is_latest: bool) -> api::DeleteMarkerEntry {
        api::DeleteMarkerEntry::new()
            .with_key(self.encoding.write(key))
            .with_version_id(summary.version.text())
            .with_is_latest(is_latest)
            .with_last_modified(modified(summary.modified))
            .with_owner(self.owner(summary))
    }
}
