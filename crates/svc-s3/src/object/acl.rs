//! Access control lists of objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::Structure as _;
use virga_store::{Read, Write};

use crate::configuration::{acl as lists, public_access_block};
use crate::events::{self, Event, Subject};
use crate::records::ObjectOwnership;
use crate::versions::ObjectAt;
use crate::{access, bucket};
use virga_object::Error;
use virga_object::acl::{self, AclHeaders, Owners};

/// Sets the list of a version.
pub(crate) fn put_object_acl(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutObjectAclRequest,
) -> Result<api::PutObjectAclOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "PUT");
    let mut found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    let owner = found.version.summary.owner.clone().unwrap_or_else(|| bucket.account.clone());
    let headers = AclHeaders::of(input.as_record());
    let owners = Owners { owner: &owner, bucket_owner: &bucket.account };
    let list = lists::given(headers, input.access_control_policy(), owners, acl::CANNED_OF_OBJECTS)?;
    if bucket.ownership == Some(ObjectOwnership::BucketOwnerEnforced) {
        return Err(Error::AccessControlListNotSupported);
    }
    let block = public_access_block::effective(txn, &bucket)?;
    let arn = format!("{}/{}", bucket::arn(input.bucket()), input.key());
    lists::refuse_public(ctx, block, &list, ("PutObjectAcl", &arn))?;
    found.version.content.acl = Some(list);
    at.save(txn, &found)?;
    let ObjectAt { bucket_name, bucket, key } = at;
    events::raise(ctx, txn, Event::AclPut, &Subject { bucket_name, bucket, key, version: &found.version })?;
    Ok(api::PutObjectAclOutput::new())
}

/// The list of a version.
pub(crate) fn get_object_acl(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetObjectAclRequest,
) -> Result<api::GetObjectAclOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "GET");
    let found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    let owner = found.version.summary.owner.unwrap_or_else(|| bucket.account.clone());
    // Lists that were set before they were switched off show nothing but the owner.
    let is_enforced = bucket.ownership == Some(ObjectOwnership::BucketOwnerEnforced);
    let list = found.version.content.acl.filter(|_| !is_enforced).unwrap_or_else(|| acl::private(&owner));
    Ok(api::GetObjectAclOutput::new()
        .with_owner(acl::shown_owner(&list.owner))
        .with_grants(acl::shown(&list.grants)))
}
