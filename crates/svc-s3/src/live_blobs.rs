//! The files that records of S3 name: at start, all others are left over from uploads that were never finished.

use virga_store::{BlobId, Direction, Fault, Key, Range, Reader, Store, Stored};

use crate::keys;
use crate::records::{Body, Part, Version};

/// Records that are read at once.
const AT_ONCE: usize = 1000;

/// The files of all objects, their older versions, and the parts of uploads.
///
/// # Errors
/// When the store fails or a record is damaged.
pub fn live_blobs(store: &Store) -> Result<Vec<BlobId>, Fault> {
    let read = store.read()?;
    let mut live = Vec::new();
    let of_version = |version: &Version, live: &mut Vec<BlobId>| note(&version.content.body, live);
    each(&read, keys::every_current(), |version| of_version(version, &mut live))?;
    each(&read, keys::every_noncurrent(), |version| of_version(version, &mut live))?;
    each(&read, keys::every_part(), |part: &Part| note(&part.body, &mut live))?;
    Ok(live)
}

fn note(body: &Body, live: &mut Vec<BlobId>) {
    if let Body::Blobs(segments) = body {
        live.extend(segments.iter().map(|segment| segment.blob));
    }
}

fn each<V: Stored>(read: &impl Reader, mut range: Range<V>, mut note: impl FnMut(&V)) -> Result<(), Fault> {
    loop {
        let rows: Vec<(Key<V>, V)> = read.scan(&range, Direction::Forward, AT_ONCE)?;
        rows.iter().for_each(|(_, record)| note(record));
        match rows.last() {
            Some((last, _)) if rows.len() == AT_ONCE => range = range.after_key(last),
            _ => return Ok(()),
        }
    }
}
