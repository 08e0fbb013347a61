//! One key with its value, in a single shared allocation. The same bytes are what the log holds.

use std::borrow::Borrow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::{Fault, KeyBytes, Stored};

/// Key length with flags, then value length.
const HEADER: usize = 8;
const TOMBSTONE: u32 = 1 << 31;
const FRESH: u32 = 1 << 30;
const ADD: u32 = 1 << 29;
const LENGTH: u32 = ADD - 1;

/// Room for an entry that is being built, which a thread keeps: nearly all records fit.
const MOST_SCRATCH: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A key and its value, or the mark that the key is deleted. Cloning shares the bytes.
///
/// Entries compare by key alone, so that an ordered set of entries is a map.
/// Layout: `u32` key length and flags, `u32` value length (little-endian), key, value.
#[derive(Clone)]
pub struct Entry(Arc<[u8]>);

impl Entry {
    /// An entry that sets `key` to `value`.
    pub fn set(key: &[u8], value: &[u8]) -> Self {
        Self::build(key, value, 0)
    }

    /// An entry that deletes `key`.
    pub fn tombstone(key: &[u8]) -> Self {
        Self::build(key, &[], TOMBSTONE)
    }

    /// An entry that adds `delta` to the counter under `key`. It lives in write sets only: a commit
    /// turns it into the sum.
    pub(crate) fn add(key: &[u8], delta: i64) -> Self {
        Self::build(key, &delta.to_le_bytes(), ADD)
    }

    fn build(key: &[u8], value: &[u8], flags: u32) -> Self {
        let mut bytes = KeyBytes::new();
        bytes.extend_from_slice(&(length(key) | flags).to_le_bytes());
        bytes.extend_from_slice(&length(value).to_le_bytes());
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
        Self(Arc::from(&bytes[..]))
    }

    /// Builds a set entry.
    pub(crate) fn encode<V: Stored>(key: &[u8], record: &V, fresh: bool) -> Result<Self, Fault> {
        let mut scratch = SCRATCH.take();
        let entry = Self::encode_in(&mut scratch, key, record, fresh);
        if scratch.capacity() <= MOST_SCRATCH {
            SCRATCH.set(scratch);
        }
        entry
    }

    /// Builds a set entry in `scratch`, so that its value needs no buffer of its own.
    fn encode_in<V: Stored>(
        scratch: &mut Vec<u8>,
        key: &[u8],
        record: &V,
        fresh: bool,
    ) -> Result<Self, Fault> {
        scratch.clear();
        scratch.extend_from_slice(&(length(key) | if fresh { FRESH } else { 0 }).to_le_bytes());
        scratch.extend_from_slice(&[0; 4]);
        scratch.extend_from_slice(key);
        scratch.push(V::VERSION);
        record.encode(scratch)?;
        // Everything after the key is the value.
        let value = length(&scratch[HEADER + key.len()..]);
        scratch[4..HEADER].copy_from_slice(&value.to_le_bytes());
        Ok(Self(Arc::from(&scratch[..])))
    }

    /// Reads one entry from the front of `bytes` and advances them.
    pub(crate) fn take(bytes: &mut &[u8]) -> Result<Self, Fault> {
        let truncated = || Fault::new("an entry ends before its stated length");
        let header = bytes.get(..HEADER).ok_or_else(truncated)?;
        let key = (read_u32(header) & LENGTH) as usize;
        let value = read_u32(&header[4..]) as usize;
        let (entry, rest) = bytes.split_at_checked(HEADER + key + value).ok_or_else(truncated)?;
        *bytes = rest;
        Ok(Self(entry.into()))
    }

    /// The entry as it is laid out in the log and in archives.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[inline]
    fn head(&self) -> u32 {
        read_u32(&self.0)
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        &self.0[HEADER..HEADER + (self.head() & LENGTH) as usize]
    }

    /// The value; empty for a tombstone.
    #[inline]
    pub fn value(&self) -> &[u8] {
        &self.0[HEADER + (self.head() & LENGTH) as usize..]
    }

    /// Whether this entry deletes its key.
    pub fn is_tombstone(&self) -> bool {
        self.head() & TOMBSTONE != 0
    }

    /// Whether no layer below holds the key, so that a delete needs no tombstone.
    pub(crate) fn is_fresh(&self) -> bool {
        self.head() & FRESH != 0
    }

    pub(crate) fn is_add(&self) -> bool {
        self.head() & ADD != 0
    }

    /// Notes whether a layer below may hold the key.
    pub(crate) fn set_fresh(&mut self, fresh: bool) {
        if self.is_fresh() != fresh {
            let head = self.head() ^ FRESH;
            Arc::make_mut(&mut self.0)[..4].copy_from_slice(&head.to_le_bytes());
        }
    }

    /// Bytes that this entry takes in memory, about.
    pub(crate) fn footprint(&self) -> usize {
        // The reference counts, the allocator's rounding and the slot in the tree.
        self.0.len() + 64
    }
}

/// Keys and values are far below 512 MiB: large bodies are blobs.
fn length(part: &[u8]) -> u32 {
    u32::try_from(part.len())
        .ok()
        .filter(|length| *length <= LENGTH)
        .expect("keys and values stay below 512 MiB")
}

#[inline]
fn read_u32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

impl Borrow<[u8]> for Entry {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self.key()
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_tombstone() { "delete" } else { "set" };
        write!(f, "{kind} {} ({} B)", self.key().escape_ascii(), self.value().len())
    }
}
