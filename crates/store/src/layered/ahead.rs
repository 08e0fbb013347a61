//! Reading ahead in the base: what lies behind an entry that a thread has read there, for its next reads.
//!
//! Queues are read in order, a few entries at a time, and always from where they begin. Each such read would cost a search in
//! the file, and as many steps as entries were taken from there since the last checkpoint. A view of the base never
//! changes, so that what was read ahead holds as long as the view does.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::base::BaseRange;
use super::places::{self, PLACES};
use crate::Fault;
use crate::entry::Entry;

/// Windows of a thread: a queue has one for what is visible and one for messages, of each of its shards.
const MOST_WINDOWS: usize = 12;
/// Entries of a window, and their bytes.
const MOST_ENTRIES: usize = 64;
const MOST_BYTES: usize = 32 << 10;
/// Scans of a thread that are remembered, to know one that goes on.
const MOST_TRAILS: usize = 4;

/// All entries of the base from one key up to another.
pub(super) struct Window {
    start: Box<[u8]>,
    /// The first key that was not read; none where the base ends.
    end: Option<Box<[u8]>>,
    entries: Vec<Entry>,
}

impl Window {
    /// Reads what `range` goes over, which begins at `start`.
    pub(super) fn read(start: &[u8], range: BaseRange) -> Result<Self, Fault> {
        let mut window = Window { start: start.into(), end: None, entries: Vec::new() };
        let mut bytes = 0;
        for pair in range {
            let (key, value) = pair.map_err(super::base::failed)?;
            bytes += key.value().len() + value.value().len();
            if window.entries.len() == MOST_ENTRIES || bytes > MOST_BYTES {
                window.end = Some(key.value().into());
                break;
            }
            window.entries.push(Entry::set(key.value(), value.value()));
        }
        Ok(window)
    }

    /// Whether all that the base holds under this key is here.
    pub(super) fn covers(&self, key: &[u8]) -> bool {
        *self.start <= *key && self.covers_before(key) && self.end.as_deref() != Some(key)
    }

    /// Whether all that the base holds from the window's start up to this key is here.
    pub(super) fn covers_before(&self, key: &[u8]) -> bool {
        self.end.as_ref().is_none_or(|end| *key <= **end)
    }

    /// The entry under a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Entry> {
        self.entries.binary_search_by(|entry| entry.key().cmp(key)).ok().map(|place| &self.entries[place])
    }

    /// The entries from a key on.
    pub(super) fn from(&self, start: &[u8]) -> &[Entry] {
        let first = self.entries.partition_point(|entry| entry.key() < start);
        &self.entries[first..]
    }
}

/// What each thread has read ahead in one view of the base.
#[derive(Default)]
pub(super) struct Ahead([Mutex<OfThread>; PLACES]);

#[derive(Default)]
struct OfThread {
    windows: VecDeque<Arc<Window>>,
    trails: VecDeque<Trail>,
}

/// The first and the last key of a scan.
struct Trail {
    first: Box<[u8]>,
    last: Box<[u8]>,
}

impl Ahead {
    /// What this thread has; nothing while another thread has its place.
    fn own(&self) -> Option<MutexGuard<'_, OfThread>> {
        self.0[places::own()].try_lock()
    }

    /// The window that a key lies in.
    pub(super) fn window(&self, key: &[u8]) -> Option<Arc<Window>> {
        let windows = &mut self.own()?.windows;
        let place = windows.iter().position(|window| window.covers(key))?;
        // What is used comes to the front, and what is not to the back, where room is made.
        let further = place.saturating_sub(1);
        windows.swap(place, further);
        Some(Arc::clone(&windows[further]))
    }

    /// Keeps a window, in place of one that it goes on from.
    pub(super) fn keep(&self, window: Arc<Window>) {
        let Some(mut own) = self.own() else { return };
        let before = |other: &Window| {
            other.covers(&window.start)
                || other.end.as_ref() == Some(&window.start)
                || window.covers(&other.start)
        };
        if let Some(place) = own.windows.iter().position(|other| before(other)) {
            own.windows.remove(place);
        } else if own.windows.len() == MOST_WINDOWS {
            own.windows.pop_back();
        }
        own.windows.push_front(window);
    }

    /// Whether a scan from `start` goes on where this thread has scanned before. Notes that it has come to `last`.
    pub(super) fn goes_on(&self, start: &[u8], last: &[u8]) -> bool {
        let Some(mut own) = self.own() else { return false };
        let place = own.trails.iter().position(|trail| *trail.first <= *start && *start <= *trail.last);
        match place {
            Some(place) => drop(own.trails.remove(place)),
            None if own.trails.len() == MOST_TRAILS => drop(own.trails.pop_front()),
            None => {}
        }
        own.trails.push_back(Trail { first: start.into(), last: last.into() });
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Counter, Direction, Durability, Key, Range, Reader, Space, Store, Write};

    static ROWS: Space<Counter> = Space::new("test.rows");
    const QUEUES: u64 = 3;
    const ROWS_AT_FIRST: u64 = 300;

    type Model = BTreeMap<(u64, u64), i64>;

    fn check_scan(txn: &Write, model: &Model, queue: u64, from: u64, limit: usize) {
        let range: Range<Counter> = ROWS.prefix(queue).from(from);
        let found = txn.snapshot_scan(&range, Direction::Forward, limit).unwrap();
        let found: Vec<_> =
            found.iter().map(|(key, value)| (key.parts::<(u64, u64)>().unwrap(), value.0)).collect();
        let expected = model.range((queue, from)..(queue + 1, 0)).take(limit);
        let expected: Vec<_> = expected.map(|(key, value)| (*key, *value)).collect();
        assert_eq!(found, expected, "from {from} of {queue}");
    }

    /// What is read through windows is what was written, whatever is taken, comes back or goes to the base meanwhile.
    #[test]
    fn queues_read_ahead_are_those_that_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
        let mut model: Model =
            (0..QUEUES).flat_map(|queue| (0..ROWS_AT_FIRST).map(move |row| ((queue, row), 0))).collect();
        let rows = model.clone();
        store.write(|txn| rows.keys().try_for_each(|key| txn.put(&ROWS.key(*key), &Counter(0)))).unwrap();
        store.close().unwrap();
        let mut random = fastrand::Rng::with_seed(7);
        for turn in 0..3000_i64 {
            let queue = random.u64(..QUEUES);
            let from = if random.u8(..3) == 0 { random.u64(..ROWS_AT_FIRST) } else { 0 };
            let limit = random.usize(1..6);
            let back = (queue, random.u64(..ROWS_AT_FIRST));
            let taken = store.write(|txn| -> Result<_, Fault> {
                check_scan(txn, &model, queue, from, limit);
                let first = txn.scan_keys(&ROWS.prefix(queue), Direction::Forward, 1)?;
                let Some(key) = first.first() else { return Ok(None) };
                let parts: (u64, u64) = key.parts()?;
                let found = |key: &Key<Counter>| -> Result<Option<i64>, Fault> {
                    txn.snapshot_find_in_order(key)?.map(|row| Ok(row.decode()?.0)).transpose()
                };
                assert_eq!(found(key)?, model.get(&parts).copied());
                assert_eq!(found(&ROWS.key(back))?, model.get(&back).copied());
                txn.delete(key)?;
                Ok(Some(parts))
            });
            model.remove(&taken.unwrap().value.unwrap_or_default());
            if random.u8(..4) == 0 {
                store.write(|txn| txn.put(&ROWS.key(back), &Counter(turn))).unwrap();
                model.insert(back, turn);
            }
            if turn % 500 == 499 {
                store.close().unwrap();
            }
        }
    }

    #[test]
    fn a_window_knows_what_it_covers() {
        let entries = vec![Entry::set(b"c", b"1"), Entry::set(b"e", b"2")];
        let window = Window { start: (*b"b").into(), end: Some((*b"g").into()), entries };
        let covered = |keys: [&[u8]; 6]| keys.map(|key| window.covers(key));
        assert_eq!(covered([b"a", b"b", b"c", b"f", b"g", b"h"]), [false, true, true, true, false, false]);
        assert!(window.covers_before(b"g") && !window.covers_before(b"g\0"));
        assert_eq!(window.get(b"e").map(Entry::value), Some(&b"2"[..]));
        assert_eq!((window.get(b"d").map(Entry::key), window.from(b"d").len()), (None, 1));
    }
}
