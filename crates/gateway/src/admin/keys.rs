//! `/_virga/keys`: access keys of an account's root user, to begin with where unknown keys are refused.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use virga_iam::AccountId;
use virga_kit::{StoredKey, secrets};

use super::answer::{Answer, json_with};
use super::error::AdminError;
use super::visit::Visit;

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
    let (access_key_id, secret_access_key) = secrets::new_access_key("AKIA", account)?;
    let key = StoredKey::of_root(account, secret_access_key.clone());
    visit.world.keys().put(&access_key_id, &key)?;
    visit.durable().await?;
    let issued = Issued { access_key_id, secret_access_key, account: account.to_string() };
    json_with(StatusCode::CREATED, &issued)
}
