//! What a web identity token must claim, and what its claims mean for the session.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

use serde_json::Value;
use virga_federation::jwt::Token;

use super::RequestedTags;
use crate::error::Error;
use crate::rules::is_session_name;

/// The claim with session tags; nested, or as the beginning of flat names.
const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
/// How far the clocks of a provider may be ahead.
const LEEWAY_SECONDS: i64 = 300;

/// Somebody whom a token speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebIdentity {
    /// `sub`.
    pub(crate) subject: String,
    /// `azp`, else the audience that the provider has registered.
    pub(crate) audience: String,
    /// Tags of the session.
    pub(crate) tags: RequestedTags,
    /// Source identity of the session.
    pub(crate) source_identity: Option<String>,
    /// Condition keys behind the name of the provider: `sub`, `aud` and others.
    pub(crate) condition_keys: Vec<(&'static str, Vec<String>)>,
}

/// Checks the claims of a token whose signature holds.
pub(crate) fn check_claims(token: &Token<'_>, client_ids: &[String], now: i64) -> Result<WebIdentity, Error> {
    let missing = |claim: &str| Error::invalid_token(format!("Missing a required claim: {claim}"));
    let subject = token.text("sub").ok_or_else(|| missing("sub"))?.to_owned();
    let expires = token.time("exp").ok_or_else(|| missing("exp"))?;
    token.time("iat").ok_or_else(|| missing("iat"))?;
    if now >= expires {
        return Err(Error::ExpiredToken {
            reason: format!(
                "Token expired: current date/time {now} must be before the expiration date/time {expires}"
            ),
        });
    }
    for claim in ["nbf", "iat"] {
        if let Some(from) = token.time(claim).filter(|from| *from > now + LEEWAY_SECONDS) {
            return Err(Error::invalid_token(format!(
                "Token is not yet valid: current date/time {now} must not be before the {claim} date/time {from}"
            )));
        }
    }
    let audiences = token.texts("aud");
    let authorized_party = token.text("azp");
    if audiences.is_empty() && authorized_party.is_none() {
        return Err(missing("aud"));
    }
    let is_registered = |audience: &&str| client_ids.iter().any(|id| id == audience);
    let audience = match authorized_party {
        Some(party) => Some(party).filter(is_registered),
        None => audiences.iter().copied().find(is_registered),
    };
    let audience = audience.ok_or_else(|| Error::invalid_token("Incorrect token audience"))?.to_owned();
    let source_identity = token.text(SOURCE_IDENTITY).map(str::to_owned);
    if source_identity.as_deref().is_some_and(|identity| !is_session_name(identity)) {
        return Err(Error::invalid_token("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64}"));
    }
    let condition_keys = condition_keys(token, &audience);
    Ok(WebIdentity { subject, audience, tags: tags(token), source_identity, condition_keys })
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
fn condition_keys(token: &Token<'_>, audience: &str) -> Vec<(&'static str, Vec<String>)> {
    let all = |claim| token.texts(claim).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut keys = vec![("aud", vec![audience.to_owned()]), ("sub", all("sub"))];
    if token.claim("azp").is_some() {
        keys.push(("oaud", all("aud")));
    }
    keys.extend(["amr", "email"].map(|claim| (claim, all(claim))));
    keys.retain(|(_, values)| !values.is_empty());
    keys
}

fn tags(token: &Token<'_>) -> RequestedTags {
    let first = |value: &Value| match value {
        Value::Array(values) => values.first().and_then(Value::as_str).map(str::to_owned),
        value => value.as_str().map(str::to_owned),
    };
    let texts = |value: Option<&Value>| match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    if let Some(Value::Object(nested)) = token.claim(TAGS) {
        let tags = nested.get("principal_tags").and_then(Value::as_object).into_iter().flatten();
        return RequestedTags {
            tags: tags.filter_map(|(key, value)| Some((key.clone(), first(value)?))).collect(),
            transitive_keys: texts(nested.get("transitive_tag_keys")),
        };
    }
    let beginning = format!("{TAGS}/principal_tags/");
    let flat = token.claims().filter_map(|(name, value)| Some((name.strip_prefix(&beginning)?, value)));
    RequestedTags {
        tags: flat.filter_map(|(key, value)| Some((key.to_owned(), first(value)?))).collect(),
        transitive_keys: texts(token.claim(&format!("{TAGS}/transitive_tag_keys"))),
    }
}
