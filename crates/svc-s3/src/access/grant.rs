//! What access control lists allow to those whom no policy does.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html>

use virga_iam::{Caller, Principal};
use virga_kit::{Access, Ctx};
use virga_model::Record;
use virga_store::{Fault, Read, Reader as _};

use super::text;
use crate::configuration::public_access_block;
use crate::records::{Acl, Bucket, Grantee, ObjectOwnership, Permission};
use crate::versions::ObjectAt;
use crate::{bucket, keys};
use virga_object::acl;

/// The service that delivers access logs.
const LOG_DELIVERY: &str = "logging.s3.amazonaws.com";

/// The service that reads bundles of images.
const EC2: &str = "ec2.amazonaws.com";

/// Whether a list allows the access.
pub(super) fn by_list(ctx: &Ctx, access: &Access, input: &Record, resource: &str) -> Result<bool, Fault> {
    let Some(path) = resource.strip_prefix("arn:aws:s3:::") else { return Ok(false) };
    let (name, key) = path.split_once('/').map_or((path, None), |(name, key)| (name, Some(key)));
    let read = ctx.world().store().read()?;
    let Some(holder) = read.get(&keys::bucket(name))? else { return Ok(false) };
    if holder.ownership == Some(ObjectOwnership::BucketOwnerEnforced) {
        return Ok(false);
    }
    let Some((list, needed)) = list_of(&read, &holder, (name, key), (&access.action, input), ctx.account())
    else {
        return Ok(false);
    };
    let ignores_public = public_access_block::effective(&read, &holder)?.ignore_public_acls;
    let lets_in = |grantee: &Grantee| is_meant(grantee, ctx.caller(), access, ignores_public);
    let is_let_in =
        list.grants.iter().any(|grant| grant.permission.covers(needed) && lets_in(&grant.grantee));
    if is_let_in {
        bucket::note_list(ctx);
    }
    Ok(is_let_in)
}

/// The list that an action of an account is asked of, and the permission it needs there.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>
fn list_of(
    read: &Read,
    bucket: &Bucket,
    (name, key): (&str, Option<&str>),
    (action, input): (&str, &Record),
    account: &str,
) -> Option<(Acl, Permission)> {
    let of_bucket = bucket.acl.clone();
    let Some(key) = key else { return Some((of_bucket?, acl::needed_of_bucket(action)?)) };
    // Who may write an object may say whose it is to be.
    let is_new =
        action == "PutObjectAcl" && input.shape().is_some_and(|shape| shape.name() != "PutObjectAclRequest");
    if let Some(needed) = acl::needed_of_bucket(if is_new { "PutObject" } else { action }) {
        return Some((of_bucket?, needed));
    }
    let found = ObjectAt::new(name, bucket, key).find(read, text(input, "VersionId")).ok();
    if action == "DeleteObject" {
        // Who may write to the bucket may delete what is their own in it.
        let is_own = found.and_then(|found| found.version.summary.owner).as_deref() == Some(account);
        return Some((of_bucket?, Permission::Write)).filter(|_| is_own);
    }
    let needed = acl::needed_of_object(action)?;
    Some((found?.version.content.acl?, needed))
}

/// Whether a grant is for the caller. What is granted to the owner of the bucket or object, its account gives to its
/// users by their policies.
fn is_meant(grantee: &Grantee, caller: &Caller, access: &Access, ignores_public: bool) -> bool {
    let is_known = !matches!(
        caller.principal,
        Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. }
    );
    match grantee {
        Grantee::AllUsers => !ignores_public,
        Grantee::AuthenticatedUsers => !ignores_public && is_known,
        Grantee::Account(account) => {
            is_known && *account == caller.account.as_str() && access.owner != Some(caller.account)
        }
        Grantee::LogDelivery => is_service(caller, LOG_DELIVERY),
        Grantee::Ec2 => is_service(caller, EC2),
    }
}

fn is_service(caller: &Caller, service: &str) -> bool {
    matches!(&caller.principal, Principal::Service { name, .. } if name == service)
}
