//! The changes of a transaction under way, by key.

use crate::engine::Span;
use crate::entry::Entry;

/// Entries in the order of their keys: sets, tombstones and additions to counters. A vector, because most transactions
/// change a handful of keys, and those that change many go through them in order.
#[derive(Default)]
pub(crate) struct WriteSet(Vec<Entry>);

impl WriteSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The change under this key.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Entry> {
        self.place(key).ok().map(|place| &self.0[place])
    }

    /// Puts a change in place of the one under its key.
    pub(crate) fn replace(&mut self, entry: Entry) {
        match self.place(entry.key()) {
            Ok(place) => self.0[place] = entry,
            Err(place) => self.0.insert(place, entry),
        }
    }

    /// The changes within a range.
    pub(crate) fn range(&self, span: Span<'_>) -> &[Entry] {
        let start = self.0.partition_point(|entry| entry.key() < span.start);
        let end = self.0.partition_point(|entry| entry.key() < span.end);
        self.0.get(start..end).unwrap_or_default()
    }

    /// All changes in order.
    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.0
    }

    fn place(&self, key: &[u8]) -> Result<usize, usize> {
        match self.0.last() {
            Some(last) if last.key() >= key => self.0.binary_search_by(|entry| entry.key().cmp(key)),
            _ => Err(self.0.len()),
        }
    }
}
