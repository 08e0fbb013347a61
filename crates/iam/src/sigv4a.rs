//! SigV4A's keys: an ECDSA P-256 key pair derived from the secret access key.
//!
//! The derivation is the key derivation function in counter mode of NIST SP 800-108 with HMAC-SHA256, as described in
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key>.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use ring::hmac;

/// The order of the curve minus two: the largest candidate that is taken.
const ORDER_MINUS_2: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

/// The private key of an access key.
pub(crate) fn signing_key(access_key_id: &str, secret: &str) -> SigningKey {
    let key = hmac::Key::new(hmac::HMAC_SHA256, [b"AWS4A", secret.as_bytes()].concat().as_slice());
    (1..=u8::MAX)
        .find_map(|counter| private_scalar(&key, access_key_id, counter))
        .and_then(|scalar| SigningKey::from_slice(&scalar).ok())
        .expect("a candidate is refused with probability 2^-32, and 255 of them are tried")
}

/// The public key of an access key, as an uncompressed point.
pub(crate) fn public_key(access_key_id: &str, secret: &str) -> [u8; 65] {
    let signing_key = signing_key(access_key_id, secret);
    let point = signing_key.verifying_key().to_sec1_point(false);
    point.as_bytes().try_into().expect("an uncompressed P-256 point has 65 bytes")
}

/// Signs a string; deterministic (RFC 6979). The signature is DER in hex.
pub(crate) fn sign(key: &SigningKey, string_to_sign: &[u8]) -> String {
    let signature: Signature = key.sign(string_to_sign);
    hex::encode(signature.to_der().as_bytes())
}

/// Checks a DER signature in hex. Chunks pad theirs with asterisks to a fixed length.
pub(crate) fn verify(public_key: &[u8; 65], string_to_sign: &[u8], signature: &str) -> bool {
    let Ok(signature) = hex::decode(signature.trim_end_matches('*')) else { return false };
    ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, public_key)
        .verify(string_to_sign, &signature)
        .is_ok()
}

/// One round of the derivation: `None` when its candidate is no private key.
fn private_scalar(key: &hmac::Key, access_key_id: &str, counter: u8) -> Option<[u8; 32]> {
    let mut context = hmac::Context::with_key(key);
    context.update(&1u32.to_be_bytes());
    context.update(b"AWS4-ECDSA-P256-SHA256");
    context.update(&[0]);
    context.update(access_key_id.as_bytes());
    context.update(&[counter]);
    context.update(&256u32.to_be_bytes());
    let mut scalar: [u8; 32] = context.sign().as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes");
    if scalar > ORDER_MINUS_2 {
        return None;
    }
    for byte in scalar.iter_mut().rev() {
        let (sum, carry) = byte.overflowing_add(1);
        *byte = sum;
        if !carry {
            break;
        }
    }
    Some(scalar)
}
