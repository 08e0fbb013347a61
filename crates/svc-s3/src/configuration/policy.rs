//! Bucket policies.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use super::public_access_block;
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::bucket_policy::{self, Holder};
use virga_object::{directory_bucket, public_access, public_policy};

/// Sets the policy, unless it is public and public ones are blocked.
pub(crate) fn put_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketPolicyRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let arn = bucket::arn(input.bucket());
    let policy = match directory_bucket::is_name(input.bucket()) {
        true => {
            let shown = directory_bucket::arn(&bucket.region, &bucket.account, input.bucket());
            parse(ctx, input.policy(), Holder::directory_bucket(&shown))?
        }
        false => parse(ctx, input.policy(), Holder::bucket(&arn))?,
    };
    let block = public_access_block::effective(txn, &bucket)?;
    if block.block_public_policy && public_policy::is_public(&policy) {
        return Err(public_access::blocked_policy(ctx.caller(), "PutBucketPolicy", &arn));
    }
    // Who changes the policy of a bucket that is deleted meanwhile finds out.
    txn.get(&keys::bucket(input.bucket()))?;
    ctx.put_resource_policy(txn, &arn, input.policy())?;
    Ok(Nothing::new())
}

/// Understands the policy of a bucket or access point. Whoever it names has to be there.
pub(crate) fn parse(ctx: &Ctx, text: &str, holder: Holder<'_>) -> Result<Policy, Error> {
    let policy = bucket_policy::parse(text, holder)?;
    match ctx.missing_principal(&policy)? {
        Some(missing) => Err(bucket_policy::malformed(&missing)),
        None => Ok(policy),
    }
}

/// The policy.
pub(crate) fn get_bucket_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetBucketPolicyRequest,
) -> Result<api::GetBucketPolicyOutput, Error> {
    bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let policy = text(ctx, txn, input.bucket())?;
    Ok(api::GetBucketPolicyOutput::new().with_policy(policy))
}

/// Removes the policy.
pub(crate) fn delete_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketPolicyRequest,
) -> Result<Nothing, Error> {
    bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    ctx.delete_resource_policy(txn, &bucket::arn(input.bucket()))?;
    Ok(Nothing::new())
}

/// Whether the policy is public.
pub(crate) fn get_bucket_policy_status(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetBucketPolicyStatusRequest,
) -> Result<api::GetBucketPolicyStatusOutput, Error> {
    bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let is_public = is_public(&text(ctx, txn, input.bucket())?)?;
    let status = api::PolicyStatus::new().with_is_public(is_public);
    Ok(api::GetBucketPolicyStatusOutput::new().with_policy_status(status))
}

fn text(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<String, Error> {
    let policy = ctx.resource_policy(txn, &bucket::arn(name))?;
    policy.ok_or_else(|| Error::NoSuchBucketPolicy { bucket: name.to_owned() })
}

/// Whether a stored policy is public.
pub(crate) fn is_public(text: &str) -> Result<bool, Fault> {
    let policy = Policy::parse(text, PolicyKind::Resource);
    policy
        .map(|policy| public_policy::is_public(&policy))
        .map_err(|error| Fault::new(format!("a stored bucket policy can't be read: {error}")))
}
