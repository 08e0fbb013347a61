//! Segment files: their names, creation and listing.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Space set aside for a segment, so that a sync of its content need not change the file's size.
pub(super) const SEGMENT_BYTES: u64 = 8 << 20;

/// A segment that is being written.
pub(super) struct Segment {
    pub(super) file: Arc<File>,
    pub(super) start: u64,
    pub(super) capacity: u64,
}

impl Segment {
    /// Creates the segment that begins at `start`, with room for one record of `least` bytes at least.
    pub(super) fn create(dir: &Path, start: u64, least: u64) -> io::Result<Self> {
        let path = path(dir, start);
        let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&path)?;
        let capacity = SEGMENT_BYTES.max(least);
        if let Err(e) = allocate(&file, capacity) {
            drop(std::fs::remove_file(&path));
            return Err(e);
        }
        Ok(Self { file: Arc::new(file), start, capacity })
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => file.set_len(bytes),
        other => other.map_err(Into::into),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    file.set_len(bytes)
}

pub(super) fn path(dir: &Path, start: u64) -> PathBuf {
    dir.join(format!("{start:020}.log"))
}

/// The start positions of all segments, in order.
pub(super) fn list(dir: &Path) -> io::Result<Vec<u64>> {
    let mut starts = Vec::new();
    for item in dir.read_dir()? {
        let name = item?.file_name();
        let start: Option<u64> = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok());
        starts.extend(start);
    }
    starts.sort_unstable();
    Ok(starts)
}
