//! Who owns the objects that others write, and whether there are access control lists at all.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::document;
use crate::records::{Bucket, Grantee, ObjectOwnership};
use crate::{bucket, keys};
use virga_object::Error;

/// Sets the ownership.
pub(crate) fn put_bucket_ownership_controls(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketOwnershipControlsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.ownership_controls())?;
    let rules = input.ownership_controls().rules();
    let rule = rules.iter().next().filter(|_| rules.len() == 1).ok_or(Error::MalformedXml)?;
    let ownership = ObjectOwnership::parse(rule.object_ownership()).ok_or(Error::MalformedXml)?;
    if ownership == ObjectOwnership::BucketOwnerEnforced && has_grants_to_others(&bucket) {
        return Err(Error::InvalidBucketAclWithObjectOwnership);
    }
    bucket.ownership = Some(ownership);
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

/// The ownership.
pub(crate) fn get_bucket_ownership_controls(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketOwnershipControlsRequest,
) -> Result<api::GetBucketOwnershipControlsOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let missing = || Error::NoSuchOwnershipControls { bucket: input.bucket().to_owned() };
    let ownership = bucket.ownership.ok_or_else(missing)?;
    let rule = api::OwnershipControlsRule::new().with_object_ownership(ownership.as_str());
    let controls = api::OwnershipControls::new().with_rules(vec![rule]);
    Ok(api::GetBucketOwnershipControlsOutput::new().with_ownership_controls(controls))
}

/// Removes the controls: objects then belong to whoever writes them.
pub(crate) fn delete_bucket_ownership_controls(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketOwnershipControlsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    bucket.ownership = None;
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

fn has_grants_to_others(bucket: &Bucket) -> bool {
    let is_owner =
        |grantee: &Grantee| matches!(grantee, Grantee::Account(account) if *account == bucket.account);
    bucket.acl.as_ref().is_some_and(|acl| acl.grants.iter().any(|grant| !is_owner(&grant.grantee)))
}
