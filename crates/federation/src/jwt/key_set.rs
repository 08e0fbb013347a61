//! The public keys of a provider: a JSON Web Key Set.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

use super::Algorithm;
use super::algorithm::Scheme;

/// Keys to check signatures with.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A public key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ecdsa { curve: String, x: Vec<u8>, y: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

/// A text that is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is no JSON Web Key Set with a public key to verify with")]
pub struct NotAKeySet;

impl KeySet {
    /// Reads a set. Keys of unknown types and keys to encrypt with are passed over, as RFC 7517 wants it.
    ///
    /// # Errors
    /// When it is no set, or has no key to verify with.
    pub fn parse(text: &str) -> Result<Self, NotAKeySet> {
        let document: Value = serde_json::from_str(text).map_err(|_| NotAKeySet)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(NotAKeySet)?;
        let keys: Vec<Key> = keys.iter().filter_map(Key::read).collect();
        if keys.is_empty() { Err(NotAKeySet) } else { Ok(KeySet { keys }) }
    }

    /// The keys that may have signed a token of this key id and algorithm.
    pub(super) fn meant_for(&self, id: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| {
            let is_named = id.is_none() || key.id.as_deref().is_none_or(|own| Some(own) == id);
            is_named && key.algorithm.as_deref().is_none_or(|own| own == algorithm.name())
        })
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                Material::Rsa { modulus: without_zeros(&bytes("n")?), exponent: without_zeros(&bytes("e")?) }
            }
            ("EC", Some(curve)) => {
                Material::Ecdsa { curve: curve.to_owned(), x: bytes("x")?, y: bytes("y")? }
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519 { x: bytes("x")? },
            _ => return None,
        };
        Some(Key { id: text("kid").map(str::to_owned), algorithm: text("alg").map(str::to_owned), material })
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (algorithm.scheme(), &self.material) {
            (Scheme::Rsa(parameters), Material::Rsa { modulus, exponent }) => {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, message, signature).is_ok()
            }
            (Scheme::Ecdsa { curve, algorithm, coordinate_bytes }, Material::Ecdsa { curve: own, x, y }) => {
                if curve != own || x.len() != coordinate_bytes || y.len() != coordinate_bytes {
                    return false;
                }
                let point = [&[4], x.as_slice(), y].concat();
                UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
            }
            (Scheme::Ed25519, Material::Ed25519 { x }) => {
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// Some providers pad their numbers, which the library does not take.
fn without_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}
