//! The store as services see it: transactions, forks and archives over one engine.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{CommitError, Durability, Engine, Ticket};
use crate::layered::Layered;
use crate::reader::{shared, typed};
use crate::stored::decode;
use crate::{Blobs, Fault, Key, LeakedBlobs, Read, Stored, Write, archive};

/// From this attempt on, a conflicting transaction waits before it runs again.
const PATIENT_ATTEMPTS: u32 = 3;
/// Attempts after which a transaction that keeps conflicting is given up.
const MOST_ATTEMPTS: u32 = 1000;

/// One ordered, transactional key space with its blobs. Clones are handles to the same store.
#[derive(Clone)]
pub struct Store {
    parts: Arc<StoreParts>,
}

struct StoreParts {
    engine: Box<dyn Engine>,
    blobs: Blobs,
    is_shared: bool,
}

/// What a committed transaction leaves behind.
#[derive(Clone, Copy, Debug)]
pub struct Committed<T> {
    /// What the transaction's function returned.
    pub value: T,
    /// To wait for durability by [`Store::durable`].
    pub ticket: Ticket,
}

impl Store {
    /// An empty store that lives as long as the process.
    pub fn memory() -> Self {
        Self::from_parts(Box::new(Layered::memory()), Blobs::temporary())
    }

    /// Opens the store in `dir`, or creates it. One process at a time can have it open.
    ///
    /// # Errors
    /// When the folder cannot be used or what is in it is damaged.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self, Fault> {
        let engine = Layered::open(dir, durability)?;
        Ok(Self::from_parts(Box::new(engine), Blobs::open_dir(&dir.join("blobs"))?))
    }

    fn from_parts(engine: Box<dyn Engine>, blobs: Blobs) -> Self {
        let is_shared = engine.is_shared();
        Self { parts: Arc::new(StoreParts { engine, blobs, is_shared }) }
    }

    /// A store in memory that counts as one that other processes write to: for tests of what is remembered of it.
    #[cfg(feature = "testing")]
    pub fn shared_memory() -> Self {
        let engine = Box::new(Layered::memory());
        Self { parts: Arc::new(StoreParts { engine, blobs: Blobs::temporary(), is_shared: true }) }
    }

    /// Whether other processes write to it too: then nothing that was read stays true by itself.
    pub fn is_shared(&self) -> bool {
        self.parts.is_shared
    }

    /// The state after the last commit, to read from.
    ///
    /// # Errors
    /// When the store fails.
    pub fn read(&self) -> Result<Read, Fault> {
        Ok(Read::new(self.parts.engine.snapshot()?))
    }

    /// The record under `key` at this moment. It costs less than a view does, for whoever wants no more than the one.
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    pub fn peek<V: Stored>(&self, key: &Key<V>) -> Result<Option<V>, Fault> {
        let found = self.parts.engine.peek(key.as_bytes())?;
        found.map(|entry| decode(entry.value())).transpose()
    }

    /// The same for a record of a space whose records change rarely ([`Reader::recall`](crate::Reader::recall)).
    ///
    /// # Errors
    /// When the store fails or the record is damaged.
    pub fn recall<V: Stored + Send + Sync + 'static>(&self, key: &Key<V>) -> Result<Option<Arc<V>>, Fault> {
        typed(self.parts.engine.begin()?.recall(key.as_bytes(), &shared::<V>)?)
    }

    /// Begins a transaction, to be given to [`Store::commit`] or dropped.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin(&self) -> Result<Write, Fault> {
        Ok(Write::new(self.parts.engine.begin()?))
    }

    /// Applies a transaction, then runs its hooks. One that has written nothing needs no check: what it has read has
    /// held together.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when something that it read has changed since: run it again.
    pub fn commit(&self, txn: Write) -> Result<Ticket, CommitError> {
        if txn.is_stale() {
            return Err(CommitError::Conflict);
        }
        let (read_only, read) = (txn.is_read_only(), txn.ticket());
        let (attempt, changes, hooks) = txn.into_parts();
        let ticket = if read_only { read } else { self.parts.engine.commit(attempt, changes)? };
        for hook in hooks {
            hook();
        }
        Ok(ticket)
    }

    /// Runs `transact` in a transaction and commits it, again from the start whenever it conflicts.
    /// An error from `transact` rolls back.
    ///
    /// # Errors
    /// Those of `transact`, and faults of the store.
    pub fn write<T, E: From<Fault>>(
        &self,
        mut transact: impl FnMut(&mut Write) -> Result<T, E>,
    ) -> Result<Committed<T>, E> {
        for attempt in 0..MOST_ATTEMPTS {
            let mut txn = self.begin()?;
            let value = match transact(&mut txn) {
                Ok(value) => value,
                Err(_) if txn.is_stale() => {
                    back_off(attempt);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match self.commit(txn) {
                Ok(ticket) => return Ok(Committed { value, ticket }),
                Err(CommitError::Conflict) => back_off(attempt),
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Fault::new(format!("a transaction conflicted {MOST_ATTEMPTS} times")).into())
    }

    /// Waits until a commit is durable. Returns without suspending when it already is.
    ///
    /// # Errors
    /// When the store has failed: then whether the commit lasts is unknown.
    pub fn durable(&self, ticket: Ticket) -> impl Future<Output = Result<(), Fault>> + Send + use<> {
        let wait = self.parts.engine.durable(ticket);
        async move {
            match wait? {
                None => Ok(()),
                Some(wait) => wait.await,
            }
        }
    }

    /// An independent copy of the present state, in memory, sharing everything until either side changes it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn fork(&self) -> Result<Self, Fault> {
        Ok(Self::from_parts(self.parts.engine.fork()?, self.parts.blobs.clone()))
    }

    /// Deletes everything at once. Transactions under way will conflict.
    ///
    /// # Errors
    /// When the store fails.
    pub fn clear(&self) -> Result<Ticket, Fault> {
        self.parts.engine.clear()
    }

    /// Writes the present state, with all blobs, as a checksummed stream.
    ///
    /// # Errors
    /// When the store or `out` fails.
    pub fn save(&self, out: &mut dyn io::Write) -> Result<(), Fault> {
        archive::save(&*self.parts.engine.snapshot()?, &self.parts.blobs, out)
    }

    /// Replaces the whole content by what [`Store::save`] has written, durably. A broken archive changes
    /// nothing.
    ///
    /// # Errors
    /// When the archive is damaged or incomplete, or the store fails.
    pub fn load(&self, from: &mut dyn io::Read) -> Result<(), Fault> {
        archive::load(&*self.parts.engine, &self.parts.blobs, from)
    }

    /// Bodies too large for a record.
    pub fn blobs(&self) -> &Blobs {
        &self.parts.blobs
    }

    /// Begins a search for blobs that no record names, to be called before anything is written. Nothing when there is
    /// no blob, or another search is under way.
    ///
    /// # Errors
    /// When the store or the folder of the blobs fails.
    pub fn leaked_blobs(&self) -> Result<Option<LeakedBlobs>, Fault> {
        LeakedBlobs::begin(self)
    }

    /// Makes everything durable and leaves nothing to recover for the next start.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close(&self) -> Result<(), Fault> {
        self.parts.engine.close()
    }
}

/// Lets the transaction that won get on. The wait is random so that two losers do not meet again.
fn back_off(attempt: u32) {
    if attempt < PATIENT_ATTEMPTS {
        std::thread::yield_now();
    } else {
        let most = 50u64 << attempt.min(7);
        std::thread::sleep(Duration::from_micros(fastrand::u64(1..=most)));
    }
}
