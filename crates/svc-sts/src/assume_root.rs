//! `AssumeRoot`: a session of the root user of a member account, for one privileged task.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>

use virga_api::sts as api;
use virga_iam::{AccountId, Principal};
use virga_kit::organization::{self, Membership};
use virga_kit::{Access, Arn, Condition, Ctx, StoredPrincipal, StoredSession};
use virga_store::{Fault, Reader, Write};

use crate::error::Error;
use crate::session::{self, Issued, NewSession};

/// The tasks.
const TASKS: [&str; 5] = [
    "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
    "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword",
    "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
    "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy",
];
/// How long a session lasts at most, and when nothing is said.
const LONGEST_SECONDS: i32 = 900;

/// What the call needs permission for. Whether the accounts belong together is the organization's business; if they do, the
/// caller needs the permission in its own account only.
pub(crate) fn access(target: &str, task: Option<&str>) -> Access {
    let resource = account_of(target).map_or_else(|| target.to_owned(), root_of);
    let conditions = task.map(|arn| Condition::new("sts:TaskPolicyArn", arn)).into_iter().collect();
    let grants = |ctx: &Ctx, _: &Access, _: &virga_model::Record, resource: &str| {
        let read = ctx.world().store().read()?;
        let target = account_of(resource);
        Ok(target.map_or(Ok(None), |target| member(ctx, &read, target))?.is_some())
    };
    Access { conditions, grants: Some(grants), ..Access::to("AssumeRoot", resource) }
}

fn root_of(account: AccountId) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// The account of an id or of the ARN of a root user.
fn account_of(target: &str) -> Option<AccountId> {
    match Arn::parse(target) {
        Some(arn) if arn.service == "iam" && arn.resource == "root" => arn.account.parse().ok(),
        Some(_) => None,
        None => target.parse().ok(),
    }
}

/// The organization, when the caller administers it and the target is a member that it may act in.
fn member(ctx: &Ctx, reader: &impl Reader, target: AccountId) -> Result<Option<Membership>, Fault> {
    let Some(own) = organization::membership(reader, ctx.account())? else { return Ok(None) };
    let is_administrator = own.is_administrator(reader, ctx.account())?;
    let other = organization::membership(reader, target.as_str())?;
    let is_member = other.is_some_and(|other| other.organization_id == own.organization_id)
        && own.management_account != target.as_str();
    Ok(Some(own).filter(|_| is_administrator && is_member))
}

/// Makes a session.
pub(crate) fn assume_root(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AssumeRootRequest,
) -> Result<api::AssumeRootResponse, Error> {
    let target = account_of(input.target_principal());
    let target = target.ok_or_else(|| Error::invalid_arn(input.target_principal()))?;
    let task = input.task_policy_arn().arn().unwrap_or_default();
    if !TASKS.contains(&task) {
        return Err(Error::validation(format!("The task policy {task} is not supported for AssumeRoot.")));
    }
    let denied = || {
        let user = ctx.caller().arn().unwrap_or_default();
        let resource = root_of(target);
        Error::denied(format!(
            "User: {user} is not authorized to perform: sts:AssumeRoot on resource: {resource}"
        ))
    };
    if ctx.caller().principal == Principal::Root {
        return Err(denied());
    }
    let organization = member(ctx, txn, target)?.ok_or_else(denied)?;
    if !organization.root_features(txn)?.sessions {
        return Err(denied());
    }
    let source_identity = ctx.caller().session.as_ref().and_then(|session| session.source_identity.clone());
    let new = NewSession {
        account: target,
        principal: StoredPrincipal::Root,
        session: StoredSession {
            issued_at: ctx.now().secs(),
            policy_arns: vec![task.to_owned()],
            source_identity: source_identity.clone(),
            ..StoredSession::default()
        },
        seconds: input.duration_seconds().unwrap_or(LONGEST_SECONDS),
    };
    let Issued { credentials, .. } = session::issue(ctx, txn, &new)?;
    Ok(api::AssumeRootResponse::new().with_credentials(credentials).with_source_identity(source_identity))
}
