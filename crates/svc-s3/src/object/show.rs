//! What answers say of a version.

use virga_model::{Map, Record, Text, Timestamp, Value};

use crate::records::{
    ArchiveTier, Bucket, ContentHeaders, Lock, ReplicationStatus, StorageClass, StoredChecksum, Version,
};
use virga_object::encoded_word;
use virga_object::etag;
use virga_object::members;

/// Shows a version in the output of a read of an object.
pub(crate) fn show_version(output: &mut Record, bucket: &Bucket, version: &Version) {
    let Version { summary, content } = version;
    members::set(output, "AcceptRanges", Value::String(Text::from_static("bytes")));
    // HTTP has no fractions of seconds.
    let modified = Timestamp::from_secs(Timestamp::from_micros(summary.modified).secs());
    members::set(output, "LastModified", Value::Timestamp(modified));
    members::set_text(output, "ETag", Some(&etag::quoted(summary.etag)));
    members::set_text(output, "VersionId", bucket.shown(summary.version).as_deref());
    show_headers(output, &content.headers);
    show_metadata(output, &content.metadata);
    if let Some(encryption) = &content.encryption {
        encryption.show(output);
    }
    let class = Some(summary.class).filter(|class| *class != StorageClass::Standard);
    members::set_text(output, "StorageClass", class.map(StorageClass::as_str));
    members::set_text(output, "ReplicationStatus", content.replication.map(ReplicationStatus::as_str));
    if !content.tags.is_empty() {
        members::set(output, "TagCount", Value::Integer(content.tags.len() as i64));
    }
    show_lock(output, content.lock);
    members::set_text(output, "ArchiveStatus", version.archive_tier().map(ArchiveTier::as_str));
    if let Some(restore) = summary.restore {
        let text = match restore.until {
            None => "ongoing-request=\"true\"".to_owned(),
            Some(until) => {
                let until = virga_wire::timestamp::rfc822(Timestamp::from_micros(until));
                format!("ongoing-request=\"false\", expiry-date=\"{until}\"")
            }
        };
        members::set_text(output, "Restore", Some(&text));
    }
}

fn show_headers(output: &mut Record, headers: &ContentHeaders) {
    let shown = [
        ("CacheControl", &headers.cache_control),
        ("ContentDisposition", &headers.content_disposition),
        ("ContentEncoding", &headers.content_encoding),
        ("ContentLanguage", &headers.content_language),
        ("ContentType", &headers.content_type),
        ("Expires", &headers.expires),
        ("WebsiteRedirectLocation", &headers.website_redirect_location),
    ];
    for (member, header) in shown {
        members::set_text(output, member, header.as_deref());
    }
}

/// Shows user metadata, and counts what no header can carry.
fn show_metadata(output: &mut Record, metadata: &[(String, String)]) {
    let (mut shown, mut missing) = (Map::new(), 0);
    for (name, value) in metadata {
        match is_header(name, value) {
            true => shown
                .insert(Text::from(name.as_str()), Value::String(Text::from(&*encoded_word::encode(value)))),
            false => missing += 1,
        }
    }
    if !metadata.is_empty() {
        members::set(output, "Metadata", Value::Map(shown));
    }
    if missing > 0 {
        members::set(output, "MissingMeta", Value::Integer(missing));
    }
}

/// Whether metadata can be a header: forms may give other names, and values with line breaks.
fn is_header(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    name.bytes().all(is_token) && !value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

fn show_lock(output: &mut Record, lock: Lock) {
    if let Some(retention) = lock.retention {
        members::set_text(output, "ObjectLockMode", Some(retention.mode.as_str()));
        let until = Timestamp::from_micros(retention.until);
        members::set(output, "ObjectLockRetainUntilDate", Value::Timestamp(until));
    }
    let hold = lock.legal_hold.map(|on| if on { "ON" } else { "OFF" });
    members::set_text(output, "ObjectLockLegalHoldStatus", hold);
}

/// Shows a checksum.
pub(crate) fn show_checksum(output: &mut Record, checksum: Option<&StoredChecksum>) {
    if let Some(checksum) = checksum {
        members::set_text(output, checksum.algorithm.member(), Some(&checksum.value));
        members::set_text(output, "ChecksumType", Some(checksum.kind.as_str()));
    }
}
