//! Reading: the trait that both transactions share, and the read-only transaction.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::engine::{Direction, Entry, Recalled, Snapshot, Span, Ticket};
use crate::stored::decode;
use crate::{Counter, Fault, Key, KeyBytes, Range, Stored};

/// Typed reads, offered by [`Read`] and [`Write`](crate::Write) alike.
pub trait Reader {
    /// The record under `key`.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    fn get<V: Stored>(&self, key: &Key<V>) -> Result<Option<V>, Fault>;

    /// The record under `key`, for spaces whose records change rarely: it is decoded once, and shared until a record of its space
    /// changes. Where records change with every other call, [`Reader::get`] costs less.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    fn recall<V: Stored + Send + Sync + 'static>(&self, key: &Key<V>) -> Result<Option<Arc<V>>, Fault>;

    /// Up to `limit` records of `range` with their keys, in the order of `direction`.
    ///
    /// # Errors
    /// When the store fails or a record is damaged.
    fn scan<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key<V>, V)>, Fault>;

    /// The keys alone of up to `limit` records; nothing is decoded.
    ///
    /// # Errors
    /// When the store fails.
    fn scan_keys<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Key<V>>, Fault>;

    /// Whether there is a record under `key`.
    ///
    /// # Errors
    /// When the store fails.
    fn contains<V: Stored>(&self, key: &Key<V>) -> Result<bool, Fault>;

    /// The record with the smallest key of `range`.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    fn first<V: Stored>(&self, range: &Range<V>) -> Result<Option<(Key<V>, V)>, Fault> {
        Ok(self.scan(range, Direction::Forward, 1)?.pop())
    }

    /// The record with the greatest key of `range`.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    fn last<V: Stored>(&self, range: &Range<V>) -> Result<Option<(Key<V>, V)>, Fault> {
        Ok(self.scan(range, Direction::Backward, 1)?.pop())
    }

    /// The value of a counter; zero when nothing was ever added.
    ///
    /// # Errors
    /// When the store fails or the counter is damaged.
    fn counter(&self, key: &Key<Counter>) -> Result<i64, Fault> {
        Ok(self.get(key)?.map_or(0, |counter| counter.0))
    }
}

/// A read-only view of one moment. It stays the same for as long as it is kept, and holds nobody up;
/// but it keeps replaced data alive, so do not keep it across long waits.
pub struct Read {
    snapshot: Box<dyn Snapshot>,
}

impl Read {
    pub(crate) fn new(snapshot: Box<dyn Snapshot>) -> Self {
        Self { snapshot }
    }

    /// Shows the records of a range one after the other, undecoded and in place, until `look` has seen enough: then it answers
    /// false.
    ///
    /// # Errors
    /// Those of `look`, and when the store fails.
    pub fn visit<V: Stored, E: From<Fault>>(
        &self,
        range: &Range<V>,
        direction: Direction,
        mut look: impl FnMut(Row<'_, V>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut failure = None;
        let visited = self.snapshot.visit(span(range), direction, &mut |key, value| {
            let seen = look(Row { key, value, record: PhantomData });
            seen.unwrap_or_else(|error| {
                failure = Some(error);
                false
            })
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(visited?),
        }
    }

    /// What to wait for until everything that this view shows is durable.
    pub fn ticket(&self) -> Ticket {
        self.snapshot.ticket()
    }
}

/// A record in place.
pub struct Row<'a, V> {
    key: &'a [u8],
    value: &'a [u8],
    record: PhantomData<fn() -> V>,
}

impl<'a, V: Stored> Row<'a, V> {
    /// Its key.
    pub fn key(&self) -> Key<V> {
        Key::from_bytes(KeyBytes::from(self.key))
    }

    /// The record.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn record(&self) -> Result<V, Fault> {
        decode(self.value)
    }

    /// The bytes that [`Stored::encode`] has written, if it was this version of it.
    pub fn body(&self) -> Option<&'a [u8]> {
        self.value.split_first().filter(|(version, _)| **version == V::VERSION).map(|(_, body)| body)
    }
}

impl Reader for Read {
    fn get<V: Stored>(&self, key: &Key<V>) -> Result<Option<V>, Fault> {
        self.snapshot.get(key.as_bytes())?.map(|entry| decode(entry.value())).transpose()
    }

    fn recall<V: Stored + Send + Sync + 'static>(&self, key: &Key<V>) -> Result<Option<Arc<V>>, Fault> {
        typed(self.snapshot.recall(key.as_bytes(), &shared::<V>)?)
    }

    fn scan<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key<V>, V)>, Fault> {
        collect(self.snapshot.scan(span(range), direction), limit, record)
    }

    fn scan_keys<V: Stored>(
        &self,
        range: &Range<V>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Key<V>>, Fault> {
        collect(self.snapshot.scan(span(range), direction), limit, key_of)
    }

    fn contains<V: Stored>(&self, key: &Key<V>) -> Result<bool, Fault> {
        Ok(self.snapshot.get(key.as_bytes())?.is_some())
    }
}

/// Decodes a record to be shared.
pub(crate) fn shared<V: Stored + Send + Sync + 'static>(entry: &Entry) -> Result<Recalled, Fault> {
    Ok(Arc::new(decode::<V>(entry.value())?))
}

/// A shared record as what it is.
pub(crate) fn typed<V: Send + Sync + 'static>(found: Option<Recalled>) -> Result<Option<Arc<V>>, Fault> {
    let typed = |record: Recalled| record.downcast().map_err(|_| Fault::new("a record is of another type"));
    found.map(typed).transpose()
}

pub(crate) fn span<V>(range: &Range<V>) -> Span<'_> {
    Span { start: range.start(), end: range.end() }
}

pub(crate) fn record<V: Stored>(entry: &Entry) -> Result<(Key<V>, V), Fault> {
    Ok((Key::from_bytes(KeyBytes::from(entry.key())), decode(entry.value())?))
}

pub(crate) fn key_of<V>(entry: &Entry) -> Result<Key<V>, Fault> {
    Ok(Key::from_bytes(KeyBytes::from(entry.key())))
}

/// Takes up to `limit` entries and turns each into what the caller asked for.
pub(crate) fn collect<T>(
    entries: impl Iterator<Item = Result<Entry, Fault>>,
    limit: usize,
    read: impl Fn(&Entry) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    entries.take(limit).map(|entry| read(&entry?)).collect()
}
