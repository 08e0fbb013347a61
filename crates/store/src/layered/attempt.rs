//! The reads of a transaction under way. They go to the newest state, under its short lock or into a copy that lives no
//! longer than one read: a view kept for the whole transaction would make every commit beside it copy the
//! nodes that it changes, and touch all that hangs on them.
//!
//! Each read is checked against what was noted before: when a commit has changed any of it in between, the attempt is stale,
//! and its transaction runs again.

use std::cell::{Cell, Ref, RefCell};
use std::ops::Deref;
use std::sync::Arc;

use parking_lot::RwLockReadGuard;

use super::base::BaseView;
use super::engine::{Handle, Held};
use super::hints::Guide;
use super::recollection::{self, Known};
use super::state::State;
use crate::engine::{Attempt, Batch, Decode, Direction, Entries, Entry, ReadSet, Recalled, Span, Ticket};
use crate::{Fault, KeyBytes};

/// Entries that a scan takes at once.
const MOST_AT_ONCE: usize = 64;

pub(super) struct LayeredAttempt {
    shared: Arc<Handle>,
    reads: RefCell<ReadSet>,
    stale: Cell<bool>,
    ticket: Cell<Ticket>,
    /// The state, while several reads are done at once.
    held: RefCell<Option<Held>>,
}

/// The newest state, for one read.
enum Looking<'a> {
    Alone(RwLockReadGuard<'a, State>),
    Held(Ref<'a, Held>),
}

impl Deref for Looking<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        match self {
            Self::Alone(state) => state,
            Self::Held(state) => state,
        }
    }
}

/// Whether a read must hold together with those before it.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    Checked,
    Unchecked,
}

impl LayeredAttempt {
    pub(super) fn new(shared: Arc<Handle>) -> Self {
        let (reads, stale, ticket) = (RefCell::default(), Cell::new(false), Cell::default());
        Self { shared, reads, stale, ticket, held: RefCell::new(None) }
    }

    /// The newest state. What was noted before holds there too, if that is asked for.
    fn state(&self, reading: Reading) -> Result<Looking<'_>, Fault> {
        let state = match Ref::filter_map(self.held.borrow(), Option::as_ref) {
            Ok(held) => Looking::Held(held),
            Err(_) => Looking::Alone(self.shared.state()),
        };
        self.ticket.set(Ticket(state.log_end).max(self.ticket.get()));
        if reading == Reading::Checked {
            let mut reads = self.reads.borrow_mut();
            if self.stale.get() || !state.unchanged(&reads) {
                return Err(self.has_changed());
            }
            reads.hold_at(state.version);
        }
        Ok(state)
    }

    fn has_changed(&self) -> Fault {
        self.stale.set(true);
        Fault::new("what the transaction has read has changed: it has to run again")
    }

    /// What is under a key, found out and remembered.
    fn learn(&self, key: &[u8], decode: &Decode<'_>) -> Result<Arc<Known>, Fault> {
        let mut state = self.state(Reading::Checked)?;
        if state.revisions.of(key).is_none() {
            drop(state);
            self.release();
            self.shared.state_mut().note_changes(key);
            state = self.state(Reading::Checked)?;
        }
        let revision = Arc::clone(state.revisions.of(key).expect("once noted, always noted"));
        let (seen, ticket) = (revision.current(), Ticket(state.log_end));
        let record = self.found(state, key)?.as_ref().map(decode).transpose()?;
        let known = Arc::new(Known { revision, seen, ticket, record });
        recollection::keep(self.shared.id, key, &known);
        Ok(known)
    }

    fn read(&self, key: &[u8], reading: Reading) -> Result<Option<Entry>, Fault> {
        self.found(self.state(reading)?, key)
    }

    /// What is under a key in this state, which is let go before anything is read from below memory.
    fn found(&self, state: Looking<'_>, key: &[u8]) -> Result<Option<Entry>, Fault> {
        State::read(state, key, || self.release(), BaseView::get)
    }

    /// The next entries of a range that is not empty, as many as are wanted.
    fn batch(
        &self,
        span: Span<'_>,
        direction: Direction,
        wanted: usize,
        reading: Reading,
    ) -> Result<Batch, Fault> {
        let state = self.state(reading)?;
        if !state.layers.may_hold_tombstones() {
            return Ok(state.layers.active.range(span, direction).take(wanted).cloned().collect());
        }
        let version = state.version;
        if direction == Direction::Forward {
            let guide = Guide { hints: &state.hints, version, is_held: true };
            if let Some(found) = state.layers.scan_at_hand(span, wanted, guide) {
                return Ok(found);
            }
        }
        // What is in the base may have to be read from the disk.
        let (layers, hints) = (state.layers.clone(), Arc::clone(&state.hints));
        drop(state);
        self.release();
        let guide = Guide { hints: &hints, version, is_held: false };
        let found: Batch =
            layers.scan(span, direction, Some(guide)).take(wanted).collect::<Result<_, _>>()?;
        if let Some(last) = found.last().filter(|_| direction == Direction::Forward) {
            layers.read_ahead(span.start, last.key(), guide)?;
        }
        Ok(found)
    }

    fn walk<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize, reading: Reading) -> Scan<'a> {
        let (start, end) = (KeyBytes::from(span.start), KeyBytes::from(span.end));
        Scan {
            attempt: self,
            reading,
            start,
            end,
            direction,
            wanted: limit.clamp(1, MOST_AT_ONCE),
            is_done: span.is_empty(),
            unnoted: None,
            batch: Batch::new().into_iter(),
        }
    }
}

/// A scan under way, batch by batch.
struct Scan<'a> {
    attempt: &'a LayeredAttempt,
    reading: Reading,
    /// What is left of the range.
    start: KeyBytes,
    end: KeyBytes,
    direction: Direction,
    wanted: usize,
    is_done: bool,
    /// The part of the range that the last batch covers.
    unnoted: Option<(KeyBytes, KeyBytes)>,
    batch: <Batch as IntoIterator>::IntoIter,
}

impl Scan<'_> {
    /// Takes the next batch, which must hold together with the ones before.
    fn refill(&mut self) -> Result<(), Fault> {
        if let Some((start, end)) = self.unnoted.take().filter(|_| self.reading == Reading::Checked) {
            self.attempt.note(Span { start: &start, end: &end });
        }
        let span = Span { start: &self.start, end: &self.end };
        let found = self.attempt.batch(span, self.direction, self.wanted, self.reading)?;
        self.is_done = found.len() < self.wanted;
        if let Some(last) = found.last().filter(|_| !self.is_done) {
            self.unnoted = Some(match self.direction {
                Direction::Forward => {
                    let mut next = KeyBytes::from(last.key());
                    next.push(0);
                    (std::mem::replace(&mut self.start, next.clone()), next)
                }
                Direction::Backward => {
                    let next = KeyBytes::from(last.key());
                    (next.clone(), std::mem::replace(&mut self.end, next))
                }
            });
        }
        self.wanted = MOST_AT_ONCE;
        self.batch = found.into_iter();
        Ok(())
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.batch.next() {
                return Some(Ok(entry));
            }
            if self.is_done {
                return None;
            }
            if let Err(fault) = self.refill() {
                self.is_done = true;
                return Some(Err(fault));
            }
        }
    }
}

impl Attempt for LayeredAttempt {
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        let found = self.read(key, Reading::Checked)?;
        self.reads.borrow_mut().note_point(key);
        Ok(found)
    }

    fn recall(&self, key: &[u8], decode: &Decode<'_>) -> Result<Option<Recalled>, Fault> {
        let known = match recollection::find(self.shared.id, key) {
            Some(known) => known,
            None => self.learn(key, decode)?,
        };
        // What was noted before has to hold at this moment too. Single conditions are asked without the lock.
        if !self.reads.borrow().is_empty() {
            drop(self.state(Reading::Checked)?);
        } else if !self.reads.borrow().conditions_hold() {
            return Err(self.has_changed());
        }
        self.ticket.set(self.ticket.get().max(known.ticket));
        let record = known.record.clone();
        self.reads.borrow_mut().note_condition(known);
        Ok(record)
    }

    fn hold(&self) {
        self.held.replace(Some(self.shared.held()));
    }

    fn release(&self) {
        self.held.replace(None);
    }

    fn peek(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.read(key, Reading::Unchecked)
    }

    fn peek_in_order(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        State::read(self.state(Reading::Unchecked)?, key, || self.release(), BaseView::get_in_order)
    }

    fn scan<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize) -> Entries<'a> {
        Box::new(self.walk(span, direction, limit, Reading::Checked))
    }

    fn peek_scan<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize) -> Entries<'a> {
        Box::new(self.walk(span, direction, limit, Reading::Unchecked))
    }

    fn pick(&self, span: Span<'_>, passed_over: usize, wanted: usize) -> Result<Batch, Fault> {
        if span.is_empty() {
            return Ok(Batch::new());
        }
        let mut found = self.batch(span, Direction::Forward, passed_over + wanted, Reading::Checked)?;
        found.drain(..passed_over.min(found.len()));
        let mut reads = self.reads.borrow_mut();
        found.iter().for_each(|entry| reads.note_point(entry.key()));
        Ok(found)
    }

    fn note(&self, span: Span<'_>) {
        self.reads.borrow_mut().note_range(span);
    }

    fn is_stale(&self) -> bool {
        self.stale.get()
    }

    fn ticket(&self) -> Ticket {
        self.ticket.get()
    }

    fn into_reads(self: Box<Self>) -> ReadSet {
        self.reads.into_inner()
    }
}
