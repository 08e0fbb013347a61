//! What a signature that was right proves for the next one. A client signs many requests in a second whose canonical
//! requests differ in their last line alone, the hash of the body: what stands before it is hashed once, and so is what
//! stands before the hash in the string to sign.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use ring::digest::{self, SHA256};
use ring::hmac;

use crate::canonical::{hash_hex, hex_str};
use crate::{AmzDate, hex_digits};

/// Digits of the hash that ends a string to sign.
pub(crate) const HASH_DIGITS: usize = 64;

/// What two requests of a pattern have to have in common beside it.
pub(crate) struct Like<'a> {
    /// The raw path.
    pub(crate) path: &'a str,
    /// The signed date.
    pub(crate) signed_at: AmzDate,
    /// The secret of the key: another world may know the same key by another one.
    pub(crate) secret: &'a str,
}

/// What the last right signature of a pattern has proved.
#[derive(Default)]
pub(crate) struct Proven(ArcSwapOption<Last>);

struct Last {
    path: Box<str>,
    signed_at: AmzDate,
    secret: Box<str>,
    /// The canonical request up to its last line.
    text: digest::Context,
    /// The string to sign up to the hash of the canonical request.
    string: hmac::Context,
}

impl Proven {
    /// Whether the signature is right, as far as the last one tells. That it tells nothing does not mean it is wrong.
    pub(crate) fn proves(&self, like: &Like<'_>, payload: &str, signature: &str) -> bool {
        let last = self.0.load();
        let Some(last) = &*last else { return false };
        if *last.path != *like.path || last.signed_at != like.signed_at || *last.secret != *like.secret {
            return false;
        }
        let (mut text, mut string) = (last.text.clone(), last.string.clone());
        text.update(payload.as_bytes());
        let hash = text.finish();
        let Ok(hash) = hash.as_ref().try_into() else { return false };
        string.update(hex_str(&hash_hex(hash)).as_bytes());
        hex_digits::decode(signature).is_some_and(|given| is_same(string.sign().as_ref(), &given))
    }

    /// Keeps what a right signature has proved: the canonical request up to its last line, the string to sign up to the
    /// hash, and the key.
    pub(crate) fn keep(&self, like: &Like<'_>, text: &[u8], string: &[u8], key: &hmac::Key) {
        let mut last = Last {
            path: like.path.into(),
            signed_at: like.signed_at,
            secret: like.secret.into(),
            text: digest::Context::new(&SHA256),
            string: hmac::Context::with_key(key),
        };
        last.text.update(text);
        last.string.update(string);
        self.0.store(Some(Arc::new(last)));
    }
}

/// Compares in a time that does not tell where the difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other)) == 0
}

impl std::fmt::Debug for Proven {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Proven").finish_non_exhaustive()
    }
}

/// Patterns are the same whatever has been proved for them.
impl PartialEq for Proven {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Proven {}
