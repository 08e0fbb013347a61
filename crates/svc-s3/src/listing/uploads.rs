//! ListMultipartUploads: by key, oldest first under every key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_listing::{Last, Page, Scan, Start, walk};
use virga_store::{Fault, Key, Read};

use super::objects::{common_prefixes, modified};
use crate::multipart::initiator;
use crate::records::{OpaqueId, Upload};
use crate::{bucket, keys};
use virga_object::listing_encoding::{self as encoding, Encoding};
use virga_object::{Error, directory_bucket, opaque_id};

fn parts(key: &Key<Upload>) -> Result<(String, OpaqueId), Fault> {
    let (_, name, sequence, salt): (u64, String, u64, u64) = key.parts()?;
    Ok((name, OpaqueId { sequence, salt }))
}

fn key_of(key: &Key<Upload>) -> Result<String, Fault> {
    Ok(parts(key)?.0)
}

/// The uploads under way.
pub(crate) fn list_multipart_uploads(
    _: &Ctx,
    txn: &Read,
    input: &api::ListMultipartUploadsInput,
) -> Result<api::ListMultipartUploadsOutput, Error> {
    let encoding = Encoding::of(input.encoding_type())?;
    let limit = encoding::limit(input.max_uploads(), "max-uploads")?;
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let page = Page::new(input.prefix(), input.delimiter(), limit);
    let is_directory = directory_bucket::is_name(input.bucket());
    let both = input.key_marker().filter(|_| is_directory).and_then(read_marker);
    let key_marker = input.key_marker().filter(|marker| !marker.is_empty());
    let id_marker = input.upload_id_marker().filter(|marker| !marker.is_empty());
    let (key_marker, id_marker) = match &both {
        Some((key, id)) => (Some(&**key), Some(&**id)),
        None => (key_marker, id_marker),
    };
    let scan = |start: &Start<'_>| Scan::new(txn, bucket.id, keys::uploads, key_of, &page, start);
    let rows = match (key_marker, id_marker) {
        (Some(key), Some(marker)) => {
            let id = opaque_id::parse(marker)
                .ok_or_else(|| Error::argument("Invalid uploadId marker", "upload-id-marker", marker))?;
            let range = keys::uploads(bucket.id).after((key, id.sequence, id.salt));
            scan(&Start::After(key)).after(range)
        }
        // An id without a key is not looked at.
        (marker, _) => scan(&page.after_marker(marker)),
    };
    let found = walk(rows, &page, |_| true)?;
    let mut uploads = Vec::new();
    let mut last_id = None;
    for (name, (key, upload)) in &found.entries {
        let id = opaque_id::letters(parts(key)?.1);
        uploads.push(entry(name, &id, upload, encoding));
        last_id = Some(id);
    }
    // AWS's pages do not go on after a common prefix.
    let (next_key, next_id) = match &found.last {
        Some(Last::Key(key)) if is_directory => {
            (marker(key, &last_id.unwrap_or_default()).into(), String::new())
        }
        Some(Last::Key(key)) => (encoding.write(key), last_id.unwrap_or_default()),
        _ => (encoding.write(""), String::new()),
    };
    Ok(api::ListMultipartUploadsOutput::new()
        .with_bucket(input.bucket())
        .with_prefix(input.prefix().map(|prefix| encoding.write(prefix)))
        .with_delimiter(page.delimiter.map(|delimiter| encoding.write(delimiter)))
        .with_encoding_type(input.encoding_type())
        .with_key_marker(encoding.write(input.key_marker().unwrap_or_default()))
        .with_upload_id_marker(input.upload_id_marker().unwrap_or_default())
        .with_next_key_marker(next_key)
        .with_next_upload_id_marker(next_id)
        .with_max_uploads(encoding::shown(limit))
        .with_is_truncated(found.is_truncated)
        .with_uploads((!uploads.is_empty()).then_some(uploads))
        .with_common_prefixes(common_prefixes(&found.common_prefixes, encoding)))
}

/// The marker of a page of a directory bucket, which is no key: it has the id of the upload in it.
fn marker(key: &str, id: &str) -> String {
    STANDARD.encode(format!("{id}/{key}"))
}

fn read_marker(marker: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(marker).ok()?).ok()?;
    let (id, key) = text.split_once('/')?;
    Some((key.to_owned(), id.to_owned()))
}

fn entry(key: &str, id: &str, upload: &Upload, encoding: Encoding) -> api::MultipartUpload {
    api::MultipartUpload::new()
        .with_key(encoding.write(key))
        .with_upload_id(id)
        .with_initiated(modified(upload.initiated))
        .with_storage_class(upload.class.as_str())
        .with_owner(bucket::owner(&upload.owner))
        .with_initiator(initiator(upload))
        .with_checksum_algorithm(upload.checksum.map(|(algorithm, _)| algorithm.as_str()))
        .with_checksum_type(upload.checksum.map(|(_, kind)| kind.as_str()))
}
