//! What an account has once: settings, the credential report, deletions under way. Times are seconds since the epoch.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// Settings of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountSettings {
    /// Whether tokens of the global STS endpoint are good in all regions: version 2.
    pub(crate) global_tokens_v2: bool,
    /// Whether the account issues web identity tokens.
    pub(crate) outbound_federation: bool,
    /// Its URL as an issuer, once it was one.
    pub(crate) issuer: Option<String>,
}
stored!(AccountSettings, 1);

/// The credential report, as it was last made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CredentialReport {
    /// When.
    pub(crate) generated: i64,
    /// The table.
    pub(crate) csv: String,
}
stored!(CredentialReport, 1);

/// The deletion of a service-linked role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoleDeletion {
    /// Name of the role.
    pub(crate) role: String,
    /// Whether it is done.
    pub(crate) done: bool,
}
stored!(RoleDeletion, 1);
