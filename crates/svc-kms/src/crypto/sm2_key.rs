//! SM2 (GB/T 32918): signatures, encryption, key agreement.

use sm2::SecretKey;
use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey};

use super::{CryptoError, Message, Secret, random};

/// The distinguishing identifier that KMS signs with: the standard's default.
const IDENTIFIER: &str = "1234567812345678";
/// Length of an SM3 digest.
const DIGEST_BYTES: usize = 32;

/// A private key.
pub(super) struct Pair(SecretKey);

impl Pair {
    pub(super) fn generate() -> Self {
        Pair(SecretKey::generate_from_rng(&mut random::generator()))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        SecretKey::from_pkcs8_der(der).map(Pair).map_err(|_| CryptoError::Key)
    }

    pub(super) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
        let der = self.0.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
        Ok(Secret::new(der.as_bytes().to_vec()))
    }

    pub(super) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
        let der = self.0.public_key().to_public_key_der().map_err(|_| CryptoError::Key)?;
        Ok(der.into_vec())
    }

    /// Signs; a digest that is given is SM3 over identifier, public key and message.
    pub(super) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>, CryptoError> {
        let key = SigningKey::new(IDENTIFIER, &self.0).map_err(|_| CryptoError::Key)?;
        let signature: Signature = match message {
            Message::Raw(message) => key.try_sign(message),
            Message::Digest(digest) => key.sign_prehash(given(digest)?),
            Message::ExternalMu(_) => return Err(CryptoError::MessageType),
        }
        .map_err(|_| CryptoError::Key)?;
        Ok(signature.to_der().to_vec())
    }

    pub(super) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<(), CryptoError> {
        let key = VerifyingKey::new(IDENTIFIER, self.0.public_key()).map_err(|_| CryptoError::Key)?;
        let signature = Signature::from_der(signature).map_err(|_| CryptoError::Authenticity)?;
        match message {
            Message::Raw(message) => key.verify(message, &signature),
            Message::Digest(digest) => key.verify_prehash(given(digest)?, &signature),
            Message::ExternalMu(_) => return Err(CryptoError::MessageType),
        }
        .map_err(|_| CryptoError::Authenticity)
    }

    /// The shared secret with another's public key: the x coordinate.
    pub(super) fn agree(&self, public_der: &[u8]) -> Result<Secret, CryptoError> {
        let other = sm2::PublicKey::from_public_key_der(public_der).map_err(|_| CryptoError::Key)?;
        Ok(Secret::new(self.0.diffie_hellman(&other).raw_secret_bytes().to_vec()))
    }

    /// Encrypts to the ASN.1 form.
    pub(super) fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        EncryptingKey::new(self.0.public_key())
            .encrypt_der(&mut random::generator(), plaintext)
            .map_err(|_| CryptoError::Key)
    }

    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, CryptoError> {
        DecryptingKey::new(self.0.clone())
            .decrypt_der(ciphertext)
            .map(Secret::new)
            .map_err(|_| CryptoError::Authenticity)
    }
}

fn given(digest: &[u8]) -> Result<&[u8], CryptoError> {
    if digest.len() == DIGEST_BYTES { Ok(digest) } else { Err(CryptoError::DigestLength) }
}
