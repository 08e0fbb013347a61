//! The keys of accounts that issue web identity tokens: IAM makes an account an issuer, STS signs, and the gateway
//! publishes what verifies them, under the issuer's own host name and below `/_virga/issuers/`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html>

use serde::{Deserialize, Serialize};
use virga_federation::jwt::SigningKeys;
use virga_store::{Fault, Reader, Space, Write, stored};

use crate::identity_provider_keys;

/// What the host names of issuers end in.
pub const DOMAIN: &str = ".tokens.sts.global.api.aws";

/// The private keys of an issuer.
#[derive(Clone, Serialize, Deserialize)]
struct IssuerKeys {
    rsa: Vec<u8>,
    elliptic: Vec<u8>,
}
stored!(IssuerKeys, 1);

/// By issuer.
static KEYS: Space<IssuerKeys> = Space::new("kit.issuer-keys");

/// The keys of an issuer (`https://….tokens.sts.global.api.aws`), which are made when there are none, and published.
///
/// # Errors
/// When the store fails, or no keys can be made.
pub fn keys(txn: &mut Write, issuer: &str) -> Result<SigningKeys, Fault> {
    if let Some(IssuerKeys { rsa, elliptic }) = txn.get(&KEYS.key(issuer))? {
        return Ok(SigningKeys { rsa, elliptic });
    }
    let keys = SigningKeys::generate();
    let keys = keys.map_err(|_| Fault::new("no keys can be made for an issuer"))?;
    let key_set = keys.key_set().map_err(|_| Fault::new("the keys of an issuer can't be published"))?;
    txn.put(&KEYS.key(issuer), &IssuerKeys { rsa: keys.rsa.clone(), elliptic: keys.elliptic.clone() })?;
    identity_provider_keys::put(txn, issuer, &key_set)?;
    Ok(keys)
}

/// What a host name publishes: the document that describes the issuer, and its public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `/.well-known/openid-configuration`.
    pub configuration: String,
    /// `/.well-known/jwks.json`.
    pub key_set: String,
}

/// What the issuer of a host name publishes; none when there is no such issuer.
///
/// # Errors
/// When the store fails.
pub fn published(reader: &impl Reader, host: &str) -> Result<Option<Published>, Fault> {
    let issuer = format!("https://{host}");
    if !host.ends_with(DOMAIN) || !reader.contains(&KEYS.key(issuer.as_str()))? {
        return Ok(None);
    }
    let Some(key_set) = identity_provider_keys::find(reader, &issuer)? else { return Ok(None) };
    let configuration = serde_json::json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
    });
    Ok(Some(Published { configuration: configuration.to_string(), key_set }))
}
