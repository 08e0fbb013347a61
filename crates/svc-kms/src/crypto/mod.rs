//! The cryptography of KMS, from vetted crates; no store, no AWS. Secrets are wiped when they are dropped and have no
//! `Debug` output.

mod edwards;
mod elliptic;
mod lattice;
mod rsa_key;
mod sm2_key;

mod hash;
mod hmac_code;
mod key_pair;
mod random;
mod seal;
mod wrapping;

pub(crate) use hash::Digest;
pub(crate) use hmac_code::{mac, mac_agrees};
pub(crate) use key_pair::{KeyPair, Message};
pub(crate) use random::{fill, secret};
pub(crate) use seal::{open, open_derived, seal, seal_derived};
pub(crate) use wrapping::WrappingKey;

/// Bytes that are wiped when they are dropped.
pub(crate) type Secret = zeroize::Zeroizing<Vec<u8>>;

/// Why an operation on keys failed. Deliberately says no more: callers learn only what AWS tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CryptoError {
    /// A key can't be read, or is not of the kind that is asked for.
    Key,
    /// A ciphertext, signature or code is not authentic.
    Authenticity,
    /// A digest has another length than the algorithm's.
    DigestLength,
    /// The algorithm does not take a message of this type.
    MessageType,
    /// The key has no such algorithm.
    Algorithm,
}
