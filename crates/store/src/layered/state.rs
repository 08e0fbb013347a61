//! The state of the engine: what a commit changes and a snapshot copies, under one short lock.

use std::ops::Deref;
use std::sync::{Arc, Weak};

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::base::BaseView;
use super::hints::Hints;
use super::layers::Layers;
use super::map::Map;
use super::recent::Recent;
use super::revisions::Revisions;
use crate::Fault;
use crate::engine::{ReadSet, Version};
use crate::entry::Entry;

/// Entries that a commit has replaced.
pub(super) type Replaced = SmallVec<[Entry; 8]>;

/// Everything that changes with a commit.
pub(super) struct State {
    pub(super) layers: Layers,
    pub(super) version: Version,
    pub(super) recent: Recent,
    /// How often spaces have changed.
    pub(super) revisions: Revisions,
    /// Scans look into them without the lock.
    pub(super) hints: Arc<Hints>,
    /// Log position after the last commit.
    pub(super) log_end: u64,
    /// Log position that the frozen layer reaches up to, or the base when nothing is frozen.
    pub(super) frozen_at: u64,
    /// Bytes that the active layer takes, about.
    pub(super) active_bytes: usize,
    /// Entries that a replay would apply to the active layer.
    pub(super) logged: usize,
    /// Whether the checkpoint thread knows that there is something to do when commits pause.
    pub(super) idle_requested: bool,
    /// What lies in the base file was cleared and has yet to be removed there, below the active layer.
    pub(super) base_cleared: bool,
    /// The same, below the frozen layer.
    pub(super) frozen_cleared: bool,
    /// Counts the clears and replacements, which end a checkpoint's claim on the layers.
    pub(super) epoch: u64,
}

impl State {
    /// A state whose log ends at `position`.
    pub(super) fn new(layers: Layers, position: u64) -> Self {
        Self {
            layers,
            version: 0,
            recent: Recent::new(0),
            revisions: Revisions::default(),
            hints: Arc::default(),
            log_end: position,
            frozen_at: position,
            active_bytes: 0,
            logged: 0,
            idle_requested: false,
            base_cleared: false,
            frozen_cleared: false,
            epoch: 0,
        }
    }

    /// The state as the engine's threads share it.
    pub(super) fn shared(self) -> Arc<RwLock<Self>> {
        Arc::new_cyclic(|shared| {
            RwLock::new(Self { hints: Arc::new(Hints::about(Weak::clone(shared))), ..self })
        })
    }

    /// The entry under a key. What lies below memory, and was not read ahead, is read once the state is let go.
    pub(super) fn read(
        state: impl Deref<Target = Self>,
        key: &[u8],
        let_go: impl FnOnce(),
        read: impl FnOnce(&BaseView, &[u8]) -> Result<Option<Entry>, Fault>,
    ) -> Result<Option<Entry>, Fault> {
        if let Some(known) = state.layers.in_memory(key) {
            return Ok((!known.is_tombstone()).then(|| known.clone()));
        }
        let Some(base) = &state.layers.base else { return Ok(None) };
        if let Some(window) = base.window(key) {
            return Ok(window.get(key).cloned());
        }
        let base = Arc::clone(base);
        drop(state);
        let_go();
        read(&base, key)
    }

    /// Whether nothing that was read has been changed since.
    pub(super) fn unchanged(&self, reads: &ReadSet) -> bool {
        reads.conditions_hold() && self.recent.unchanged(reads)
    }

    /// Notes changes of the space of a key from now on.
    pub(super) fn note_changes(&mut self, key: &[u8]) {
        self.revisions.begin(key, self.version);
    }

    /// Puts one commit's entries in place. Those that they replace are to be dropped outside of the lock: their memory may be
    /// another thread's.
    pub(super) fn apply(&mut self, writes: Vec<Entry>) -> Replaced {
        self.recent.push(&writes);
        self.revisions.note(&writes, self.version + 1);
        self.hints.cut(&writes);
        self.version += 1;
        self.recover(writes)
    }

    /// Puts the entries of a recovered commit in place, with which no transaction can conflict.
    pub(super) fn recover(&mut self, writes: Vec<Entry>) -> Replaced {
        self.logged += writes.len();
        let mut all = Replaced::new();
        for entry in writes {
            let (growth, replaced) = self.layers.apply(entry);
            self.active_bytes = self.active_bytes.saturating_add_signed(growth);
            all.extend(replaced);
        }
        all
    }

    /// Replaces everything and returns what was there, to be dropped outside of the lock. No transaction
    /// that began before can commit.
    pub(super) fn replace(&mut self, layers: Layers) -> (Layers, Recent) {
        self.hints.clear();
        self.version += 1;
        self.revisions.note_all(self.version);
        self.epoch += 1;
        self.active_bytes = 0;
        self.frozen_cleared = false;
        let recent = std::mem::replace(&mut self.recent, Recent::new(self.version));
        (std::mem::replace(&mut self.layers, layers), recent)
    }

    /// Deletes everything. The base file follows at the next checkpoint.
    pub(super) fn clear(&mut self) -> (Layers, Recent) {
        self.base_cleared = true;
        self.replace(Layers::default())
    }

    /// Moves the active layer below, for a checkpoint to write, unless one is there already.
    pub(super) fn freeze(&mut self) -> Map {
        if let Some(frozen) = &self.layers.frozen {
            return frozen.clone();
        }
        let frozen = std::mem::take(&mut self.layers.active);
        self.layers.frozen = Some(frozen.clone());
        self.frozen_at = self.log_end;
        self.logged = 0;
        self.idle_requested = false;
        self.active_bytes = 0;
        self.frozen_cleared = std::mem::take(&mut self.base_cleared);
        frozen
    }
}
