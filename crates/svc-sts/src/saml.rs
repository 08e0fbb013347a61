//! `AssumeRoleWithSAML`: a session of a role for somebody whom a SAML provider vouches for.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use virga_api::{iam, sts as api};
use virga_federation::saml::{Assertion, DecryptionKey, Metadata, SamlError, Trusted, read_response};
use virga_iam::{AccountId, Caller, Principal};
use virga_kit::saml_keys::{self, SamlKeys};
use virga_kit::{Arn, Ctx, Failure, StoredSession};

use crate::assume_role::assumed_role_user;
use crate::error::Error;
use crate::role::{IAM_REGION, RoleArn};
use crate::rules::{self, SamlFacts, SamlNames, SessionTags};
use crate::session::{self, Issued, NewSession, SessionPolicies};
use crate::trust::{Assumption, require};

const OPERATION: &str = "AssumeRoleWithSAML";

/// Makes a session of a role for the subject of a response.
pub(crate) async fn assume_role_with_saml(
    ctx: &Ctx,
    input: &api::AssumeRoleWithSAMLInput,
) -> Result<api::AssumeRoleWithSAMLOutput, Failure> {
    let arn = RoleArn::parse(input.role_arn())?;
    let account = arn.account().ok_or_else(|| Error::invalid_arn(arn.text))?;
    let provider = provider_name(input.principal_arn(), account)?;
    let policies = SessionPolicies::of_input(account.as_str(), input.policy(), input.policy_arns())?;
    let metadata = metadata(ctx, account, input.principal_arn()).await?;
    let trusted = trusted(ctx, input.principal_arn(), &metadata)?;
    let assertion = read(input.saml_assertion(), &trusted)?;
    let now = ctx.now().secs();
    let facts = rules::check_response(&assertion, &metadata.entity_id, arn.text, input.principal_arn(), now)?;
    let document = format!("{account}/{provider}");
    let name_qualifier = name_qualifier(&assertion.issuer, &document);
    let names = SamlNames {
        recipient: &facts.recipient,
        subject_type: &facts.subject_type,
        name_qualifier: &name_qualifier,
        document: &document,
    };
    let keys = rules::saml_condition_keys(&assertion, &names);

    let assumption = Assumption::of_federation(OPERATION, &facts.session_name, &facts.tags)
        .with_source_identity(facts.source_identity.as_deref())
        .with_keys(&keys);
    let principal = Principal::Federated { provider: input.principal_arn().to_owned() };
    let caller = Arc::new(Caller { access_key_id: None, account, principal, session: None });
    let role = require(ctx, &caller, arn, &assumption).await?;
    let tags = facts.tags.clone().over(SessionTags::default())?;
    let percent = policies.packed_percent(&tags.tags)?;
    let new = NewSession {
        account,
        principal: role.session(&facts.session_name),
        session: StoredSession {
            issued_at: now,
            policy: policies.policy,
            policy_arns: policies.arns,
            tags: tags.tags,
            transitive_tag_keys: tags.transitive_keys,
            source_identity: facts.source_identity.clone(),
            federated_provider: Some(input.principal_arn().to_owned()),
            federation_keys: keys,
            ..StoredSession::default()
        },
        seconds: seconds(input.duration_seconds(), &facts, role.longest_seconds, now)?,
    };
    let Issued { credentials, caller } = ctx.transact(|txn| session::issue(ctx, txn, &new)).await?;
    Ok(api::AssumeRoleWithSAMLOutput::new()
        .with_credentials(credentials)
        .with_assumed_role_user(assumed_role_user(&caller))
        .with_packed_policy_size(percent)
        .with_subject(assertion.subject)
        .with_subject_type(facts.subject_type)
        .with_issuer(assertion.issuer)
        .with_audience(facts.recipient)
        .with_name_qualifier(name_qualifier)
        .with_source_identity(facts.source_identity))
}

/// The name of the provider, which must be of the role's account.
fn provider_name(arn: &str, account: AccountId) -> Result<&str, Error> {
    let parsed = Arn::parse(arn).ok_or_else(|| Error::invalid_arn(arn))?;
    let name = parsed.resource.strip_prefix("saml-provider/").filter(|_| parsed.service == "iam");
    if name.is_some() && parsed.account != account.as_str() {
        return Err(Error::validation("Role and provider must belong to the same account"));
    }
    name.ok_or_else(|| Error::invalid_arn(arn))
}

async fn metadata(ctx: &Ctx, account: AccountId, provider: &str) -> Result<Metadata, Error> {
    let input = iam::GetSAMLProviderInput::new().with_saml_provider_arn(provider);
    let found = ctx.call_trusted::<iam::op::GetSAMLProvider>(account, IAM_REGION, input).await;
    let missing = || Error::invalid_token("Specified provider doesn't exist");
    let output = found.map_err(|_| missing())?;
    let document = output.saml_metadata_document().ok_or_else(missing)?;
    Metadata::parse(document).ok_or_else(|| Error::invalid_token("Could not parse metadata"))
}

/// What responses of the provider are read with.
fn trusted(ctx: &Ctx, provider: &str, metadata: &Metadata) -> Result<Trusted, Error> {
    let SamlKeys { private_keys, requires_encryption } =
        saml_keys::find(&ctx.world().store().read()?, provider)?;
    let keys = private_keys.iter().filter_map(|pem| DecryptionKey::from_pem(pem)).collect();
    Ok(Trusted { certificates: metadata.certificates.clone(), keys, requires_encryption })
}

/// Decodes the response, decrypts it and checks its signature.
fn read(response: &str, trusted: &Trusted) -> Result<Assertion, Error> {
    let text: String = response.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).map_err(|_| Error::invalid_token("Invalid base64 SAMLResponse"))?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Error::invalid_token("Invalid base64 SAMLResponse"))?;
    read_response(text, trusted).map_err(|error| match error {
        SamlError::Malformed => {
            Error::invalid_token("Your request included an invalid SAML response. To logout, click here.")
        }
        SamlError::Unsuccessful => {
            Error::IdpRejectedClaim { reason: "The identity provider reports a failure".to_owned() }
        }
        SamlError::NotDecrypted => Error::invalid_token("Assertion could not be decrypted"),
        SamlError::SignatureInvalid => Error::invalid_token("Response signature invalid"),
    })
}

/// Tells providers of the same name apart, and with the subject names somebody for good.
fn name_qualifier(issuer: &str, document: &str) -> String {
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{issuer}{document}").as_bytes()))
}

/// The shortest of what the call, the response and the provider's session allow.
fn seconds(wish: Option<i32>, facts: &SamlFacts, longest: i32, now: i64) -> Result<i32, Error> {
    let seconds = rules::role_session_seconds(wish.or(facts.session_seconds), longest, false)?;
    let seconds = facts.session_seconds.map_or(seconds, |limit| seconds.min(limit));
    let left = facts.session_ends.map_or(i64::MAX, |ends| ends - now);
    if left <= 0 {
        return Err(Error::ExpiredToken {
            reason: "The session of the identity provider has ended".to_owned(),
        });
    }
    Ok(i32::try_from(left).map_or(seconds, |left| seconds.min(left)))
}
