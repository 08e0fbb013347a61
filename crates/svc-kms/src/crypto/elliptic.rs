//! Keys on the curves of NIST and SECG: ECDSA and Diffie-Hellman.

use super::{CryptoError, Digest, Message, Secret, random};

/// Declares the keys of a curve; the four crates have the same shape but no common type.
macro_rules! curve {
    ($module:ident, $curve:ident, $digest:expr, $doc:literal) => {
        #[doc = $doc]
        pub(super) mod $module {
            use $curve::SecretKey;
            use $curve::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
            use $curve::ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey};
            use $curve::elliptic_curve::Generate as _;
            use $curve::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};

            use super::{CryptoError, Digest, Message, Secret, random};

            const DIGEST: Digest = $digest;

            /// A private key.
            pub(in crate::crypto) struct Pair(pub(super) SecretKey);

            impl Pair {
                pub(in crate::crypto) fn generate() -> Self {
                    Pair(SecretKey::generate_from_rng(&mut random::generator()))
                }

                pub(in crate::crypto) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
                    SecretKey::from_pkcs8_der(der).map(Pair).map_err(|_| CryptoError::Key)
                }

                pub(in crate::crypto) fn to_pkcs8(&self) -> Result<Secret, CryptoError> {
                    let der = self.0.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
                    Ok(Secret::new(der.as_bytes().to_vec()))
                }

                pub(in crate::crypto) fn public_der(&self) -> Result<Vec<u8>, CryptoError> {
                    let der = self.0.public_key().to_public_key_der().map_err(|_| CryptoError::Key)?;
                    Ok(der.into_vec())
                }

                pub(in crate::crypto) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>, CryptoError> {
                    let digest = message.digest(DIGEST)?;
                    let signature: DerSignature = SigningKey::from(&self.0)
                        .sign_prehash_with_rng(&mut random::generator(), &digest)
                        .map_err(|_| CryptoError::Key)?;
                    Ok(signature.as_bytes().to_vec())
                }

                pub(in crate::crypto) fn verify(
                    &self,
                    message: &Message<'_>,
                    signature: &[u8],
                ) -> Result<(), CryptoError> {
                    let digest = message.digest(DIGEST)?;
                    let signature = Signature::from_der(signature).map_err(|_| CryptoError::Authenticity)?;
                    // Either of the two forms of a signature is good.
                    let signature = signature.normalize_s();
                    VerifyingKey::from(self.0.public_key())
                        .verify_prehash(&digest, &signature)
                        .map_err(|_| CryptoError::Authenticity)
                }
            }
        }
    };
}

curve!(nist256, p256, Digest::Sha256, "NIST P-256.");
curve!(nist384, p384, Digest::Sha384, "NIST P-384.");
curve!(nist521, p521, Digest::Sha512, "NIST P-521.");
curve!(secg256, k256, Digest::Sha256, "SECG P-256k1.");

/// Declares key agreement on a curve; KMS has none on that of SECG.
macro_rules! agreement {
    ($($module:ident, $curve:ident);* $(;)?) => {$(
        impl $module::Pair {
            /// The shared secret with another's public key: the x coordinate.
            pub(super) fn agree(&self, public_der: &[u8]) -> Result<Secret, CryptoError> {
                use $curve::pkcs8::DecodePublicKey as _;
                let other = $curve::PublicKey::from_public_key_der(public_der).map_err(|_| CryptoError::Key)?;
                Ok(Secret::new(self.0.diffie_hellman(&other).raw_secret_bytes().to_vec()))
            }
        }
    )*};
}

agreement!(nist256, p256; nist384, p384; nist521, p521);
