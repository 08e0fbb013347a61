//! Eventually consistent reads that are behind, for those who want to test that their programs bear it: a read shows items
//! as they were at a moment of the last so many milliseconds, which is drawn from a seed. Off by default. What items were
//! is remembered in this process only.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html>

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::Write;

use super::key::ItemKey;
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
pub(super) struct View {
    former: Arc<Former>,
    moment: Timestamp,
}

/// Remembers what an item was, once its change is committed.
pub(super) fn note(ctx: &Ctx, txn: &mut Write, table: u64, key: &ItemKey, old: Option<&StoredItem>) {
    let (longest, _) = ctx.world().settings().stale_reads;
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
        let (longest, seed) = ctx.world().settings().stale_reads;
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
        let first_later = states.and_then(|states| states.iter().find(|(at, _)| *at > self.moment));
        first_later.map_or(present, |(_, was)| was.clone())
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
