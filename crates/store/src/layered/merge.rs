//! A scan over several layers as one, past what is deleted.

use std::borrow::Cow;
use std::iter::Peekable;
use std::slice;

use super::ahead::Window;
use super::base::{self, BaseRange, BaseView};
use super::hints::Guide;
use super::map::{self, Map};
use crate::engine::{Direction, Span};
use crate::entry::Entry;
use crate::{Fault, KeyBytes};

/// A run of deleted entries leaves a hint when getting past it cost more than this many steps.
const MOST_STEPS: usize = 8;
/// While the state is held, a run may cost so many; whoever comes to a longer one lets it go.
const MOST_HELD_STEPS: usize = 128;
/// Following a hint costs about as much as this many steps, so that runs in many pieces are joined.
const JUMP_STEPS: usize = 4;

/// Walks the set entries of a range.
pub(super) struct Merge<'a> {
    /// The upper layers first.
    walks: Vec<Walk<'a>>,
    span: Span<'a>,
    direction: Direction,
    guide: Option<Guide<'a>>,
    /// The last set entry, where the present run of deleted ones began, if not at the edge of the range.
    last: Option<Entry>,
    /// What getting past the present run of deleted entries has cost.
    steps: usize,
    /// Steps since the last jump.
    since_jump: usize,
}

impl<'a> Merge<'a> {
    /// Walks a range of the layers, the upper ones first. Up to `known`, nothing is set in it.
    pub(super) fn new(
        layers: impl Iterator<Item = Layer<'a>>,
        span: Span<'a>,
        known: Option<&[u8]>,
        (direction, guide): (Direction, Option<Guide<'a>>),
    ) -> Self {
        let rest = Span { start: known.unwrap_or(span.start), ..span };
        let walks = match rest.is_empty() {
            true => Vec::new(),
            false => layers.map(|layer| Walk::new(layer, rest, direction)).collect(),
        };
        let steps = if known.is_some() { JUMP_STEPS } else { 0 };
        Self { walks, span, direction, guide, last: None, steps, since_jump: 0 }
    }

    /// The uppermost layer that has the next key. A layer that has failed goes first.
    fn next_layer(&mut self) -> Option<usize> {
        let mut next: Option<(usize, &[u8])> = None;
        for (index, walk) in self.walks.iter_mut().enumerate() {
            let key = match walk.items.peek() {
                None => continue,
                Some(Err(_)) => return Some(index),
                Some(Ok(item)) => item.key(),
            };
            let sooner = next.is_none_or(|(_, best)| match self.direction {
                Direction::Forward => key < best,
                Direction::Backward => key > best,
            });
            if sooner {
                next = Some((index, key));
            }
        }
        next.map(|(index, _)| index)
    }

    /// Gets past a deleted entry, and past all that a hint knows around it.
    fn step(&mut self, deleted: &[u8]) {
        count_step();
        let Some(guide) = self.guide else { return };
        self.steps += 1;
        self.since_jump += 1;
        if !self.since_jump.is_power_of_two() && !self.since_jump.is_multiple_of(MOST_STEPS) {
            return;
        }
        let Some((start, resume)) = guide.around(deleted) else { return };
        let rest = match self.direction {
            Direction::Forward => Span { start: &resume, end: self.span.end },
            Direction::Backward => Span { start: self.span.start, end: &start },
        };
        for walk in &mut self.walks {
            walk.jump(rest, self.direction);
        }
        self.steps += JUMP_STEPS;
        self.since_jump = 0;
    }

    /// Ends a run of deleted entries at a set one or at the edge of the range, and leaves a hint if it was long.
    fn end_run(&mut self, found: Option<&Entry>) {
        let Some(guide) = self.guide else { return };
        if self.steps > MOST_STEPS {
            let (before, after) = match self.direction {
                Direction::Forward => (self.last.as_ref(), found),
                Direction::Backward => (found, self.last.as_ref()),
            };
            let start = before.map(|entry| [entry.key(), &[0]].concat());
            guide.leave(Span {
                start: start.as_deref().unwrap_or(self.span.start),
                end: after.map_or(self.span.end, Entry::key),
            });
        }
        self.last = found.cloned();
        self.steps = 0;
        self.since_jump = 0;
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(upper) = self.next_layer() else {
                self.end_run(None);
                return None;
            };
            let item = match self.walks[upper].items.next()? {
                Ok(item) => item,
                Err(fault) => {
                    // What else is found says nothing about what could not be read.
                    self.guide = None;
                    return Some(Err(fault));
                }
            };
            for lower in &mut self.walks[upper + 1..] {
                lower.items.next_if(|hidden| hidden.as_ref().is_ok_and(|hidden| **hidden == *item));
            }
            if item.is_tombstone() {
                if self.steps > MOST_HELD_STEPS && self.guide.is_some_and(|guide| guide.is_held) {
                    self.guide = None;
                    return Some(Err(not_at_hand()));
                }
                self.step(item.key());
            } else {
                let entry = item.into_owned();
                self.end_run(Some(&entry));
                return Some(Ok(entry));
            }
        }
    }
}

/// What a walk goes over.
#[derive(Clone, Copy)]
pub(super) enum Layer<'a> {
    Map(&'a Map),
    Base(&'a BaseView),
    /// A part of the base, forward only. A walk that comes to its end fails there.
    Window(&'a Window),
}

/// The walk over one layer.
struct Walk<'a> {
    layer: Layer<'a>,
    items: Peekable<Items<'a>>,
}

impl<'a> Walk<'a> {
    fn new(layer: Layer<'a>, span: Span<'_>, direction: Direction) -> Self {
        let range = match layer {
            Layer::Map(map) => Range::Map(map.range(span, direction)),
            Layer::Base(base) => base
                .range(span)
                .map_or_else(|fault| Range::Failed(Some(fault)), |range| Range::Base(Box::new(range))),
            Layer::Window(window) if window.covers(span.start) => {
                let end = KeyBytes::from(span.end);
                Range::Window {
                    entries: window.from(span.start).iter(),
                    end,
                    is_whole: window.covers_before(span.end),
                }
            }
            Layer::Window(_) => Range::Failed(Some(not_at_hand())),
        };
        Self { layer, items: Items { range, direction }.peekable() }
    }

    /// Goes on in `rest`, unless the walk is there already.
    fn jump(&mut self, rest: Span<'_>, direction: Direction) {
        let behind = match (self.items.peek(), direction) {
            (Some(Ok(item)), Direction::Forward) => item.key() < rest.start,
            (Some(Ok(item)), Direction::Backward) => item.key() >= rest.end,
            _ => false,
        };
        if behind && rest.is_empty() {
            self.items = Items { range: Range::Failed(None), direction }.peekable();
        } else if behind {
            *self = Self::new(self.layer, rest, direction);
        }
    }
}

/// The items of a walk, from the side that its direction begins at.
struct Items<'a> {
    range: Range<'a>,
    direction: Direction,
}

enum Range<'a> {
    Map(map::Range<'a>),
    Base(Box<BaseRange>),
    Window {
        entries: slice::Iter<'a, Entry>,
        end: KeyBytes,
        is_whole: bool,
    },
    /// Says so once, and then nothing more.
    Failed(Option<Fault>),
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Cow<'a, Entry>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.range {
            Range::Map(range) => range.next().map(|entry| Ok(Cow::Borrowed(entry))),
            Range::Base(range) => base::next(range, self.direction).map(|entry| entry.map(Cow::Owned)),
            Range::Window { entries, end, is_whole } => match entries.next() {
                Some(entry) if entry.key() < &**end => Some(Ok(Cow::Borrowed(entry))),
                None if !*is_whole => Some(Err(not_at_hand())),
                _ => None,
            },
            Range::Failed(fault) => fault.take().map(Err),
        }
    }
}

fn not_at_hand() -> Fault {
    Fault::new("more of the base has to be read")
}

#[cfg(not(test))]
fn count_step() {}

#[cfg(test)]
thread_local! {
    /// Deleted entries that scans of this thread have stepped over.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
fn count_step() {
    STEPS.set(STEPS.get() + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Durability, Key, Reader, Space, Store};

    static QUEUE: Space<()> = Space::new("test.queue");
    const COUNT: u64 = 10_000;

    fn key(number: u64) -> Key<()> {
        QUEUE.key(number)
    }

    /// The deleted entries stepped over while `COUNT` messages in the base are received one by one.
    fn steps(mut receive: impl FnMut(&Store)) -> usize {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
        store.write(|txn| (0..COUNT).try_for_each(|number| txn.put(&key(number), &()))).unwrap();
        store.close().unwrap();
        let before = STEPS.get();
        for _ in 0..COUNT {
            receive(&store);
        }
        assert_eq!(store.read().unwrap().first(&QUEUE.all()).unwrap(), None);
        STEPS.get() - before
    }

    fn assert_linear(steps: usize) {
        assert!(steps < 40 * COUNT as usize, "{steps} steps");
    }

    fn take(store: &Store, direction: Direction) {
        let take = |txn: &mut crate::Write| {
            let found = txn.scan_keys(&QUEUE.all(), direction, 1)?;
            found.iter().try_for_each(|key| txn.delete(key))
        };
        store.write(take).unwrap();
    }

    #[test]
    fn receiving_from_either_end_takes_linear_steps() {
        assert_linear(steps(|store| take(store, Direction::Forward)));
        assert_linear(steps(|store| take(store, Direction::Backward)));
    }

    #[test]
    fn receiving_takes_linear_steps_while_messages_come_back_to_the_head() {
        let mut turn = 0;
        assert_linear(steps(|store| {
            turn += 1;
            take(store, Direction::Forward);
            if turn % 10 == 0 {
                let back = key(turn * 7919 % turn);
                store.write(|txn| txn.put(&back, &())).unwrap();
                take(store, Direction::Forward);
            }
        }));
    }

    #[test]
    fn receiving_takes_linear_steps_when_a_message_stays_at_the_head() {
        assert_linear(steps(|store| {
            let take_second = |txn: &mut crate::Write| {
                let found = txn.scan_keys(&QUEUE.all(), Direction::Forward, 2)?;
                found.last().map_or(Ok(()), |key| txn.delete(key))
            };
            store.write(take_second).unwrap();
        }));
    }

    #[test]
    fn readers_of_slightly_older_snapshots_follow_hints_too() {
        let mut older = std::collections::VecDeque::new();
        let mut next = 0;
        let steps = steps(|store| {
            take(store, Direction::Forward);
            next += 1;
            older.push_back((store.read().unwrap(), next));
            if older.len() > 100 {
                let (read, first) = older.pop_front().unwrap();
                let found = read.first(&QUEUE.all()).unwrap().map(|(key, ())| key);
                assert_eq!(found, Some(key(first)));
            }
        });
        assert!(steps < 200 * COUNT as usize, "{steps} steps");
    }
}
