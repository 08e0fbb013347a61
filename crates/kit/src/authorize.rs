//! Enforcement: asks the policies for every access of a call. The first refusal is the answer.

use std::sync::Arc;

use virga_iam::evaluation::{AttachedPolicy, Outcome, PrincipalPolicies, Request, ResourceRule, evaluate};
use virga_iam::policy::PolicyPrincipal;
use virga_iam::{AccountId, AuthMode, Caller, Principal};
use virga_model::{ApiError, Record};
use virga_store::{Fault, Read};

use crate::condition_context::CallConditions;
use crate::request_log::{LoggedDecision, full_action};
use crate::service::Served;
use crate::{Access, Call, Ctx, LoggedAccess, LoggedAccesses, permissions, session_limits};

/// The task policies that overrule the policy of a resource.
const UNLOCKING: [&str; 2] = [
    "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy",
];

/// Where the policies of principals come from: the identity service implements it.
pub trait PolicySource: Send + Sync {
    /// The policies and tags of a principal that this world knows. What it returns is remembered until
    /// [`Ctx::permissions_changed`].
    ///
    /// # Errors
    /// When the store fails.
    fn of_principal(&self, read: &Read, caller: &Caller) -> Result<PrincipalPolicies, Fault>;

    /// Whether a user or role that a policy of a resource names is there.
    ///
    /// # Errors
    /// When the store fails.
    fn exists(&self, _: &Read, _: &PolicyPrincipal) -> Result<bool, Fault> {
        Ok(true)
    }

    /// The resource control policies that an account's resources are under, by the levels of its organization. What it
    /// returns is remembered by account.
    ///
    /// # Errors
    /// When the store fails.
    fn resource_control(&self, _: &Read, _: AccountId) -> Result<Vec<Vec<AttachedPolicy>>, Fault> {
        Ok(Vec::new())
    }
}

/// A cloud without identities: nobody but root users may do anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPolicies;

impl PolicySource for NoPolicies {
    fn of_principal(&self, _: &Read, _: &Caller) -> Result<PrincipalPolicies, Fault> {
        Ok(PrincipalPolicies::default())
    }
}

/// Asks the policies for every access of the call, and notes each with what was decided.
pub(crate) fn authorize(
    ctx: &Ctx,
    served: &Served,
    call: &Call,
    accesses: &mut LoggedAccesses,
) -> Result<(), ApiError> {
    if call.via.trusted {
        return Ok(());
    }
    let prefix = served.service.action_prefix;
    session_limits::check(ctx.caller(), prefix, call.operation.name())?;
    for access in (served.service.access)(ctx, call.operation, &call.input) {
        let (logged, result) = ask(ctx, prefix, access, &call.input);
        accesses.extend(logged);
        result?;
    }
    Ok(())
}

/// Asks the policies for one access: what was decided, for the record, and the refusal if it is one.
pub(crate) fn ask(
    ctx: &Ctx,
    prefix: &'static str,
    access: Access,
    input: &Record,
) -> (Option<LoggedAccess>, Result<(), ApiError>) {
    let decision = match decide(ctx, prefix, &access, input) {
        Ok(decision) => decision,
        Err(fault) => {
            tracing::error!(request_id = ctx.request_id(), "permissions can't be read: {fault}");
            return (None, Err(ApiError::internal()));
        }
    };
    let denied = decision.as_ref().filter(|decision| !decision.allows());
    let overruled = ctx.world().settings().auth == AuthMode::Audit;
    let error =
        denied.filter(|_| !overruled).map(|denied| denied.error(ctx.caller(), access.refusal_to_others));
    let Access { action, resources, .. } = access;
    let logged = LoggedAccess { prefix, action, resources, decision: decision.map(Arc::new) };
    (Some(logged), error.map_or(Ok(()), Err))
}

/// The decision about the first resource that is not allowed, else about the last one. None when nothing restricts
/// the caller: a root user within the own account, where no policy speaks of the resource.
fn decide(
    ctx: &Ctx,
    prefix: &'static str,
    access: &Access,
    input: &Record,
) -> Result<Option<LoggedDecision>, Fault> {
    let mut last = None;
    let any = access.resources.is_empty().then_some("*");
    for resource in access.resources.iter().map(String::as_str).chain(any) {
        let account = access.account_of(resource).unwrap_or(ctx.caller().account);
        last = decide_one(ctx, prefix, access, input, (resource, account))?;
        if last.as_ref().is_some_and(|decision| !decision.allows()) {
            return Ok(last);
        }
    }
    Ok(last)
}

fn decide_one(
    ctx: &Ctx,
    prefix: &'static str,
    access: &Access,
    input: &Record,
    (resource, account): (&str, AccountId),
) -> Result<Option<LoggedDecision>, Fault> {
    let caller = ctx.caller();
    let permissions = ctx.world().permissions();
    let generation = permissions.generation()?;
    let is_limited = caller.session.as_ref().is_some_and(|session| session.has_policies());
    let is_own_root = caller.principal == Principal::Root && caller.account == account && !is_limited;
    if is_own_root && access.rule == ResourceRule::Ordinary && permissions.has_no_policies(generation)? {
        return Ok(None);
    }
    let source = &*ctx.world().settings().policies;
    let principal = permissions.principal(generation, source, caller)?;
    let resource_control = permissions.resource_control(generation, source, account)?;
    let holder = access.policy_holder.as_deref().unwrap_or(resource);
    let policy = match unlocks(caller, account) {
        true => None,
        false => match &access.coming_policy {
            Some(text) => Some(permissions::parse(resource, text, access.rule)?),
            None => permissions.resource_policy(generation, holder, access.rule)?,
        },
    };
    if is_own_root
        && access.rule == ResourceRule::Ordinary
        && policy.is_none()
        && principal.service_control.is_empty()
        && resource_control.is_empty()
    {
        return Ok(None);
    }
    let action = full_action(prefix, &access.action);
    let conditions = CallConditions::new(ctx, access, input, (resource, account), &principal);
    let request = Request {
        resource_account: account,
        resource_policy: policy.as_ref().map(|policy| (policy, access.rule)),
        resource_control: &resource_control,
        ..Request::new(&action, resource, caller, &principal, &conditions)
    };
    let mut decision = evaluate(&request);
    let is_granted = match (decision.outcome, access.grants) {
        (Outcome::ImplicitDeny(_), Some(grants)) => grants(ctx, access, input, resource)?,
        _ => false,
    };
    if is_granted {
        decision = evaluate(&Request { is_granted, ..request });
    }
    let asked = conditions.into_asked();
    Ok(Some(LoggedDecision {
        decision,
        action,
        resource: resource.to_owned(),
        resource_account: account,
        rule: access.rule,
        principal,
        resource_control,
        resource_policy: policy,
        asked,
        is_granted,
    }))
}

/// Whether this is a session of `AssumeRoot` that is to get a queue or bucket back whose policy shuts everybody out: that
/// policy has no say then.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html>
fn unlocks(caller: &Caller, account: AccountId) -> bool {
    let is_unlocking = |arn: &String| UNLOCKING.contains(&arn.as_str());
    caller.principal == Principal::Root
        && caller.account == account
        && caller.session.as_ref().is_some_and(|session| session.policy_arns.iter().any(is_unlocking))
}
