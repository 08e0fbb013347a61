//! What a storage engine must offer, in bytes. The typed transactions above know engines only by this.
//!
//! The contract leaves room for engines that live elsewhere: an optimistic commit may answer
//! [`CommitError::Conflict`], after which the transaction is run again, and durability is a future.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::Fault;
pub use crate::entry::Entry;

/// When a write counts as durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It has been synced to the device.
    Strict,
    /// The operating system has it: it survives a kill of the process, and is synced within 100 ms.
    Relaxed,
}

/// A place in the order of commits, to wait for by `durable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The number of commits that a snapshot has seen.
pub type Version = u64;

/// The order in which a scan visits its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Ascending keys.
    Forward,
    /// Descending keys.
    Backward,
}

/// A half-open range of keys, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// First key of the range.
    pub start: &'a [u8],
    /// First key past the range.
    pub end: &'a [u8],
}

impl Span<'_> {
    /// Whether no key can lie in the range.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Whether `key` lies in the range.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.start <= key && key < self.end
    }
}

/// A walk over entries in key order, without tombstones.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, Fault>> + 'a>;

/// A decoded record that is shared with earlier and later reads of it.
pub type Recalled = Arc<dyn Any + Send + Sync>;

/// Decodes the entry under a key.
pub type Decode<'a> = dyn Fn(&Entry) -> Result<Recalled, Fault> + 'a;

/// An unchanging view of the whole key space.
pub trait Snapshot: Send + Sync {
    /// The number of commits that the view includes.
    fn version(&self) -> Version;

    /// What to wait for until everything visible here is durable.
    fn ticket(&self) -> Ticket;

    /// The entry under `key`, if it is set.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault>;

    /// The decoded record under `key`, if it is set: one that was decoded before, where that is known to hold still.
    ///
    /// # Errors
    /// When the engine cannot read, and those of `decode`.
    fn recall(&self, key: &[u8], decode: &Decode<'_>) -> Result<Option<Recalled>, Fault> {
        self.get(key)?.as_ref().map(decode).transpose()
    }

    /// Walks a range. The walk may be given up at any point.
    fn scan<'a>(&'a self, span: Span<'a>, direction: Direction) -> Entries<'a>;

    /// Shows the keys and values of a range one after the other, in place, until `look` has seen enough: then it answers
    /// false.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn visit(
        &self,
        span: Span<'_>,
        direction: Direction,
        look: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Fault> {
        for entry in self.scan(span, direction) {
            let entry = entry?;
            if !look(entry.key(), entry.value()) {
                break;
            }
        }
        Ok(())
    }
}

/// A transaction's reads under way. They show the newest state: each is checked against those before it, so that all that
/// were noted held together at the moment of the last one. No view of one moment is kept for it, beside which
/// every change would have to be a copy.
pub trait Attempt: Send {
    /// The entry under `key`; noted, so that the commit checks it.
    ///
    /// # Errors
    /// When the engine cannot read, or the attempt has become stale.
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault>;

    /// The decoded record under `key`, if it is set: one that was decoded before, where that is known to hold still. Noted,
    /// so that the commit checks it.
    ///
    /// # Errors
    /// When the engine cannot read, or the attempt has become stale, and those of `decode`.
    fn recall(&self, key: &[u8], decode: &Decode<'_>) -> Result<Option<Recalled>, Fault> {
        self.get(key)?.as_ref().map(decode).transpose()
    }

    /// Keeps the state at hand for the reads that follow, which come at once and touch nothing but this attempt, until
    /// [`Attempt::release`]. An engine for which that makes no difference does nothing.
    fn hold(&self) {}

    /// Ends [`Attempt::hold`].
    fn release(&self) {}

    /// The entry under `key` as it is now, whatever was read before; not noted.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn peek(&self, key: &[u8]) -> Result<Option<Entry>, Fault>;

    /// The entry under `key` as [`Attempt::peek`] finds it, where those behind it are likely to be asked for next.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn peek_in_order(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.peek(key)
    }

    /// Walks a range, of which about `limit` entries are wanted. What was seen of it is to be noted with [`Attempt::note`]
    /// before anything else is read.
    fn scan<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize) -> Entries<'a>;

    /// Walks a range as it is now, whatever was read before; not noted.
    fn peek_scan<'a>(&'a self, span: Span<'a>, direction: Direction, limit: usize) -> Entries<'a>;

    /// The entries of a range from its beginning, after so many that are passed over. Each is noted by itself: the commit
    /// checks that it is as it was, whatever lies around it.
    ///
    /// # Errors
    /// When the engine cannot read, or the attempt has become stale.
    fn pick(&self, span: Span<'_>, passed_over: usize, wanted: usize) -> Result<Batch, Fault>;

    /// Notes a range of which every entry was seen, so that the commit checks it.
    fn note(&self, span: Span<'_>);

    /// Whether something that was read has changed since: nothing that was decided on it may be done.
    fn is_stale(&self) -> bool;

    /// What to wait for until everything that was read is durable.
    fn ticket(&self) -> Ticket;

    /// What was noted.
    fn into_reads(self: Box<Self>) -> ReadSet;
}

/// Entries that were read at once: nearly always the few that a caller asked for.
pub type Batch = SmallVec<[Entry; 8]>;

/// A scanned range: its first key and the first key past it.
pub type ReadRange = (Box<[u8]>, Box<[u8]>);

/// Something beside keys and ranges that must hold for a commit.
pub trait Condition: Send + Sync {
    /// Whether it does. What has ceased to hold never holds again.
    fn holds(&self) -> bool;
}

/// What a transaction has read, for the engine to check that it still holds.
#[derive(Default)]
pub struct ReadSet {
    /// The number of commits that had been made at the last read; nothing when nothing was read.
    version: Option<Version>,
    /// The keys of `points`, one after the other.
    bytes: Vec<u8>,
    /// Where each of the single keys ends.
    ends: SmallVec<[usize; 8]>,
    ranges: Vec<ReadRange>,
    conditions: SmallVec<[Arc<dyn Condition>; 4]>,
}

impl ReadSet {
    /// The number of commits at which everything noted is known to hold; nothing when nothing was read.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// Everything noted is known to hold after this many commits.
    pub fn hold_at(&mut self, version: Version) {
        self.version = Some(version);
    }

    /// Notes a single key, whether it was set or not.
    pub fn note_point(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
    }

    /// Notes a scanned range.
    pub fn note_range(&mut self, span: Span<'_>) {
        self.ranges.push((span.start.into(), span.end.into()));
    }

    /// Notes a condition.
    pub fn note_condition(&mut self, condition: Arc<dyn Condition>) {
        self.conditions.push(condition);
    }

    /// Whether all conditions hold.
    pub fn conditions_hold(&self) -> bool {
        self.conditions.iter().all(|condition| condition.holds())
    }

    /// Keys read one by one.
    pub fn points(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Scanned ranges.
    pub fn ranges(&self) -> &[ReadRange] {
        &self.ranges
    }

    /// Whether neither key nor range was noted.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.ranges.is_empty()
    }
}

/// Everything a transaction wants to happen at once.
pub struct Changes {
    /// Keys to set and to delete, at most one entry per key.
    pub sets: Vec<Entry>,
    /// Counters and what to add to them, in the form of `Entry::add`; none of them is in `sets`.
    pub adds: Vec<Entry>,
}

/// Why a commit did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Another transaction has changed what this one read: run it again.
    #[error("another transaction changed what this one had read")]
    Conflict,
    /// The store failed. Whether the change has happened is unknown.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Resolves when a commit is durable.
pub type Durable = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// A source of entries for a load: stops at the first error.
pub type EntrySource<'a> = dyn Iterator<Item = Result<Entry, Fault>> + 'a;

/// A storage engine: one ordered key space with serializable optimistic transactions.
pub trait Engine: Send + Sync {
    /// Whether other processes write to the same key space: then nothing that was read stays true by itself.
    fn is_shared(&self) -> bool {
        false
    }

    /// The state after the last commit.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, Fault>;

    /// The entry under a key at this moment, when no more than the one is wanted.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    fn peek(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.begin()?.peek(key)
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    fn begin(&self) -> Result<Box<dyn Attempt>, Fault>;

    /// Applies `changes` if nothing that the attempt has noted has changed.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when something has; a fault when the engine fails.
    fn commit(&self, attempt: Box<dyn Attempt>, changes: Changes) -> Result<Ticket, CommitError>;

    /// The wait until the commit of `ticket` is durable; nothing when it already is.
    ///
    /// # Errors
    /// When the engine has failed.
    fn durable(&self, ticket: Ticket) -> Result<Option<Durable>, Fault>;

    /// An independent copy of the present state, in memory.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    fn fork(&self) -> Result<Box<dyn Engine>, Fault>;

    /// Deletes everything, in one commit that conflicts with every transaction under way.
    ///
    /// # Errors
    /// When the engine fails.
    fn clear(&self) -> Result<Ticket, Fault>;

    /// Replaces everything by `entries`, which come in key order, durably and all or nothing.
    ///
    /// # Errors
    /// When the engine fails or `entries` yields an error: then nothing has changed.
    fn replace(&self, entries: &mut EntrySource<'_>) -> Result<(), Fault>;

    /// Makes everything durable and leaves the shortest work for the next start. The engine stays usable.
    ///
    /// # Errors
    /// When the engine fails.
    fn close(&self) -> Result<(), Fault>;
}
