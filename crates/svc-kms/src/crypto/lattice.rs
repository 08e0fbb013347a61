//! ML-DSA (FIPS 204), in the hedged variant.

use ml_dsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use ml_dsa::signature::Keypair as _;
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, Signature, SigningKey};

use super::{CryptoError, Message, Secret, random};

/// Declares the keys of a parameter set.
macro_rules! parameter_set {
    ($name:ident, $set:ty) => {
        /// A private key.
        pub(super) struct $name(SigningKey<$set>);

        impl $name {
            pub(super) fn generate() -> Self {
                let mut seed = ml_dsa::Seed::default();
                random::fill(&mut seed);
                $name(SigningKey::from_seed(&seed))
            }

            pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
                SigningKey::from_pkcs8_der(der).map($name).map_err(|_| CryptoError::Key)
            }

            pub(super) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
                let der = self.0.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
                Ok(Secret::new(der.as_bytes().to_vec()))
            }

            pub(super) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
                let der = self.0.verifying_key().to_public_key_der().map_err(|_| CryptoError::Key)?;
                Ok(der.into_vec())
            }

            pub(super) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>, CryptoError> {
                let key = self.0.expanded_key();
                let signature = match message {
                    Message::Raw(message) => key.sign_randomized(message, &[], &mut random::generator()),
                    Message::ExternalMu(mu) => {
                        let mu = (*mu).try_into().map_err(|_| CryptoError::DigestLength)?;
                        key.sign_mu_randomized(&mu, &mut random::generator())
                    }
                    Message::Digest(_) => return Err(CryptoError::MessageType),
                };
                Ok(signature.map_err(|_| CryptoError::Key)?.encode().to_vec())
            }

            pub(super) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<(), CryptoError> {
                let key = self.0.verifying_key();
                let signature =
                    Signature::<$set>::try_from(signature).map_err(|_| CryptoError::Authenticity)?;
                let authentic = match message {
                    Message::Raw(message) => key.verify_with_context(message, &[], &signature),
                    Message::ExternalMu(mu) => {
                        let mu = (*mu).try_into().map_err(|_| CryptoError::DigestLength)?;
                        key.verify_mu(&mu, &signature)
                    }
                    Message::Digest(_) => return Err(CryptoError::MessageType),
                };
                if authentic { Ok(()) } else { Err(CryptoError::Authenticity) }
            }
        }
    };
}

parameter_set!(Pair44, MlDsa44);
parameter_set!(Pair65, MlDsa65);
parameter_set!(Pair87, MlDsa87);
