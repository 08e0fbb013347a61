//! The search for blobs that no record names: what a crash has left. It runs beside the work of the store.
//!
//! A file is deleted when one snapshot names it nowhere and nobody has begun it, or found it, since just before
//! that snapshot was taken.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::{BlobId, Fault, Read, Store};

/// A search that has begun: from now on the store remembers which blobs are new.
pub struct LeakedBlobs {
    store: Store,
    /// One for the whole walk: between two, a record could move from what is still to be read to what was read.
    snapshot: Option<Read>,
}

impl LeakedBlobs {
    /// Nothing when there is no blob, or another search is under way.
    pub(crate) fn begin(store: &Store) -> Result<Option<Self>, Fault> {
        if store.blobs().is_empty()? || !store.blobs().begin_search() {
            return Ok(None);
        }
        // Made before the snapshot, so that a failure ends the remembering too.
        let mut search = Self { store: store.clone(), snapshot: None };
        search.snapshot = Some(store.read()?);
        Ok(Some(search))
    }

    /// Deletes the blobs that `walk` does not find in the records, and says how many. `walk` is given the records and
    /// what to tell of the blobs they name.
    ///
    /// # Errors
    /// Those of `walk`; nothing is deleted then, nor when it breaks off. When a file cannot be deleted.
    pub fn delete(
        mut self,
        walk: impl FnOnce(&Read, &mut dyn FnMut(&[BlobId])) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<usize, Fault> {
        let Some(snapshot) = self.snapshot.take() else { return Ok(0) };
        let mut candidates: HashSet<String> = self.store.blobs().old_names()?.into_iter().collect();
        let mut named = |ids: &[BlobId]| {
            for id in ids {
                candidates.remove(&id.to_string());
            }
        };
        if walk(&snapshot, &mut named)?.is_break() {
            return Ok(0);
        }
        // It pins memory.
        drop(snapshot);
        let mut deleted = 0;
        for name in &candidates {
            deleted += usize::from(self.store.blobs().delete_old(name)?);
        }
        Ok(deleted)
    }
}

impl Drop for LeakedBlobs {
    fn drop(&mut self) {
        self.store.blobs().end_search();
    }
}
