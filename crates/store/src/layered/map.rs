//! The map in memory: entries ordered by key, in a persistent tree for each key space.
//!
//! Most spaces are small: a queue's record is found in a tree of queues, not among all messages. The trees lie in the
//! order of their spaces, so that the whole is ordered by key too.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use imbl::OrdSet;
use imbl::ordset::RangedIter;
use imbl::shared_ptr::DefaultSharedPtr;
use smallvec::SmallVec;

use super::names::{Name, Names, space};
use super::slot::{Probe, Slot};
use crate::KeyBytes;
use crate::engine::{Direction, Span};
use crate::entry::Entry;

type Tree = OrdSet<Slot>;

/// Entries ordered by key. Cloning is O(1): clones share nodes until one of them changes.
#[derive(Clone, Default)]
pub(super) struct Map {
    /// Names of the spaces, in order. Spaces never go away.
    names: Arc<Names>,
    trees: Arc<Vec<Tree>>,
}

impl Map {
    pub(super) fn is_empty(&self) -> bool {
        self.trees.iter().all(Tree::is_empty)
    }

    /// The entry with this key.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Entry> {
        let name = Name::of_key(key);
        let place = self.names.place(&name).ok()?;
        self.trees[place].get(&Probe::new(key, name.len())).map(|slot| &slot.entry)
    }

    /// Puts an entry in place of the one with its key, and returns that.
    pub(super) fn insert(&mut self, entry: Entry) -> Option<Entry> {
        let name = Name::of_key(entry.key());
        let place = match self.names.place(&name) {
            Ok(place) => place,
            Err(place) => {
                Arc::make_mut(&mut self.names).insert(place, &name);
                Arc::make_mut(&mut self.trees).insert(place, Tree::new());
                place
            }
        };
        let length = name.len();
        let slot = Slot::new(entry, length);
        Arc::make_mut(&mut self.trees)[place].insert(slot).map(|slot| slot.entry)
    }

    /// Takes out the entry with this key.
    pub(super) fn remove(&mut self, key: &[u8]) -> Option<Entry> {
        let name = Name::of_key(key);
        let place = self.names.place(&name).ok()?;
        let probe = Probe::new(key, name.len());
        Arc::make_mut(&mut self.trees)[place].remove(&probe).map(|slot| slot.entry)
    }

    /// All entries in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.trees.iter().flat_map(Tree::iter).map(|slot| &slot.entry)
    }

    /// Walks the entries of a range, from the side that the direction begins at.
    pub(super) fn range<'a>(&'a self, span: Span<'_>, direction: Direction) -> Range<'a> {
        let places = self.names.within(span);
        // A near end that is no key of a space lies before or behind all of it.
        let near = |bound, place| {
            let name = self.names.name(place);
            (space(bound) == name).then(|| Probe::new(bound, name.len()))
        };
        // Both ends of a walk cost a search: the far one is compared with instead.
        let (walks, bound) = match direction {
            Direction::Forward => {
                let walk = |place: usize| match near(span.start, place) {
                    Some(start) => self.trees[place].range::<_, Probe<'_>>((Included(&start), Unbounded)),
                    None => self.trees[place].range::<_, Probe<'_>>(..),
                };
                (places.rev().map(walk).collect(), span.end)
            }
            Direction::Backward => {
                let walk = |place: usize| match near(span.end, place) {
                    Some(end) => self.trees[place].range::<_, Probe<'_>>((Unbounded, Excluded(&end))),
                    None => self.trees[place].range::<_, Probe<'_>>(..),
                };
                (places.map(walk).collect(), span.start)
            }
        };
        Range { walks, bound: KeyBytes::from(bound), direction }
    }
}

impl FromIterator<Entry> for Map {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut map = Map::default();
        entries.into_iter().for_each(|entry| drop(map.insert(entry)));
        map
    }
}

/// The walk over a range, tree after tree. Nearly all ranges lie within one.
pub(super) struct Range<'a> {
    /// The next one is the last.
    walks: SmallVec<[RangedIter<'a, Slot, DefaultSharedPtr>; 1]>,
    /// Where the walk ends: the first key past it, or the last one within.
    bound: KeyBytes,
    direction: Direction,
}

impl<'a> Iterator for Range<'a> {
    type Item = &'a Entry;

    fn next(&mut self) -> Option<&'a Entry> {
        let entry = |slot: &'a Slot| &slot.entry;
        loop {
            let walk = self.walks.last_mut()?;
            let found = match self.direction {
                Direction::Forward => walk.next().map(entry).filter(|entry| *entry.key() < *self.bound),
                Direction::Backward => {
                    walk.next_back().map(entry).filter(|entry| *entry.key() >= *self.bound)
                }
            };
            if found.is_some() {
                return found;
            }
            self.walks.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = Vec<u8>> {
        proptest::string::bytes_regex("[a-c]{1,2}\0[\0a-b]{0,3}").expect("an expression")
    }

    fn bounds() -> impl Strategy<Value = Vec<u8>> {
        proptest::string::bytes_regex("[a-d]{0,2}(\0|\x01)?[\0a-b]{0,2}").expect("an expression")
    }

    proptest! {
        /// What a plain ordered set of keys says, whatever spaces the keys are in.
        #[test]
        fn ranges_are_those_of_one_ordered_set(
            keys in prop::collection::btree_set(keys(), 0..40),
            removed in prop::collection::btree_set(keys(), 0..10),
            (start, end) in (bounds(), bounds()),
        ) {
            let mut map: Map = keys.iter().map(|key| Entry::set(key, b"")).collect();
            for key in &removed {
                prop_assert_eq!(map.remove(key).is_some(), keys.contains(key));
                prop_assert!(map.get(key).is_none());
            }
            let kept: Vec<&[u8]> = keys.difference(&removed).map(Vec::as_slice).collect();
            prop_assert_eq!(map.iter().map(Entry::key).collect::<Vec<_>>(), kept.clone());
            prop_assert_eq!(map.is_empty(), kept.is_empty());
            let span = Span { start: &start, end: &end };
            if !span.is_empty() {
                let mut expected: Vec<&[u8]> = kept.into_iter().filter(|key| span.contains(key)).collect();
                let found = |direction| map.range(span, direction).map(Entry::key).collect::<Vec<_>>();
                prop_assert_eq!(found(Direction::Forward), expected.clone());
                expected.reverse();
                prop_assert_eq!(found(Direction::Backward), expected);
            }
        }
    }
}
