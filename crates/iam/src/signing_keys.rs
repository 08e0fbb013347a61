//! Derived signing keys, kept so that a warm request costs one HMAC instead of five.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use ring::hmac;

use crate::CredentialScope;
use crate::sigv4a;

/// Entries kept per kind of key; above it the table starts anew.
const LIMIT: usize = 1024;

/// Keys derived from secrets: for SigV4 per access key, date, region and service, for SigV4A per access key.
///
/// Reading takes no lock. Only signatures that verified bring a key in, so strangers cannot fill the table.
#[derive(Default)]
pub struct SigningKeys {
    symmetric: Table<hmac::Key>,
    asymmetric: Table<[u8; 65]>,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SigningKeys").finish_non_exhaustive()
    }
}

impl SigningKeys {
    /// Has something proved with the SigV4 key of a scope. A key that proves right is kept.
    pub(crate) fn symmetric<P>(
        &self,
        scope: &CredentialScope<'_>,
        secret: &str,
        prove: impl FnOnce(&Arc<hmac::Key>) -> Option<P>,
    ) -> Option<P> {
        self.symmetric.prove(scope.as_str(), secret, || derive(secret, scope), prove)
    }

    /// Has something proved with the SigV4A public key of an access key. A key that proves right is kept.
    pub(crate) fn asymmetric<P>(
        &self,
        access_key_id: &str,
        secret: &str,
        prove: impl FnOnce(&Arc<[u8; 65]>) -> Option<P>,
    ) -> Option<P> {
        let derive = || sigv4a::public_key(access_key_id, secret);
        self.asymmetric.prove(access_key_id, secret, derive, prove)
    }
}

/// The SigV4 key of a scope.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key>
pub(crate) fn derive(secret: &str, scope: &CredentialScope<'_>) -> hmac::Key {
    let mut initial = Vec::with_capacity(4 + secret.len());
    initial.extend_from_slice(b"AWS4");
    initial.extend_from_slice(secret.as_bytes());
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, &initial);
    for part in [scope.date(), scope.region(), scope.service(), "aws4_request"] {
        let tag = hmac::sign(&key, part.as_bytes());
        key = hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref());
    }
    key
}

/// A bounded map that is replaced, never changed: readers take whatever version is current.
struct Table<T> {
    entries: ArcSwap<HashMap<Box<str>, Entry<T>, RandomState>>,
}

/// A derived key and the secret it came from: the same access key may get another secret in a forked world.
struct Entry<T> {
    secret: Box<str>,
    key: Arc<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: ArcSwap::from_pointee(HashMap::default()) }
    }
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { secret: self.secret.clone(), key: Arc::clone(&self.key) }
    }
}

impl<T> Table<T> {
    fn prove<P>(
        &self,
        name: &str,
        secret: &str,
        derive: impl FnOnce() -> T,
        prove: impl FnOnce(&Arc<T>) -> Option<P>,
    ) -> Option<P> {
        let entries = self.entries.load();
        if let Some(entry) = entries.get(name).filter(|entry| *entry.secret == *secret) {
            return prove(&entry.key);
        }
        let key = Arc::new(derive());
        let proved = prove(&key)?;
        self.keep(name, secret, &key);
        Some(proved)
    }

    fn keep(&self, name: &str, secret: &str, key: &Arc<T>) {
        self.entries.rcu(|entries| {
            let mut entries =
                if entries.len() < LIMIT { HashMap::clone(entries) } else { HashMap::default() };
            entries.insert(name.into(), Entry { secret: secret.into(), key: Arc::clone(key) });
            entries
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_bounded_and_follows_the_secret() {
        let table = Table::<usize>::default();
        for number in 0..LIMIT * 2 + 10 {
            table.keep(&number.to_string(), "secret", &Arc::new(number));
        }
        assert!(table.entries.load().len() <= LIMIT);
        let newest = (LIMIT * 2 + 9).to_string();
        let found = |secret| table.prove(&newest, secret, || 0, |key| Some(**key));
        assert_eq!(found("secret"), Some(LIMIT * 2 + 9));
        assert_eq!(found("another"), Some(0));
    }
}
