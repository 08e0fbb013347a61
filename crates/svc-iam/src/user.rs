//! Users: creation, renaming, listing, deletion, tags.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::identity::{Bounded, Identity};
use crate::page::Page;
use crate::quota::{self, Quota};
use crate::records::{Kind, Tag, User};
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{access_key, arn, boundary, credential, keys, trust_policy};

impl Identity for User {
    const KIND: Kind = Kind::User;
    const MOST_ATTACHED: Quota = quota::ATTACHED_TO_USER;
    const INLINE_LIMIT: usize = quota::INLINE_POLICIES_OF_USER;

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

impl Bounded for User {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn set_boundary(&mut self, arn: Option<String>) {
        self.boundary = arn;
    }
}

impl Tagged for User {
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        User::find(ctx, txn, name)
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

tag::tag_handlers!(User by user_name: tag_user(TagUserRequest), untag_user(UntagUserRequest),
    list_user_tags(ListUserTagsRequest) -> ListUserTagsResponse);

/// The user that is named, or the caller when none is.
pub(crate) fn named_or_caller(ctx: &Ctx, txn: &impl Reader, name: Option<&str>) -> Result<User, Error> {
    match (name, &ctx.caller().principal) {
        (Some(name), _) => User::find(ctx, txn, name),
        (None, Principal::User { name, .. }) => User::find(ctx, txn, name),
        (None, _) => Err(Error::MustNameUser),
    }
}

/// The ARN of a user.
fn arn(ctx: &Ctx, user: &User) -> String {
    arn::of(ctx.account(), "user", &user.path, &user.name)
}

/// A user as single answers show it.
pub(crate) fn shown(ctx: &Ctx, user: &User) -> api::User {
    let boundary = user.boundary.as_deref().map(boundary::shown);
    listed(ctx, user).with_permissions_boundary(boundary).with_tags(tag::shown_if_any(&user.tags))
}

/// A user as lists show it: without boundary and tags.
pub(crate) fn listed(ctx: &Ctx, user: &User) -> api::User {
    api::User::new()
        .with_path(&*user.path)
        .with_user_name(&*user.name)
        .with_user_id(&*user.id)
        .with_arn(arn(ctx, user))
        .with_create_date(Timestamp::from_secs(user.created))
        .with_password_last_used(user.password_last_used.map(Timestamp::from_secs))
}

/// The root user: it has neither a name nor a path, and nobody knows when the account was opened.
pub(crate) fn root(ctx: &Ctx) -> api::User {
    let account = ctx.account();
    api::User::new()
        .with_user_id(account)
        .with_arn(format!("arn:aws:iam::{account}:root"))
        .with_create_date(Timestamp::default())
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
        boundary: None,
        tags,
        attached: Vec::new(),
        password_last_used: None,
    };
    let user = boundary::of_new(ctx, txn, user, input.permissions_boundary())?;
    user.save(ctx, txn)?;
    Ok(api::CreateUserResponse::new().with_user(shown(ctx, &user)))
}

/// Reads a user; without a name, the caller.
pub(crate) fn get_user(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetUserRequest,
) -> Result<api::GetUserResponse, Error> {
    if input.user_name().is_none() && ctx.caller().principal == Principal::Root {
        return Ok(api::GetUserResponse::new().with_user(root(ctx)));
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
    let old_arn = arn(ctx, &user);
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
    user.save(ctx, txn)?;
    access_key::owner_changed(ctx, txn, &user)?;
    trust_policy::replace(ctx, txn, &old_arn, &arn(ctx, &user))?;
    Ok(Nothing::new())
}

/// Deletes a user that nothing belongs to.
pub(crate) fn delete_user(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteUserRequest,
) -> Result<Nothing, Error> {
    let user = User::find(ctx, txn, input.user_name())?;
    refuse_while_in_use(ctx, txn, &user)?;
    credential::refuse_while_present(ctx, txn, &user)?;
    boundary::forget(ctx, txn, &user)?;
    txn.delete(&keys::entity(ctx.account(), &user.id))?;
    txn.delete(&keys::user(ctx.account(), &user.name))?;
    trust_policy::replace(ctx, txn, &arn(ctx, &user), &user.id)?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

/// What belongs to a user has to go before it.
fn refuse_while_in_use(ctx: &Ctx, txn: &impl Reader, user: &User) -> Result<(), Error> {
    let account = ctx.account();
    let conflict = |what: &str| Err(Error::DeleteConflict { what: what.to_owned() });
    if txn.first(&keys::memberships(account, &user.id))?.is_some() {
        return conflict("remove users from group");
    }
    if !user.attached.is_empty() {
        return conflict("detach all policies");
    }
    if txn.first(&keys::inline_policies(account, &user.id))?.is_some() {
        return conflict("delete policies");
    }
    if txn.first(&keys::access_keys(account, &user.id))?.is_some() {
        return conflict("delete access keys");
    }
    Ok(())
}
