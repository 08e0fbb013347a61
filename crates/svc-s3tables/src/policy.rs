//! Policies of table buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-bucket-policy.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_object::public_policy;
use virga_store::{Read, Write};

use crate::error::Error;
use crate::table_bucket;

/// Sets the policy. Public ones are never taken.
pub(crate) fn put_table_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutTableBucketPolicyRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let policy = Policy::parse(input.resource_policy(), PolicyKind::Resource)
        .map_err(|error| Error::InvalidPolicy { reason: error.to_string() })?;
    if let Some(missing) = ctx.missing_principal(&policy)? {
        return Err(Error::InvalidPolicy { reason: missing.to_string() });
    }
    if public_policy::is_public(&policy) {
        return Err(Error::PublicPolicy);
    }
    ctx.put_resource_policy(txn, &bucket.at().arn(), input.resource_policy())?;
    Ok(Nothing::new())
}

/// The policy.
pub(crate) fn get_table_bucket_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableBucketPolicyRequest,
) -> Result<api::GetTableBucketPolicyResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let policy = ctx.resource_policy(txn, &bucket.at().arn())?.ok_or(Error::PolicyNotFound)?;
    Ok(api::GetTableBucketPolicyResponse::new().with_resource_policy(policy))
}

/// Removes the policy. Without one, nothing happens.
pub(crate) fn delete_table_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableBucketPolicyRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    ctx.delete_resource_policy(txn, &bucket.at().arn())?;
    Ok(Nothing::new())
}
