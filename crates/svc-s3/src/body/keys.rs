//! The keys that seal a body: derived from the data keys of its object, so that no two bodies share one.

use std::sync::Arc;

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hmac;
use virga_store::Fault;

use super::sealing::Sealer;

/// The data keys of an object: one, or two for encryption in two layers.
#[derive(Clone)]
pub(crate) struct DataKeys(Arc<[hmac::Key]>);

impl DataKeys {
    /// One data key, or two.
    pub(crate) fn new<'k>(keys: impl IntoIterator<Item = &'k [u8]>) -> Self {
        DataKeys(keys.into_iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect())
    }

    /// What seals the body, or the part of it, that has this salt.
    pub(super) fn sealer(&self, salt: &[u8; 16]) -> Result<Sealer, Fault> {
        let layer = |key: &hmac::Key| {
            let derived = hmac::sign(key, salt);
            let unbound = UnboundKey::new(&AES_256_GCM, derived.as_ref());
            unbound.map(LessSafeKey::new).map_err(|_| Fault::new("a key for AES-256 has 32 bytes"))
        };
        Ok(Sealer::new(self.0.iter().map(layer).collect::<Result<_, _>>()?))
    }
}
