//! Long-term access keys of users and of the root user. The keys themselves, with secret and status, are the kit's
//! issued keys, which every call is checked against; here is whose they are.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::{Ctx, KeyUse, StoredKey, StoredPrincipal, Usage};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::{AccessKey, User};
use crate::{keys, quota, user};

/// What the answers call the root user.
const ROOT_NAME: &str = "root";

/// Whose keys a call is about.
enum Owner {
    Root,
    User(User),
}

impl Owner {
    /// The user that is named, or the caller, who may be the root user.
    fn of(ctx: &Ctx, txn: &impl Reader, name: Option<&str>) -> Result<Self, Error> {
        match (name, &ctx.caller().principal) {
            (None, Principal::Root) => Ok(Owner::Root),
            (name, _) => user::named_or_caller(ctx, txn, name).map(Owner::User),
        }
    }

    fn id<'a>(&'a self, ctx: &'a Ctx) -> &'a str {
        match self {
            Owner::Root => ctx.account(),
            Owner::User(user) => &user.id,
        }
    }

    fn name(&self) -> &str {
        match self {
            Owner::Root => ROOT_NAME,
            Owner::User(user) => &user.name,
        }
    }

    fn principal(&self) -> StoredPrincipal {
        match self {
            Owner::Root => StoredPrincipal::Root,
            Owner::User(user) => principal(user),
        }
    }
}

fn principal(user: &User) -> StoredPrincipal {
    StoredPrincipal::User { path: user.path.clone(), name: user.name.clone(), id: user.id.clone() }
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// The key with this id, when it is the owner's.
fn find(ctx: &Ctx, txn: &impl Reader, owner: &Owner, id: &str) -> Result<StoredKey, Error> {
    let is_theirs = txn.contains(&keys::access_key(ctx.account(), owner.id(ctx), id))?;
    let found = if is_theirs { ctx.issued_key(txn, id)? } else { None };
    found.ok_or_else(|| Error::NoSuchAccessKey { id: id.to_owned() })
}

/// The ids of a user's keys, oldest first, with the time of their creation.
pub(crate) fn of_user(
    account: &str,
    txn: &impl Reader,
    user_id: &str,
) -> Result<Vec<(String, AccessKey)>, Fault> {
    let range = keys::access_keys(account, user_id);
    let mut found = Vec::new();
    for (key, record) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let (_, _, id) = key.parts::<(String, String, String)>()?;
        found.push((id, record));
    }
    found.sort_by_key(|(_, record)| record.created);
    Ok(found)
}

/// A renamed or moved user is the principal of its keys under the new name.
pub(crate) fn owner_changed(ctx: &Ctx, txn: &mut Write, user: &User) -> Result<(), Error> {
    for (id, _) in of_user(ctx.account(), txn, &user.id)? {
        if let Some(key) = ctx.issued_key(txn, &id)? {
            ctx.change_key(txn, &id, &StoredKey { principal: principal(user), ..key })?;
        }
    }
    Ok(())
}

/// Creates a key. Its secret is shown this once.
pub(crate) fn create_access_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateAccessKeyRequest,
) -> Result<api::CreateAccessKeyResponse, Error> {
    let account = ctx.account();
    let owner = Owner::of(ctx, txn, input.user_name())?;
    quota::ACCESS_KEYS_OF_USER.admit(of_user(account, txn, owner.id(ctx))?.len())?;
    let (id, secret) = ctx.new_access_key("AKIA")?;
    let key = StoredKey {
        principal: owner.principal(),
        ..StoredKey::of_root(ctx.caller().account, secret.clone())
    };
    ctx.issue_key(txn, &id, &key)?;
    let created = ctx.now().secs();
    txn.put(&keys::access_key(account, owner.id(ctx), &id), &AccessKey { created })?;
    let output = api::AccessKey::new()
        .with_user_name(owner.name())
        .with_access_key_id(id)
        .with_status(status(true))
        .with_secret_access_key(secret)
        .with_create_date(Timestamp::from_secs(created));
    Ok(api::CreateAccessKeyResponse::new().with_access_key(output))
}

/// Lists the keys of a user.
pub(crate) fn list_access_keys(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListAccessKeysRequest,
) -> Result<api::ListAccessKeysResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let owner = Owner::of(ctx, txn, input.user_name())?;
    let mut rows = Vec::new();
    for (id, record) in of_user(ctx.account(), txn, owner.id(ctx))? {
        let Some(key) = ctx.issued_key(txn, &id)? else { continue };
        let output = api::AccessKeyMetadata::new()
            .with_user_name(owner.name())
            .with_access_key_id(&*id)
            .with_status(status(key.active))
            .with_create_date(Timestamp::from_secs(record.created));
        rows.push((format!("{:020} {id}", record.created), output));
    }
    let (shown, marker) = page.cut(rows);
    let output = api::ListAccessKeysResponse::new().with_access_key_metadata(shown);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Switches a key on or off.
pub(crate) fn update_access_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateAccessKeyRequest,
) -> Result<Nothing, Error> {
    let active = match input.status() {
        "Active" => true,
        "Inactive" => false,
        other => return Err(Error::validation(format!("Status {other} cannot be set."))),
    };
    let owner = Owner::of(ctx, txn, input.user_name())?;
    let key = find(ctx, txn, &owner, input.access_key_id())?;
    ctx.change_key(txn, input.access_key_id(), &StoredKey { active, ..key })?;
    Ok(Nothing::new())
}

/// Deletes a key.
pub(crate) fn delete_access_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAccessKeyRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::of(ctx, txn, input.user_name())?;
    let id = input.access_key_id();
    find(ctx, txn, &owner, id)?;
    txn.delete(&keys::access_key(ctx.account(), owner.id(ctx), id))?;
    ctx.revoke_key(txn, id)?;
    Ok(Nothing::new())
}

/// When, where and for what a key was last used.
pub(crate) fn get_access_key_last_used(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessKeyLastUsedRequest,
) -> Result<api::GetAccessKeyLastUsedResponse, Error> {
    let id = input.access_key_id();
    let missing = || Error::NoSuchAccessKey { id: id.to_owned() };
    let key = ctx.issued_key(txn, id)?.filter(|key| key.account == ctx.account()).ok_or_else(missing)?;
    let name = match &key.principal {
        StoredPrincipal::User { name, .. } => name.as_str(),
        _ => ROOT_NAME,
    };
    let last_used = match Usage::of_key(txn, id)? {
        Some(KeyUse { at, service, region }) => api::AccessKeyLastUsed::new()
            .with_last_used_date(Timestamp::from_secs(at))
            .with_service_name(service)
            .with_region(region),
        None => api::AccessKeyLastUsed::new().with_service_name("N/A").with_region("N/A"),
    };
    let output = api::GetAccessKeyLastUsedResponse::new().with_user_name(name);
    Ok(output.with_access_key_last_used(last_used))
}
