//! Managed policies attached to users, groups and roles.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity;
use crate::page::Page;
use crate::records::{Group, Role, User};
use crate::role::SERVICE_PATH;
use crate::{keys, managed_policy};

/// Attaches a policy; nothing happens when it is attached.
fn attach<I: Identity>(ctx: &Ctx, txn: &mut Write, name: &str, arn: &str) -> Result<Nothing, Error> {
    let found = managed_policy::find(ctx, txn, arn)?;
    let mut identity = I::find_to_change(ctx, txn, name)?;
    let policy = found.ok_or_else(|| Error::NotAttachable { arn: arn.to_owned() })?;
    if policy.path().starts_with(SERVICE_PATH) {
        return Err(Error::ServiceRolePolicy { kind: I::KIND.title().to_owned() });
    }
    if !identity.attached().iter().any(|attached| attached == arn) {
        I::MOST_ATTACHED.admit(identity.attached().len())?;
        connect(ctx, txn, &mut identity, arn)?;
        identity.save(ctx, txn)?;
    }
    Ok(Nothing::new())
}

/// Enters an attachment in the identity, which the caller saves, and among the uses of the policy.
pub(crate) fn connect<I: Identity>(
    ctx: &Ctx,
    txn: &mut Write,
    identity: &mut I,
    arn: &str,
) -> Result<(), Error> {
    txn.put(&keys::policy_use(ctx.account(), arn, false, identity.id()), &())?;
    identity.attached_mut().push(arn.to_owned());
    Ok(())
}

fn detach<I: Identity>(ctx: &Ctx, txn: &mut Write, name: &str, arn: &str) -> Result<Nothing, Error> {
    managed_policy::require_arn(arn)?;
    let mut identity = I::find_to_change(ctx, txn, name)?;
    let attached = identity.attached_mut();
    let Some(place) = attached.iter().position(|attached| attached == arn) else {
        return Err(Error::NoSuchPolicy { arn: arn.to_owned() });
    };
    attached.remove(place);
    identity.save(ctx, txn)?;
    txn.delete(&keys::policy_use(ctx.account(), arn, false, identity.id()))?;
    Ok(Nothing::new())
}

/// A managed policy as attached: name and ARN.
pub(crate) fn shown(arn: &str) -> api::AttachedPolicy {
    api::AttachedPolicy::new().with_policy_name(managed_policy::name_of(arn)).with_policy_arn(arn)
}

fn list<I: Identity>(
    ctx: &Ctx,
    txn: &impl Reader,
    name: &str,
    path_prefix: Option<&str>,
    page: &Page,
) -> Result<(Vec<api::AttachedPolicy>, Option<String>), Error> {
    let identity = I::find(ctx, txn, name)?;
    let prefix = path_prefix.unwrap_or("/");
    let mut arns: Vec<&String> =
        identity.attached().iter().filter(|arn| managed_policy::path_of(arn).starts_with(prefix)).collect();
    let by_name = |arn: &str| format!("{} {arn}", keys::folded(managed_policy::name_of(arn)));
    arns.sort_unstable_by_key(|arn| by_name(arn));
    Ok(page.cut(arns.into_iter().map(|arn| (by_name(arn), shown(arn)))))
}

/// Declares the three handlers of a kind of identity, of which `$member` is the name.
macro_rules! handlers {
    ($identity:ident by $member:ident: $attach:ident($attach_input:ident), $detach:ident($detach_input:ident),
     $list:ident($list_input:ident) -> $list_output:ident) => {
        /// Attaches a managed policy; nothing happens when it is attached.
        pub(crate) fn $attach(
            ctx: &Ctx,
            txn: &mut Write,
            input: &api::$attach_input,
        ) -> Result<Nothing, Error> {
            attach::<$identity>(ctx, txn, input.$member(), input.policy_arn())
        }

        /// Detaches a managed policy.
        pub(crate) fn $detach(
            ctx: &Ctx,
            txn: &mut Write,
            input: &api::$detach_input,
        ) -> Result<Nothing, Error> {
            detach::<$identity>(ctx, txn, input.$member(), input.policy_arn())
        }

        /// Lists the attached managed policies under a path, by name.
        pub(crate) fn $list(
            ctx: &Ctx,
            txn: &Read,
            input: &api::$list_input,
        ) -> Result<api::$list_output, Error> {
            let page = Page::of(input.marker(), input.max_items())?;
            let (policies, marker) =
                list::<$identity>(ctx, txn, input.$member(), input.path_prefix(), &page)?;
            let output = api::$list_output::new().with_attached_policies(policies);
            Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
        }
    };
}

handlers!(User by user_name: attach_user_policy(AttachUserPolicyRequest),
    detach_user_policy(DetachUserPolicyRequest),
    list_attached_user_policies(ListAttachedUserPoliciesRequest) -> ListAttachedUserPoliciesResponse);
handlers!(Group by group_name: attach_group_policy(AttachGroupPolicyRequest),
    detach_group_policy(DetachGroupPolicyRequest),
    list_attached_group_policies(ListAttachedGroupPoliciesRequest) -> ListAttachedGroupPoliciesResponse);
handlers!(Role by role_name: attach_role_policy(AttachRolePolicyRequest),
    detach_role_policy(DetachRolePolicyRequest),
    list_attached_role_policies(ListAttachedRolePoliciesRequest) -> ListAttachedRolePoliciesResponse);
