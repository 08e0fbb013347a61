//! A private key of any kind, and what can be done with it.

use super::{CryptoError, Digest, Secret, edwards, elliptic, lattice, rsa_key, sm2_key};
use crate::rules::terms::{EncryptionAlgorithm, KeySpec, MessageType, SigningAlgorithm};

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Message<'a> {
    /// The message itself.
    Raw(&'a [u8]),
    /// Its digest.
    Digest(&'a [u8]),
    /// The representative of ML-DSA.
    ExternalMu(&'a [u8]),
}

impl<'a> Message<'a> {
    /// Bytes of this type.
    pub(crate) fn new(message_type: MessageType, bytes: &'a [u8]) -> Self {
        match message_type {
            MessageType::Raw => Message::Raw(bytes),
            MessageType::Digest => Message::Digest(bytes),
            MessageType::ExternalMu => Message::ExternalMu(bytes),
        }
    }

    pub(super) fn digest(&self, digest: Digest) -> Result<Vec<u8>, CryptoError> {
        match self {
            Message::Raw(message) => Ok(digest.of(message)),
            Message::Digest(given) => digest.given(given),
            Message::ExternalMu(_) => Err(CryptoError::MessageType),
        }
    }
}

/// A private key with its public half.
pub(crate) struct KeyPair(Kind);

enum Kind {
    Rsa(Box<rsa_key::Pair>),
    Nist256(elliptic::nist256::Pair),
    Nist384(elliptic::nist384::Pair),
    Nist521(elliptic::nist521::Pair),
    Secg256(elliptic::secg256::Pair),
    Edwards(edwards::Pair),
    MlDsa44(Box<lattice::Pair44>),
    MlDsa65(Box<lattice::Pair65>),
    MlDsa87(Box<lattice::Pair87>),
    Sm2(sm2_key::Pair),
}

/// Runs `$body` with the key of whatever kind as `$pair`.
macro_rules! each {
    ($kind:expr, $pair:ident => $body:expr) => {
        match $kind {
            Kind::Rsa($pair) => $body,
            Kind::Nist256($pair) => $body,
            Kind::Nist384($pair) => $body,
            Kind::Nist521($pair) => $body,
            Kind::Secg256($pair) => $body,
            Kind::Edwards($pair) => $body,
            Kind::MlDsa44($pair) => $body,
            Kind::MlDsa65($pair) => $body,
            Kind::MlDsa87($pair) => $body,
            Kind::Sm2($pair) => $body,
        }
    };
}

impl KeyPair {
    /// A new key; none for a kind that has no public half.
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        if let Some(bytes) = spec.modulus_bytes() {
            return Ok(KeyPair(Kind::Rsa(Box::new(rsa_key::Pair::generate(bytes)?))));
        }
        Ok(KeyPair(match spec {
            KeySpec::EccNistP256 => Kind::Nist256(elliptic::nist256::Pair::generate()),
            KeySpec::EccNistP384 => Kind::Nist384(elliptic::nist384::Pair::generate()),
            KeySpec::EccNistP521 => Kind::Nist521(elliptic::nist521::Pair::generate()),
            KeySpec::EccSecgP256K1 => Kind::Secg256(elliptic::secg256::Pair::generate()),
            KeySpec::EccNistEdwards25519 => Kind::Edwards(edwards::Pair::generate()),
            KeySpec::MlDsa44 => Kind::MlDsa44(Box::new(lattice::Pair44::generate())),
            KeySpec::MlDsa65 => Kind::MlDsa65(Box::new(lattice::Pair65::generate())),
            KeySpec::MlDsa87 => Kind::MlDsa87(Box::new(lattice::Pair87::generate())),
            KeySpec::Sm2 => Kind::Sm2(sm2_key::Pair::generate()),
            _ => return Err(CryptoError::Key),
        }))
    }

    /// Reads a PKCS #8 document with a key of this kind.
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, CryptoError> {
        if let Some(bytes) = spec.modulus_bytes() {
            return Ok(KeyPair(Kind::Rsa(Box::new(rsa_key::Pair::from_pkcs8(der, bytes)?))));
        }
        Ok(KeyPair(match spec {
            KeySpec::EccNistP256 => Kind::Nist256(elliptic::nist256::Pair::from_pkcs8(der)?),
            KeySpec::EccNistP384 => Kind::Nist384(elliptic::nist384::Pair::from_pkcs8(der)?),
            KeySpec::EccNistP521 => Kind::Nist521(elliptic::nist521::Pair::from_pkcs8(der)?),
            KeySpec::EccSecgP256K1 => Kind::Secg256(elliptic::secg256::Pair::from_pkcs8(der)?),
            KeySpec::EccNistEdwards25519 => Kind::Edwards(edwards::Pair::from_pkcs8(der)?),
            KeySpec::MlDsa44 => Kind::MlDsa44(Box::new(lattice::Pair44::from_pkcs8(der)?)),
            KeySpec::MlDsa65 => Kind::MlDsa65(Box::new(lattice::Pair65::from_pkcs8(der)?)),
            KeySpec::MlDsa87 => Kind::MlDsa87(Box::new(lattice::Pair87::from_pkcs8(der)?)),
            KeySpec::Sm2 => Kind::Sm2(sm2_key::Pair::from_pkcs8(der)?),
            _ => return Err(CryptoError::Key),
        }))
    }

    /// The PKCS #8 document.
    pub(crate) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
        each!(&self.0, pair => pair.to_pkcs8())
    }

    /// The public half as `SubjectPublicKeyInfo`.
    pub(crate) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
        each!(&self.0, pair => pair.public_der())
    }

    /// Signs.
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
    ) -> Result<Vec<u8>, CryptoError> {
        match &self.0 {
            Kind::Rsa(pair) => pair.sign(algorithm, message),
            Kind::Edwards(pair) if algorithm == SigningAlgorithm::Ed25519PhSha512 => {
                pair.sign_prehashed(message)
            }
            Kind::Nist256(pair) => pair.sign(message),
            Kind::Nist384(pair) => pair.sign(message),
            Kind::Nist521(pair) => pair.sign(message),
            Kind::Secg256(pair) => pair.sign(message),
            Kind::Edwards(pair) => pair.sign(message),
            Kind::MlDsa44(pair) => pair.sign(message),
            Kind::MlDsa65(pair) => pair.sign(message),
            Kind::MlDsa87(pair) => pair.sign(message),
            Kind::Sm2(pair) => pair.sign(message),
        }
    }

    /// Checks a signature.
    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match &self.0 {
            Kind::Rsa(pair) => pair.verify(algorithm, message, signature),
            Kind::Edwards(pair) if algorithm == SigningAlgorithm::Ed25519PhSha512 => {
                pair.verify_prehashed(message, signature)
            }
            Kind::Nist256(pair) => pair.verify(message, signature),
            Kind::Nist384(pair) => pair.verify(message, signature),
            Kind::Nist521(pair) => pair.verify(message, signature),
            Kind::Secg256(pair) => pair.verify(message, signature),
            Kind::Edwards(pair) => pair.verify(message, signature),
            Kind::MlDsa44(pair) => pair.verify(message, signature),
            Kind::MlDsa65(pair) => pair.verify(message, signature),
            Kind::MlDsa87(pair) => pair.verify(message, signature),
            Kind::Sm2(pair) => pair.verify(message, signature),
        }
    }

    /// The shared secret with another's public key, a `SubjectPublicKeyInfo`.
    pub(crate) fn agree(&self, public_der: &[u8]) -> Result<Secret, CryptoError> {
        match &self.0 {
            Kind::Nist256(pair) => pair.agree(public_der),
            Kind::Nist384(pair) => pair.agree(public_der),
            Kind::Nist521(pair) => pair.agree(public_der),
            Kind::Sm2(pair) => pair.agree(public_der),
            _ => Err(CryptoError::Algorithm),
        }
    }

    /// Encrypts to the public half.
    pub(crate) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        match &self.0 {
            Kind::Rsa(pair) => pair.encrypt(algorithm, plaintext),
            Kind::Sm2(pair) => pair.encrypt(plaintext),
            _ => Err(CryptoError::Algorithm),
        }
    }

    /// Decrypts.
    pub(crate) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Secret, CryptoError> {
        match &self.0 {
            Kind::Rsa(pair) => pair.decrypt(algorithm, ciphertext),
            Kind::Sm2(pair) => pair.decrypt(ciphertext),
            _ => Err(CryptoError::Algorithm),
        }
    }
}
