//! The write transaction: it gathers what was read and what shall change, and sees its own writes.

use std::cell::Cell;
use std::cmp::Ordering;
use std::iter::Peekable;
use std::marker::PhantomData;
use std::slice;
use std::sync::Arc;

use crate::engine::{Attempt, Changes, Direction, Entries, Entry, Span, Ticket};
use crate::reader::{Reader, collect, key_of, record, shared, span, typed};
use crate::stored::decode;
use crate::write_set::WriteSet;
use crate::{Counter, Fault, Key, Range, Stored};

/// Runs after a commit.
pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// A transaction taken apart: what it read from, what it changes, and what runs afterwards.
pub(crate) type WriteParts = (Box<dyn Attempt>, Changes, Vec<Hook>);

/// A record that was found and is yet to be decoded.
pub struct Encoded<V> {
    entry: Entry,
    record: PhantomData<fn() -> V>,
}

impl<V: Stored> Encoded<V> {
    /// The record.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn decode(&self) -> Result<V, Fault> {
        decode(self.entry.value())
    }
}

/// A transaction under way. Nothing is visible to others before the commit; dropping it changes nothing.
///
/// Whatever it reads through [`Reader`] holds together, and is checked at commit: if another transaction has changed it in
/// between, a later read fails or the commit answers with a conflict, and [`Write::is_stale`] says so. The `snapshot_`
/// methods read what is there at that moment, without that check.
pub struct Write {
    attempt: Box<dyn Attempt>,
    writes: WriteSet,
    hooks: Vec<Hook>,
}

impl Write {
    pub(crate) fn new(attempt: Box<dyn Attempt>) -> Self {
        Self { attempt, writes: WriteSet::default(), hooks: Vec::new() }
    }

    /// Sets the record under `key`, whatever was there. Two such writes do not conflict: the later commit stays.
    ///
    /// # Errors
    /// When the record cannot be encoded.
    pub fn put<V: Stored>(&mut self, key: &Key<V>, record: &V) -> Result<(), Fault> {
        let entry = Entry::encode(key.as_bytes(), record, false)?;
        self.writes.replace(entry);
        Ok(())
    }

    /// Sets the record under a key that is checked to be free.
    ///
    /// # Errors
    /// When the key is taken (the caller has to look first), or the store fails.
    pub fn insert<V: Stored>(&mut self, key: &Key<V>, record: &V) -> Result<(), Fault> {
        if self.contains(key)? {
            return Err(Fault::new(format!("{key:?} was to be inserted but exists")));
        }
        self.put_new(key, record)
    }

    /// Sets the record under a key that the caller knows never to have been used, because it holds a
    /// newly drawn id. Nothing is looked up, and deleting the record later costs less than after a put.
    ///
    /// # Errors
    /// When the record cannot be encoded.
    pub fn put_new<V: Stored>(&mut self, key: &Key<V>, record: &V) -> Result<(), Fault> {
        // When this very transaction has deleted it, the layers below may well hold it.
        let fresh = self.writes.get(key.as_bytes()).is_none();
        let entry = Entry::encode(key.as_bytes(), record, fresh)?;
        self.writes.replace(entry);
        Ok(())
    }

    /// Deletes the record under `key`, if there is one. Does not conflict with other writes to it.
    ///
    /// # Errors
    /// Never for the engines of today; an engine may refuse.
    pub fn delete<V>(&mut self, key: &Key<V>) -> Result<(), Fault> {
        self.writes.replace(Entry::tombstone(key.as_bytes()));
        Ok(())
    }

    /// Deletes up to `limit` records of `range` from its start and says how many there were. As many as
    /// `limit` means that there may be more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn delete_range<V: Stored>(&mut self, range: &Range<V>, limit: usize) -> Result<usize, Fault> {
        let keys = self.scan_keys(range, Direction::Forward, limit)?;
        for key in &keys {
            self.delete(key)?;
        }
        Ok(keys.len())
    }

    /// Adds `delta` to a counter without reading it: any number of transactions may do so at once.
    ///
    /// # Errors
    /// When this transaction has written something under `key` that is no counter.
    pub fn add(&mut self, key: &Key<Counter>, delta: i64) -> Result<(), Fault> {
        let key = key.as_bytes();
        let entry = match self.writes.get(key) {
            None => Entry::add(key, delta),
            Some(own) if own.is_add() => Entry::add(key, added(own)?.wrapping_add(delta)),
            Some(own) => {
                let before = if own.is_tombstone() { 0 } else { decode::<Counter>(own.value())?.0 };
                counter_entry(key, before.wrapping_add(delta))
            }
        };
        self.writes.replace(entry);
        Ok(())
    }

    /// Runs `hook` once the commit is visible, on the committing thread; never when the transaction fails.
    /// It must be quick: it wakes or notes, and others act. With strict durability the commit may not have
    /// been synced yet; what must not happen before that belongs after [`Store::durable`](crate::Store::durable).
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.push(Box::new(hook));
    }

    /// Does several reads of this transaction at once, so that they are found in one and the same state and cost less. Nothing
    /// but reads of this transaction may happen in `look`: everybody's commits wait for it.
    pub fn at_once<T>(&self, look: impl FnOnce(&Self) -> T) -> T {
        self.attempt.hold();
        let found = look(self);
        self.attempt.release();
        found
    }

    /// The record under `key` without conflict detection, for a choice that a later [`Reader::get`] confirms.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    pub fn snapshot_get<V: Stored>(&self, key: &Key<V>) -> Result<Option<V>, Fault> {
        let found = self.find(key.as_bytes(), |key| self.attempt.peek(key))?;
        found.map(|entry| decode(entry.value())).transpose()
    }

    /// The record under `key` without conflict detection, in a space whose records are read one after the other: those that
    /// follow it are made ready. It is decoded later: a large one takes its time, which [`Write::at_once`] does not have.
    ///
    /// # Errors
    /// When the store fails.
    pub fn snapshot_find_in_order<V: Stored>(&self, key: &Key<V>) -> Result<Option<Encoded<V>>, Fault> {
        let found = self.find(key.as_bytes(), |key| self.attempt.peek_in_order(key))?;
        Ok(found.map(|entry| Encoded { entry, record: PhantomData }))
    }

    /// Records of a range without conflict detection, for a choice that a later [`Reader::get`] confirms.
    ///
    /// # Errors
    /// When the store fails or a record is damaged.
    pub fn snapshot_scan<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key<V>, V)>, Fault> {
        collect(self.peeked(span(range), direction, limit), limit, record)
    }

    /// The keys alone of a range without conflict detection, for a choice that a later [`Reader::get`] confirms.
    ///
    /// # Errors
    /// When the store fails.
    pub fn snapshot_scan_keys<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Key<V>>, Fault> {
        collect(self.peeked(span(range), direction, limit), limit, key_of)
    }

    /// The first records of a range, after so many that are passed over. Only a change of one of them is a conflict, not one
    /// of what lies around it: for a choice among records that are as good as each other.
    ///
    /// # Errors
    /// When the store fails or a record is damaged.
    pub fn pick<V: Stored>(
        &self,
        range: &Range<V>,
        passed_over: usize,
        wanted: usize,
    ) -> Result<Vec<(Key<V>, V)>, Fault> {
        if self.writes.range(span(range)).is_empty() {
            let found = self.attempt.pick(span(range), passed_over, wanted)?;
            return found.iter().map(record).collect();
        }
        let keys = self.snapshot_scan_keys(range, Direction::Forward, passed_over + wanted)?;
        let keys = keys.into_iter().skip(passed_over);
        keys.filter_map(|key| self.get(&key).transpose().map(|found| Ok((key, found?)))).collect()
    }

    /// The value of a counter without conflict detection.
    ///
    /// # Errors
    /// When the store fails or the counter is damaged.
    pub fn snapshot_counter(&self, key: &Key<Counter>) -> Result<i64, Fault> {
        Ok(self.snapshot_get(key)?.map_or(0, |counter| counter.0))
    }

    /// Whether the transaction has changed nothing so far.
    pub fn is_read_only(&self) -> bool {
        self.writes.is_empty()
    }

    /// Whether something that it has read has changed since: whatever it has come to, even an error, is void, and it has to
    /// run again.
    pub fn is_stale(&self) -> bool {
        self.attempt.is_stale()
    }

    /// What to wait for until everything that it has read is durable.
    pub(crate) fn ticket(&self) -> Ticket {
        self.attempt.ticket()
    }

    /// Takes the transaction apart for the commit.
    pub(crate) fn into_parts(self) -> WriteParts {
        let mut sets = self.writes.into_entries();
        let adds = match sets.iter().any(Entry::is_add) {
            true => sets.extract_if(.., |entry| entry.is_add()).collect(),
            false => Vec::new(),
        };
        (self.attempt, Changes { sets, adds }, self.hooks)
    }

    /// The entry that this transaction sees under `key`, with a way to read below its own changes.
    fn find(
        &self,
        key: &[u8],
        below: impl Fn(&[u8]) -> Result<Option<Entry>, Fault>,
    ) -> Result<Option<Entry>, Fault> {
        match self.writes.get(key) {
            None => below(key),
            Some(own) if own.is_tombstone() => Ok(None),
            Some(own) if own.is_add() => counter_sum(below(key)?.as_ref(), own).map(Some),
            Some(own) => Ok(Some(own.clone())),
        }
    }

    fn noted(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.find(key, |key| self.attempt.get(key))
    }

    fn merged<'a>(&'a self, below: Entries<'a>, span: Span<'a>, direction: Direction) -> Merged<'a> {
        Merged { below: below.peekable(), own: self.writes.range(span).iter(), direction }
    }

    fn peeked<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize) -> Merged<'a> {
        self.merged(self.attempt.peek_scan(span, direction, limit), span, direction)
    }

    /// Scans and notes exactly the part of the range that the answer depends on.
    fn noted_scan<T>(
        &self,
        span: Span<'_>,
        direction: Direction,
        limit: usize,
        read: impl Fn(&Entry) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let last = Cell::new(None);
        let below = self.attempt.scan(span, direction, limit);
        let found = collect(self.merged(below, span, direction), limit, |entry| {
            last.set(Some(entry.clone()));
            read(entry)
        })?;
        let last = last.into_inner().filter(|_| found.len() == limit);
        match (&last, direction) {
            (None, _) if limit == 0 => {}
            (None, _) => self.attempt.note(span),
            (Some(last), Direction::Forward) => {
                self.attempt.note(Span { end: &[last.key(), &[0]].concat(), ..span });
            }
            (Some(last), Direction::Backward) => self.attempt.note(Span { start: last.key(), ..span }),
        }
        Ok(found)
    }
}

impl Reader for Write {
    fn get<V: Stored>(&self, key: &Key<V>) -> Result<Option<V>, Fault> {
        self.noted(key.as_bytes())?.map(|entry| decode(entry.value())).transpose()
    }

    fn recall<V: Stored + Send + Sync + 'static>(&self, key: &Key<V>) -> Result<Option<Arc<V>>, Fault> {
        match self.writes.get(key.as_bytes()) {
            None => typed(self.attempt.recall(key.as_bytes(), &shared::<V>)?),
            Some(_) => Ok(self.get(key)?.map(Arc::new)),
        }
    }

    fn scan<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key<V>, V)>, Fault> {
        self.noted_scan(span(range), direction, limit, record)
    }

    fn scan_keys<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Key<V>>, Fault> {
        self.noted_scan(span(range), direction, limit, key_of)
    }

    fn contains<V: Stored>(&self, key: &Key<V>) -> Result<bool, Fault> {
        Ok(self.noted(key.as_bytes())?.is_some())
    }
}

/// The snapshot's entries with the transaction's own changes laid over them.
struct Merged<'a> {
    below: Peekable<Entries<'a>>,
    own: slice::Iter<'a, Entry>,
    direction: Direction,
}

impl Iterator for Merged<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let own = match self.direction {
                Direction::Forward => self.own.as_slice().first(),
                Direction::Backward => self.own.as_slice().last(),
            };
            let order = match (self.below.peek(), own) {
                (_, None) | (Some(Err(_)), _) => return self.below.next(),
                (None, Some(_)) => Ordering::Greater,
                (Some(Ok(below)), Some(own)) if self.direction == Direction::Forward => below.cmp(own),
                (Some(Ok(below)), Some(own)) => own.cmp(below),
            };
            if order == Ordering::Less {
                return self.below.next();
            }
            let own = match self.direction {
                Direction::Forward => self.own.next()?,
                Direction::Backward => self.own.next_back()?,
            };
            let covered = match order {
                Ordering::Equal => self.below.next().transpose(),
                _ => Ok(None),
            };
            match covered {
                Err(fault) => return Some(Err(fault)),
                Ok(_) if own.is_tombstone() => {}
                Ok(covered) if own.is_add() => return Some(counter_sum(covered.as_ref(), own)),
                Ok(_) => return Some(Ok(own.clone())),
            }
        }
    }
}

/// The delta of an addition.
fn added(entry: &Entry) -> Result<i64, Fault> {
    let bytes = entry.value().try_into().map_err(|_| Fault::new("a pending addition is damaged"))?;
    Ok(i64::from_le_bytes(bytes))
}

/// The entry of a counter after a pending addition to what it held.
pub(crate) fn counter_sum(before: Option<&Entry>, addition: &Entry) -> Result<Entry, Fault> {
    let before =
        before.map(|entry| decode::<Counter>(entry.value())).transpose()?.map_or(0, |counter| counter.0);
    Ok(counter_entry(addition.key(), before.wrapping_add(added(addition)?)))
}

fn counter_entry(key: &[u8], value: i64) -> Entry {
    let mut bytes = [Counter::VERSION; 9];
    bytes[1..].copy_from_slice(&value.to_le_bytes());
    Entry::set(key, &bytes)
}
