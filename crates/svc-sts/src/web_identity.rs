//! `AssumeRoleWithWebIdentity`: a session of a role for somebody whom an OpenID Connect provider vouches for.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use std::sync::Arc;

use virga_api::{iam, sts as api};
use virga_federation::jwt::{JwtError, KeySet, Token};
use virga_iam::{AccountId, Caller, Principal};
use virga_kit::{Ctx, Failure, StoredSession, identity_provider_keys, web_identity_issuer};
use virga_model::view::List;

use crate::assume_role::assumed_role_user;
use crate::error::Error;
use crate::role::{IAM_REGION, RoleArn};
use crate::rules::{self, SessionTags};
use crate::session::{self, Issued, NewSession, SessionPolicies};
use crate::trust::{Assumption, require};

const OPERATION: &str = "AssumeRoleWithWebIdentity";
/// Providers that roles trust by name, without a provider in the account.
const WELL_KNOWN: [&str; 2] = ["accounts.google.com", "cognito-identity.amazonaws.com"];

/// Providers whose OAuth 2.0 access tokens AWS takes; each is asked about the token.
const OAUTH_PROVIDERS: [&str; 2] = ["www.amazon.com", "graph.facebook.com"];

/// A provider that a role may trust.
struct Provider {
    /// Its ARN, or its well-known name: what trust policies name.
    principal: String,
    /// Host and path: what condition keys begin with.
    name: String,
    client_ids: Option<Vec<String>>,
}

/// Makes a session of a role for the bearer of a token.
pub(crate) async fn assume_role_with_web_identity(
    ctx: &Ctx,
    input: &api::AssumeRoleWithWebIdentityInput,
) -> Result<api::AssumeRoleWithWebIdentityOutput, Failure> {
    let arn = RoleArn::parse(input.role_arn())?;
    let account = arn.account().ok_or_else(|| Error::invalid_arn(arn.text))?;
    let policies = SessionPolicies::of_input(account.as_str(), input.policy(), input.policy_arns())?;
    if let Some(provider) = input.provider_id() {
        if !OAUTH_PROVIDERS.contains(&provider) {
            return Err(Error::validation(format!(
                "{provider} is not a supported OAuth 2.0 identity provider"
            ))
            .into());
        }
        // An access token can be checked by nobody but the provider itself, which is out of reach.
        return Err(Error::IdpCommunication { issuer: provider.to_owned() }.into());
    }
    let token = Token::parse(input.web_identity_token()).map_err(unreadable)?;
    let issuer = token.text("iss").ok_or_else(|| Error::invalid_token("Missing a required claim: iss"))?;
    let provider = provider(ctx, account, issuer).await?;
    verify(ctx, &token, issuer)?;
    let own_audiences: Vec<String> = token.texts("aud").into_iter().map(str::to_owned).collect();
    let client_ids = provider.client_ids.as_ref().unwrap_or(&own_audiences);
    let identity = rules::check_claims(&token, client_ids, ctx.now().secs())?;

    let keys = identity.condition_keys.iter();
    let keys: Vec<_> =
        keys.map(|(key, values)| (format!("{}:{key}", provider.name), values.clone())).collect();
    let assumption = Assumption::of_federation(OPERATION, input.role_session_name(), &identity.tags)
        .with_source_identity(identity.source_identity.as_deref())
        .with_keys(&keys);
    let principal = Principal::Federated { provider: provider.principal.clone() };
    let caller = Arc::new(Caller { access_key_id: None, account, principal, session: None });
    let role = require(ctx, &caller, arn, &assumption).await?;
    let tags = identity.tags.clone().over(SessionTags::default())?;
    let percent = policies.packed_percent(&tags.tags)?;
    let new = NewSession {
        account,
        principal: role.session(input.role_session_name()),
        session: StoredSession {
            issued_at: ctx.now().secs(),
            policy: policies.policy,
            policy_arns: policies.arns,
            tags: tags.tags,
            transitive_tag_keys: tags.transitive_keys,
            source_identity: identity.source_identity.clone(),
            federated_provider: Some(provider.principal.clone()),
            federation_keys: keys,
            ..StoredSession::default()
        },
        seconds: rules::role_session_seconds(input.duration_seconds(), role.longest_seconds, false)?,
    };
    let Issued { credentials, caller } = ctx.transact(|txn| session::issue(ctx, txn, &new)).await?;
    Ok(api::AssumeRoleWithWebIdentityOutput::new()
        .with_credentials(credentials)
        .with_subject_from_web_identity_token(identity.subject)
        .with_assumed_role_user(assumed_role_user(&caller))
        .with_packed_policy_size(percent)
        .with_provider(provider.principal)
        .with_audience(identity.audience)
        .with_source_identity(identity.source_identity))
}

fn unreadable(_: JwtError) -> Error {
    Error::invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// The provider of the role's account that issues such tokens.
async fn provider(ctx: &Ctx, account: AccountId, issuer: &str) -> Result<Provider, Error> {
    let name = issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/');
    if name.ends_with(web_identity_issuer::DOMAIN) {
        return Err(Error::invalid_token(
            "Tokens of outbound web identity federation can't be used to assume roles",
        ));
    }
    if WELL_KNOWN.contains(&name) {
        return Ok(Provider { principal: name.to_owned(), name: name.to_owned(), client_ids: None });
    }
    let arn = format!("arn:aws:iam::{account}:oidc-provider/{name}");
    let input = iam::GetOpenIDConnectProviderInput::new().with_open_id_connect_provider_arn(&*arn);
    let found = ctx.call_trusted::<iam::op::GetOpenIDConnectProvider>(account, IAM_REGION, input).await;
    let missing =
        |_| Error::invalid_token(format!("No OpenIDConnect provider found in your account for {issuer}"));
    let output = found.map_err(missing)?;
    let client_ids = output.client_id_list().into_iter().flat_map(List::iter).map(str::to_owned).collect();
    Ok(Provider { principal: arn, name: name.to_owned(), client_ids: Some(client_ids) })
}

/// Checks the signature with the keys that are known of the issuer.
fn verify(ctx: &Ctx, token: &Token<'_>, issuer: &str) -> Result<(), Error> {
    let read = ctx.world().store().read()?;
    let unreachable = || Error::IdpCommunication { issuer: issuer.to_owned() };
    let text = identity_provider_keys::find(&read, issuer)?.ok_or_else(unreachable)?;
    let keys = KeySet::parse(&text).map_err(|_| unreachable())?;
    token.verify(&keys).map_err(|error| match error {
        JwtError::UnknownKey => Error::invalid_token(
            "Couldn't retrieve verification key from your identity provider,  please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        ),
        _ => Error::invalid_token("The ID Token provided has an invalid signature"),
    })
}
