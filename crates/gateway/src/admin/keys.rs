//! `/_virga/keys`: access keys of an account's root user, to begin with where unknown keys are refused.

use http::StatusCode;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use virga_iam::AccountId;
use virga_kit::{StoredKey, StoredPrincipal};

use super::answer::{Answer, json_with};
use super::error::AdminError;
use super::visit::Visit;

/// What key ids are made of behind `AKIA`.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ID_LENGTH: usize = 16;
const SECRET_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SECRET_LENGTH: usize = 40;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    account: Option<String>,
}

#[derive(Serialize)]
struct Issued {
    access_key_id: String,
    secret_access_key: String,
    account: String,
}

/// `POST /_virga/keys`. The secret is told this once.
pub(super) async fn create(mut visit: Visit<'_>) -> Answer {
    let NewKey { account } = visit.body().await?;
    let account: AccountId = match account {
        Some(account) => account.parse().map_err(|error| AdminError::invalid(format!("account: {error}")))?,
        None => AccountId::DEFAULT,
    };
    let access_key_id = format!("AKIA{}", draw(ID_ALPHABET, ID_LENGTH)?);
    let secret_access_key = draw(SECRET_ALPHABET, SECRET_LENGTH)?;
    let key = StoredKey {
        secret_access_key: secret_access_key.clone(),
        session_token: None,
        expires_at: None,
        active: true,
        account: account.to_string(),
        principal: StoredPrincipal::Root,
    };
    visit.world.keys().put(&access_key_id, &key)?;
    visit.durable().await?;
    let issued = Issued { access_key_id, secret_access_key, account: account.to_string() };
    json_with(StatusCode::CREATED, &issued)
}

/// Letters from the operating system's randomness. The alphabet's size divides 256, so that all are equally likely.
fn draw<const N: usize>(alphabet: &[u8; N], length: usize) -> Result<String, AdminError> {
    const { assert!(256 % N == 0) };
    let mut bytes = vec![0; length];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| AdminError::internal("the operating system gives no random bytes"))?;
    Ok(bytes.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % N])).collect())
}
