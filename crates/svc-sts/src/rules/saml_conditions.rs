//! What a SAML response must say to be taken, and what it says of the session.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>

use virga_federation::saml::Assertion;

use super::{RequestedTags, is_session_name};
use crate::error::Error;

const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/SAML/Attributes/SourceIdentity";
const PRINCIPAL_TAG: &str = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:";
const TRANSITIVE_TAG_KEYS: &str = "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys";

/// How far the provider's clock may be off.
const LEEWAY_SECONDS: i64 = 180;
/// A response is to be presented so soon.
const MOST_AGE_SECONDS: i64 = 300;

/// Who may be meant by a response: AWS's own name, and the addresses of its sign-in pages.
const AUDIENCES: [&str; 2] = ["https://signin.aws.amazon.com/saml", "urn:amazon:webservices"];

/// What a response says of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SamlFacts {
    /// Where it was to be presented: the audience of the answer and of `saml:aud`.
    pub(crate) recipient: String,
    pub(crate) session_name: String,
    /// A wish of seconds.
    pub(crate) session_seconds: Option<i32>,
    /// Until when the provider's own session lasts.
    pub(crate) session_ends: Option<i64>,
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: RequestedTags,
    /// `persistent`, `transient`, or the whole URI of another format.
    pub(crate) subject_type: String,
}

/// Checks an assertion whose signature holds, for a role and a provider.
pub(crate) fn check_response(
    assertion: &Assertion,
    entity_id: &str,
    role_arn: &str,
    provider_arn: &str,
    now: i64,
) -> Result<SamlFacts, Error> {
    let invalid = Error::invalid_token;
    if assertion.issuer != entity_id {
        return Err(invalid("Issuer not present in specified provider"));
    }
    check_times(assertion, now)?;
    let is_for_us = |audience: &String| AUDIENCES.contains(&audience.as_str()) || is_sign_in(audience);
    if assertion.audiences.is_empty() || !assertion.audiences.iter().all(|any| any.iter().any(is_for_us)) {
        return Err(invalid("Response does not contain the required audience."));
    }
    let recipient = recipient(assertion, now)?;
    let is_pair = |pair: &str| {
        let mut parts = pair.split(',').map(str::trim);
        let parts = [parts.next(), parts.next()];
        parts == [Some(role_arn), Some(provider_arn)] || parts == [Some(provider_arn), Some(role_arn)]
    };
    if assertion.values(ROLE).next().is_none() {
        return Err(invalid("Your request included an invalid SAML response. To logout, click here."));
    }
    if !assertion.values(ROLE).any(is_pair) {
        return Err(Error::denied("Not authorized to perform sts:AssumeRoleWithSAML"));
    }
    let source_identity = assertion.values(SOURCE_IDENTITY).next().map(str::to_owned);
    if source_identity.as_deref().is_some_and(|text| !is_session_name(text) || text.starts_with("aws:")) {
        return Err(invalid(
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
        ));
    }
    Ok(SamlFacts {
        recipient,
        session_name: session_name(assertion)?,
        session_seconds: session_seconds(assertion)?,
        session_ends: assertion.session_not_on_or_after,
        source_identity,
        tags: tags(assertion),
        subject_type: subject_type(assertion.subject_format.as_deref()),
    })
}

fn check_times(assertion: &Assertion, now: i64) -> Result<(), Error> {
    if assertion.not_before.is_some_and(|from| now + LEEWAY_SECONDS < from) {
        return Err(Error::invalid_token("Assertion is not valid yet"));
    }
    let is_old = now - assertion.issued_at > MOST_AGE_SECONDS;
    if is_old || assertion.not_on_or_after.is_some_and(|until| now >= until + LEEWAY_SECONDS) {
        return Err(Error::ExpiredToken {
            reason: "Token must be redeemed within 5 minutes of issuance".to_owned(),
        });
    }
    if assertion.issued_at - now > LEEWAY_SECONDS {
        return Err(Error::invalid_token("Assertion was issued in the future"));
    }
    Ok(())
}

/// The recipient of a confirmation by bearing that still holds.
fn recipient(assertion: &Assertion, now: i64) -> Result<String, Error> {
    let ours = |recipient: &str| is_sign_in(recipient) || AUDIENCES.contains(&recipient);
    let mut confirmations = assertion.confirmations.iter().filter_map(|confirmation| {
        let recipient = confirmation.recipient.as_deref().filter(|recipient| ours(recipient))?;
        confirmation.not_on_or_after.filter(|until| now < until + LEEWAY_SECONDS)?;
        Some(recipient.to_owned())
    });
    confirmations.next().ok_or_else(|| {
        Error::invalid_token("Response does not contain a valid SubjectConfirmation for this recipient")
    })
}

/// `https://signin.aws.amazon.com/saml`, also of a region or with the account or provider behind it.
fn is_sign_in(url: &str) -> bool {
    let host_and_path = url.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
    host_and_path.is_some_and(|(host, path)| {
        let is_host = host == "signin.aws.amazon.com"
            || host.strip_suffix(".signin.aws.amazon.com").is_some_and(|region| !region.contains('.'));
        is_host && path.strip_prefix("saml").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn session_name(assertion: &Assertion) -> Result<String, Error> {
    let name = assertion.values(ROLE_SESSION_NAME).next();
    let name = name.ok_or_else(|| Error::invalid_token("RoleSessionName is required in AuthnResponse"))?;
    if !is_session_name(name) {
        let reason = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        return Err(Error::invalid_token(reason));
    }
    Ok(name.to_owned())
}

fn session_seconds(assertion: &Assertion) -> Result<Option<i32>, Error> {
    let Some(text) = assertion.values(SESSION_DURATION).next() else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    let refused = || Error::invalid_token("SessionDuration in AuthnResponse must be between 900 and 43200");
    seconds.map(Some).ok_or_else(refused)
}

fn tags(assertion: &Assertion) -> RequestedTags {
    let tag = |(name, values): &(String, Vec<String>)| {
        let key = name.strip_prefix(PRINCIPAL_TAG).filter(|key| !key.is_empty())?;
        Some((key.to_owned(), values.first()?.clone()))
    };
    RequestedTags {
        tags: assertion.attributes.iter().filter_map(tag).collect(),
        transitive_keys: assertion.values(TRANSITIVE_TAG_KEYS).map(str::to_owned).collect(),
    }
}

fn subject_type(format: Option<&str>) -> String {
    let format = format.unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    format.strip_prefix("urn:oasis:names:tc:SAML:2.0:nameid-format:").unwrap_or(format).to_owned()
}
