//! The names of key spaces, as they begin the keys.

use std::cmp::Ordering;
use std::ops::Range;

use crate::engine::Span;

/// Names in order, with the first bytes of each in a row: a name is found among those without looking at the others.
#[derive(Clone, Default)]
pub(super) struct Names {
    heads: Vec<u64>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    /// The place of a name, or where it would have to be.
    pub(super) fn place(&self, name: &[u8]) -> Result<usize, usize> {
        let head = name_head(name);
        let first = self.heads.partition_point(|known| *known < head);
        for (place, known) in self.names.iter().enumerate().skip(first) {
            match (**known).cmp(name) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(place),
                Ordering::Greater => return Err(place),
            }
        }
        Err(self.names.len())
    }

    /// The places of the spaces that a range may reach into.
    pub(super) fn within(&self, span: Span<'_>) -> Range<usize> {
        let start = self.names.partition_point(|name| **name < *space(span.start));
        start..self.names.partition_point(|name| **name < *span.end).max(start)
    }

    /// The name at a place.
    pub(super) fn name(&self, place: usize) -> &[u8] {
        &self.names[place]
    }

    /// Adds a name at its place.
    pub(super) fn insert(&mut self, place: usize, name: &[u8]) {
        self.heads.insert(place, name_head(name));
        self.names.insert(place, name.into());
    }
}

/// The first bytes of a name, as a number that is ordered as they are. No name holds a zero.
fn name_head(name: &[u8]) -> u64 {
    let mut head = [0; size_of::<u64>()];
    let length = name.len().min(head.len());
    head[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(head)
}

/// The name of the space of a key, or of a bound of a range.
pub(super) fn space(key: &[u8]) -> &[u8] {
    let end = key.iter().position(|byte| *byte == 0);
    &key[..end.unwrap_or(key.len())]
}
