//! Temporary delegation: a product provider asks for access to a customer's account, somebody there approves, and the
//! provider gets a token for credentials that last for a while.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html>
//!
//! Here are the requests and how they are shown; how they are made (`creation`), what happens to them (`steps`), who hears
//! of it (`notification`), and what helps to decide (`permission_check`, `summary`).

mod creation;
mod notification;
mod permission_check;
mod steps;
mod summary;

use virga_api::iam as api;
use virga_kit::{Ctx, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

pub(crate) use creation::create_delegation_request;
pub(crate) use notification::DELIVERY_TIMER;
pub(crate) use steps::{
    EXPIRY_TIMER, accept_delegation_request, associate_delegation_request, is_owners,
    reject_delegation_request, send_delegation_token, update_delegation_request,
};
pub(crate) use summary::get_human_readable_summary;

use crate::arn;
use crate::error::Error;
use crate::keys::delegation as keys;
use crate::page::Page;
use crate::records::delegation::{DelegationParameter, DelegationRequest, DelegationState};
use crate::rules::{delegation_life, role_boundaries};

/// What requests are in ARNs.
pub(crate) const KIND: &str = "delegation-request";

/// The request with an id, whosever it is.
pub(crate) fn find(txn: &impl Reader, id: &str) -> Result<DelegationRequest, Error> {
    txn.get(&keys::request(id))?.ok_or_else(|| Error::NoSuchDelegationRequest { id: id.to_owned() })
}

/// The request with an id, if the caller's account may see it: anybody's until it has an account.
fn find_visible(ctx: &Ctx, txn: &impl Reader, id: &str) -> Result<DelegationRequest, Error> {
    let found = find(txn, id)?;
    match &found.owner_account {
        Some(account) if account != ctx.account() => {
            Err(Error::NoSuchDelegationRequest { id: id.to_owned() })
        }
        _ => Ok(found),
    }
}

impl DelegationRequest {
    /// The ARN: of the account that access is asked to, or of whoever looks at it while it has none.
    fn arn(&self, ctx: &Ctx) -> String {
        arn::of(self.owner_account.as_deref().unwrap_or(ctx.account()), KIND, "/", &self.id)
    }

    /// Puts it into a state, which lasts from now on, and tells the product provider.
    fn enter(&mut self, ctx: &Ctx, txn: &mut Write, state: DelegationState) -> Result<(), Fault> {
        let now = ctx.now().secs();
        self.state = state;
        self.updated = now;
        self.expires = now + delegation_life::lasts(state);
        if state != DelegationState::Unassigned {
            notification::of_state(ctx, txn, self)?;
        }
        let due = Timestamp::from_secs(self.expires);
        let (kind, id) = (EXPIRY_TIMER.name, self.id.clone());
        ctx.schedule(txn, &Timer::new("iam", kind, id, due, &())?)?;
        txn.put(&keys::request(&self.id), self)
    }
}

/// Shows a request and, if it is wanted, whether the caller has the permissions that are asked for.
pub(crate) fn get_delegation_request(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetDelegationRequestRequest,
) -> Result<api::GetDelegationRequestResponse, Error> {
    let request = find_visible(ctx, txn, input.delegation_request_id())?;
    let output = api::GetDelegationRequestResponse::new().with_delegation_request(shown(&request));
    if input.delegation_permission_check() != Some(true) {
        return Ok(output);
    }
    let result = permission_check::of_caller(ctx, txn, &request.policy)?;
    Ok(output.with_permission_check_status("COMPLETE").with_permission_check_result(result))
}

/// Lists the requests that people of the account have claimed.
pub(crate) fn list_delegation_requests(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListDelegationRequestsRequest,
) -> Result<api::ListDelegationRequestsResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let mut rows = Vec::new();
    for key in txn.scan_keys(&keys::all_owned(ctx.account()), Direction::Forward, usize::MAX)? {
        let (_, id): (String, String) = key.parts()?;
        let Some(request) = txn.get(&keys::request(&id))? else { continue };
        if input.owner_id().is_none_or(|owner| request.owner.as_deref() == Some(owner)) {
            rows.push((id, request));
        }
    }
    let (requests, marker) = page.cut(rows);
    let requests: Vec<_> = requests.iter().map(shown).collect();
    Ok(api::ListDelegationRequestsResponse::new()
        .with_delegation_requests(requests)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// A request as answers show it.
fn shown(request: &DelegationRequest) -> api::DelegationRequest {
    let boundaries = role_boundaries::of_policy(&request.policy);
    let time = Timestamp::from_secs;
    api::DelegationRequest::new()
        .with_delegation_request_id(&*request.id)
        .with_owner_account_id(request.owner_account.as_deref())
        .with_description(&*request.description)
        .with_request_message(request.message.as_deref())
        .with_permissions(
            api::DelegationPermission::new()
                .with_policy_template_arn(&*request.template)
                .with_parameters(request.parameters.iter().map(parameter).collect::<Vec<_>>()),
        )
        .with_permission_policy(&*request.policy)
        .with_role_permission_restriction_arns((!boundaries.is_empty()).then_some(boundaries))
        .with_owner_id(request.owner.as_deref())
        .with_approver_id(request.approver.as_ref().map(|approver| &*approver.arn))
        .with_state(delegation_life::word(request.state))
        .with_expiration_time(time(request.expires))
        .with_requestor_id(&*request.requestor)
        .with_requestor_name(&*request.requestor_name)
        .with_create_date(time(request.created))
        .with_session_duration(request.session_seconds)
        .with_redirect_url(request.redirect_url.as_deref())
        .with_notes(request.notes.as_deref())
        .with_rejection_reason(request.rejection_reason.as_deref())
        .with_only_send_by_owner(request.only_send_by_owner)
        .with_updated_time(time(request.updated))
}

fn parameter(parameter: &DelegationParameter) -> api::PolicyParameter {
    api::PolicyParameter::new()
        .with_name(&*parameter.name)
        .with_values(parameter.values.clone())
        .with_type(if parameter.is_list { "stringList" } else { "string" })
}
