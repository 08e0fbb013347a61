//! Hints: where scans have found long runs of deleted entries, for later scans to step over at once.
//!
//! Until a checkpoint takes them away, tombstones and what they hide lie in the way of every scan that
//! looks for the first of a range, as queues and timers do all the time. A hint says: since a version,
//! nothing is set in `start..resume`. A scan adds it, after it was checked that no later commit has set
//! anything there; a commit that sets a key cuts it, before anyone can see that commit. So whoever finds
//! a hint that is no newer than his snapshot can rely on it.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::RwLock;

use super::state::State;
use crate::engine::{Span, Version};
use crate::entry::Entry;

/// When there would be more hints, the older half is forgotten.
const MOST_HINTS: usize = 1024;
/// A hint remembers this many shorter reaches, for readers whose snapshots are a little older.
const MOST_REACHES: usize = 16;
/// Commits between the reaches that are remembered.
const REACH_SPACING: Version = 32;

type Key = Arc<[u8]>;

/// The hints of one state. They change only under the lock of the state.
#[derive(Default)]
pub(super) struct Hints {
    /// Spares everyone the lock while there are no hints.
    any: AtomicBool,
    /// By where they start. They do not overlap.
    by_start: RwLock<BTreeMap<Key, Reaches>>,
    state: Weak<RwLock<State>>,
}

/// How far the emptiness reaches: later reaches are longer, and none of them is empty.
type Reaches = Vec<Reach>;

/// Since `since`, nothing is set from the hint's start up to `resume`.
#[derive(Clone, Debug, PartialEq)]
struct Reach {
    since: Version,
    resume: Key,
}

impl Hints {
    /// No hints yet about `state`.
    pub(super) fn about(state: Weak<RwLock<State>>) -> Self {
        Self { state, ..Self::default() }
    }

    /// The widest range around `key` in which nothing is set at `version`, as far as is known.
    pub(super) fn around(&self, key: &[u8], version: Version) -> Option<(Key, Key)> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        let hints = self.by_start.read();
        let (start, reaches) = hints.range::<[u8], _>((Unbounded, Included(key))).next_back()?;
        let reach = reaches.iter().rev().find(|reach| reach.since <= version)?;
        (*key < *reach.resume).then(|| (Arc::clone(start), Arc::clone(&reach.resume)))
    }

    /// Notes that nothing has been set in `span` since `since`, up to now.
    pub(super) fn add(&self, span: Span<'_>, since: Version) {
        if span.is_empty() {
            return;
        }
        let mut hints = self.by_start.write();
        let before = hints.range_mut::<[u8], _>((Unbounded, Included(span.start))).next_back();
        let start = match before.filter(|(_, reaches)| *end(reaches) >= *span.start) {
            Some((_, reaches)) if *end(reaches) >= *span.end => return,
            Some((start, reaches)) => {
                lengthen(reaches, span.end, since);
                Arc::clone(start)
            }
            None => {
                let start: Key = span.start.into();
                hints.insert(Arc::clone(&start), vec![Reach { since, resume: span.end.into() }]);
                start
            }
        };
        // What the longer hint covers is not needed any more.
        let within = (Excluded(&*start), Excluded(span.end));
        while let Some((covered, reaches)) = hints.range::<[u8], _>(within).next() {
            let (covered, rest) = (Arc::clone(covered), past(reaches, span.end));
            hints.remove(&covered);
            insert(&mut hints, span.end, rest);
        }
        forget_if_many(&mut hints);
        self.any.store(true, Ordering::Relaxed);
    }

    /// Cuts the hints at the keys that a commit sets.
    pub(super) fn cut(&self, writes: &[Entry]) {
        if !self.any.load(Ordering::Relaxed) {
            return;
        }
        for entry in writes.iter().filter(|entry| !entry.is_tombstone()) {
            let key = entry.key();
            // Nobody changes the hints meanwhile, for that takes the lock of the state.
            let covering = covering(&self.by_start.read(), key);
            let Some(start) = covering else { continue };
            let mut hints = self.by_start.write();
            let Some(mut reaches) = hints.remove(&start) else { continue };
            let next = [key, &[0]].concat();
            insert(&mut hints, &next, past(&reaches, &next));
            if *start < *key {
                let shorter = reaches.iter().take_while(|reach| *reach.resume < *key).count();
                reaches.truncate(shorter + 1);
                reaches[shorter].resume = key.into();
                hints.insert(start, reaches);
            }
            forget_if_many(&mut hints);
            self.any.store(!hints.is_empty(), Ordering::Relaxed);
        }
    }

    /// Forgets all hints, because everything is replaced.
    pub(super) fn clear(&self) {
        self.by_start.write().clear();
        self.any.store(false, Ordering::Relaxed);
    }
}

/// Where the hint starts that says `key` is not set.
fn covering(hints: &BTreeMap<Key, Reaches>, key: &[u8]) -> Option<Key> {
    let (start, reaches) = hints.range::<[u8], _>((Unbounded, Included(key))).next_back()?;
    (*key < *end(reaches)).then(|| Arc::clone(start))
}

/// Adds a longer reach. Of those in quick succession, which many scans at once leave, only the last is kept.
fn lengthen(reaches: &mut Reaches, resume: &[u8], since: Version) {
    let since = since.max(newest(reaches));
    let before = reaches.iter().rev().nth(1);
    if before.is_some_and(|before| newest(reaches) - before.since < REACH_SPACING) {
        reaches.pop();
    }
    reaches.push(Reach { since, resume: resume.into() });
    let superfluous = reaches.len().saturating_sub(MOST_REACHES);
    reaches.drain(..superfluous);
}

/// What is left of a hint from `start` on.
fn past(reaches: &[Reach], start: &[u8]) -> Reaches {
    reaches.iter().filter(|reach| *reach.resume > *start).cloned().collect()
}

fn insert(hints: &mut BTreeMap<Key, Reaches>, start: &[u8], reaches: Reaches) {
    if !reaches.is_empty() {
        hints.insert(start.into(), reaches);
    }
}

fn last(reaches: &[Reach]) -> &Reach {
    reaches.last().expect("a hint reaches somewhere")
}

fn end(reaches: &[Reach]) -> &[u8] {
    &last(reaches).resume
}

fn newest(reaches: &[Reach]) -> Version {
    last(reaches).since
}

fn forget_if_many(hints: &mut BTreeMap<Key, Reaches>) {
    if hints.len() > MOST_HINTS {
        let mut versions: Vec<Version> = hints.values().map(|reaches| newest(reaches)).collect();
        let middle = versions.len() / 2;
        let median = *versions.select_nth_unstable(middle).1;
        hints.retain(|_, reaches| newest(reaches) > median);
    }
}

/// What a scan needs to follow hints and to leave some.
#[derive(Clone, Copy)]
pub(super) struct Guide<'a> {
    pub(super) hints: &'a Hints,
    /// The version that the scan reads.
    pub(super) version: Version,
    /// Whether that is the newest, and stays so as long as the scan takes.
    pub(super) is_held: bool,
}

impl Guide<'_> {
    /// The widest range around `key` that is known to have nothing set in it.
    pub(super) fn around(&self, key: &[u8]) -> Option<(Key, Key)> {
        self.hints.around(key, self.version)
    }

    /// Leaves the hint that the scan has found nothing set in `span`.
    pub(super) fn leave(&self, span: Span<'_>) {
        if self.is_held {
            return self.hints.add(span, self.version);
        }
        let Some(state) = self.hints.state.upgrade() else { return };
        let state = state.read();
        if state.recent.sets_nothing(self.version, span) {
            self.hints.add(span, self.version);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(added: &[(&str, &str, Version)]) -> Hints {
        let hints = Hints::default();
        for (start, end, since) in added {
            hints.add(Span { start: start.as_bytes(), end: end.as_bytes() }, *since);
        }
        hints
    }

    fn check(hints: &Hints, key: &str, version: Version, expected: Option<(&str, &str)>) {
        let found = hints.around(key.as_bytes(), version);
        let expected = expected.map(|(start, end)| (start.as_bytes().into(), end.as_bytes().into()));
        assert_eq!(found, expected, "around {key} at {version}");
    }

    #[test]
    fn a_hint_serves_snapshots_that_are_no_older() {
        let hints = hints(&[("b", "f", 10)]);
        check(&hints, "b", 10, Some(("b", "f")));
        check(&hints, "e", 12, Some(("b", "f")));
        check(&hints, "b", 9, None);
        check(&hints, "a", 10, None);
        check(&hints, "f", 10, None);
    }

    #[test]
    fn a_longer_hint_keeps_the_shorter_reach_for_older_snapshots() {
        let hints = hints(&[("b", "f", 10), ("c", "k", 20), ("a", "b", 5)]);
        check(&hints, "c", 20, Some(("b", "k")));
        check(&hints, "c", 19, Some(("b", "f")));
        check(&hints, "g", 19, None);
    }

    #[test]
    fn a_hint_takes_in_those_that_it_covers() {
        let hints = hints(&[("c", "d", 1), ("e", "k", 2), ("b", "g", 30)]);
        check(&hints, "c", 30, Some(("b", "g")));
        check(&hints, "h", 30, Some(("g", "k")));
        check(&hints, "h", 2, Some(("g", "k")));
        assert_eq!(hints.by_start.read().len(), 2);
    }

    #[test]
    fn a_set_key_cuts_the_hint_in_two() {
        let hints = hints(&[("b", "f", 10), ("b", "k", 50)]);
        hints.cut(&[Entry::tombstone(b"c"), Entry::set(b"a", b""), Entry::set(b"k", b"")]);
        check(&hints, "b", 50, Some(("b", "k")));
        hints.cut(&[Entry::set(b"d", b"")]);
        check(&hints, "c", 10, Some(("b", "d")));
        check(&hints, "d", 60, None);
        check(&hints, "e", 10, Some(("d\0", "f")));
        check(&hints, "e", 50, Some(("d\0", "k")));
        hints.cut(&[Entry::set(b"b", b"")]);
        check(&hints, "b", 60, None);
        check(&hints, "b\0", 60, Some(("b\0", "d")));
        hints.clear();
        check(&hints, "c", 60, None);
    }

    #[test]
    fn the_reaches_of_many_scans_at_once_are_thinned_out() {
        let hints = Hints::default();
        for n in 1..2000_u16 {
            hints.add(Span { start: &[0, 0], end: &n.to_be_bytes() }, n.into());
        }
        let reaches = hints.by_start.read().values().next().unwrap().clone();
        assert_eq!(reaches.len(), MOST_REACHES);
        let span = newest(&reaches) - reaches[0].since;
        assert!(span >= REACH_SPACING * (MOST_REACHES as Version - 2), "{span} commits are covered");
    }

    #[test]
    fn when_there_are_many_the_newer_ones_stay() {
        let hints = Hints::default();
        for n in 0..5000_u16 {
            hints
                .add(Span { start: &n.to_be_bytes(), end: &[&n.to_be_bytes()[..], &[0]].concat() }, n.into());
        }
        assert!((MOST_HINTS / 2..=MOST_HINTS).contains(&hints.by_start.read().len()));
        assert!(hints.around(&4999_u16.to_be_bytes(), 5000).is_some());
        assert!(hints.around(&0_u16.to_be_bytes(), 5000).is_none());
    }
}
