//! Ed25519 and Ed25519ph (RFC 8032).

use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes,
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _};
use sha2::digest::consts::U64;
use sha2::digest::{FixedOutput, HashMarker, Output, OutputSizeUser, Update};
use zeroize::Zeroizing;

use super::{CryptoError, Digest, Message, Secret, random};

/// A private key.
pub(super) struct Pair(SigningKey);

impl Pair {
    pub(super) fn generate() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        random::fill(&mut *seed);
        Pair(SigningKey::from_bytes(&seed))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        SigningKey::from_pkcs8_der(der).map(Pair).map_err(|_| CryptoError::Key)
    }

    pub(super) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
        // Without the public key, which is optional and which some readers refuse.
        let private = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        let der = private.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
        Ok(Secret::new(der.as_bytes().to_vec()))
    }

    pub(super) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
        let der = self.0.verifying_key().to_public_key_der().map_err(|_| CryptoError::Key)?;
        Ok(der.into_vec())
    }

    /// Signs the message itself.
    pub(super) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>, CryptoError> {
        let Message::Raw(message) = message else { return Err(CryptoError::MessageType) };
        Ok(self.0.sign(message).to_bytes().to_vec())
    }

    pub(super) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<(), CryptoError> {
        let Message::Raw(message) = message else { return Err(CryptoError::MessageType) };
        let signature = Signature::from_slice(signature).map_err(|_| CryptoError::Authenticity)?;
        self.0.verifying_key().verify(message, &signature).map_err(|_| CryptoError::Authenticity)
    }

    /// Signs a SHA-512 digest, which the caller gives.
    pub(super) fn sign_prehashed(&self, message: &Message<'_>) -> Result<Vec<u8>, CryptoError> {
        let signature = self.0.sign_prehashed(Given::of(message)?, None).map_err(|_| CryptoError::Key)?;
        Ok(signature.to_bytes().to_vec())
    }

    pub(super) fn verify_prehashed(
        &self,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let signature = Signature::from_slice(signature).map_err(|_| CryptoError::Authenticity)?;
        let digest = Given::of(message)?;
        self.0
            .verifying_key()
            .verify_prehashed(digest, None, &signature)
            .map_err(|_| CryptoError::Authenticity)
    }
}

/// A digest that is computed already, in the shape of a hash function, which is what the crate asks for.
#[derive(Default)]
struct Given(Output<Self>);

impl Given {
    fn of(message: &Message<'_>) -> Result<Self, CryptoError> {
        let Message::Digest(digest) = message else { return Err(CryptoError::MessageType) };
        let digest = Digest::Sha512.given(digest)?;
        digest.as_slice().try_into().map(Given).map_err(|_| CryptoError::DigestLength)
    }
}

impl OutputSizeUser for Given {
    type OutputSize = U64;
}

impl HashMarker for Given {}

impl Update for Given {
    fn update(&mut self, _: &[u8]) {}
}

impl FixedOutput for Given {
    fn finalize_into(self, out: &mut Output<Self>) {
        *out = self.0;
    }
}
