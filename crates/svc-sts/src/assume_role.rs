//! `AssumeRole`: a session of a role that trusts the caller.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::sync::Arc;

use virga_api::sts as api;
use virga_iam::{Caller, Principal, Session};
use virga_kit::{Ctx, Failure, StoredSession};
use virga_model::view::List;

use crate::error::Error;
use crate::mfa::Code;
use crate::role::RoleArn;
use crate::rules::{self, SessionTags};
use crate::session::{self, Issued, NewSession, SessionPolicies};
use crate::trust::{Assumption, require};

/// Makes a session of a role.
pub(crate) async fn assume_role(
    ctx: &Ctx,
    input: &api::AssumeRoleInput,
) -> Result<api::AssumeRoleOutput, Failure> {
    let arn = RoleArn::parse(input.role_arn())?;
    let account = arn.account().ok_or_else(|| Error::invalid_arn(arn.text))?;
    let policies = SessionPolicies::of_input(account.as_str(), input.policy(), input.policy_arns())?;
    let calling = ctx.caller().session.as_deref();
    let requested = session::requested_tags(input.tags(), input.transitive_tag_keys());
    let tags = requested.over(passed_on(calling))?;
    let percent = policies.packed_percent(&tags.tags)?;
    let source_identity = source_identity(calling, input.source_identity())?;
    // What passes on along a chain needs the permission of each of its roles.
    let assumption = Assumption::of_role(input, &tags, source_identity.as_deref());
    refuse_root(ctx)?;
    refuse_contexts(input.provided_contexts())?;
    let code = Code::of_input(input.serial_number(), input.token_code())?;
    if let Some(code) = code {
        ctx.transact(|txn| code.verify(ctx, txn)).await?;
    }
    let caller = with_mfa(ctx, code.is_some());
    let role = require(ctx, &caller, arn, &assumption).await?;
    let is_chained = matches!(ctx.caller().principal, Principal::AssumedRole { .. });
    let new = NewSession {
        account,
        principal: role.session(input.role_session_name()),
        session: StoredSession {
            issued_at: ctx.now().secs(),
            mfa_authenticated_at: None,
            policy: policies.policy,
            policy_arns: policies.arns,
            tags: tags.tags,
            transitive_tag_keys: tags.transitive_keys,
            source_identity: source_identity.clone(),
            federated_provider: calling.and_then(|session| session.federated_provider.clone()),
            federation_keys: Vec::new(),
            is_chained,
            federating_user: None,
        },
        seconds: rules::role_session_seconds(input.duration_seconds(), role.longest_seconds, is_chained)?,
    };
    let Issued { credentials, caller } = ctx.transact(|txn| session::issue(ctx, txn, &new)).await?;
    Ok(api::AssumeRoleOutput::new()
        .with_credentials(credentials)
        .with_assumed_role_user(assumed_role_user(&caller))
        .with_packed_policy_size(percent)
        .with_source_identity(source_identity))
}

/// A session of a role as answers show it.
pub(crate) fn assumed_role_user(caller: &Caller) -> api::AssumedRoleUser {
    api::AssumedRoleUser::new().with_assumed_role_id(caller.user_id()).with_arn(caller.arn())
}

/// The tags that pass on from the calling session.
fn passed_on(calling: Option<&Session>) -> SessionTags {
    calling.map_or_else(SessionTags::default, |session| SessionTags {
        tags: session.tags.clone(),
        transitive_keys: session.transitive_tag_keys.clone(),
    })
}

/// A source identity stays along a chain of roles.
fn source_identity(calling: Option<&Session>, wanted: Option<&str>) -> Result<Option<String>, Error> {
    let inherited = calling.and_then(|session| session.source_identity.as_deref());
    match (inherited, wanted) {
        (Some(inherited), Some(wanted)) if inherited != wanted => {
            Err(Error::denied("The source identity of the calling session can't be changed"))
        }
        (inherited, wanted) => Ok(inherited.or(wanted).map(str::to_owned)),
    }
}

/// Context assertions are signed by AWS's own context providers, IAM Identity Center for one. None is part of this cloud yet,
/// so that no assertion can be a good one.
fn refuse_contexts(contexts: Option<List<'_, &api::ProvidedContext>>) -> Result<(), Error> {
    let Some(context) = contexts.into_iter().flat_map(List::iter).next() else { return Ok(()) };
    let arn = context.provider_arn().unwrap_or_default();
    if !arn.starts_with("arn:aws:iam::aws:contextProvider/") {
        return Err(Error::invalid_arn(arn));
    }
    Err(Error::validation(
        "The provided context assertion is invalid or was not issued by the context provider.",
    ))
}

/// A root user may not assume roles. A key that this cloud did not issue stands for one only for want of a better
/// principal: where such keys are taken at all, they may.
fn refuse_root(ctx: &Ctx) -> Result<(), Failure> {
    let caller = ctx.caller();
    if caller.principal != Principal::Root {
        return Ok(());
    }
    let id = caller.access_key_id.as_deref().unwrap_or_default();
    let read = ctx.world().store().read()?;
    match ctx.issued_key(&read, id)? {
        Some(_) => Err(Error::denied("Roles may not be assumed by root accounts.").into()),
        None => Ok(()),
    }
}

/// The caller, who has just shown an MFA code.
fn with_mfa(ctx: &Ctx, has_code: bool) -> Arc<Caller> {
    let mut caller = ctx.caller().clone();
    if has_code {
        let mut session = caller.session.as_deref().cloned().unwrap_or_default();
        session.mfa_authenticated_at = Some(ctx.now().secs());
        caller.session = Some(Arc::new(session));
    }
    Arc::new(caller)
}
