//! The public keys of OpenID Connect providers: what an issuer signs its tokens with. This cloud makes no connections, so
//! that the keys of providers outside are put here by whoever runs it; a service that issues tokens puts its own.

use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

/// A JSON Web Key Set as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeySet(String);
stored!(KeySet, 1);

/// Key sets by issuer.
static KEY_SETS: Space<KeySet> = Space::new("kit.oidc-keys");

/// The most issuers that are listed.
const MOST_LISTED: usize = 1000;

/// Stores the keys of an issuer (`https://accounts.example.com`), or replaces them: a JSON Web Key Set.
///
/// # Errors
/// When the store fails.
pub fn put(txn: &mut Write, issuer: &str, key_set: &str) -> Result<(), Fault> {
    txn.put(&KEY_SETS.key(without_slash(issuer)), &KeySet(key_set.to_owned()))
}

/// Forgets the keys of an issuer.
///
/// # Errors
/// When the store fails.
pub fn remove(txn: &mut Write, issuer: &str) -> Result<(), Fault> {
    txn.delete(&KEY_SETS.key(without_slash(issuer)))
}

/// The keys of an issuer, a JSON Web Key Set.
///
/// # Errors
/// When the store fails.
pub fn find(reader: &impl Reader, issuer: &str) -> Result<Option<String>, Fault> {
    Ok(reader.get(&KEY_SETS.key(without_slash(issuer)))?.map(|stored| stored.0))
}

/// Issuers with their keys, by issuer.
///
/// # Errors
/// When the store fails.
pub fn all(reader: &impl Reader) -> Result<Vec<(String, String)>, Fault> {
    let found = reader.scan(&KEY_SETS.all(), Direction::Forward, MOST_LISTED)?;
    found.into_iter().map(|(key, set)| Ok((key.parts::<(String,)>()?.0, set.0))).collect()
}

/// Some tokens name their issuer with a slash at the end, where its owner writes none.
fn without_slash(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}
