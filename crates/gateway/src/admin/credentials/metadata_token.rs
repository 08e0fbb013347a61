//! Session tokens of the instance metadata service: until when they hold, and a tag that only the service can make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use ring::hmac;

/// A token that holds until a time, in Unix seconds.
pub(super) fn seal(secret: &[u8], until: i64) -> String {
    let tag = hmac::sign(&key(secret), &until.to_be_bytes());
    URL_SAFE.encode([&until.to_be_bytes(), tag.as_ref()].concat())
}

/// Whether a token is of this secret and still holds.
pub(super) fn holds(secret: &[u8], token: &str, now: i64) -> bool {
    let Ok(bytes) = URL_SAFE.decode(token) else { return false };
    let Some((until, tag)) = bytes.split_first_chunk::<8>() else { return false };
    hmac::verify(&key(secret), until, tag).is_ok() && now < i64::from_be_bytes(*until)
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_its_instance_and_time() {
        let token = seal(b"one", 100);
        assert!(holds(b"one", &token, 99));
        assert!(!holds(b"one", &token, 100));
        assert!(!holds(b"other", &token, 99));
        for wrong in ["", "x", "AAAA", &token[4..]] {
            assert!(!holds(b"one", wrong, 99), "{wrong}");
        }
    }
}
