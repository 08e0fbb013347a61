//! Policies of access points.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>

use virga_api::Nothing;
use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use super::access_point_lifecycle::find;
use super::own_account;
use crate::access_point;
use crate::configuration::policy::{self, is_public};
use crate::keys;
use crate::records::PublicAccessBlock;
use virga_object::Error;
use virga_object::bucket_policy::Holder;
use virga_object::{directory_bucket, public_access, public_policy};

/// Sets the policy, unless it is public and the access point or its account blocks public ones.
pub(crate) fn put_access_point_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutAccessPointPolicyRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    let arn = access_point::arn(account, ctx.region(), input.name());
    let holder = match directory_bucket::is_access_point(input.name()) {
        true => Holder::directory_access_point(&arn),
        false => Holder::access_point(&arn),
    };
    let policy = policy::parse(ctx, input.policy(), holder)?;
    let of_account = txn.get(&keys::account_public_access_block(account))?.unwrap_or(PublicAccessBlock::NONE);
    let block = found.public_access_block.or(of_account);
    if block.block_public_policy && public_policy::is_public(&policy) {
        return Err(public_access::blocked_policy(ctx.caller(), "PutAccessPointPolicy", &arn));
    }
    ctx.put_resource_policy(txn, &arn, input.policy())?;
    Ok(Nothing::new())
}

/// The policy.
pub(crate) fn get_access_point_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessPointPolicyRequest,
) -> Result<api::GetAccessPointPolicyResult, Error> {
    own_account(ctx, input.account_id())?;
    Ok(api::GetAccessPointPolicyResult::new().with_policy(text(ctx, txn, input.name())?))
}

/// Removes the policy.
pub(crate) fn delete_access_point_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAccessPointPolicyRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    find(ctx, txn, input.name())?;
    ctx.delete_resource_policy(txn, &access_point::arn(account, ctx.region(), input.name()))?;
    Ok(Nothing::new())
}

/// Whether the policy is public.
pub(crate) fn get_access_point_policy_status(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessPointPolicyStatusRequest,
) -> Result<api::GetAccessPointPolicyStatusResult, Error> {
    own_account(ctx, input.account_id())?;
    if directory_bucket::is_access_point(input.name()) {
        return Err(directory_bucket::unsupported("GetAccessPointPolicyStatus", "GET"));
    }
    let is_public = is_public(&text(ctx, txn, input.name())?)?;
    let status = api::PolicyStatus::new().with_is_public(is_public);
    Ok(api::GetAccessPointPolicyStatusResult::new().with_policy_status(status))
}

fn text(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<String, Error> {
    find(ctx, txn, name)?;
    let policy = ctx.resource_policy(txn, &access_point::arn(ctx.account(), ctx.region(), name))?;
    policy.ok_or_else(|| Error::NoSuchAccessPointPolicy { name: name.to_owned() })
}
