//! Unwrapping key material that is imported.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>

use aes_kw::{KeyInit as _, KwpAes128, KwpAes192, KwpAes256};

use super::{CryptoError, KeyPair, Secret};
use crate::rules::terms::{EncryptionAlgorithm, KeySpec, WrappingAlgorithm};

/// Length of what is unwrapped with AES key wrap with padding (RFC 5649) into a buffer.
macro_rules! unwrap_padded {
    ($cipher:ty, $key:expr, $wrapped:expr, $buffer:expr) => {
        <$cipher>::new_from_slice($key)
            .map_err(|_| CryptoError::Authenticity)?
            .unwrap_key($wrapped, $buffer)
            .map_err(|_| CryptoError::Authenticity)?
            .len()
    };
}

/// The private half of the key that imported material is wrapped with.
pub(crate) struct WrappingKey {
    pair: KeyPair,
    spec: KeySpec,
}

impl WrappingKey {
    /// A new key, of RSA or SM2.
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        Ok(WrappingKey { pair: KeyPair::generate(spec)?, spec })
    }

    /// Reads a PKCS #8 document.
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, CryptoError> {
        Ok(WrappingKey { pair: KeyPair::from_pkcs8(spec, der)?, spec })
    }

    /// The key itself.
    pub(crate) fn pair(&self) -> &KeyPair {
        &self.pair
    }

    /// The key material that was wrapped.
    pub(crate) fn unwrap(&self, algorithm: WrappingAlgorithm, wrapped: &[u8]) -> Result<Secret, CryptoError> {
        match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => {
                self.pair.decrypt(EncryptionAlgorithm::RsaesOaepSha1, wrapped)
            }
            WrappingAlgorithm::RsaesOaepSha256 => {
                self.pair.decrypt(EncryptionAlgorithm::RsaesOaepSha256, wrapped)
            }
            WrappingAlgorithm::RsaAesKeyWrapSha1 => {
                self.two_steps(EncryptionAlgorithm::RsaesOaepSha1, wrapped)
            }
            WrappingAlgorithm::RsaAesKeyWrapSha256 => {
                self.two_steps(EncryptionAlgorithm::RsaesOaepSha256, wrapped)
            }
            WrappingAlgorithm::Sm2Pke => self.pair.decrypt(EncryptionAlgorithm::Sm2Pke, wrapped),
            WrappingAlgorithm::RsaesPkcs1 => Err(CryptoError::Algorithm),
        }
    }

    /// An AES key under RSA, then the material under that key.
    fn two_steps(&self, algorithm: EncryptionAlgorithm, wrapped: &[u8]) -> Result<Secret, CryptoError> {
        let modulus = self.spec.modulus_bytes().ok_or(CryptoError::Algorithm)?;
        let (wrapped_key, wrapped_material) =
            wrapped.split_at_checked(modulus).ok_or(CryptoError::Authenticity)?;
        let key = self.pair.decrypt(algorithm, wrapped_key)?;
        let mut material = Secret::new(vec![0; wrapped_material.len()]);
        let length = match key.len() {
            16 => unwrap_padded!(KwpAes128, &key, wrapped_material, &mut material),
            24 => unwrap_padded!(KwpAes192, &key, wrapped_material, &mut material),
            32 => unwrap_padded!(KwpAes256, &key, wrapped_material, &mut material),
            _ => return Err(CryptoError::Authenticity),
        };
        material.truncate(length);
        Ok(material)
    }
}
