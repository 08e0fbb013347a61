//! Tokens with which a listing goes on: the last entry of the page before, in Base64, so that nobody builds on it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The token of the page after the one that ends with `last`.
pub fn token(last: &str) -> String {
    STANDARD.encode(last)
}

/// The entry after which a page begins; none when the token is not one of ours.
pub fn after(token: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_token_names_the_last_entry() {
        assert_eq!(super::after(&super::token("ä/1")).as_deref(), Some("ä/1"));
        assert_eq!((super::after("?"), super::after("/w==")), (None, None));
    }
}
