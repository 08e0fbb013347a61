//! The base layer: a B-tree file that checkpoints write and snapshots read.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::RwLock;
use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, TableDefinition, WriteTransaction};

use super::ahead::{Ahead, Window};
use super::runs;
use crate::Fault;
use crate::engine::{Direction, Span};
use crate::entry::Entry;

const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// Log position up to which the base holds everything.
const APPLIED: &str = "applied";
/// Pages kept in memory. The page cache of the system does the rest.
const CACHE_BYTES: usize = 24 << 20;

/// Entries read by key that a view remembers; past that, all are forgotten.
const MOST_REMEMBERED: usize = 1024;
/// The largest of them.
const MOST_REMEMBERED_BYTES: usize = 1024;

/// A walk over the base file.
pub(super) type BaseRange = redb::Range<'static, &'static [u8], &'static [u8]>;

/// The B-tree file.
pub(super) struct Base {
    database: Database,
}

/// One committed state of the base. Shared by all snapshots until the next checkpoint.
pub(super) struct BaseView {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// Small entries that were read by key: those that every call reads stay in the base while nothing changes them.
    read: RwLock<HashMap<Box<[u8]>, Entry, RandomState>>,
    ahead: Ahead,
}

impl Base {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let database = redb::Builder::new()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(|e| Fault::with_source(format!("cannot open {}", path.display()), e))?;
        Ok(Self { database })
    }

    /// The present state and the log position it includes; no view while nothing was ever written.
    pub(super) fn view(&self) -> Result<(Option<Arc<BaseView>>, u64), Fault> {
        let txn = self.database.begin_read().map_err(failed)?;
        let meta = match txn.open_table(META) {
            Ok(meta) => meta,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok((None, 0)),
            Err(e) => return Err(failed(e)),
        };
        let applied = meta.get(APPLIED).map_err(failed)?.map_or(0, |guard| guard.value());
        let table = txn.open_table(ENTRIES).map_err(failed)?;
        Ok((Some(Arc::new(BaseView { table, read: RwLock::default(), ahead: Ahead::default() })), applied))
    }

    /// Begins to change the base. Dropping the change undoes it.
    pub(super) fn change(&self) -> Result<BaseChange, Fault> {
        let mut txn = self.database.begin_write().map_err(failed)?;
        txn.set_durability(Durability::Immediate).map_err(failed)?;
        // Without this, the next start after a kill walks the whole file.
        txn.set_quick_repair(true);
        Ok(BaseChange { txn })
    }
}

/// A change of the base under way.
pub(super) struct BaseChange {
    txn: WriteTransaction,
}

impl BaseChange {
    pub(super) fn clear(&self) -> Result<(), Fault> {
        self.txn.delete_table(ENTRIES).map(|_| ()).map_err(failed)
    }

    /// Applies entries, which come in key order.
    pub(super) fn apply(&self, entries: &mut dyn Iterator<Item = Result<Entry, Fault>>) -> Result<(), Fault> {
        runs::apply(&mut self.txn.open_table(ENTRIES).map_err(failed)?, entries)
    }

    /// Makes the change durable, together with the log position that it brings the base to.
    pub(super) fn commit(self, applied: u64) -> Result<(), Fault> {
        self.txn.open_table(META).map_err(failed)?.insert(APPLIED, applied).map_err(failed)?;
        self.txn.commit().map_err(failed)
    }
}

impl BaseView {
    /// What this thread has read ahead around a key.
    pub(super) fn window(&self, key: &[u8]) -> Option<Arc<Window>> {
        self.ahead.window(key)
    }

    /// The entry under a key; those that follow it are read ahead.
    pub(super) fn get_in_order(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        let window = self.read_ahead(key)?;
        match window.covers(key) {
            true => Ok(window.get(key).cloned()),
            false => self.get(key),
        }
    }

    /// Notes a scan that begins at `start` and has come to `last`, and reads ahead from there if it goes on from another one.
    pub(super) fn note_scan(&self, start: &[u8], last: &[u8]) -> Result<(), Fault> {
        if self.ahead.goes_on(start, last) {
            self.read_ahead(start)?;
        }
        Ok(())
    }

    fn read_ahead(&self, start: &[u8]) -> Result<Arc<Window>, Fault> {
        let range = self.table.range::<&[u8]>(start..).map_err(failed)?;
        let window = Arc::new(Window::read(start, range)?);
        self.ahead.keep(Arc::clone(&window));
        Ok(window)
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        if let Some(entry) = self.read.read().get(key) {
            return Ok(Some(entry.clone()));
        }
        let entry = self.table.get(key).map_err(failed)?.map(|value| Entry::set(key, value.value()));
        if let Some(entry) = entry.as_ref().filter(|entry| entry.footprint() <= MOST_REMEMBERED_BYTES) {
            let mut read = self.read.write();
            if read.len() >= MOST_REMEMBERED {
                read.clear();
            }
            read.insert(key.into(), entry.clone());
        }
        Ok(entry)
    }

    /// Walks a range in either direction.
    pub(super) fn range(&self, span: Span<'_>) -> Result<BaseRange, Fault> {
        self.table.range::<&[u8]>(span.start..span.end).map_err(failed)
    }
}

/// The next entry of a walk, from the side that `direction` begins at.
pub(super) fn next(range: &mut BaseRange, direction: Direction) -> Option<Result<Entry, Fault>> {
    let pair = match direction {
        Direction::Forward => range.next(),
        Direction::Backward => range.next_back(),
    };
    pair.map(|pair| pair.map(|(key, value)| Entry::set(key.value(), value.value())).map_err(failed))
}

pub(super) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::with_source("the base file failed", error)
}
