//! The token that a page of a listing ends with: the last name on it, in letters that need no quoting.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The token of a page that ends with this name.
pub fn after(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// The name that a page ended with; none when no page has such a token.
pub fn last(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_the_last_name() {
        for name in ["", "a", "\u{e4}/b c"] {
            assert_eq!(last(&after(name)).as_deref(), Some(name));
        }
        assert_eq!([last("!"), last("_w")], [None, None]);
    }
}
