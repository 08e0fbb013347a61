//! Groups of users: creation, renaming, listing, deletion, members.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity;
use crate::page::Page;
use crate::quota::{self, Quota};
use crate::records::{Group, Kind, User};
use crate::unique_id::{self, Named};
use crate::{arn, keys, user};

impl Identity for Group {
    const KIND: Kind = Kind::Group;
    const MOST_ATTACHED: Quota = quota::ATTACHED_TO_GROUP;
    const INLINE_LIMIT: usize = quota::INLINE_POLICIES_OF_GROUP;

    fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        let found = txn.get(&keys::group(ctx.account(), name))?;
        found.ok_or_else(|| Error::NoSuchGroup { name: name.to_owned() })
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
        txn.put(&keys::group(ctx.account(), &self.name), self)
    }
}

/// A group as answers show it.
pub(crate) fn shown(ctx: &Ctx, group: &Group) -> api::Group {
    api::Group::new()
        .with_path(&*group.path)
        .with_group_name(&*group.name)
        .with_group_id(&*group.id)
        .with_arn(arn::of(ctx.account(), "group", &group.path, &group.name))
        .with_create_date(Timestamp::from_secs(group.created))
}

/// Creates a group.
pub(crate) fn create_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateGroupRequest,
) -> Result<api::CreateGroupResponse, Error> {
    let name = input.group_name();
    if txn.contains(&keys::group(ctx.account(), name))? {
        return Err(Error::GroupExists { name: name.to_owned() });
    }
    let present = txn.scan_keys(&keys::groups(ctx.account()), Direction::Forward, quota::GROUPS.limit)?;
    quota::GROUPS.admit(present.len())?;
    let group = Group {
        path: input.path().unwrap_or("/").to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::Group),
        created: ctx.now().secs(),
        attached: Vec::new(),
    };
    group.save(ctx, txn)?;
    Ok(api::CreateGroupResponse::new().with_group(shown(ctx, &group)))
}

/// Reads a group and the users in it.
pub(crate) fn get_group(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetGroupRequest,
) -> Result<api::GetGroupResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let group = Group::find(ctx, txn, input.group_name())?;
    let rows = members(ctx, txn, &group)?.into_iter();
    let (users, marker) =
        page.cut(rows.map(|member| (keys::folded(&member.name), user::listed(ctx, &member))));
    let output = api::GetGroupResponse::new().with_group(shown(ctx, &group)).with_users(users);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// The users in a group, by name.
pub(crate) fn members(ctx: &Ctx, txn: &impl Reader, group: &Group) -> Result<Vec<User>, Error> {
    let account = ctx.account();
    let ids = txn.scan_keys(&keys::members(account, &group.id), Direction::Forward, usize::MAX)?;
    let mut users = Vec::with_capacity(ids.len());
    for key in ids {
        let (_, _, id) = key.parts::<(String, String, String)>()?;
        if let Some(entity) = txn.get(&keys::entity(account, &id))? {
            users.push(User::find(ctx, txn, &entity.name)?);
        }
    }
    users.sort_unstable_by_key(|user| keys::folded(&user.name));
    Ok(users)
}

/// The groups that a user is in, by name.
pub(crate) fn of_user(account: &str, txn: &impl Reader, user_id: &str) -> Result<Vec<Group>, Fault> {
    let ids = txn.scan_keys(&keys::memberships(account, user_id), Direction::Forward, usize::MAX)?;
    let mut groups = Vec::with_capacity(ids.len());
    for key in ids {
        let (_, _, id) = key.parts::<(String, String, String)>()?;
        if let Some(entity) = txn.get(&keys::entity(account, &id))? {
            groups.extend(txn.get(&keys::group(account, &entity.name))?);
        }
    }
    groups.sort_unstable_by_key(|group| keys::folded(&group.name));
    Ok(groups)
}

/// Lists the groups under a path.
pub(crate) fn list_groups(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListGroupsRequest,
) -> Result<api::ListGroupsResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let prefix = input.path_prefix().unwrap_or("/");
    let groups = txn.scan(&keys::groups(ctx.account()), Direction::Forward, usize::MAX)?;
    let rows = groups.iter().filter(|(_, group)| group.path.starts_with(prefix));
    let (groups, marker) = page.cut(rows.map(|(_, group)| (keys::folded(&group.name), shown(ctx, group))));
    let output = api::ListGroupsResponse::new().with_groups(groups);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Lists the groups that a user is in.
pub(crate) fn list_groups_for_user(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListGroupsForUserRequest,
) -> Result<api::ListGroupsForUserResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let user = User::find(ctx, txn, input.user_name())?;
    let rows = of_user(ctx.account(), txn, &user.id)?.into_iter();
    let (groups, marker) = page.cut(rows.map(|group| (keys::folded(&group.name), shown(ctx, &group))));
    let output = api::ListGroupsForUserResponse::new().with_groups(groups);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Gives a group another name or path. Its id, and so its members and policies, stay.
pub(crate) fn update_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateGroupRequest,
) -> Result<Nothing, Error> {
    let mut group = Group::find(ctx, txn, input.group_name())?;
    let old = keys::group(ctx.account(), &group.name);
    if let Some(name) = input.new_group_name() {
        let key = keys::group(ctx.account(), name);
        if key != old && txn.contains(&key)? {
            return Err(Error::GroupExists { name: name.to_owned() });
        }
        txn.delete(&old)?;
        name.clone_into(&mut group.name);
    }
    if let Some(path) = input.new_path() {
        path.clone_into(&mut group.path);
    }
    group.save(ctx, txn)?;
    Ok(Nothing::new())
}

/// Deletes a group that has neither members nor policies.
pub(crate) fn delete_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteGroupRequest,
) -> Result<Nothing, Error> {
    let account = ctx.account();
    let group = Group::find(ctx, txn, input.group_name())?;
    let conflict = |what: &str| Err(Error::DeleteConflict { what: what.to_owned() });
    if txn.first(&keys::members(account, &group.id))?.is_some() {
        return conflict("remove users from group");
    }
    if !group.attached.is_empty() {
        return conflict("detach all policies");
    }
    if txn.first(&keys::inline_policies(account, &group.id))?.is_some() {
        return conflict("delete policies");
    }
    txn.delete(&keys::entity(account, &group.id))?;
    txn.delete(&keys::group(account, &group.name))?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

/// Puts a user into a group; nothing happens when it is in there.
pub(crate) fn add_user_to_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AddUserToGroupRequest,
) -> Result<Nothing, Error> {
    let account = ctx.account();
    let group = Group::find(ctx, txn, input.group_name())?;
    let user = User::find(ctx, txn, input.user_name())?;
    let member = keys::member(account, &group.id, &user.id);
    if !txn.contains(&member)? {
        let groups = txn.scan_keys(&keys::memberships(account, &user.id), Direction::Forward, usize::MAX)?;
        quota::GROUPS_OF_USER.admit(groups.len())?;
        txn.put(&member, &())?;
        txn.put(&keys::membership(account, &user.id, &group.id), &())?;
        ctx.permissions_changed(txn)?;
    }
    Ok(Nothing::new())
}

/// Takes a user out of a group; nothing happens when it is not in there.
pub(crate) fn remove_user_from_group(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RemoveUserFromGroupRequest,
) -> Result<Nothing, Error> {
    let account = ctx.account();
    let group = Group::find(ctx, txn, input.group_name())?;
    let user = User::find(ctx, txn, input.user_name())?;
    txn.delete(&keys::member(account, &group.id, &user.id))?;
    txn.delete(&keys::membership(account, &user.id, &group.id))?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}
