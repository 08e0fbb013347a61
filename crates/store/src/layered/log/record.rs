//! The form of a log record: a header and the entries of one commit.
//!
//! Header: `u32` payload length with the kind in the top bit, `u32` CRC-32 of everything else, `u64` position
//! of the record in the log, `u64` position up to which the log was known to be synced. All little-endian.

use crate::Fault;
use crate::entry::Entry;

pub(super) const HEADER: usize = 24;
const CLEAR: u32 = 1 << 31;
/// A commit larger than this is refused.
const MOST_PAYLOAD: usize = 1 << 30;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::layered) enum Kind {
    /// Its entries were set or deleted.
    Commit,
    /// Everything was deleted.
    Clear,
}

/// A record as found in a segment.
pub(super) struct Record<'a> {
    pub(super) kind: Kind,
    pub(super) payload: &'a [u8],
    pub(super) synced: u64,
}

impl<'a> Record<'a> {
    /// The record at the front of `bytes`, if a sound one lies there that belongs at `position`.
    pub(super) fn parse(bytes: &'a [u8], position: u64) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let word = read_u32(header, 0);
        let payload = rest.get(..(word & !CLEAR) as usize)?;
        if read_u64(header, 8) != position || read_u32(header, 4) != checksum(header, payload) {
            return None;
        }
        let kind = if word & CLEAR == 0 { Kind::Commit } else { Kind::Clear };
        Some(Self { kind, payload, synced: read_u64(header, 16) })
    }

    pub(super) fn size(&self) -> usize {
        HEADER + self.payload.len()
    }
}

/// Appends a record that still lacks its checksum and sync position.
pub(super) fn append(
    buffer: &mut Vec<u8>,
    position: u64,
    kind: Kind,
    entries: &[Entry],
) -> Result<(), Fault> {
    let size: usize = entries.iter().map(|entry| entry.as_bytes().len()).sum();
    let word = u32::try_from(size)
        .ok()
        .filter(|_| size <= MOST_PAYLOAD)
        .ok_or_else(|| Fault::new(format!("a transaction of {size} bytes is too large")))?;
    let flag = if kind == Kind::Clear { CLEAR } else { 0 };
    buffer.reserve(HEADER + size);
    buffer.extend_from_slice(&(word | flag).to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&position.to_le_bytes());
    buffer.extend_from_slice(&[0; 8]);
    for entry in entries {
        buffer.extend_from_slice(entry.as_bytes());
    }
    Ok(())
}

/// Completes the records of `buffer`.
pub(super) fn seal(mut buffer: &mut [u8], synced: u64) {
    while let Some(size) = size_of_first(buffer) {
        let (record, rest) = buffer.split_at_mut(size);
        buffer = rest;
        if let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() {
            header[16..].copy_from_slice(&synced.to_le_bytes());
            let checksum = checksum(header, payload);
            header[4..8].copy_from_slice(&checksum.to_le_bytes());
        }
    }
}

/// Size of the first record of a buffer of whole records; nothing when it is empty.
pub(super) fn size_of_first(buffer: &[u8]) -> Option<usize> {
    let header = buffer.first_chunk::<HEADER>()?;
    Some(HEADER + (read_u32(header, 0) & !CLEAR) as usize)
}

fn checksum(header: &[u8; HEADER], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header[..4]);
    hasher.update(&header[8..]);
    hasher.update(payload);
    hasher.finalize()
}

fn read_u32(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

fn read_u64(header: &[u8; HEADER], at: usize) -> u64 {
    u64::from(read_u32(header, at)) | u64::from(read_u32(header, at + 4)) << 32
}
