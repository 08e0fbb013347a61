//! JSON Web Tokens in compact form: RFC 7519 (claims), RFC 7515 (signatures), RFC 7517 (keys), RFC 7518 (algorithms).

mod algorithm;
mod key_set;
mod signing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub use algorithm::Algorithm;
pub use key_set::KeySet;
pub use signing::{NoSigningKey, SigningKeys};

/// A token that was read, its signature not yet checked.
#[derive(Debug)]
pub struct Token<'a> {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// Which key signed it, if it says so.
    pub key_id: Option<String>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It is no token.
    #[error("the text is no JSON Web Token")]
    Malformed,
    /// It is signed in a way that is not supported, or not at all.
    #[error("the token's algorithm is not supported")]
    UnsupportedAlgorithm,
    /// No key of the set is the one that signed it.
    #[error("no key signed the token")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the token's signature is not valid")]
    SignatureInvalid,
}

impl<'a> Token<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// When it is malformed, or its algorithm is not known.
    pub fn parse(text: &'a str) -> Result<Self, JwtError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let header = object(header)?;
        // Extensions that must be understood: none is.
        if header.contains_key("crit") {
            return Err(JwtError::UnsupportedAlgorithm);
        }
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(JwtError::Malformed)?;
        Ok(Token {
            algorithm: Algorithm::of_name(algorithm).ok_or(JwtError::UnsupportedAlgorithm)?,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(claims)?,
            signed,
            signature: decode(signature)?,
        })
    }

    /// Checks the signature. Of several keys that may be meant, one must fit.
    ///
    /// # Errors
    /// When no key of the set is meant, or the signature is another one's.
    pub fn verify(&self, keys: &KeySet) -> Result<(), JwtError> {
        let mut meant = keys.meant_for(self.key_id.as_deref(), self.algorithm).peekable();
        if meant.peek().is_none() {
            return Err(JwtError::UnknownKey);
        }
        let message = self.signed.as_bytes();
        let fits = meant.any(|key| key.verify(self.algorithm, message, &self.signature));
        if fits { Ok(()) } else { Err(JwtError::SignatureInvalid) }
    }

    /// A claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// All claims.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.claims.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }

    /// A claim that is one text or several.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.claim(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A claim that is a time, in whole Unix seconds.
    pub fn time(&self, name: &str) -> Option<i64> {
        let number = self.claim(name)?;
        #[expect(clippy::cast_possible_truncation, reason = "a time with a fraction: the cast saturates")]
        number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))
    }
}

fn object(part: &str) -> Result<Map<String, Value>, JwtError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| JwtError::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)
}
