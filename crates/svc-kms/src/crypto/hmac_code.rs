//! Message authentication codes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::CryptoError;
use crate::rules::terms::MacAlgorithm;

/// Runs `$body` with the code under way as `$mac`.
macro_rules! with_mac {
    ($algorithm:expr, $key:expr, $message:expr, $mac:ident => $body:expr) => {
        match $algorithm {
            MacAlgorithm::HmacSha224 => with_mac!(@ Sha224, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha256 => with_mac!(@ Sha256, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha384 => with_mac!(@ Sha384, $key, $message, $mac => $body),
            MacAlgorithm::HmacSha512 => with_mac!(@ Sha512, $key, $message, $mac => $body),
        }
    };
    (@ $hash:ty, $key:expr, $message:expr, $mac:ident => $body:expr) => {{
        let mut $mac = Hmac::<$hash>::new_from_slice($key).map_err(|_| CryptoError::Key)?;
        $mac.update($message);
        $body
    }};
}

/// The code of a message.
pub(crate) fn mac(algorithm: MacAlgorithm, key: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    Ok(with_mac!(algorithm, key, message, mac => mac.finalize().into_bytes().to_vec()))
}

/// Whether this is the code of the message; takes equally long either way.
pub(crate) fn mac_agrees(
    algorithm: MacAlgorithm,
    key: &[u8],
    message: &[u8],
    code: &[u8],
) -> Result<bool, CryptoError> {
    Ok(with_mac!(algorithm, key, message, mac => mac.verify_slice(code).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let expected = [
            (MacAlgorithm::HmacSha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
            (MacAlgorithm::HmacSha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                MacAlgorithm::HmacSha384,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            ),
            (
                MacAlgorithm::HmacSha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd\
                 caeab1a34d4a6b4b636e070a38bce737",
            ),
        ];
        for (algorithm, code) in expected {
            let message = b"what do ya want for nothing?";
            let computed = mac(algorithm, b"Jefe", message).unwrap();
            assert_eq!(hex::encode(&computed), code, "{algorithm}");
            assert_eq!(computed.len(), algorithm.bytes());
            assert!(mac_agrees(algorithm, b"Jefe", message, &computed).unwrap());
            assert!(!mac_agrees(algorithm, b"jefe", message, &computed).unwrap());
        }
    }
}
