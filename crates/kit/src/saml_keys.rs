//! What encrypted assertions of SAML providers are read with: IAM puts the private keys of a provider here, STS reads them.
//! No operation shows them.

use serde::{Deserialize, Serialize};
use virga_store::{Fault, Reader, Space, Write, stored};

/// The private keys of a provider.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlKeys {
    /// In PEM.
    pub private_keys: Vec<String>,
    /// Whether assertions have to be encrypted.
    pub requires_encryption: bool,
}
stored!(SamlKeys, 1);

/// By ARN of the provider.
static KEYS: Space<SamlKeys> = Space::new("kit.saml-keys");

/// Stores the keys of a provider, or replaces them.
///
/// # Errors
/// When the store fails.
pub fn put(txn: &mut Write, provider: &str, keys: &SamlKeys) -> Result<(), Fault> {
    txn.put(&KEYS.key(provider), keys)
}

/// Forgets the keys of a provider.
///
/// # Errors
/// When the store fails.
pub fn remove(txn: &mut Write, provider: &str) -> Result<(), Fault> {
    txn.delete(&KEYS.key(provider))
}

/// The keys of a provider; none when it has none.
///
/// # Errors
/// When the store fails.
pub fn find(reader: &impl Reader, provider: &str) -> Result<SamlKeys, Fault> {
    Ok(reader.get(&KEYS.key(provider))?.unwrap_or_default())
}
