//! JSON Web Tokens and key sets: a set of keys on the first line, a token on the second.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_federation::jwt::{KeySet, Token};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (keys, token) = text.split_once('\n').unwrap_or(("", text));
    let keys = KeySet::parse(keys).unwrap_or_default();
    let Ok(token) = Token::parse(token) else { return };
    let _ = (token.texts("aud"), token.time("exp"), token.verify(&keys));
});
