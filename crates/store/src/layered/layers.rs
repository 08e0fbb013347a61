//! The layers of one state: what each holds, and which of them answers.

use std::sync::Arc;

use super::base::BaseView;
use super::hints::Guide;
use super::map::Map;
use super::merge::{Layer, Merge};

use crate::Fault;
use crate::engine::{Batch, Direction, Entries, Span};
use crate::entry::Entry;

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
        match (self.in_memory(key), &self.base) {
            (Some(entry), _) => Ok((!entry.is_tombstone()).then(|| entry.clone())),
            (None, Some(base)) => base.get(key),
            (None, None) => Ok(None),
        }
    }

    /// What the layers in memory say of a key: an entry or a tombstone, or nothing at all.
    pub(super) fn in_memory(&self, key: &[u8]) -> Option<&Entry> {
        self.active.get(key).or_else(|| self.frozen.as_ref()?.get(key))
    }

    /// Applies one entry of a commit. By how much the footprint of the active layer changes, and what was replaced there, to
    /// be dropped outside of the lock.
    pub(super) fn apply(&mut self, entry: Entry) -> (isize, Option<Entry>) {
        let bottom = !self.may_hold_tombstones();
        let footprint = entry.footprint();
        let (after, replaced) = if !entry.is_tombstone() {
            (footprint, self.set(entry, bottom))
        } else if bottom || self.active.get(entry.key()).is_some_and(Entry::is_fresh) {
            (0, self.active.remove(entry.key()))
        } else {
            (footprint, self.active.insert(entry))
        };
        let before = replaced.as_ref().map_or(0, Entry::footprint);
        (after.cast_signed() - before.cast_signed(), replaced)
    }

    fn set(&mut self, mut entry: Entry, bottom: bool) -> Option<Entry> {
        if bottom {
            return self.active.insert(entry);
        }
        let replaced = self.active.insert(entry.clone())?;
        // What lay here knows better than the new entry whether the layers below hold the key.
        if replaced.is_fresh() != entry.is_fresh() {
            entry.set_fresh(replaced.is_fresh());
            self.active.insert(entry);
        }
        Some(replaced)
    }

    /// Whether deleted keys may lie in the way of a scan.
    pub(super) fn may_hold_tombstones(&self) -> bool {
        self.frozen.is_some() || self.base.is_some()
    }

    /// Walks the set entries of a range.
    pub(super) fn scan<'a>(
        &'a self,
        span: Span<'a>,
        direction: Direction,
        guide: Option<Guide<'a>>,
    ) -> Entries<'a> {
        if span.is_empty() {
            return Box::new(std::iter::empty());
        }
        if !self.may_hold_tombstones() {
            return Box::new(self.active.range(span, direction).map(|entry| Ok(entry.clone())));
        }
        let known = guide.filter(|_| direction == Direction::Forward);
        let known = known.and_then(|guide| guide.around(span.start)).map(|(_, resume)| resume);
        let base = self.base.as_deref().map(Layer::Base);
        Box::new(Merge::new(self.above(base), span, known.as_deref(), (direction, guide)))
    }

    /// The first entries of a range, as far as they are found in memory and in what this thread has read ahead.
    pub(super) fn scan_at_hand(&self, span: Span<'_>, wanted: usize, guide: Guide<'_>) -> Option<Batch> {
        let known = guide.around(span.start).map(|(_, resume)| resume);
        let start = known.as_deref().unwrap_or(span.start);
        let window = match &self.base {
            Some(base) => Some(base.window(start)?),
            None => None,
        };
        let base = window.as_deref().map(Layer::Window);
        let how = (Direction::Forward, Some(guide));
        // The one error that there is, is that more would have to be read.
        Merge::new(self.above(base), span, known.as_deref(), how).take(wanted).collect::<Result<_, _>>().ok()
    }

    /// Reads ahead where a scan goes on that began at `start`, and has come to `last`.
    pub(super) fn read_ahead(&self, start: &[u8], last: &[u8], guide: Guide<'_>) -> Result<(), Fault> {
        let Some(base) = &self.base else { return Ok(()) };
        let known = guide.around(start).map(|(_, resume)| resume);
        base.note_scan(known.as_deref().unwrap_or(start), last)
    }

    /// The layers from above, with what the base is read through.
    fn above<'a>(&'a self, base: Option<Layer<'a>>) -> impl Iterator<Item = Layer<'a>> {
        let memory = [Some(&self.active), self.frozen.as_ref()].map(|map| map.map(Layer::Map));
        memory.into_iter().flatten().chain(base)
    }

    /// Shows the keys and values of a range in place, until `look` answers false.
    pub(super) fn visit(
        &self,
        span: Span<'_>,
        direction: Direction,
        guide: Option<Guide<'_>>,
        look: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Fault> {
        if span.is_empty() {
            return Ok(());
        }
        let mut show = |entry: &Entry| look(entry.key(), entry.value());
        if !self.may_hold_tombstones() {
            self.active.range(span, direction).all(show);
            return Ok(());
        }
        for entry in self.scan(span, direction, guide) {
            if !show(&entry?) {
                break;
            }
        }
        Ok(())
    }
}
