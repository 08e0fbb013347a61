//! Signing: tokens of an issuer of our own, by its RSA key or its key on P-384, and the public keys that verify them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use rsa::pkcs8::EncodePrivateKey as _;
use serde_json::{Map, Value, json};

use super::Algorithm;

/// The names of the keys in the set.
const RSA_ID: &str = "RSA_0";
const ELLIPTIC_ID: &str = "EC384_0";
const RSA_BITS: usize = 2048;

/// The private keys of an issuer, in PKCS #8.
#[derive(Clone)]
pub struct SigningKeys {
    /// For `RS256`.
    pub rsa: Vec<u8>,
    /// For `ES384`.
    pub elliptic: Vec<u8>,
}

/// A key that can't be made or read, or an algorithm that there is no key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such signing key")]
pub struct NoSigningKey;

impl SigningKeys {
    /// New keys.
    ///
    /// # Errors
    /// When none can be made.
    pub fn generate() -> Result<Self, NoSigningKey> {
        let rsa = rsa::RsaPrivateKey::new(&mut UnwrapErr(SysRng), RSA_BITS);
        let rsa = rsa.map_err(|_| NoSigningKey)?.to_pkcs8_der().map_err(|_| NoSigningKey)?;
        let elliptic = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new());
        let elliptic = elliptic.map_err(|_| NoSigningKey)?;
        Ok(SigningKeys { rsa: rsa.as_bytes().to_vec(), elliptic: elliptic.as_ref().to_vec() })
    }

    fn rsa(&self) -> Result<RsaKeyPair, NoSigningKey> {
        RsaKeyPair::from_pkcs8(&self.rsa).map_err(|_| NoSigningKey)
    }

    fn elliptic(&self) -> Result<EcdsaKeyPair, NoSigningKey> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &self.elliptic, &SystemRandom::new())
            .map_err(|_| NoSigningKey)
    }

    /// The public keys: a JSON Web Key Set.
    ///
    /// # Errors
    /// When the keys can't be read.
    pub fn key_set(&self) -> Result<String, NoSigningKey> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (rsa, elliptic) = (self.rsa()?, self.elliptic()?);
        let public: RsaPublicKeyComponents<Vec<u8>> = rsa.public().into();
        // An uncompressed point: a byte that says so, then both coordinates.
        let point = &elliptic.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let keys = json!([
            { "kty": "RSA", "use": "sig", "kid": RSA_ID, "n": encode(&public.n), "e": encode(&public.e) },
            { "kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": ELLIPTIC_ID, "x": encode(x), "y": encode(y) },
        ]);
        Ok(json!({ "keys": keys }).to_string())
    }

    /// A signed token.
    ///
    /// # Errors
    /// When there is no key for the algorithm, or it can't be read.
    pub fn sign(&self, algorithm: Algorithm, claims: &Map<String, Value>) -> Result<String, NoSigningKey> {
        let key_id = match algorithm {
            Algorithm::Rs256 => RSA_ID,
            Algorithm::Es384 => ELLIPTIC_ID,
            _ => return Err(NoSigningKey),
        };
        let header = json!({ "kid": key_id, "typ": "JWT", "alg": algorithm.name() }).to_string();
        let claims = serde_json::to_vec(claims).map_err(|_| NoSigningKey)?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = if algorithm == Algorithm::Rs256 {
            let key = self.rsa()?;
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
                .map_err(|_| NoSigningKey)?;
            signature
        } else {
            let signed = self.elliptic()?.sign(&SystemRandom::new(), message.as_bytes());
            signed.map_err(|_| NoSigningKey)?.as_ref().to_vec()
        };
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
