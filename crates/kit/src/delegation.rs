//! Temporary delegation, as far as more than one service knows of it: the policy templates that AWS registers by hand when
//! it takes on a product provider, put here by whoever runs the cloud, and the exchange tokens that IAM releases and STS
//! redeems.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation-partner-guide.html>

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

use crate::{StoredPrincipal, StoredSession};

/// A registered policy template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationTemplate {
    /// The account of the product provider, the only one that may ask with this template.
    pub account: String,
    /// What customers see as its name.
    pub requestor_name: String,
    /// The policy with `@{parameters}` and `@Enabled` statements.
    pub policy: String,
}
stored!(DelegationTemplate, 1);

/// What an exchange token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeToken {
    /// The delegation request that it was released for.
    pub request_id: String,
    /// The account that alone may redeem it.
    pub requestor: String,
    /// The account that access is given to.
    pub account: String,
    /// Who approved: the credentials are a session of this principal.
    pub principal: StoredPrincipal,
    /// The facts of the session; its policy are the permissions that were approved.
    pub session: StoredSession,
    /// When token and credentials expire, in Unix seconds.
    pub expires_at: i64,
}
stored!(ExchangeToken, 1);

/// Templates by ARN.
static TEMPLATES: Space<DelegationTemplate> = Space::new("kit.delegation-template");
/// By the digest of the token: the token itself is nowhere but in its notification.
static TOKENS: Space<ExchangeToken> = Space::new("kit.exchange-token");

/// The most templates that are listed.
const MOST_LISTED: usize = 1000;

/// Registers a template, or replaces it; requests that were made keep the policy they had.
///
/// # Errors
/// When the store fails.
pub fn put_template(txn: &mut Write, arn: &str, template: &DelegationTemplate) -> Result<(), Fault> {
    txn.put(&TEMPLATES.key(arn), template)
}

/// Forgets a template.
///
/// # Errors
/// When the store fails.
pub fn remove_template(txn: &mut Write, arn: &str) -> Result<(), Fault> {
    txn.delete(&TEMPLATES.key(arn))
}

/// A template by its ARN.
///
/// # Errors
/// When the store fails.
pub fn template(reader: &impl Reader, arn: &str) -> Result<Option<DelegationTemplate>, Fault> {
    reader.get(&TEMPLATES.key(arn))
}

/// Templates by ARN.
///
/// # Errors
/// When the store fails.
pub fn templates(reader: &impl Reader) -> Result<Vec<(String, DelegationTemplate)>, Fault> {
    let found = reader.scan(&TEMPLATES.all(), Direction::Forward, MOST_LISTED)?;
    found.into_iter().map(|(key, template)| Ok((key.parts::<(String,)>()?.0, template))).collect()
}

/// Makes a token redeemable.
///
/// # Errors
/// When the store fails.
pub fn put_token(txn: &mut Write, token: &str, meaning: &ExchangeToken) -> Result<(), Fault> {
    txn.put(&TOKENS.key(digest_of(token)), meaning)
}

/// What a token stands for, expired or not; none when this cloud did not release it.
///
/// # Errors
/// When the store fails.
pub fn token(reader: &impl Reader, token: &str) -> Result<Option<ExchangeToken>, Fault> {
    reader.get(&TOKENS.key(digest_of(token)))
}

fn digest_of(token: &str) -> String {
    let digest = digest(&SHA256, token.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
