//! Policies of multi-Region access points. They can be replaced, but not removed.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointPermissions.html>

use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use super::request::Asked;
use super::{find, refusal, regions_of};
use crate::batch::document;
use crate::configuration::policy::{self, is_public};
use crate::control::own_account;
use crate::keys;
use crate::records::{MultiRegionAccessPoint, PublicAccessBlock, Refusal, RequestKind};
use virga_object::bucket_policy::Holder;
use virga_object::{Error, multi_region, public_policy};

/// Begins to set the policy, unless it is public and public ones are blocked.
pub(crate) fn put_multi_region_access_point_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutMultiRegionAccessPointPolicyRequest,
) -> Result<api::PutMultiRegionAccessPointPolicyResult, Error> {
    own_account(ctx, input.account_id())?;
    let details = input.details();
    let asked = Asked::new(RequestKind::PutPolicy, details.name(), document(details));
    let arn = asked.once(ctx, txn, input.client_token(), |txn, asked| {
        let mut found = find(ctx, txn, details.name())?;
        let refused = match refusal(&found) {
            Some(refusal) => Some(refusal),
            None => refused_policy(ctx, txn, &found, details.policy())?,
        };
        if let Some(refusal) = refused {
            return Ok(asked.refused(refusal));
        }
        found.proposed_policy = Some(details.policy().to_owned());
        found.is_changing = true;
        txn.put(&keys::multi_region_access_point(ctx.account(), details.name()), &found)?;
        Ok(asked.about(regions_of(&found)))
    })?;
    Ok(api::PutMultiRegionAccessPointPolicyResult::new().with_request_token_arn(arn))
}

/// Why a policy can't be set.
fn refused_policy(
    ctx: &Ctx,
    txn: &impl Reader,
    found: &MultiRegionAccessPoint,
    text: &str,
) -> Result<Option<Refusal>, Error> {
    let arn = multi_region::arn(ctx.account(), &found.alias);
    let policy = match policy::parse(ctx, text, Holder::access_point(&arn)) {
        Ok(policy) => policy,
        Err(Error::MalformedPolicy { .. }) => return Ok(Some(Refusal::MalformedPolicy)),
        Err(error) => return Err(error),
    };
    let of_account = txn.get(&keys::account_public_access_block(ctx.account()))?;
    let block = found.public_access_block.or(of_account.unwrap_or(PublicAccessBlock::NONE));
    let is_blocked = block.block_public_policy && public_policy::is_public(&policy);
    Ok(is_blocked.then_some(Refusal::AccessDenied))
}

/// The policy that is in force, and the one that was asked for last.
pub(crate) fn get_multi_region_access_point_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetMultiRegionAccessPointPolicyRequest,
) -> Result<api::GetMultiRegionAccessPointPolicyResult, Error> {
    own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    let established = ctx.resource_policy(txn, &multi_region::arn(ctx.account(), &found.alias))?;
    let established =
        established.map(|policy| api::EstablishedMultiRegionAccessPointPolicy::new().with_policy(policy));
    let proposed = found
        .proposed_policy
        .map(|policy| api::ProposedMultiRegionAccessPointPolicy::new().with_policy(policy));
    let policy = api::MultiRegionAccessPointPolicyDocument::new()
        .with_established(established)
        .with_proposed(proposed);
    Ok(api::GetMultiRegionAccessPointPolicyResult::new().with_policy(policy))
}

/// Whether the policy that is in force is public.
pub(crate) fn get_multi_region_access_point_policy_status(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetMultiRegionAccessPointPolicyStatusRequest,
) -> Result<api::GetMultiRegionAccessPointPolicyStatusResult, Error> {
    own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    let policy = ctx.resource_policy(txn, &multi_region::arn(ctx.account(), &found.alias))?;
    let is_public = policy.map_or(Ok(false), |policy| is_public(&policy))?;
    let status = api::PolicyStatus::new().with_is_public(is_public);
    Ok(api::GetMultiRegionAccessPointPolicyStatusResult::new().with_established(status))
}
