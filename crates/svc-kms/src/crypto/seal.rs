//! Authenticated encryption with AES-256-GCM: of key material under the world's master key, and of callers' data under
//! a key that is derived anew for each message, so that random values never meet under one key.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::{CryptoError, Secret, fill};

/// Length of the random value in front of a derived ciphertext.
const SALT_BYTES: usize = 16;
/// Tells this derivation from others.
const DERIVATION: &[u8] = b"virga kms symmetric encryption 1";

/// Encrypts under a 32-byte key; the answer begins with its nonce.
pub(crate) fn seal(key: &[u8], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let mut nonce = [0; NONCE_LEN];
    fill(&mut nonce);
    let mut sealed = Vec::with_capacity(NONCE_LEN + plaintext.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    append(key, nonce, context, plaintext, &mut sealed)?;
    Ok(sealed)
}

/// Decrypts what [`seal`] made, with the same context.
pub(crate) fn open(key: &[u8], context: &[u8], sealed: &[u8]) -> Result<Secret, CryptoError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::Authenticity)?;
    decrypt(key, *nonce, context, body)
}

/// Appends the encryption of `plaintext` under a key derived from `key` for this message alone.
pub(crate) fn seal_derived(
    key: &[u8],
    context: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CryptoError> {
    let mut salt = [0; SALT_BYTES];
    fill(&mut salt);
    out.extend_from_slice(&salt);
    let (message_key, nonce) = derive(key, &salt)?;
    append(&message_key, nonce, context, plaintext, out)
}

/// Decrypts what [`seal_derived`] appended, with the same context.
pub(crate) fn open_derived(key: &[u8], context: &[u8], sealed: &[u8]) -> Result<Secret, CryptoError> {
    let (salt, body) = sealed.split_first_chunk::<SALT_BYTES>().ok_or(CryptoError::Authenticity)?;
    let (message_key, nonce) = derive(key, salt)?;
    decrypt(&message_key, nonce, context, body)
}

/// Key and nonce of one message.
fn derive(key: &[u8], salt: &[u8]) -> Result<(Secret, [u8; NONCE_LEN]), CryptoError> {
    let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(key);
    let mut bytes = Secret::new(vec![0; 32 + NONCE_LEN]);
    pseudorandom
        .expand(&[DERIVATION], Length(32 + NONCE_LEN))
        .and_then(|material| material.fill(&mut bytes))
        .map_err(|_| CryptoError::Key)?;
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&bytes[32..]);
    bytes.truncate(32);
    Ok((bytes, nonce))
}

struct Length(usize);

impl ring::hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn append(
    key: &[u8],
    nonce: [u8; NONCE_LEN],
    context: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CryptoError> {
    let start = out.len();
    out.extend_from_slice(plaintext);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher(key)?
        .seal_in_place_separate_tag(nonce, Aad::from(context), &mut out[start..])
        .map_err(|_| CryptoError::Key)?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

fn decrypt(key: &[u8], nonce: [u8; NONCE_LEN], context: &[u8], body: &[u8]) -> Result<Secret, CryptoError> {
    let mut plaintext = Secret::new(body.to_vec());
    let length = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut plaintext)
        .map_err(|_| CryptoError::Authenticity)?
        .len();
    plaintext.truncate(length);
    Ok(plaintext)
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, CryptoError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| CryptoError::Key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_with_its_key_and_context_only(
            key: [u8; 32], other: [u8; 32], context: Vec<u8>, plaintext: Vec<u8>, flip: usize,
        ) {
            let mut sealed = Vec::new();
            seal_derived(&key, &context, &plaintext, &mut sealed).unwrap();
            prop_assert_eq!(&**open_derived(&key, &context, &sealed).unwrap(), &*plaintext);
            let longer: Vec<u8> = context.iter().copied().chain([0]).collect();
            prop_assert!(open_derived(&key, &longer, &sealed).is_err());
            prop_assert!(key == other || open_derived(&other, &context, &sealed).is_err());
            let place = flip % sealed.len();
            sealed[place] ^= 1;
            prop_assert!(open_derived(&key, &context, &sealed).is_err());
            let sealed = seal(&key, &context, &plaintext).unwrap();
            prop_assert_eq!(&**open(&key, &context, &sealed).unwrap(), &*plaintext);
        }
    }
}
