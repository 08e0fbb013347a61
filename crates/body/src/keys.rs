//! The keys that seal a body: derived from the data keys of its object, so that no two bodies share one. What is so
//! small that it lies in the record of its version shares the world's, under nonces that are counted (decision 013).

use std::sync::Arc;

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hmac;
use virga_kit::secrets::DataCipher;
use virga_store::Fault;

use crate::sealing::Sealer;

/// What the key for bodies in the records of their versions is derived with. Salts are shorter.
const COUNTED: &[u8] = b"bodies under counted nonces";

/// The data keys of an object: one, or two for encryption in two layers.
#[derive(Clone)]
pub struct DataKeys(Arc<Keys>);

struct Keys {
    layers: Vec<hmac::Key>,
    /// Seals bodies in the records of their versions, where all of them have the same data key.
    counted: Option<DataCipher>,
}

impl DataKeys {
    /// One data key, or two.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k [u8]>) -> Self {
        let layers = keys.into_iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect();
        DataKeys(Arc::new(Keys { layers, counted: None }))
    }

    /// The data key of the world.
    pub fn of_world(key: &[u8]) -> Result<Self, Fault> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let counted = DataCipher::new(hmac::sign(&key, COUNTED).as_ref())?;
        Ok(DataKeys(Arc::new(Keys { layers: vec![key], counted: Some(counted) })))
    }

    /// What seals bodies in the records of their versions without a key for each; none where each has a key.
    pub(crate) fn counted(&self) -> Option<&DataCipher> {
        self.0.counted.as_ref()
    }

    /// Opens what [`DataKeys::counted`] has sealed.
    pub(crate) fn open_counted(&self, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let opened = self.counted().and_then(|cipher| cipher.open(sealed, &[]));
        opened.ok_or_else(|| Fault::new("a sealed body is damaged"))
    }

    /// What seals the body, or the part of it, that has this salt.
    pub(crate) fn sealer(&self, salt: &[u8; 16]) -> Result<Sealer, Fault> {
        let layer = |key: &hmac::Key| {
            let derived = hmac::sign(key, salt);
            let unbound = UnboundKey::new(&AES_256_GCM, derived.as_ref());
            unbound.map(LessSafeKey::new).map_err(|_| Fault::new("a key for AES-256 has 32 bytes"))
        };
        Ok(Sealer::new(self.0.layers.iter().map(layer).collect::<Result<_, _>>()?))
    }
}
