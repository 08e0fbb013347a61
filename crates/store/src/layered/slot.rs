//! An entry's place in a tree: the first bytes of its key lie beside the pointer to it.
//!
//! A search compares some twenty keys. Each of them lies in memory of its own, which is often in the cache of the processor
//! that wrote it: what is in the node itself decides nearly all comparisons without going there.

use std::cmp::Ordering;

use equivalent::{Comparable, Equivalent};

use crate::entry::Entry;

/// Bytes of a key, after the name of its space, that lie in place. Enough for an id and a time, or for an id and a hash.
const HEAD_WORDS: usize = 3;

/// The first bytes of a key after the name of its space, as numbers in the order of the bytes; zero where it ends.
type Head = [u64; HEAD_WORDS];

/// An entry in a tree of entries of one space.
#[derive(Clone)]
pub(super) struct Slot {
    head: Head,
    pub(super) entry: Entry,
}

/// A key to look for in the tree of its space.
pub(super) struct Probe<'a> {
    head: Head,
    key: &'a [u8],
}

/// The head of a key whose space's name takes `name` bytes.
fn head(key: &[u8], name: usize) -> Head {
    let rest = key.get(name + 1..).unwrap_or_default();
    let mut head = Head::default();
    for (word, bytes) in head.iter_mut().zip(rest.chunks(size_of::<u64>())) {
        let mut filled = [0; size_of::<u64>()];
        filled[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_be_bytes(filled);
    }
    head
}

impl Slot {
    /// The place of an entry whose space's name takes `name` bytes.
    pub(super) fn new(entry: Entry, name: usize) -> Self {
        Self { head: head(entry.key(), name), entry }
    }
}

impl<'a> Probe<'a> {
    /// Looks for a key whose space's name takes `name` bytes.
    pub(super) fn new(key: &'a [u8], name: usize) -> Self {
        Self { head: head(key, name), key }
    }
}

impl Equivalent<Slot> for Probe<'_> {
    fn equivalent(&self, slot: &Slot) -> bool {
        self.head == slot.head && self.key == slot.entry.key()
    }
}

impl Comparable<Slot> for Probe<'_> {
    #[inline]
    fn compare(&self, slot: &Slot) -> Ordering {
        self.head.cmp(&slot.head).then_with(|| self.key.cmp(slot.entry.key()))
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Slot {}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.head.cmp(&other.head).then_with(|| self.entry.cmp(&other.entry))
    }
}
