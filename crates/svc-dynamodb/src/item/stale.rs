//! Eventually consistent reads that are behind, for those who want to test that their programs bear it: a read shows items
//! as they were at a moment of the last so many milliseconds, which is drawn from a seed. Off by default. What items were
//! is remembered in this process only.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html>

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use virga_kit::{Ctx, StaleReads};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Key, Range, Write};

use super::key::ItemKey;
use super::page::Source;
use crate::keys;
use crate::records::StoredItem;

/// Items whose former states are remembered; past that, all are forgotten.
const REMEMBERED: usize = 65_536;

/// When an item was changed, and what it was before.
type Was = (Timestamp, Option<StoredItem>);

/// What items were before their latest changes.
#[derive(Default)]
pub(crate) struct Former(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many moments were drawn.
    drawn: u64,
    /// What each item was before each change, oldest first.
    items: HashMap<(u64, ItemKey), Vec<Was>>,
}

/// The moment as of which a read sees items.
#[derive(Clone)]
pub(super) struct View {
    former: Arc<Former>,
    moment: Timestamp,
}

/// Remembers what an item was, once its change is committed.
pub(super) fn note(ctx: &Ctx, txn: &mut Write, table: u64, key: &ItemKey, old: Option<&StoredItem>) {
    let StaleReads { longest, .. } = ctx.world().settings().stale_reads;
    if longest.is_zero() {
        return;
    }
    let (world, key, old, now) = (Arc::clone(ctx.world()), key.clone(), old.cloned(), ctx.now());
    txn.on_commit(move || {
        let former = world.memory::<Former>();
        let items = &mut former.0.lock().items;
        if items.len() >= REMEMBERED {
            items.clear();
        }
        let states = items.entry((table, key)).or_default();
        states.retain(|(at, _)| now.since(*at) <= longest);
        states.push((now, old));
    });
}

impl View {
    /// What a read sees; none when it sees what was written last.
    pub(super) fn of(ctx: &Ctx, consistent: Option<bool>) -> Option<Self> {
        let StaleReads { longest, seed } = ctx.world().settings().stale_reads;
        if longest.is_zero() || consistent == Some(true) {
            return None;
        }
        let former = ctx.world().memory::<Former>();
        let drawn = {
            let mut state = former.0.lock();
            state.drawn += 1;
            state.drawn
        };
        let behind = behind(longest, seed, drawn);
        Some(View { former, moment: ctx.now().minus(behind) })
    }

    /// An item as it was at the moment.
    pub(super) fn seen(&self, table: u64, key: &ItemKey, present: Option<StoredItem>) -> Option<StoredItem> {
        let state = self.former.0.lock();
        let states = state.items.get(&(table, key.clone()));
        states.and_then(|states| self.then(states)).map_or(present, Clone::clone)
    }

    /// What an item was at the moment, when it was changed since.
    fn then<'a>(&self, states: &'a [Was]) -> Option<&'a Option<StoredItem>> {
        states.iter().find(|(at, _)| *at > self.moment).map(|(_, was)| was)
    }

    /// What differs, in a range of a source, between the moment and now.
    pub(super) fn overlay(&self, source: &Source<'_>, range: &Range<StoredItem>) -> Result<Overlay, Fault> {
        let table = source.open.table.id;
        let changed: Vec<(ItemKey, Option<StoredItem>)> = {
            let state = self.former.0.lock();
            let of_table = state.items.iter().filter(|((of, _), _)| *of == table);
            let changed =
                of_table.filter_map(|((_, key), states)| Some((key.clone(), self.then(states)?.clone())));
            changed.collect()
        };
        let mut overlay = Overlay { is_index: source.index.is_some(), ..Overlay::default() };
        for (key, was) in changed {
            let place = was.map(|was| source.place(&key, &was)).transpose()?.flatten();
            if let Some((place, was)) = place {
                let bytes = place.as_bytes();
                if range.start() <= bytes && bytes < range.end() {
                    overlay.then.insert(bytes.to_vec(), (place, was));
                }
            }
            overlay.changed.insert(key);
        }
        Ok(overlay)
    }
}

/// What a read of a range has to see in place of what is there: the items that were changed since its moment.
#[derive(Default)]
pub(super) struct Overlay {
    /// Items that were changed: what the range has of them now is not seen.
    changed: HashSet<ItemKey>,
    /// Where they were, by the bytes of the keys, and what.
    then: BTreeMap<Vec<u8>, (Key<StoredItem>, StoredItem)>,
    is_index: bool,
}

impl Overlay {
    /// Puts what was in place of what is in the next part of a range, which goes to a key or to the end.
    pub(super) fn merge(
        &mut self,
        found: &mut Vec<(Key<StoredItem>, StoredItem)>,
        last: Option<&Key<StoredItem>>,
        direction: Direction,
    ) -> Result<(), Fault> {
        let mut seen = Vec::with_capacity(found.len());
        for (key, stored) in found.drain(..) {
            let item = if self.is_index { keys::entry_item(&key)?.1 } else { keys::item_key(&key)? };
            if !self.changed.contains(&item) {
                seen.push((key, stored));
            }
        }
        let is_reached = |place: &[u8]| {
            last.is_none_or(|last| match direction {
                Direction::Forward => place <= last.as_bytes(),
                Direction::Backward => place >= last.as_bytes(),
            })
        };
        seen.extend(self.then.extract_if(.., |place, _| is_reached(place)).map(|(_, entry)| entry));
        seen.sort_by(|(one, _), (other, _)| match direction {
            Direction::Forward => one.as_bytes().cmp(other.as_bytes()),
            Direction::Backward => other.as_bytes().cmp(one.as_bytes()),
        });
        *found = seen;
        Ok(())
    }
}

/// How far a read is behind: nothing at least, everything at most.
fn behind(longest: Duration, seed: u64, drawn: u64) -> Duration {
    // SplitMix64 of the seed, at the place of the draw.
    let mut value = seed.wrapping_add(drawn.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^= value >> 31;
    let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(value % micros.saturating_add(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::{Duration, behind};

    #[test]
    fn draws_are_spread_and_repeat_with_their_seed() {
        let longest = Duration::from_millis(500);
        let draws = |seed| (1..200).map(|place| behind(longest, seed, place)).collect::<Vec<_>>();
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        let drawn = draws(7);
        assert!(drawn.iter().all(|behind| *behind <= longest));
        assert!(drawn.iter().any(|behind| *behind < longest / 10));
        assert!(drawn.iter().any(|behind| *behind > longest * 9 / 10));
    }
}
