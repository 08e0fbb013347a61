//! `GetAccountAuthorizationDetails`: everything that permissions follow from, in one listing.

use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::{Direction, Fault, Read, Reader as _};

use crate::error::Error;
use crate::managed_policy::{Policy, Uses};
use crate::page::Page;
use crate::policy_listing::{self, Scope};
use crate::records::{Group, Role, User};
use crate::{arn, attachment, boundary, document, group, inline_policy, instance_profile};
use crate::{keys, policy_version, role, tag};

/// A row of the listing.
enum Row {
    User(User),
    Group(Group),
    Role(Role),
    Policy(Policy),
}

/// Lists users, groups, roles and managed policies with their policies, relations and versions.
pub(crate) fn get_account_authorization_details(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccountAuthorizationDetailsRequest,
) -> Result<api::GetAccountAuthorizationDetailsResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let filter: Vec<&str> = input.filter().into_iter().flat_map(List::iter).collect();
    let (rows, marker) = page.cut(rows(ctx, txn, &filter)?);
    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let uses = policy_listing::all_uses(ctx, txn)?;
    for row in &rows {
        match row {
            Row::User(user) => users.push(user_detail(ctx, txn, user)?),
            Row::Group(group) => groups.push(group_detail(ctx, txn, group)?),
            Row::Role(role) => roles.push(role_detail(ctx, txn, role)?),
            Row::Policy(policy) => {
                let uses = uses.get(&policy.arn(ctx.account())).copied().unwrap_or_default();
                policies.push(policy_detail(ctx, txn, policy, uses)?);
            }
        }
    }
    Ok(api::GetAccountAuthorizationDetailsResponse::new()
        .with_user_detail_list(users)
        .with_group_detail_list(groups)
        .with_role_detail_list(roles)
        .with_policies(policies)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// The rows of the wanted kinds; all of them when none is named.
fn rows(ctx: &Ctx, txn: &Read, filter: &[&str]) -> Result<Vec<(String, Row)>, Fault> {
    let account = ctx.account();
    let wants = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let mut rows = Vec::new();
    if wants("User") {
        let users = txn.scan(&keys::users(account), Direction::Forward, usize::MAX)?;
        rows.extend(users.into_iter().map(|(_, user)| (named('1', &user.name), Row::User(user))));
    }
    if wants("Group") {
        let groups = txn.scan(&keys::groups(account), Direction::Forward, usize::MAX)?;
        rows.extend(groups.into_iter().map(|(_, group)| (named('2', &group.name), Row::Group(group))));
    }
    if wants("Role") {
        let roles = txn.scan(&keys::roles(account), Direction::Forward, usize::MAX)?;
        rows.extend(roles.into_iter().map(|(_, role)| (named('3', &role.name), Row::Role(role))));
    }
    let scope = match (wants("LocalManagedPolicy"), wants("AWSManagedPolicy")) {
        (true, true) => Scope::All,
        (true, false) => Scope::Local,
        (false, true) => Scope::Aws,
        (false, false) => return Ok(rows),
    };
    let policies = policy_listing::all(ctx, txn, scope)?.into_iter();
    rows.extend(policies.map(|(key, policy)| (named('4', &key), Row::Policy(policy))));
    Ok(rows)
}

fn named(kind: char, name: &str) -> String {
    format!("{kind} {}", keys::folded(name))
}

fn inline(ctx: &Ctx, txn: &Read, id: &str) -> Result<Vec<api::PolicyDetail>, Fault> {
    let policies = inline_policy::all(ctx.account(), txn, id)?.into_iter();
    let shown = policies.map(|(name, text)| {
        api::PolicyDetail::new().with_policy_name(name).with_policy_document(document::shown(&text))
    });
    Ok(shown.collect())
}

fn attached(arns: &[String]) -> Vec<api::AttachedPolicy> {
    arns.iter().map(|arn| attachment::shown(arn)).collect()
}

fn user_detail(ctx: &Ctx, txn: &Read, user: &User) -> Result<api::UserDetail, Error> {
    let policies = inline(ctx, txn, &user.id)?;
    let groups = group::of_user(ctx.account(), txn, &user.id)?.into_iter().map(|group| group.name);
    Ok(api::UserDetail::new()
        .with_path(&*user.path)
        .with_user_name(&*user.name)
        .with_user_id(&*user.id)
        .with_arn(arn::of(ctx.account(), "user", &user.path, &user.name))
        .with_create_date(Timestamp::from_secs(user.created))
        .with_user_policy_list((!policies.is_empty()).then_some(policies))
        .with_group_list(groups.collect::<Vec<_>>())
        .with_attached_managed_policies(attached(&user.attached))
        .with_permissions_boundary(user.boundary.as_deref().map(boundary::shown))
        .with_tags(tag::shown(&user.tags)))
}

fn group_detail(ctx: &Ctx, txn: &Read, group: &Group) -> Result<api::GroupDetail, Error> {
    Ok(api::GroupDetail::new()
        .with_path(&*group.path)
        .with_group_name(&*group.name)
        .with_group_id(&*group.id)
        .with_arn(arn::of(ctx.account(), "group", &group.path, &group.name))
        .with_create_date(Timestamp::from_secs(group.created))
        .with_group_policy_list(inline(ctx, txn, &group.id)?)
        .with_attached_managed_policies(attached(&group.attached)))
}

fn role_detail(ctx: &Ctx, txn: &Read, role: &Role) -> Result<api::RoleDetail, Error> {
    let profiles = instance_profile::of_role(ctx, txn, role)?.into_iter().map(|(_, profile)| profile);
    Ok(api::RoleDetail::new()
        .with_path(&*role.path)
        .with_role_name(&*role.name)
        .with_role_id(&*role.id)
        .with_arn(role::arn(ctx, role))
        .with_create_date(Timestamp::from_secs(role.created))
        .with_assume_role_policy_document(document::shown(&role.trust_policy))
        .with_instance_profile_list(profiles.collect::<Vec<_>>())
        .with_role_policy_list(inline(ctx, txn, &role.id)?)
        .with_attached_managed_policies(attached(&role.attached))
        .with_permissions_boundary(role.boundary.as_deref().map(boundary::shown))
        .with_tags(tag::shown(&role.tags))
        .with_role_last_used(role::last_used(ctx, txn, role)?))
}

fn policy_detail(
    ctx: &Ctx,
    txn: &Read,
    policy: &Policy,
    uses: Uses,
) -> Result<api::ManagedPolicyDetail, Error> {
    let (created, updated) = policy.dates();
    let default = policy.default_version();
    let versions = policy_version::all(ctx.account(), txn, policy)?;
    let versions =
        versions.iter().map(|(number, version)| policy_version::shown(*number, version, *number == default));
    Ok(api::ManagedPolicyDetail::new()
        .with_policy_name(policy.name())
        .with_policy_id(policy.id())
        .with_arn(policy.arn(ctx.account()))
        .with_path(policy.path())
        .with_default_version_id(crate::managed_policy::version_id(default))
        .with_attachment_count(uses.attached)
        .with_permissions_boundary_usage_count(uses.boundary)
        .with_is_attachable(true)
        .with_create_date(Timestamp::from_secs(created))
        .with_update_date(Timestamp::from_secs(updated))
        .with_policy_version_list(versions.collect::<Vec<_>>()))
}
