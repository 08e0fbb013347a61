//! What a call is about: a bucket, by its own name or through an access point.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>

use std::sync::Arc;

use virga_iam::{AccountId, Principal};
use virga_kit::{Access, Condition, Ctx};
use virga_model::Record;
use virga_store::Reader as _;

use super::{condition, grant, text};
use crate::access_point::{self, NamedAccessPoint};
use crate::bucket;
use crate::configuration::{policy, public_access_block};
use crate::keys;
use crate::records::{Bucket, ObjectOwnership};
use crate::versions::ObjectAt;

/// What somebody outside the account hears when refused.
const REFUSAL: &str = "Access Denied";
/// What the root user of the owner may whatever the policy denies, so that nobody locks everybody out.
const OF_ROOT: [&str; 3] = ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"];
/// Actions on an object as it is, which may belong to another account than the bucket.
const ON_OBJECT: [&str; 16] = [
    "GetObject",
    "GetObjectVersion",
    "GetObjectAttributes",
    "GetObjectVersionAttributes",
    "GetObjectAcl",
    "GetObjectVersionAcl",
    "PutObjectAcl",
    "PutObjectVersionAcl",
    "GetObjectTagging",
    "GetObjectVersionTagging",
    "PutObjectTagging",
    "PutObjectVersionTagging",
    "DeleteObjectTagging",
    "DeleteObjectVersionTagging",
    "GetObjectTorrent",
    "RestoreObject",
];

/// A bucket as a call names it.
pub(super) struct Target {
    name: String,
    bucket: Option<Arc<Bucket>>,
    access_point: Option<NamedAccessPoint>,
}

impl Target {
    /// Finds what a call means by a name: of a bucket, the ARN or the alias of an access point. None when the store
    /// fails: then the call itself fails for the same reason.
    pub(super) fn find(ctx: &Ctx, given: &str) -> Option<Self> {
        let store = ctx.world().store();
        let access_point = match access_point::may_name(given) {
            true => access_point::named(&store.read().ok()?, given).ok()?,
            false => None,
        };
        let name = access_point.as_ref().map_or(given, |point| point.access_point.bucket.as_str()).to_owned();
        let bucket = match bucket::kept(ctx, &name) {
            Some(bucket) => Some(Arc::clone(bucket)),
            None => store.recall(&keys::bucket(&name)).ok()?,
        };
        Some(Target { name, bucket, access_point })
    }

    /// Keeps the bucket for the rest of the call's way, where the call names it by its own name.
    pub(super) fn keep(self, ctx: &Ctx) {
        if let (Some(bucket), None) = (self.bucket, self.access_point) {
            bucket::keep(ctx, self.name, bucket);
        }
    }

    /// The accesses of an action on the bucket, or on a key of it: one, or another one through the access point.
    pub(super) fn accesses(
        &self,
        ctx: &Ctx,
        action: &'static str,
        input: &Record,
        key: Option<&str>,
    ) -> Vec<Access> {
        let arn = bucket::arn(&self.name);
        let resource = key.map_or_else(|| arn.clone(), |key| [&*arn, "/", key].concat());
        let mut access = Access::to(action, resource).looking_up(condition::look_up);
        access.refusal_to_others = Some(REFUSAL);
        let Some(bucket) = &self.bucket else {
            // A bucket that is not there is everybody's, who then hears that it is not there.
            access.owner = Some(ctx.caller().account);
            access.policy_holder = Some(String::new());
            access.grants = Some(|_, _, _, _| Ok(true));
            return vec![access];
        };
        access.owner = bucket.account.parse().ok();
        access.policy_holder = Some(arn);
        access.grants = Some(grant::by_list);
        self.restrict(ctx, bucket, input, &mut access);
        if let Some(owner) = key.and_then(|key| self.owner_of_object(ctx, bucket, (action, key), input)) {
            access.owner = Some(owner);
        }
        let Some(point) = &self.access_point else { return vec![access] };
        self.through(ctx, point, access, key)
    }

    /// What takes the policy of the bucket away from some.
    fn restrict(&self, ctx: &Ctx, bucket: &Bucket, input: &Record, access: &mut Access) {
        let caller = ctx.caller();
        let is_owner = caller.account.as_str() == bucket.account && caller.principal != Principal::Anonymous;
        if is_owner {
            if caller.principal == Principal::Root && OF_ROOT.contains(&&*access.action) {
                access.policy_holder = Some(String::new());
            }
            return;
        }
        if matches!(caller.principal, Principal::Service { .. }) {
            return;
        }
        let pays = text(input, "RequestPayer").is_some() && caller.principal != Principal::Anonymous;
        if bucket.requester_pays && !pays {
            access.policy_holder = Some(String::new());
            access.grants = None;
        }
        if self.is_restricted(ctx, bucket) {
            access.policy_holder = Some(String::new());
        }
    }

    /// Whether the bucket's policy is public and lets in the account's own only. What can't be read lets nobody in.
    fn is_restricted(&self, ctx: &Ctx, bucket: &Bucket) -> bool {
        let Ok(read) = ctx.world().store().read() else { return true };
        let Ok(block) = public_access_block::effective(&read, bucket) else { return true };
        if !block.restrict_public_buckets {
            return false;
        }
        let policy = ctx.resource_policy(&read, &format!("arn:aws:s3:::{}", self.name));
        match policy {
            Ok(Some(policy)) => policy::is_public(&policy).unwrap_or(true),
            Ok(None) => false,
            Err(_) => true,
        }
    }

    /// Whether the policy of an access point is public and lets in its account's own only.
    fn is_restricted_point(&self, ctx: &Ctx, point: &NamedAccessPoint) -> bool {
        let caller = ctx.caller();
        let is_own = caller.account.as_str() == point.account && caller.principal != Principal::Anonymous;
        if is_own || matches!(caller.principal, Principal::Service { .. }) {
            return false;
        }
        let Ok(read) = ctx.world().store().read() else { return true };
        let Ok(of_account) = read.get(&keys::account_public_access_block(&point.account)) else {
            return true;
        };
        let own = point.access_point.public_access_block;
        let block = of_account.map_or(own, |of_account| own.or(of_account));
        if !block.restrict_public_buckets {
            return false;
        }
        match ctx.resource_policy(&read, &point.arn()) {
            Ok(policy) => policy.is_some_and(|policy| policy::is_public(&policy).unwrap_or(true)),
            Err(_) => true,
        }
    }

    /// Whose an object is, where it need not be the bucket owner's.
    fn owner_of_object(
        &self,
        ctx: &Ctx,
        bucket: &Bucket,
        (action, key): (&str, &str),
        input: &Record,
    ) -> Option<AccountId> {
        if bucket.ownership == Some(ObjectOwnership::BucketOwnerEnforced) || !ON_OBJECT.contains(&action) {
            return None;
        }
        let at = ObjectAt::new(&self.name, bucket, key);
        let read = ctx.world().store().read().ok()?;
        let found = at.find(&read, text(input, "VersionId")).ok()?;
        found.version.summary.owner?.parse().ok()
    }

    /// The same through an access point: its policy and that of the bucket both have to allow. Within one account, what
    /// the access point allows needs no word of the bucket's policy, unless that denies.
    fn through(
        &self,
        ctx: &Ctx,
        point: &NamedAccessPoint,
        mut bucket: Access,
        key: Option<&str>,
    ) -> Vec<Access> {
        let arn = point.arn();
        let resource = key.map_or_else(|| arn.clone(), |key| format!("{arn}/object/{key}"));
        let mut access = Access::to(bucket.action.clone(), resource).looking_up(condition::look_up);
        access.refusal_to_others = Some(REFUSAL);
        access.owner = point.account.parse().ok();
        let is_restricted = self.is_restricted_point(ctx, point);
        access.policy_holder = Some(if is_restricted { String::new() } else { arn.clone() });
        let origin = if point.access_point.vpc_id.is_some() { "VPC" } else { "Internet" };
        let conditions = [
            Condition::new("s3:DataAccessPointArn", arn),
            Condition::new("s3:DataAccessPointAccount", point.account.as_str()),
            Condition::new("s3:AccessPointNetworkOrigin", origin),
        ];
        for condition in conditions {
            access.conditions.push(condition.clone());
            bucket.conditions.push(condition);
        }
        let owner = bucket.owner.map(|owner| owner.to_string());
        if owner.as_deref() == Some(&*point.account) && ctx.account() == point.account {
            bucket.grants = Some(|_, _, _, _| Ok(true));
        }
        vec![access, bucket]
    }
}
