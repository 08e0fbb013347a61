//! `GetFederationToken`: a session for somebody else, with no more than what the caller and the policies allow.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use virga_api::sts as api;
use virga_kit::{Ctx, StoredPrincipal, StoredSession};
use virga_store::Write;

use crate::error::Error;
use crate::rules::{self, SessionTags};
use crate::session::{self, NewSession, SessionPolicies};
use crate::session_token::long_term;

/// Makes a session of a federated user.
pub(crate) fn get_federation_token(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GetFederationTokenInput,
) -> Result<api::GetFederationTokenOutput, Error> {
    let (kind, caller) = long_term(ctx, "GetFederationToken")?;
    let policies = SessionPolicies::of_input(ctx.account(), input.policy(), input.policy_arns())?;
    let SessionTags { tags, .. } = session::requested_tags(input.tags(), None).over(SessionTags::default())?;
    let percent = policies.packed_percent(&tags)?;
    let new = NewSession {
        account: ctx.caller().account,
        principal: StoredPrincipal::FederatedUser { name: input.name().to_owned() },
        session: StoredSession {
            issued_at: ctx.now().secs(),
            policy: policies.policy,
            policy_arns: policies.arns,
            tags,
            federating_user: match caller {
                StoredPrincipal::User { path, name, id } => Some((path, name, id)),
                _ => None,
            },
            ..StoredSession::default()
        },
        seconds: rules::session_seconds(kind, input.duration_seconds()),
    };
    let issued = session::issue(ctx, txn, &new)?;
    let user = api::FederatedUser::new()
        .with_federated_user_id(issued.caller.user_id())
        .with_arn(issued.caller.arn());
    Ok(api::GetFederationTokenOutput::new()
        .with_credentials(issued.credentials)
        .with_federated_user(user)
        .with_packed_policy_size(percent.unwrap_or(0)))
}
