//! Users: creation, renaming, listing, deletion, tags.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::Identity;
use crate::page::Page;
use crate::records::{Kind, Tag, User};
use crate::unique_id::{self, Named};
use crate::{arn, keys, quota, tag};

impl Identity for User {
    const KIND: Kind = Kind::User;

    fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        let found = txn.get(&keys::user(ctx.account(), name))?;
        found.ok_or_else(|| Error::NoSuchUser { name: name.to_owned() })
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn attached(&self) -> &[String] {
        &self.attached
    }

    fn attached_mut(&mut self) -> &mut Vec<String> {
        &mut self.attached
    }

    fn put(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&keys::user(ctx.account(), &self.name), self)
    }
}

/// The user that is named, or the caller when none is.
pub(crate) fn named_or_caller(ctx: &Ctx, txn: &impl Reader, name: Option<&str>) -> Result<User, Error> {
    match (name, &ctx.caller().principal) {
        (Some(name), _) => User::find(ctx, txn, name),
        (None, Principal::User { name, .. }) => User::find(ctx, txn, name),
        (None, _) => Err(Error::MustNameUser),
    }
}

/// A user as single answers show it.
pub(crate) fn shown(ctx: &Ctx, user: &User) -> api::User {
    let boundary = user.boundary.as_deref().map(|arn| {
        api::AttachedPermissionsBoundary::new()
            .with_permissions_boundary_type("Policy")
            .with_permissions_boundary_arn(arn)
    });
    listed(ctx, user).with_permissions_boundary(boundary).with_tags(tag::shown(&user.tags))
}

/// A user as lists show it: without boundary and tags.
pub(crate) fn listed(ctx: &Ctx, user: &User) -> api::User {
    api::User::new()
        .with_path(&*user.path)
        .with_user_name(&*user.name)
        .with_user_id(&*user.id)
        .with_arn(arn::of(ctx.account(), "user", &user.path, &user.name))
        .with_create_date(Timestamp::from_secs(user.created))
        .with_password_last_used(user.password_last_used.map(Timestamp::from_secs))
}

/// Creates a user.
pub(crate) fn create_user(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateUserRequest,
) -> Result<api::CreateUserResponse, Error> {
    let name = input.user_name();
    let key = keys::user(ctx.account(), name);
    if txn.contains(&key)? {
        return Err(Error::UserExists { name: name.to_owned() });
    }
    let tags = tag::of_input(input.tags())?;
    let present = txn.scan_keys(&keys::users(ctx.account()), Direction::Forward, quota::USERS.limit)?;
    quota::USERS.admit(present.len())?;
    let user = User {
        path: input.path().unwrap_or("/").to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::User),
        created: ctx.now().secs(),
        boundary: input.permissions_boundary().map(str::to_owned),
        tags,
        attached: Vec::new(),
        password_last_used: None,
    };
    txn.put(&key, &user)?;
    Ok(api::CreateUserResponse::new().with_user(shown(ctx, &user)))
}

/// Reads a user; without a name, the caller.
pub(crate) fn get_user(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetUserRequest,
) -> Result<api::GetUserResponse, Error> {
    if input.user_name().is_none() && ctx.caller().principal == Principal::Root {
        let account = ctx.account();
        // The root user has neither a name nor a path, and nobody knows when the account was opened.
        let root = api::User::new()
            .with_user_id(account)
            .with_arn(format!("arn:aws:iam::{account}:root"))
            .with_create_date(Timestamp::default());
        return Ok(api::GetUserResponse::new().with_user(root));
    }
    let user = named_or_caller(ctx, txn, input.user_name())?;
    Ok(api::GetUserResponse::new().with_user(shown(ctx, &user)))
}

/// Lists the users under a path.
pub(crate) fn list_users(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListUsersRequest,
) -> Result<api::ListUsersResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let prefix = input.path_prefix().unwrap_or("/");
    let users = txn.scan(&keys::users(ctx.account()), Direction::Forward, usize::MAX)?;
    let rows = users.iter().filter(|(_, user)| user.path.starts_with(prefix));
    let (users, marker) = page.cut(rows.map(|(_, user)| (keys::folded(&user.name), listed(ctx, user))));
    Ok(api::ListUsersResponse::new()
        .with_users(users)
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

/// Gives a user another name or path. Its id, and so everything that belongs to it, stays.
pub(crate) fn update_user(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateUserRequest,
) -> Result<Nothing, Error> {
    let mut user = User::find(ctx, txn, input.user_name())?;
    let old = keys::user(ctx.account(), &user.name);
    if let Some(name) = input.new_user_name() {
        let key = keys::user(ctx.account(), name);
        if key != old && txn.contains(&key)? {
            return Err(Error::UserExists { name: name.to_owned() });
        }
        txn.delete(&old)?;
        name.clone_into(&mut user.name);
    }
    if let Some(path) = input.new_path() {
        path.clone_into(&mut user.path);
    }
    user.put(ctx, txn)?;
    Ok(Nothing::new())
}

/// Deletes a user that nothing belongs to.
pub(crate) fn delete_user(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteUserRequest,
) -> Result<Nothing, Error> {
    let user = User::find(ctx, txn, input.user_name())?;
    refuse_while_in_use(&user)?;
    txn.delete(&keys::user(ctx.account(), &user.name))?;
    Ok(Nothing::new())
}

/// What belongs to a user has to go before it, in AWS's order.
fn refuse_while_in_use(user: &User) -> Result<(), Error> {
    if !user.attached.is_empty() {
        return Err(Error::DeleteConflict { what: "detach all policies".to_owned() });
    }
    Ok(())
}

fn change_tags(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    change: impl FnOnce(&mut Vec<Tag>) -> Result<(), Error>,
) -> Result<Nothing, Error> {
    let mut user = User::find(ctx, txn, name)?;
    change(&mut user.tags)?;
    user.put(ctx, txn)?;
    Ok(Nothing::new())
}

/// Sets tags.
pub(crate) fn tag_user(ctx: &Ctx, txn: &mut Write, input: &api::TagUserRequest) -> Result<Nothing, Error> {
    change_tags(ctx, txn, input.user_name(), |tags| tag::set(tags, input.tags()))
}

/// Removes tags.
pub(crate) fn untag_user(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagUserRequest,
) -> Result<Nothing, Error> {
    change_tags(ctx, txn, input.user_name(), |tags| {
        tag::remove(tags, input.tag_keys());
        Ok(())
    })
}

/// Lists tags.
pub(crate) fn list_user_tags(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListUserTagsRequest,
) -> Result<api::ListUserTagsResponse, Error> {
    let user = User::find(ctx, txn, input.user_name())?;
    let (tags, marker) = tag::page(&user.tags, &Page::of(input.marker(), input.max_items())?);
    let truncated = marker.is_some();
    Ok(api::ListUserTagsResponse::new().with_tags(tags).with_is_truncated(truncated).with_marker(marker))
}
