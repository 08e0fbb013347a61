//! When permissions change: the generation that everything remembered about them belongs to.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use virga_store::{Fault, Reader as _, Space, Store, Write, stored};

use crate::Ctx;

/// A number drawn anew with every change of users, roles, policies, keys and their tags. Random, so that the numbers
/// of a state that was reset or loaded are not met again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Generation(u64);
stored!(Generation, 1);

static GENERATION: Space<Generation> = Space::new("kit.permissions");

/// The generation of a world's permissions. This process hears of its own commits at once; where other processes
/// write to the same store, every question reads the stored number.
pub(crate) struct Permissions {
    store: Store,
    own: AtomicU64,
}

impl Permissions {
    pub(crate) fn new(store: Store) -> Self {
        Permissions { store, own: AtomicU64::new(fastrand::u64(..)) }
    }

    /// The present generation.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn generation(&self) -> Result<u64, Fault> {
        if self.store.is_shared() {
            let stored = self.store.read()?.get(&GENERATION.key(()))?;
            return Ok(stored.map_or(0, |Generation(number)| number));
        }
        Ok(self.own.load(Ordering::Acquire))
    }

    /// Starts a new generation in this process.
    pub(crate) fn renew(&self) {
        self.own.store(fastrand::u64(..), Ordering::Release);
    }

    /// Starts a new generation with the transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn change(self: &Arc<Self>, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&GENERATION.key(()), &Generation(fastrand::u64(..)))?;
        let permissions = Arc::clone(self);
        txn.on_commit(move || permissions.renew());
        Ok(())
    }
}

/// What was read of one generation, by name. Past a number of entries all are forgotten.
pub(crate) struct Memo<V> {
    most: usize,
    inner: RwLock<(u64, HashMap<String, V>)>,
}

impl<V: Clone> Memo<V> {
    /// A memo of at most so many entries.
    pub(crate) fn new(most: usize) -> Self {
        Memo { most, inner: RwLock::default() }
    }

    /// What is remembered of the generation, else what `read` finds. What was read is kept only under the generation
    /// that was asked for beforehand: a commit in between has started another one by then.
    pub(crate) fn get(
        &self,
        generation: u64,
        name: &str,
        read: impl FnOnce() -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        {
            let inner = self.inner.read();
            if let Some(found) = inner.1.get(name).filter(|_| inner.0 == generation) {
                return Ok(found.clone());
            }
        }
        let value = read()?;
        let mut inner = self.inner.write();
        if inner.0 != generation || inner.1.len() >= self.most {
            *inner = (generation, HashMap::new());
        }
        inner.1.insert(name.to_owned(), value.clone());
        Ok(value)
    }
}

impl Ctx {
    /// To be called in every transaction that changes what somebody may do: users, groups, roles, policies, their
    /// attachments and tags, keys.
    ///
    /// # Errors
    /// When the store fails.
    pub fn permissions_changed(&self, txn: &mut Write) -> Result<(), Fault> {
        self.world().permissions().change(txn)
    }
}
