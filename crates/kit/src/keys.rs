//! Access keys that this cloud issued: root's and users' own, and those of sessions.

use std::sync::Arc;

use virga_iam::{Caller, IssuedKey, KeyStatus, Keys};
use virga_store::{Fault, Reader, Space, Store, Write};

use crate::permissions::{Memo, Permissions};
use crate::{Ctx, StoredKey};

/// Look-ups that are remembered; past that, all are forgotten.
const REMEMBERED: usize = 4096;

static ISSUED: Space<StoredKey> = Space::new("kit.access-key");
/// Ids of keys that were deleted. They stay known, or they would pass for keys that this cloud never issued, which stand
/// for a root user.
static REVOKED: Space<()> = Space::new("kit.revoked-key");

/// The issued keys of a world. Look-ups are remembered until permissions change.
pub struct IssuedKeys {
    store: Store,
    permissions: Arc<Permissions>,
    known: Memo<Option<Arc<IssuedKey>>>,
}

impl IssuedKeys {
    pub(crate) fn new(store: Store, permissions: Arc<Permissions>) -> Self {
        IssuedKeys { store, permissions, known: Memo::new(REMEMBERED) }
    }

    /// Stores a key outside a call, or replaces it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put(&self, access_key_id: &str, key: &StoredKey) -> Result<(), Fault> {
        self.store.write(|txn| {
            txn.put(&ISSUED.key(access_key_id), key)?;
            self.permissions.change(txn)
        })?;
        Ok(())
    }

    fn find(&self, access_key_id: &str) -> Result<Option<Arc<IssuedKey>>, Fault> {
        if self.permissions.is_unknown_yet(access_key_id) {
            return Ok(Some(Arc::new(unusable(access_key_id))));
        }
        self.known.get(self.permissions.generation()?, access_key_id, || {
            let read = self.store.read()?;
            let found = read.get(&ISSUED.key(access_key_id))?.map(|key| key.issued(access_key_id));
            let found = match found {
                None if read.contains(&REVOKED.key(access_key_id))? => Some(unusable(access_key_id)),
                found => found,
            };
            Ok(found.map(Arc::new))
        })
    }
}

/// A key of this cloud that is refused like an unknown one.
fn unusable(access_key_id: &str) -> IssuedKey {
    IssuedKey {
        secret_access_key: String::new(),
        session_token: None,
        expires_at: None,
        status: KeyStatus::Inactive,
        caller: Caller::of_unknown_key(access_key_id).into(),
    }
}

impl Keys for IssuedKeys {
    fn lookup(&self, access_key_id: &str) -> Option<Arc<IssuedKey>> {
        let found = self.find(access_key_id);
        found.inspect_err(|fault| tracing::error!("access keys can't be read: {fault}")).ok().flatten()
    }
}

impl Ctx {
    /// The key with this id, active or not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn issued_key(&self, txn: &impl Reader, access_key_id: &str) -> Result<Option<StoredKey>, Fault> {
        txn.get(&ISSUED.key(access_key_id))
    }

    /// Stores a key under an id that was never used.
    ///
    /// # Errors
    /// When the store fails.
    pub fn issue_key(&self, txn: &mut Write, access_key_id: &str, key: &StoredKey) -> Result<(), Fault> {
        // Those of a session are known everywhere at once: they carry what they need.
        if key.session.is_none() {
            self.world().permissions().created(txn, access_key_id);
        }
        txn.put_new(&ISSUED.key(access_key_id), key)
    }

    /// Replaces a key: its status, or the name of its user.
    ///
    /// # Errors
    /// When the store fails.
    pub fn change_key(&self, txn: &mut Write, access_key_id: &str, key: &StoredKey) -> Result<(), Fault> {
        txn.put(&ISSUED.key(access_key_id), key)?;
        self.permissions_changed(txn)
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// When the store fails.
    pub fn revoke_key(&self, txn: &mut Write, access_key_id: &str) -> Result<(), Fault> {
        txn.delete(&ISSUED.key(access_key_id))?;
        txn.put(&REVOKED.key(access_key_id), &())?;
        self.permissions_changed(txn)
    }
}
