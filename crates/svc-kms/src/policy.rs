//! Key policies, which are kept where the policies of all resources are.

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use crate::error::Error;
use crate::lookup;
use crate::rules::key_policy::{self, NAME};
use crate::rules::key_state::KeyState;

/// Changes the policy of a key.
pub(crate) fn put_key_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutKeyPolicyRequest,
) -> Result<Nothing, Error> {
    check_name(input.policy_name())?;
    let found = lookup::manageable(ctx, txn, "PutKeyPolicy", input.key_id())?;
    found.refuse_in(ctx, &[KeyState::Creating])?;
    let bypass = input.bypass_policy_lockout_safety_check().unwrap_or(false);
    check(ctx, Some(&found.arn()), input.policy(), bypass)?;
    ctx.put_resource_policy(txn, &found.arn(), input.policy())?;
    Ok(Nothing::new())
}

/// Shows the policy of a key.
pub(crate) fn get_key_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetKeyPolicyRequest,
) -> Result<api::GetKeyPolicyResponse, Error> {
    let found = lookup::own(ctx, txn, "GetKeyPolicy", input.key_id())?;
    check_name(input.policy_name())?;
    Ok(api::GetKeyPolicyResponse::new()
        .with_policy(ctx.resource_policy(txn, &found.arn())?)
        .with_policy_name(NAME))
}

/// Lists the names of a key's policies: there is one.
pub(crate) fn list_key_policies(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListKeyPoliciesRequest,
) -> Result<api::ListKeyPoliciesResponse, Error> {
    lookup::own(ctx, txn, "ListKeyPolicies", input.key_id())?;
    let names = if input.marker().is_none() { vec![NAME] } else { return Err(Error::InvalidMarker) };
    Ok(api::ListKeyPoliciesResponse::new().with_policy_names(names).with_truncated(false))
}

fn check_name(name: Option<&str>) -> Result<(), Error> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(Error::NotFound { reason: "No such policy exists".to_owned() }),
    }
}

/// Refuses what is no key policy, and, unless that is to be passed over, a policy under which the caller could not
/// change it again.
pub(crate) fn check(ctx: &Ctx, arn: Option<&str>, text: &str, bypass: bool) -> Result<(), Error> {
    let policy = key_policy::parse(text)?;
    if ctx.missing_principal(&policy)?.is_some() {
        let reason = "Policy contains a statement with one or more invalid principals.".to_owned();
        return Err(Error::MalformedPolicy { reason });
    }
    if bypass || key_policy::allows_change(ctx.caller(), arn.unwrap_or("*"), policy) {
        return Ok(());
    }
    Err(Error::MalformedPolicy {
        reason: "The new key policy will not allow you to update the key policy in the future.".to_owned(),
    })
}
