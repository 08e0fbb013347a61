//! The layers of one state: what each holds, which of them answers, and how a scan merges them.

use imbl::OrdSet;

use crate::Fault;
use crate::engine::{Direction, Entries, Span};
use crate::entry::Entry;

/// Entries ordered by key. Cloning is O(1): clones share nodes until one of them changes.
pub(super) type Map = OrdSet<Entry>;

/// One state of the key space. An upper layer hides the ones below it.
#[derive(Clone, Default)]
pub(super) struct Layers {
    /// Takes the commits. Holds tombstones only where a lower layer may hold the key.
    pub(super) active: Map,
}

impl Layers {
    /// The entry under `key`, if it is set.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        Ok(self.active.get(key).cloned())
    }

    /// Applies one entry of a commit.
    pub(super) fn apply(&mut self, entry: Entry) {
        if entry.is_tombstone() {
            self.active.remove(entry.key());
        } else {
            self.active.insert(entry);
        }
    }

    /// Walks the set entries of a range.
    pub(super) fn scan<'a>(&'a self, span: Span<'a>, direction: Direction) -> Entries<'a> {
        if span.is_empty() {
            return Box::new(std::iter::empty());
        }
        walk(&self.active, span, direction)
    }
}

/// Walks one map.
fn walk<'a>(map: &'a Map, span: Span<'a>, direction: Direction) -> Entries<'a> {
    use std::ops::Bound::{Excluded, Included};
    let range = map.range::<_, [u8]>((Included(span.start), Excluded(span.end)));
    match direction {
        Direction::Forward => Box::new(range.map(|entry| Ok(entry.clone()))),
        Direction::Backward => Box::new(range.rev().map(|entry| Ok(entry.clone()))),
    }
}
