//! What happens to a delegation request: it is claimed, passed on, approved, refused, and the exchange token released; or
//! nothing happens, and it expires.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::delegation::{self, ExchangeToken};
use virga_kit::{Access, Ctx, Failure, StoredPrincipal, StoredSession, Timer, TimerHandler, TimerKind};
use virga_model::{Record, Value};
use virga_store::{Fault, Reader, Write};

use super::{find, find_visible, notification};
use crate::error::Error;
use crate::keys::delegation as keys;
use crate::records::delegation::{Approver, DelegationRequest, DelegationState};
use crate::rules::delegation_life::{self, Step};

/// Letters of exchange tokens.
const TOKEN_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TOKEN_LENGTH: usize = 256;
/// Operations that whoever has claimed a request may use on it without a policy that says so.
const OF_OWNER: [&str; 6] = [
    "GetDelegationRequest",
    "GetHumanReadableSummary",
    "ListDelegationRequests",
    "RejectDelegationRequest",
    "SendDelegationToken",
    "UpdateDelegationRequest",
];

/// Expires a request; its id is the timer's.
pub(crate) const EXPIRY_TIMER: TimerKind =
    TimerKind { name: "expire-delegation", handler: TimerHandler::Transaction(expire) };

/// Whether the caller may do something with a request because it is the owner.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html#temporary-delegation-managing-permissions>
pub(crate) fn is_owners(ctx: &Ctx, access: &Access, input: &Record, resource: &str) -> Result<bool, Fault> {
    let Some(caller) = ctx.caller().arn().filter(|_| OF_OWNER.contains(&&*access.action)) else {
        return Ok(false);
    };
    if let Some(Value::String(owner)) = input.by_name("OwnerId") {
        return Ok(caller == **owner);
    }
    let id = resource.rsplit('/').next().unwrap_or_default();
    let request = ctx.world().store().read()?.get(&keys::request(id))?;
    Ok(request.is_some_and(|request| request.owner == Some(caller)))
}

/// The state after a step, if the request allows it.
fn after(request: &DelegationRequest, step: Step) -> Result<DelegationState, Error> {
    delegation_life::after(request.state, step).ok_or_else(|| Error::InvalidInput {
        reason: format!(
            "The delegation request {} is in the {} state, in which this operation is not allowed.",
            request.id,
            delegation_life::word(request.state)
        ),
    })
}

/// The request of a call that has to be about the caller's account.
fn find_own(ctx: &Ctx, txn: &impl Reader, id: &str) -> Result<DelegationRequest, Error> {
    let request = find_visible(ctx, txn, id)?;
    match request.owner_account {
        Some(_) => Ok(request),
        None => {
            Err(denied(ctx, &request, "because the delegation request is not associated with the account"))
        }
    }
}

fn denied(ctx: &Ctx, request: &DelegationRequest, why: &str) -> Error {
    let user = ctx.caller().arn().unwrap_or_default();
    let reason = format!("User: {user} is not authorized to use resource: {} {why}", request.arn(ctx));
    Error::DelegationDenied { reason }
}

/// Makes the caller the owner of a request.
pub(crate) fn associate_delegation_request(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AssociateDelegationRequestRequest,
) -> Result<Nothing, Error> {
    let mut request = find_visible(ctx, txn, input.delegation_request_id())?;
    let state = after(&request, Step::Associate)?;
    request.owner_account = Some(ctx.account().to_owned());
    request.owner = ctx.caller().arn();
    txn.put(&keys::owned(ctx.account(), &request.id), &())?;
    request.enter(ctx, txn, state)?;
    Ok(Nothing::new())
}

/// Passes a request on for approval.
pub(crate) fn update_delegation_request(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateDelegationRequestRequest,
) -> Result<Nothing, Error> {
    let mut request = find_own(ctx, txn, input.delegation_request_id())?;
    let state = after(&request, Step::Update)?;
    if let Some(notes) = input.notes() {
        request.notes = Some(notes.to_owned());
    }
    request.enter(ctx, txn, state)?;
    Ok(Nothing::new())
}

/// Approves a request: the credentials will be a session of the caller.
pub(crate) fn accept_delegation_request(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AcceptDelegationRequestRequest,
) -> Result<Nothing, Error> {
    let mut request = find_own(ctx, txn, input.delegation_request_id())?;
    let state = after(&request, Step::Accept)?;
    request.approver = Some(approver(ctx, txn, &request)?);
    request.enter(ctx, txn, state)?;
    Ok(Nothing::new())
}

/// The caller, as somebody to give access for.
fn approver(ctx: &Ctx, txn: &impl Reader, request: &DelegationRequest) -> Result<Approver, Error> {
    let caller = ctx.caller();
    // A session has room for one policy: that of a session which has one already is not to be lost.
    let is_limited = caller.session.as_ref().is_some_and(|session| session.has_policies());
    if is_limited || matches!(caller.principal, Principal::FederatedUser { .. }) {
        return Err(denied(ctx, request, "with a session that is limited by policies"));
    }
    let key = ctx.issued_key(txn, caller.access_key_id.as_deref().unwrap_or_default())?;
    let (principal, session) = match key {
        Some(key) => (key.principal, key.session),
        // A key that this cloud did not issue stands for the root user.
        None if caller.principal == Principal::Root => (StoredPrincipal::Root, None),
        None => return Err(denied(ctx, request, "because the caller has no credentials of its own")),
    };
    let arn = caller.arn().unwrap_or_default();
    Ok(Approver { arn, principal, session: session.unwrap_or_default() })
}

/// Refuses a request.
pub(crate) fn reject_delegation_request(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RejectDelegationRequestRequest,
) -> Result<Nothing, Error> {
    let mut request = find_own(ctx, txn, input.delegation_request_id())?;
    let state = after(&request, Step::Reject)?;
    request.rejection_reason = input.notes().map(str::to_owned);
    request.enter(ctx, txn, state)?;
    Ok(Nothing::new())
}

/// Releases the exchange token to the product provider. From now on the time of the access runs.
pub(crate) fn send_delegation_token(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SendDelegationTokenRequest,
) -> Result<Nothing, Error> {
    let mut request = find_own(ctx, txn, input.delegation_request_id())?;
    let state = after(&request, Step::Send)?;
    if request.only_send_by_owner && request.owner != ctx.caller().arn() {
        return Err(denied(ctx, &request, "because only the owner may send the token"));
    }
    let Some(Approver { principal, session, .. }) = request.approver.clone() else {
        return Err(Fault::new(format!("nobody approved the accepted request {}", request.id)).into());
    };
    let token = ctx.secret_letters(TOKEN_LETTERS, TOKEN_LENGTH)?;
    let expires_at = ctx.now().secs() + i64::from(request.session_seconds);
    let session = StoredSession { policy: Some(request.policy.clone()), ..session };
    let meaning = ExchangeToken {
        request_id: request.id.clone(),
        requestor: request.requestor.clone(),
        account: ctx.account().to_owned(),
        principal,
        session,
        expires_at,
    };
    delegation::put_token(txn, &token, &meaning)?;
    request.enter(ctx, txn, state)?;
    notification::of_token(ctx, txn, &request, &token, expires_at)?;
    Ok(Nothing::new())
}

/// A request expires; one that had expired is forgotten.
fn expire(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let Ok(mut request) = find(txn, &timer.id) else { return Ok(()) };
    if request.state != DelegationState::Expired {
        return Ok(request.enter(ctx, txn, DelegationState::Expired)?);
    }
    txn.delete(&keys::request(&request.id))?;
    txn.delete(&keys::workflow(&request.requestor, &request.workflow_id))?;
    if let Some(account) = &request.owner_account {
        txn.delete(&keys::owned(account, &request.id))?;
    }
    Ok(())
}
