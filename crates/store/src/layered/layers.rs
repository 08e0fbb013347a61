//! The layers of one state: what each holds, which of them answers, and how a scan merges them.

use std::iter::Peekable;
use std::sync::Arc;

use imbl::OrdSet;

use super::base::BaseView;
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
    /// What a checkpoint is writing to the base, tombstones included.
    pub(super) frozen: Option<Map>,
    /// The base on disk, without tombstones.
    pub(super) base: Option<Arc<BaseView>>,
}

impl Layers {
    /// The entry under `key`, if it is set.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        let in_memory = self.active.get(key).or_else(|| self.frozen.as_ref()?.get(key));
        match (in_memory, &self.base) {
            (Some(entry), _) if entry.is_tombstone() => Ok(None),
            (Some(entry), _) => Ok(Some(entry.clone())),
            (None, Some(base)) => base.get(key),
            (None, None) => Ok(None),
        }
    }

    /// Applies one entry of a commit and says by how much the footprint of the active layer changes.
    pub(super) fn apply(&mut self, entry: &mut Entry) -> isize {
        let bottom = self.frozen.is_none() && self.base.is_none();
        let (after, replaced) = if !entry.is_tombstone() {
            (entry.footprint(), self.set(entry, bottom))
        } else if bottom || self.active.get(entry.key()).is_some_and(Entry::is_fresh) {
            (0, self.active.remove(entry.key()))
        } else {
            (entry.footprint(), self.active.insert(entry.clone()))
        };
        after.cast_signed() - replaced.map_or(0, |old| old.footprint()).cast_signed()
    }

    fn set(&mut self, entry: &mut Entry, bottom: bool) -> Option<Entry> {
        let replaced = self.active.insert(entry.clone())?;
        // What lay here knows better than the new entry whether the layers below hold the key.
        if !bottom && replaced.is_fresh() != entry.is_fresh() {
            entry.set_fresh(replaced.is_fresh());
            self.active.insert(entry.clone());
        }
        Some(replaced)
    }

    /// Walks the set entries of a range.
    pub(super) fn scan<'a>(&'a self, span: Span<'a>, direction: Direction) -> Entries<'a> {
        if span.is_empty() {
            return Box::new(std::iter::empty());
        }
        if self.frozen.is_none() && self.base.is_none() {
            return walk(&self.active, span, direction);
        }
        let layers = [
            Some(walk(&self.active, span, direction)),
            self.frozen.as_ref().map(|frozen| walk(frozen, span, direction)),
            self.base.as_ref().map(|base| base.scan(span, direction)),
        ];
        let layers = layers.into_iter().flatten().map(Iterator::peekable).collect();
        Box::new(Merge { layers, direction })
    }
}

/// Walks one map, tombstones included.
fn walk<'a>(map: &'a Map, span: Span<'a>, direction: Direction) -> Entries<'a> {
    use std::ops::Bound::{Excluded, Included};
    let range = map.range::<_, [u8]>((Included(span.start), Excluded(span.end)));
    match direction {
        Direction::Forward => Box::new(range.map(|entry| Ok(entry.clone()))),
        Direction::Backward => Box::new(range.rev().map(|entry| Ok(entry.clone()))),
    }
}

/// Walks several layers as one, the upper ones first in the list.
struct Merge<'a> {
    layers: Vec<Peekable<Entries<'a>>>,
    direction: Direction,
}

impl Merge<'_> {
    /// The uppermost layer that has the next key. A layer that has failed goes first.
    fn next_layer(&mut self) -> Option<usize> {
        let mut next: Option<(usize, Entry)> = None;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let entry = match layer.peek() {
                None => continue,
                Some(Err(_)) => return Some(index),
                Some(Ok(entry)) => entry,
            };
            let sooner = next.as_ref().is_none_or(|(_, best)| match self.direction {
                Direction::Forward => entry < best,
                Direction::Backward => entry > best,
            });
            if sooner {
                next = Some((index, entry.clone()));
            }
        }
        next.map(|(index, _)| index)
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let upper = self.next_layer()?;
            let entry = match self.layers[upper].next()? {
                Ok(entry) => entry,
                Err(fault) => return Some(Err(fault)),
            };
            for lower in &mut self.layers[upper + 1..] {
                lower.next_if(|hidden| hidden.as_ref().is_ok_and(|hidden| *hidden == entry));
            }
            if !entry.is_tombstone() {
                return Some(Ok(entry));
            }
        }
    }
}
