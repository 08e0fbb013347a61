//! Secrets from the operating system's randomness: passwords, keys, tokens.

mod data_cipher;

use ring::rand::{SecureRandom as _, SystemRandom};
use virga_iam::{AccountId, access_key_id};
use virga_store::Fault;

use crate::Ctx;

pub use data_cipher::DataCipher;

const SECRET_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SECRET_LENGTH: usize = 40;
const TOKEN_LENGTH: usize = 256;
/// What tokens of AWS begin with.
const TOKEN_BEGINNING: &str = "FwoGZXIvYXdzE";

/// Random bytes that nobody can guess.
///
/// # Errors
/// When the operating system gives none.
pub fn secret_bytes(length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Fault::new("the operating system gives no random bytes"))?;
    Ok(bytes)
}

/// `length` letters of an alphabet whose size divides 256, so that all are equally likely.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn secret_letters<const N: usize>(alphabet: &[u8; N], length: usize) -> Result<String, Fault> {
    const { assert!(256 % N == 0) };
    let bytes = secret_bytes(length)?;
    Ok(bytes.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % N])).collect())
}

/// An access key id of an account with its prefix (`AKIA` for long-term keys, `ASIA` for sessions), and a secret to
/// go with it.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn new_access_key(prefix: &str, account: AccountId) -> Result<(String, String), Fault> {
    let mut random = [0; 10];
    random.copy_from_slice(&secret_bytes(10)?);
    let id = access_key_id::of_account(prefix, account, random);
    Ok((id, secret_letters(SECRET_ALPHABET, SECRET_LENGTH)?))
}

/// A token that has to come with the key of a session.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn new_session_token() -> Result<String, Fault> {
    let letters = secret_letters(SECRET_ALPHABET, TOKEN_LENGTH - TOKEN_BEGINNING.len())?;
    Ok(format!("{TOKEN_BEGINNING}{letters}"))
}

impl Ctx {
    /// An access key id of the caller's account with its prefix, and a secret to go with it.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new_access_key(&self, prefix: &str) -> Result<(String, String), Fault> {
        new_access_key(prefix, self.caller().account)
    }

    /// `length` unguessable letters of an alphabet whose size divides 256.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn secret_letters<const N: usize>(&self, alphabet: &[u8; N], length: usize) -> Result<String, Fault> {
        secret_letters(alphabet, length)
    }

    /// Unguessable bytes.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn secret_bytes(&self, length: usize) -> Result<Vec<u8>, Fault> {
        secret_bytes(length)
    }
}
