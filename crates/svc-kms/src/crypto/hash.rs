//! Digests of messages that are signed.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::CryptoError;

/// A hash function that signatures use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// Length of its digests in bytes.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Digest::Sha256 => 32,
            Digest::Sha384 => 48,
            Digest::Sha512 => 64,
        }
    }

    /// The digest of a message.
    pub(super) fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Digest::Sha256 => Sha256::digest(message).to_vec(),
            Digest::Sha384 => Sha384::digest(message).to_vec(),
            Digest::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// A digest that was given, when it has the right length.
    pub(super) fn given(self, digest: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if digest.len() == self.bytes() { Ok(digest.to_vec()) } else { Err(CryptoError::DigestLength) }
    }
}
