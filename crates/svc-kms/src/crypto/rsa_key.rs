//! RSA: PKCS #1 v1.5 and PSS signatures, OAEP encryption.

use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{CryptoError, Digest, Message, Secret, random};
use crate::rules::terms::{EncryptionAlgorithm, SigningAlgorithm};

/// A private key.
pub(super) struct Pair(RsaPrivateKey);

impl Pair {
    /// A new key with a modulus of this many bytes.
    pub(super) fn generate(modulus_bytes: usize) -> Result<Self, CryptoError> {
        RsaPrivateKey::new(&mut random::generator(), modulus_bytes * 8)
            .map(Pair)
            .map_err(|_| CryptoError::Key)
    }

    /// Reads a key, which must have a modulus of this many bytes.
    pub(super) fn from_pkcs8(der: &[u8], modulus_bytes: usize) -> Result<Self, CryptoError> {
        let key = RsaPrivateKey::from_pkcs8_der(der).map_err(|_| CryptoError::Key)?;
        if key.size() == modulus_bytes { Ok(Pair(key)) } else { Err(CryptoError::Key) }
    }

    pub(super) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
        let der = self.0.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
        Ok(Secret::new(der.as_bytes().to_vec()))
    }

    pub(super) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
        let der = self.0.to_public_key().to_public_key_der().map_err(|_| CryptoError::Key)?;
        Ok(der.into_vec())
    }

    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
    ) -> Result<Vec<u8>, CryptoError> {
        use SigningAlgorithm as A;
        let digest = message.digest(digest_of(algorithm)?)?;
        let mut generator = random::generator();
        let key = &self.0;
        match algorithm {
            A::RsassaPssSha256 => key.sign_with_rng(&mut generator, Pss::<Sha256>::new(), &digest),
            A::RsassaPssSha384 => key.sign_with_rng(&mut generator, Pss::<Sha384>::new(), &digest),
            A::RsassaPssSha512 => key.sign_with_rng(&mut generator, Pss::<Sha512>::new(), &digest),
            A::RsassaPkcs1Sha256 => key.sign_with_rng(&mut generator, Pkcs1v15Sign::new::<Sha256>(), &digest),
            A::RsassaPkcs1Sha384 => key.sign_with_rng(&mut generator, Pkcs1v15Sign::new::<Sha384>(), &digest),
            A::RsassaPkcs1Sha512 => key.sign_with_rng(&mut generator, Pkcs1v15Sign::new::<Sha512>(), &digest),
            _ => return Err(CryptoError::Algorithm),
        }
        .map_err(|_| CryptoError::Key)
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        use SigningAlgorithm as A;
        let digest = message.digest(digest_of(algorithm)?)?;
        let key = self.0.to_public_key();
        match algorithm {
            A::RsassaPssSha256 => key.verify(Pss::<Sha256>::new(), &digest, signature),
            A::RsassaPssSha384 => key.verify(Pss::<Sha384>::new(), &digest, signature),
            A::RsassaPssSha512 => key.verify(Pss::<Sha512>::new(), &digest, signature),
            A::RsassaPkcs1Sha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature),
            A::RsassaPkcs1Sha384 => key.verify(Pkcs1v15Sign::new::<Sha384>(), &digest, signature),
            A::RsassaPkcs1Sha512 => key.verify(Pkcs1v15Sign::new::<Sha512>(), &digest, signature),
            _ => return Err(CryptoError::Algorithm),
        }
        .map_err(|_| CryptoError::Authenticity)
    }

    pub(super) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (key, mut generator) = (self.0.to_public_key(), random::generator());
        match algorithm {
            EncryptionAlgorithm::RsaesOaepSha1 => key.encrypt(&mut generator, Oaep::<Sha1>::new(), plaintext),
            EncryptionAlgorithm::RsaesOaepSha256 => {
                key.encrypt(&mut generator, Oaep::<Sha256>::new(), plaintext)
            }
            _ => return Err(CryptoError::Algorithm),
        }
        .map_err(|_| CryptoError::Key)
    }

    pub(super) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Secret, CryptoError> {
        let mut generator = random::generator();
        match algorithm {
            EncryptionAlgorithm::RsaesOaepSha1 => {
                self.0.decrypt_blinded(&mut generator, Oaep::<Sha1>::new(), ciphertext)
            }
            EncryptionAlgorithm::RsaesOaepSha256 => {
                self.0.decrypt_blinded(&mut generator, Oaep::<Sha256>::new(), ciphertext)
            }
            _ => return Err(CryptoError::Algorithm),
        }
        .map(Secret::new)
        .map_err(|_| CryptoError::Authenticity)
    }
}

fn digest_of(algorithm: SigningAlgorithm) -> Result<Digest, CryptoError> {
    use SigningAlgorithm as A;
    match algorithm {
        A::RsassaPssSha256 | A::RsassaPkcs1Sha256 => Ok(Digest::Sha256),
        A::RsassaPssSha384 | A::RsassaPkcs1Sha384 => Ok(Digest::Sha384),
        A::RsassaPssSha512 | A::RsassaPkcs1Sha512 => Ok(Digest::Sha512),
        _ => Err(CryptoError::Algorithm),
    }
}
