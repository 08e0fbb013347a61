//! Inline policies of users, groups and roles.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>

use virga_api::Nothing;
use virga_iam::policy::{PolicyKind, characters_without_white_space};
use virga_kit::Ctx;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity;
use crate::page::Page;
use crate::records::{Group, InlinePolicy, Role, User};
use crate::{document, keys};

/// Names and texts of an identity's inline policies, by name.
pub(crate) fn all(account: &str, txn: &impl Reader, id: &str) -> Result<Vec<(String, String)>, Fault> {
    let found = txn.scan(&keys::inline_policies(account, id), Direction::Forward, usize::MAX)?;
    let named = |(key, policy): (virga_store::Key<InlinePolicy>, InlinePolicy)| {
        let (_, _, name) = key.parts::<(String, String, String)>()?;
        Ok((name, policy.document))
    };
    found.into_iter().map(named).collect()
}

fn put<I: Identity>(
    ctx: &Ctx,
    txn: &mut Write,
    identity: &str,
    name: &str,
    document: &str,
) -> Result<Nothing, Error> {
    let identity = I::find_to_change(ctx, txn, identity)?;
    document::check(document, PolicyKind::Identity)?;
    let others = all(ctx.account(), txn, identity.id())?;
    let others = others.iter().filter(|(other, _)| other != name);
    let size = others.map(|(_, document)| characters_without_white_space(document)).sum::<usize>()
        + characters_without_white_space(document);
    if size > I::INLINE_LIMIT {
        let (kind, name) = (I::KIND.word().to_owned(), identity.name().to_owned());
        return Err(Error::InlinePolicyTooLong { limit: I::INLINE_LIMIT, kind, name });
    }
    let policy = InlinePolicy { document: document.to_owned() };
    txn.put(&keys::inline_policy(ctx.account(), identity.id(), name), &policy)?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

fn get<I: Identity>(ctx: &Ctx, txn: &impl Reader, identity: &I, name: &str) -> Result<InlinePolicy, Error> {
    let found = txn.get(&keys::inline_policy(ctx.account(), identity.id(), name))?;
    let kind = || I::KIND.word().to_owned();
    found.ok_or_else(|| Error::NoSuchInlinePolicy { kind: kind(), name: name.to_owned() })
}

fn delete<I: Identity>(ctx: &Ctx, txn: &mut Write, identity: &str, name: &str) -> Result<Nothing, Error> {
    let identity = I::find_to_change(ctx, txn, identity)?;
    get(ctx, txn, &identity, name)?;
    txn.delete(&keys::inline_policy(ctx.account(), identity.id(), name))?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

fn names<I: Identity>(
    ctx: &Ctx,
    txn: &Read,
    identity: &str,
    page: &Page,
) -> Result<(Vec<String>, Option<String>), Error> {
    let identity = I::find(ctx, txn, identity)?;
    let policies = all(ctx.account(), txn, identity.id())?;
    Ok(page.cut(policies.into_iter().map(|(name, _)| (name.clone(), name))))
}

/// Declares the four handlers of a kind of identity, of which `$member` is the name.
macro_rules! handlers {
    ($identity:ident by $member:ident/$with_member:ident: $put:ident($put_input:ident),
     $get:ident($get_input:ident) -> $get_output:ident,
     $delete:ident($delete_input:ident), $list:ident($list_input:ident) -> $list_output:ident) => {
        /// Adds an inline policy, or replaces the one of its name.
        pub(crate) fn $put(
            ctx: &Ctx,
            txn: &mut Write,
            input: &virga_api::iam::$put_input,
        ) -> Result<Nothing, Error> {
            put::<$identity>(ctx, txn, input.$member(), input.policy_name(), input.policy_document())
        }

        /// Reads an inline policy.
        pub(crate) fn $get(
            ctx: &Ctx,
            txn: &Read,
            input: &virga_api::iam::$get_input,
        ) -> Result<virga_api::iam::$get_output, Error> {
            let identity = $identity::find(ctx, txn, input.$member())?;
            let policy = get(ctx, txn, &identity, input.policy_name())?;
            Ok(virga_api::iam::$get_output::new()
                .$with_member(identity.name())
                .with_policy_name(input.policy_name())
                .with_policy_document(document::shown(&policy.document)))
        }

        /// Deletes an inline policy.
        pub(crate) fn $delete(
            ctx: &Ctx,
            txn: &mut Write,
            input: &virga_api::iam::$delete_input,
        ) -> Result<Nothing, Error> {
            delete::<$identity>(ctx, txn, input.$member(), input.policy_name())
        }

        /// Lists the names of the inline policies.
        pub(crate) fn $list(
            ctx: &Ctx,
            txn: &Read,
            input: &virga_api::iam::$list_input,
        ) -> Result<virga_api::iam::$list_output, Error> {
            let page = Page::of(input.marker(), input.max_items())?;
            let (names, marker) = names::<$identity>(ctx, txn, input.$member(), &page)?;
            let output = virga_api::iam::$list_output::new().with_policy_names(names);
            Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
        }
    };
}

handlers!(User by user_name/with_user_name: put_user_policy(PutUserPolicyRequest),
    get_user_policy(GetUserPolicyRequest) -> GetUserPolicyResponse,
    delete_user_policy(DeleteUserPolicyRequest),
    list_user_policies(ListUserPoliciesRequest) -> ListUserPoliciesResponse);
handlers!(Group by group_name/with_group_name: put_group_policy(PutGroupPolicyRequest),
    get_group_policy(GetGroupPolicyRequest) -> GetGroupPolicyResponse,
    delete_group_policy(DeleteGroupPolicyRequest),
    list_group_policies(ListGroupPoliciesRequest) -> ListGroupPoliciesResponse);
handlers!(Role by role_name/with_role_name: put_role_policy(PutRolePolicyRequest),
    get_role_policy(GetRolePolicyRequest) -> GetRolePolicyResponse,
    delete_role_policy(DeleteRolePolicyRequest),
    list_role_policies(ListRolePoliciesRequest) -> ListRolePoliciesResponse);
