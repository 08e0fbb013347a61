//! When spaces have changed last, for those whose records are recalled: what was read of such a space holds as long as that
//! stays the same, which is found out without the lock of the state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::names::{Name, Names};
use crate::engine::Version;
use crate::entry::Entry;

/// The number of commits up to the last one that changed a space. In a cache line of its own, which its readers share until
/// it is written.
#[repr(align(64))]
pub(super) struct Revision(AtomicU64);

impl Revision {
    pub(super) fn current(&self) -> Version {
        self.0.load(Ordering::Acquire)
    }
}

/// The spaces of which that is known. They change under the lock of the state.
#[derive(Default)]
pub(super) struct Revisions {
    names: Names,
    revisions: Vec<Arc<Revision>>,
}

impl Revisions {
    /// The revision of the space of a key, if it is known.
    pub(super) fn of(&self, key: &[u8]) -> Option<&Arc<Revision>> {
        self.names.place(&Name::of_key(key)).ok().map(|place| &self.revisions[place])
    }

    /// Notes changes of the space of a key from now on. It may have changed with the newest commit.
    pub(super) fn begin(&mut self, key: &[u8], newest: Version) {
        let name = Name::of_key(key);
        if let Err(place) = self.names.place(&name) {
            self.names.insert(place, &name);
            self.revisions.insert(place, Arc::new(Revision(AtomicU64::new(newest))));
        }
    }

    /// Notes what the commit of this number changes, before anyone can see it.
    pub(super) fn note(&self, writes: &[Entry], version: Version) {
        if self.revisions.is_empty() {
            return;
        }
        for revision in writes.iter().filter_map(|entry| self.of(entry.key())) {
            revision.0.store(version, Ordering::Release);
        }
    }

    /// Notes that everything changes.
    pub(super) fn note_all(&self, version: Version) {
        self.revisions.iter().for_each(|revision| revision.0.store(version, Ordering::Release));
    }
}
