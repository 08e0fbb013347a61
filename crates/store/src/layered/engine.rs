//! Commits and snapshots: the state behind one short lock.

use parking_lot::Mutex;

use super::layers::Layers;
use super::recent::Recent;
use crate::Fault;
use crate::engine::{
    Changes, CommitError, Direction, Durable, Engine, Entries, EntrySource, Snapshot, Span, Ticket, Version,
};
use crate::entry::Entry;
use crate::write::counter_sum;

/// The engine behind `Store::memory`, `Store::open` and forks.
pub(crate) struct Layered {
    /// Held for a few microseconds at most: never across I/O.
    state: Mutex<State>,
}

struct State {
    layers: Layers,
    version: Version,
    recent: Recent,
}

impl Layered {
    pub(crate) fn memory() -> Self {
        Self::over(Layers::default())
    }

    fn over(layers: Layers) -> Self {
        Self { state: Mutex::new(State { layers, version: 0, recent: Recent::new(0) }) }
    }
}

impl State {
    /// Puts one commit's entries in place.
    fn apply(&mut self, writes: Vec<Entry>) {
        for entry in &writes {
            self.layers.apply(entry.clone());
        }
        self.version += 1;
        self.recent.push(writes);
    }

    /// Replaces everything. No transaction that began before can commit.
    fn replace(&mut self, layers: Layers) -> Layers {
        self.version += 1;
        self.recent = Recent::new(self.version);
        std::mem::replace(&mut self.layers, layers)
    }
}

impl Engine for Layered {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, Fault> {
        let state = self.state.lock();
        let (layers, version) = (state.layers.clone(), state.version);
        drop(state);
        Ok(Box::new(LayeredSnapshot { layers, version, ticket: Ticket(version) }))
    }

    fn commit(&self, snapshot: Box<dyn Snapshot>, mut changes: Changes) -> Result<Ticket, CommitError> {
        let began = snapshot.version();
        // While the transaction's own snapshot lives, every node on the way to a change has to be copied.
        drop(snapshot);
        let mut writes = changes.sets;
        let mut state = self.state.lock();
        if !state.recent.unchanged(began, &mut changes.reads) {
            return Err(CommitError::Conflict);
        }
        for (key, delta) in changes.adds {
            writes.push(counter_sum(state.layers.get(&key)?.as_ref(), &key, delta)?);
        }
        state.apply(writes);
        Ok(Ticket(state.version))
    }

    fn durable(&self, _: Ticket) -> Result<Option<Durable>, Fault> {
        Ok(None)
    }

    fn fork(&self) -> Result<Box<dyn Engine>, Fault> {
        let layers = self.state.lock().layers.clone();
        Ok(Box::new(Self::over(layers)))
    }

    fn clear(&self) -> Result<Ticket, Fault> {
        let mut state = self.state.lock();
        let old = state.replace(Layers::default());
        let ticket = Ticket(state.version);
        drop(state);
        drop(old);
        Ok(ticket)
    }

    fn replace(&self, entries: &mut EntrySource<'_>) -> Result<(), Fault> {
        let active = entries.collect::<Result<_, _>>()?;
        let old = self.state.lock().replace(Layers { active });
        drop(old);
        Ok(())
    }

    fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}

struct LayeredSnapshot {
    layers: Layers,
    version: Version,
    ticket: Ticket,
}

impl Snapshot for LayeredSnapshot {
    fn version(&self) -> Version {
        self.version
    }

    fn ticket(&self) -> Ticket {
        self.ticket
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.layers.get(key)
    }

    fn scan<'a>(&'a self, span: Span<'a>, direction: Direction) -> Entries<'a> {
        self.layers.scan(span, direction)
    }
}
