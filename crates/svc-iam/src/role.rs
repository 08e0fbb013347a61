//! Roles: creation, trust policies, sessions, listing, deletion, tags. A role's trust policy is also the resource
//! policy of its ARN, which decides who may assume it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::{Ctx, Usage};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::{Bounded, Identity};
use crate::page::Page;
use crate::quota::{self, Quota};
use crate::records::{Kind, Role, Tag};
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{arn, boundary, document, keys, trust_policy};

/// How long a session may last when nothing is said.
pub(crate) const USUAL_SESSION_SECONDS: i32 = 3600;
/// Uses of a role that are looked at to find the last one.
const MOST_USES: usize = 10_000;
/// The path of roles that belong to a service.
pub(crate) const SERVICE_PATH: &str = "/aws-service-role/";

impl Identity for Role {
    const KIND: Kind = Kind::Role;
    const MOST_ATTACHED: Quota = quota::ATTACHED_TO_ROLE;
    const INLINE_LIMIT: usize = quota::INLINE_POLICIES_OF_ROLE;

    fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        let found = txn.get(&keys::role(ctx.account(), name))?;
        found.ok_or_else(|| Error::NoSuchRole { name: name.to_owned() })
    }

    fn find_to_change(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        let role = Self::find(ctx, txn, name)?;
        if role.path.starts_with(SERVICE_PATH) {
            return Err(Error::ProtectedRole { name: role.name });
        }
        Ok(role)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn attached(&self) -> &[String] {
        &self.attached
    }

    fn attached_mut(&mut self) -> &mut Vec<String> {
        &mut self.attached
    }

    fn put(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&keys::role(ctx.account(), &self.name), self)
    }
}

impl Bounded for Role {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn set_boundary(&mut self, arn: Option<String>) {
        self.boundary = arn;
    }
}

impl Tagged for Role {
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        Role::find(ctx, txn, name)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn put_tagged(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        self.save(ctx, txn)
    }
}

tag::tag_handlers!(Role by role_name: tag_role(TagRoleRequest), untag_role(UntagRoleRequest),
    list_role_tags(ListRoleTagsRequest) -> ListRoleTagsResponse);

/// The ARN of a role.
pub(crate) fn arn(ctx: &Ctx, role: &Role) -> String {
    arn::of(ctx.account(), "role", &role.path, &role.name)
}

/// A role as `CreateRole` shows it, and instance profiles their roles.
pub(crate) fn brief(ctx: &Ctx, role: &Role) -> api::Role {
    api::Role::new()
        .with_path(&*role.path)
        .with_role_name(&*role.name)
        .with_role_id(&*role.id)
        .with_arn(arn(ctx, role))
        .with_create_date(Timestamp::from_secs(role.created))
        .with_assume_role_policy_document(document::shown(&role.trust_policy))
}

/// A role as lists show it: without boundary, tags and last use.
fn listed(ctx: &Ctx, role: &Role) -> api::Role {
    brief(ctx, role)
        .with_description(role.description.as_deref())
        .with_max_session_duration(role.max_session_seconds)
}

/// A role as single answers show it.
fn shown(ctx: &Ctx, txn: &impl Reader, role: &Role) -> Result<api::Role, Error> {
    Ok(listed(ctx, role)
        .with_permissions_boundary(role.boundary.as_deref().map(boundary::shown))
        .with_tags(tag::shown_if_any(&role.tags))
        .with_role_last_used(last_used(ctx, txn, role)?))
}

/// When and where a session of the role last did something; empty when none has.
pub(crate) fn last_used(ctx: &Ctx, txn: &impl Reader, role: &Role) -> Result<api::RoleLastUsed, Error> {
    let uses = Usage::of_principal(txn, &arn(ctx, role), MOST_USES)?;
    let last = uses.into_iter().max_by_key(|used| used.at);
    Ok(last.map_or_else(api::RoleLastUsed::new, |used| {
        api::RoleLastUsed::new().with_last_used_date(Timestamp::from_secs(used.at)).with_region(used.region)
    }))
}

/// Stores a role that is new, with its trust policy.
pub(crate) fn insert(ctx: &Ctx, txn: &mut Write, role: &Role) -> Result<(), Error> {
    let present = txn.scan_keys(&keys::roles(ctx.account()), Direction::Forward, quota::ROLES.limit)?;
    quota::ROLES.admit(present.len())?;
    role.save(ctx, txn)?;
    Ok(trust_policy::put(ctx, txn, None, ctx.account(), role)?)
}

/// Creates a role.
pub(crate) fn create_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateRoleRequest,
) -> Result<api::CreateRoleResponse, Error> {
    let name = input.role_name();
    if txn.contains(&keys::role(ctx.account(), name))? {
        return Err(Error::RoleExists { name: name.to_owned() });
    }
    let path = input.path().unwrap_or("/");
    if path.starts_with(SERVICE_PATH) {
        return Err(Error::validation(format!("Path {path} is reserved for service-linked roles.")));
    }
    trust_policy::check(txn, input.assume_role_policy_document())?;
    let tags = tag::of_input(input.tags())?;
    let role = Role {
        path: path.to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::Role),
        created: ctx.now().secs(),
        trust_policy: input.assume_role_policy_document().to_owned(),
        description: input.description().map(str::to_owned),
        max_session_seconds: input.max_session_duration().unwrap_or(USUAL_SESSION_SECONDS),
        boundary: None,
        tags,
        attached: Vec::new(),
    };
    let role = boundary::of_new(ctx, txn, role, input.permissions_boundary())?;
    insert(ctx, txn, &role)?;
    let output = brief(ctx, &role)
        .with_description(role.description.as_deref())
        .with_max_session_duration(input.max_session_duration())
        .with_permissions_boundary(role.boundary.as_deref().map(boundary::shown))
        .with_tags(tag::shown_if_any(&role.tags));
    Ok(api::CreateRoleResponse::new().with_role(output))
}

/// Reads a role.
pub(crate) fn get_role(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetRoleRequest,
) -> Result<api::GetRoleResponse, Error> {
    let role = Role::find(ctx, txn, input.role_name())?;
    Ok(api::GetRoleResponse::new().with_role(shown(ctx, txn, &role)?))
}

/// Lists the roles under a path.
pub(crate) fn list_roles(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListRolesRequest,
) -> Result<api::ListRolesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let prefix = input.path_prefix().unwrap_or("/");
    let roles = txn.scan(&keys::roles(ctx.account()), Direction::Forward, usize::MAX)?;
    let rows = roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
    let (roles, marker) = page.cut(rows.map(|(_, role)| (keys::folded(&role.name), listed(ctx, role))));
    let output = api::ListRolesResponse::new().with_roles(roles);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Changes description and longest session; what is not given stays.
pub(crate) fn update_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateRoleRequest,
) -> Result<api::UpdateRoleResponse, Error> {
    let mut role = match input.max_session_duration() {
        Some(_) => Role::find_to_change(ctx, txn, input.role_name())?,
        None => Role::find(ctx, txn, input.role_name())?,
    };
    if let Some(description) = input.description() {
        role.description = Some(description.to_owned());
    }
    // AWS sets the length of sessions back to an hour when it is left out.
    role.max_session_seconds = input.max_session_duration().unwrap_or(USUAL_SESSION_SECONDS);
    role.save(ctx, txn)?;
    Ok(api::UpdateRoleResponse::new())
}

/// Changes the description.
pub(crate) fn update_role_description(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateRoleDescriptionRequest,
) -> Result<api::UpdateRoleDescriptionResponse, Error> {
    let mut role = Role::find(ctx, txn, input.role_name())?;
    role.description = Some(input.description().to_owned());
    role.save(ctx, txn)?;
    Ok(api::UpdateRoleDescriptionResponse::new().with_role(shown(ctx, txn, &role)?))
}

/// Replaces the trust policy.
pub(crate) fn update_assume_role_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateAssumeRolePolicyRequest,
) -> Result<Nothing, Error> {
    let mut role = Role::find_to_change(ctx, txn, input.role_name())?;
    trust_policy::check(txn, input.policy_document())?;
    let before = std::mem::replace(&mut role.trust_policy, input.policy_document().to_owned());
    trust_policy::put(ctx, txn, Some(&before), ctx.account(), &role)?;
    Ok(Nothing::new())
}

/// Deletes a role that nothing belongs to.
pub(crate) fn delete_role(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteRoleRequest,
) -> Result<Nothing, Error> {
    let account = ctx.account();
    let role = Role::find_to_change(ctx, txn, input.role_name())?;
    let conflict = |what: &str| Err(Error::DeleteConflict { what: what.to_owned() });
    if txn.first(&keys::profiles_of_role(account, &role.id))?.is_some() {
        return conflict("remove roles from instance profile");
    }
    if !role.attached.is_empty() {
        return conflict("detach all policies");
    }
    if txn.first(&keys::inline_policies(account, &role.id))?.is_some() {
        return conflict("delete policies");
    }
    remove(ctx, txn, &role)?;
    Ok(Nothing::new())
}

/// Removes a role and its trust policy.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, role: &Role) -> Result<(), Error> {
    boundary::forget(ctx, txn, role)?;
    txn.delete(&keys::entity(ctx.account(), &role.id))?;
    txn.delete(&keys::role(ctx.account(), &role.name))?;
    trust_policy::remove(ctx, txn, role)?;
    trust_policy::replace(ctx, txn, &arn(ctx, role), &role.id)?;
    Ok(ctx.permissions_changed(txn)?)
}
