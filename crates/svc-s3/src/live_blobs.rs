//! The files that records of S3 name: after a start, all others are left over from uploads that were never finished.

use std::ops::ControlFlow;

use virga_store::{BlobId, Direction, Fault, Key, Range, Read, Reader, Stored};

use crate::keys;
use crate::records::{Body, Part, Version};

/// Records that are read at once.
const AT_ONCE: usize = 1000;

/// Tells `visit` of the files of all objects, their older versions, and the parts of uploads, a batch of records at a
/// time, until it breaks off.
///
/// # Errors
/// When the store fails or a record is damaged.
pub fn live_blobs(
    read: &Read,
    visit: &mut dyn FnMut(&[BlobId]) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Fault> {
    let of_version = |version: &Version, live: &mut Vec<BlobId>| note(&version.content.body, live);
    if each(read, keys::every_current(), of_version, visit)?.is_break()
        || each(read, keys::every_noncurrent(), of_version, visit)?.is_break()
    {
        return Ok(ControlFlow::Break(()));
    }
    each(read, keys::every_part(), |part: &Part, live| note(&part.body, live), visit)
}

fn note(body: &Body, live: &mut Vec<BlobId>) {
    live.extend(body.segments().iter().map(|segment| segment.blob));
}

fn each<V: Stored>(
    read: &Read,
    mut range: Range<V>,
    note: impl Fn(&V, &mut Vec<BlobId>),
    visit: &mut dyn FnMut(&[BlobId]) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Fault> {
    loop {
        let rows: Vec<(Key<V>, V)> = read.scan(&range, Direction::Forward, AT_ONCE)?;
        let mut live = Vec::new();
        rows.iter().for_each(|(_, record)| note(record, &mut live));
        if visit(&live).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        match rows.last() {
            Some((last, _)) if rows.len() == AT_ONCE => range = range.after_key(last),
            _ => return Ok(ControlFlow::Continue(())),
        }
    }
}
