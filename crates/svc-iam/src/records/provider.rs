//! Identity providers. Times are seconds since the epoch.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::Tag;

/// An OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OidcProvider {
    /// Host and path, without the scheme.
    pub(crate) url: String,
    /// The audiences it issues tokens for.
    pub(crate) client_ids: Vec<String>,
    /// Of the certificates that its keys may be served with.
    pub(crate) thumbprints: Vec<String>,
    /// When it was created.
    pub(crate) created: i64,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(OidcProvider, 1);

/// A SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SamlProvider {
    /// Its name.
    pub(crate) name: String,
    /// `SAMLProviderUUID`.
    pub(crate) uuid: String,
    /// As it was given.
    pub(crate) metadata: String,
    /// When it was created.
    pub(crate) created: i64,
    /// When it ceases to be good.
    pub(crate) valid_until: i64,
    /// Whether assertions have to be encrypted.
    pub(crate) encryption_required: Option<bool>,
    /// What encrypted assertions are read with.
    pub(crate) private_keys: Vec<SamlPrivateKey>,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(SamlProvider, 1);

/// A key that encrypted assertions are read with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SamlPrivateKey {
    /// Names it.
    pub(crate) id: String,
    /// When it was added.
    pub(crate) added: i64,
    /// The key, as it was given.
    pub(crate) pem: String,
}
