//! `/_virga/oidc-jwks`: the public keys of OpenID Connect providers, which this cloud can't fetch.

use serde::Deserialize;
use serde_json::{Value, json};
use virga_kit::identity_provider_keys;

use super::answer::{Answer, json};
use super::error::AdminError;
use super::visit::Visit;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    issuer: String,
    jwks: Value,
}

/// `GET /_virga/oidc-jwks`: issuers with their keys.
pub(super) fn list(visit: &Visit<'_>) -> Answer {
    let all = identity_provider_keys::all(&visit.world.store().read()?)?;
    let shown = all.into_iter().map(|(issuer, keys)| {
        let keys: Value = serde_json::from_str(&keys).unwrap_or(Value::Null);
        json!({ "issuer": issuer, "jwks": keys })
    });
    json(&json!({ "issuers": shown.collect::<Vec<_>>() }))
}

/// `PUT /_virga/oidc-jwks`: the keys of one issuer.
pub(super) async fn put(mut visit: Visit<'_>) -> Answer {
    let Keys { issuer, jwks } = visit.body().await?;
    if !issuer.starts_with("https://") && !issuer.starts_with("http://") {
        return Err(AdminError::invalid("issuer is the URL that tokens name as iss"));
    }
    if !jwks.get("keys").is_some_and(Value::is_array) {
        return Err(AdminError::invalid("jwks is a JSON Web Key Set: {\"keys\": […]}"));
    }
    let text = jwks.to_string();
    visit.world.store().write(|txn| identity_provider_keys::put(txn, &issuer, &text))?;
    visit.durable().await?;
    json(&json!({ "issuer": issuer, "jwks": jwks }))
}

/// `DELETE /_virga/oidc-jwks?issuer=URL`.
pub(super) async fn delete(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let issuer = query.take("issuer").ok_or_else(|| AdminError::invalid("issuer is missing"))?;
    query.finish()?;
    visit.world.store().write(|txn| identity_provider_keys::remove(txn, &issuer))?;
    visit.durable().await?;
    json(&json!({}))
}
