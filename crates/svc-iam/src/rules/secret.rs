//! What is kept of secrets that only their owners know: a slow hash of each, with a salt.

use std::num::NonZeroU32;

use ring::pbkdf2;

/// Rounds of PBKDF2 with HMAC-SHA-512, as OWASP recommends them.
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2>
const ROUNDS: NonZeroU32 = NonZeroU32::new(210_000).expect("more than none");
const HASH_BYTES: usize = 64;
/// Length of a salt.
pub(crate) const SALT_BYTES: usize = 16;

/// What is kept of a secret.
pub(crate) fn hash(salt: &[u8], secret: &str) -> Vec<u8> {
    let mut hash = vec![0; HASH_BYTES];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, ROUNDS, salt, secret.as_bytes(), &mut hash);
    hash
}

/// Whether this is the secret of a hash.
pub(crate) fn is(salt: &[u8], secret: &str, hash: &[u8]) -> bool {
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA512, ROUNDS, salt, secret.as_bytes(), hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{hash, is};

    #[test]
    fn a_hash_depends_on_secret_and_salt() {
        let first = hash(b"salt", "secret");
        assert!(is(b"salt", "secret", &first) && !is(b"salt", "Secret", &first));
        assert_ne!(first, hash(b"other", "secret"));
    }
}
