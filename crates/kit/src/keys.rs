//! Access keys that this cloud issued.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use virga_iam::{AccountId, Caller, IssuedKey, KeyStatus, Keys, Principal};
use virga_store::{Fault, Reader as _, Space, Store, stored};

/// Look-ups that are remembered; past that, all are forgotten.
const REMEMBERED: usize = 4096;

/// An issued key as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The secret.
    pub secret_access_key: String,
    /// Token that must come with it.
    pub session_token: Option<String>,
    /// When it expires, in Unix seconds.
    pub expires_at: Option<i64>,
    /// Whether it may be used.
    pub active: bool,
    /// Account.
    pub account: String,
    /// Whose it is.
    pub principal: StoredPrincipal,
}

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredPrincipal {
    /// The root user of the account.
    Root,
}
stored!(StoredKey, 1);

static ISSUED: Space<StoredKey> = Space::new("kit.access-key");

/// The issued keys of a world. Look-ups are remembered until a key changes.
pub struct IssuedKeys {
    store: Store,
    known: RwLock<HashMap<String, Option<Arc<IssuedKey>>>>,
}

impl IssuedKeys {
    pub(crate) fn new(store: Store) -> Self {
        IssuedKeys { store, known: RwLock::default() }
    }

    /// Stores a key, or replaces it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put(&self, access_key_id: &str, key: &StoredKey) -> Result<(), Fault> {
        self.store.write(|txn| txn.put(&ISSUED.key(access_key_id), key))?;
        self.forget();
        Ok(())
    }

    /// Forgets what was looked up, after keys have changed.
    pub fn forget(&self) {
        self.known.write().clear();
    }

    fn load(&self, access_key_id: &str) -> Result<Option<Arc<IssuedKey>>, Fault> {
        let found = self.store.read()?.get(&ISSUED.key(access_key_id))?;
        Ok(found.map(|key| {
            let account: AccountId = key.account.parse().unwrap_or(AccountId::DEFAULT);
            let caller = Caller {
                access_key_id: Some(access_key_id.to_owned()),
                account,
                principal: match key.principal {
                    StoredPrincipal::Root => Principal::Root,
                },
            };
            Arc::new(IssuedKey {
                secret_access_key: key.secret_access_key,
                session_token: key.session_token,
                expires_at: key.expires_at,
                status: if key.active { KeyStatus::Active } else { KeyStatus::Inactive },
                caller,
            })
        }))
    }
}

impl Keys for IssuedKeys {
    fn lookup(&self, access_key_id: &str) -> Option<Arc<IssuedKey>> {
        if let Some(known) = self.known.read().get(access_key_id) {
            return known.clone();
        }
        match self.load(access_key_id) {
            Ok(found) => {
                let mut known = self.known.write();
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(access_key_id.to_owned(), found.clone());
                found
            }
            Err(fault) => {
                tracing::error!("access keys can't be read: {fault}");
                None
            }
        }
    }
}
