//! Access control lists of buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::Structure as _;
use virga_store::{Read, Write};

use super::public_access_block;
use crate::records::{Acl, Bucket, ObjectOwnership, PublicAccessBlock};
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::acl::{self, AclHeaders, Owners};
use virga_object::public_access;

/// Sets the list.
pub(crate) fn put_bucket_acl(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketAclRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let headers = AclHeaders::of(input.as_record());
    let owners = Owners { owner: &bucket.account, bucket_owner: &bucket.account };
    let list = given(headers, input.access_control_policy(), owners, acl::CANNED_OF_BUCKETS)?;
    if bucket.ownership == Some(ObjectOwnership::BucketOwnerEnforced) {
        return Err(Error::AccessControlListNotSupported);
    }
    let block = public_access_block::effective(txn, &bucket)?;
    refuse_public(ctx, block, &list, ("PutBucketAcl", &bucket::arn(input.bucket())))?;
    bucket.acl = Some(list);
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

/// The list.
pub(crate) fn get_bucket_acl(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketAclRequest,
) -> Result<api::GetBucketAclOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let list = bucket.acl.clone().unwrap_or_else(|| acl::private(&bucket.account));
    Ok(api::GetBucketAclOutput::new()
        .with_owner(acl::shown_owner(&list.owner))
        .with_grants(acl::shown(&list.grants)))
}

/// The list of a new bucket, from the headers with which it is made; none is the private one.
pub(crate) fn of_new_bucket(
    account: &str,
    ownership: ObjectOwnership,
    input: &api::CreateBucketRequest,
) -> Result<Option<Acl>, Error> {
    let headers = AclHeaders::of(input.as_record());
    let owners = Owners { owner: account, bucket_owner: account };
    let Some(grants) = headers.grants(owners, acl::CANNED_OF_BUCKETS)? else { return Ok(None) };
    let is_private = headers.canned == Some(api::bucket_canned_acl::PRIVATE);
    if ownership == ObjectOwnership::BucketOwnerEnforced && !is_private {
        return Err(Error::InvalidBucketAclWithObjectOwnership);
    }
    // What new buckets block.
    if acl::is_public(&grants) && PublicAccessBlock::ALL.block_public_acls {
        return Err(Error::InvalidBucketAclWithBlockPublicAccess);
    }
    Ok((!is_private).then(|| Acl { owner: account.to_owned(), grants }))
}

/// The list that a request gives: by headers or by a document, one of which there has to be.
pub(crate) fn given(
    headers: AclHeaders<'_>,
    policy: Option<&api::AccessControlPolicy>,
    owners: Owners<'_>,
    known: &[&str],
) -> Result<Acl, Error> {
    let grants = headers.grants(owners, known)?;
    match (grants, policy) {
        (Some(_), Some(_)) => Err(Error::UnexpectedContent),
        (Some(grants), None) => Ok(Acl { owner: owners.owner.to_owned(), grants }),
        (None, Some(policy)) => {
            let list = acl::of_document(policy)?;
            if list.owner == owners.owner { Ok(list) } else { Err(Error::AccessDenied) }
        }
        (None, None) => Err(Error::MissingSecurityHeader { header: "x-amz-acl".to_owned() }),
    }
}

/// Refuses a public list where they are blocked.
pub(crate) fn refuse_public(
    ctx: &Ctx,
    block: PublicAccessBlock,
    list: &Acl,
    (action, arn): (&str, &str),
) -> Result<(), Error> {
    if block.block_public_acls && acl::is_public(&list.grants) {
        return Err(public_access::blocked_acl(ctx.caller(), action, arn));
    }
    Ok(())
}

/// Whose a new object is, and its list; no list is the private one of that owner.
pub(crate) fn of_new_object(
    ctx: &Ctx,
    bucket: &Bucket,
    block: PublicAccessBlock,
    headers: AclHeaders<'_>,
    (action, arn): (&'static str, &str),
) -> Result<(String, Option<Acl>), Error> {
    let bucket_owner = bucket.account.as_str();
    // What nobody writes is the bucket owner's.
    let is_anonymous = ctx.caller().principal == virga_iam::Principal::Anonymous;
    let writer = if is_anonymous { bucket_owner } else { ctx.account() };
    let ownership = bucket.ownership.unwrap_or(ObjectOwnership::ObjectWriter);
    if ownership == ObjectOwnership::BucketOwnerEnforced {
        let owners = Owners { owner: bucket_owner, bucket_owner };
        headers.grants(owners, acl::CANNED_OF_OBJECTS)?;
        let allowed = headers.is_empty() || acl::is_bucket_owners_alone(headers, bucket_owner);
        return if allowed {
            Ok((bucket_owner.to_owned(), None))
        } else {
            Err(Error::AccessControlListNotSupported)
        };
    }
    let full_control = Some(api::object_canned_acl::BUCKET_OWNER_FULL_CONTROL);
    let is_preferred = ownership == ObjectOwnership::BucketOwnerPreferred && headers.canned == full_control;
    let owner = if is_preferred { bucket_owner } else { writer };
    let owners = Owners { owner, bucket_owner };
    let grants = headers.grants(owners, acl::CANNED_OF_OBJECTS)?;
    let list = grants.map(|grants| Acl { owner: owner.to_owned(), grants });
    if let Some(list) = &list {
        refuse_public(ctx, block, list, (action, arn))?;
    }
    Ok((owner.to_owned(), list))
}
