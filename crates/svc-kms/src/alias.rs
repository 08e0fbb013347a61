//! Aliases. <https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html>

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Direction, Read, Reader, Write};

use crate::error::Error;
use crate::key::shown_time;
use crate::keys;
use crate::lookup::{self, KeyAt, now};
use crate::page::Page;
use crate::records::Alias;
use crate::rules::key_address::{ALIAS_PREFIX, alias_arn};
use crate::rules::key_state::UNCHANGEABLE;
use crate::rules::{KeyAddress, alias_name};

/// The most aliases of a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#aliases-per-key>
const MOST: usize = 50;

/// Creates an alias.
pub(crate) fn create_alias(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateAliasRequest,
) -> Result<Nothing, Error> {
    let name = input.alias_name();
    alias_name::check(name)?;
    let found = target(ctx, txn, "CreateAlias", input.target_key_id())?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    let key = keys::alias(ctx.account(), ctx.region(), name);
    if txn.contains(&key)? {
        let arn = alias_arn(ctx.account(), ctx.region(), name);
        return Err(Error::AlreadyExists { reason: format!("An alias with the name {arn} already exists") });
    }
    check_quota(txn, &found.at)?;
    let created = now(ctx);
    txn.put(&key, &Alias { key_id: found.at.id.clone(), created, updated: created })?;
    txn.put(&keys::alias_of(&found.at, name), &())?;
    Ok(Nothing::new())
}

/// Has an alias stand for another key of the same kind.
pub(crate) fn update_alias(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateAliasRequest,
) -> Result<Nothing, Error> {
    let name = input.alias_name();
    alias_name::check(name)?;
    let key = keys::alias(ctx.account(), ctx.region(), name);
    let arn = alias_arn(ctx.account(), ctx.region(), name);
    let mut alias = txn.get(&key)?.ok_or_else(|| Error::no_alias(&arn))?;
    let found = target(ctx, txn, "UpdateAlias", input.target_key_id())?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    let before = KeyAddress { id: alias.key_id.clone(), ..found.at.clone() };
    if before == found.at {
        return Ok(Nothing::new());
    }
    let kind = |found: &KeyAt| (found.key.usage, found.key.spec.is_asymmetric());
    if kind(&lookup::at(txn, before.clone())?) != kind(&found) {
        return Err(Error::validation(format!(
            "Alias {arn} cannot be changed to a key of another type or key usage."
        )));
    }
    check_quota(txn, &found.at)?;
    txn.delete(&keys::alias_of(&before, name))?;
    alias.key_id.clone_from(&found.at.id);
    alias.updated = now(ctx);
    txn.put(&key, &alias)?;
    txn.put(&keys::alias_of(&found.at, name), &())?;
    Ok(Nothing::new())
}

/// Deletes an alias; its key stays.
pub(crate) fn delete_alias(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAliasRequest,
) -> Result<Nothing, Error> {
    let name = input.alias_name();
    alias_name::check(name)?;
    let key = keys::alias(ctx.account(), ctx.region(), name);
    let arn = alias_arn(ctx.account(), ctx.region(), name);
    let alias = txn.get(&key)?.ok_or_else(|| Error::no_alias(&arn))?;
    let (account, region) = (ctx.account().to_owned(), ctx.region().to_owned());
    txn.delete(&keys::alias_of(&KeyAddress { account, region, id: alias.key_id }, name))?;
    txn.delete(&key)?;
    Ok(Nothing::new())
}

/// Lists the aliases of the account and region, or of one key.
pub(crate) fn list_aliases(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListAliasesRequest,
) -> Result<api::ListAliasesResponse, Error> {
    let page = Page::new(input.limit(), input.marker(), 50, 100)?;
    let rows = match input.key_id() {
        Some(id) => of_key(txn, &lookup::own(ctx, txn, "ListAliases", id)?.at)?,
        None => {
            let mut range = keys::aliases(ctx.account(), ctx.region());
            if let Some(after) = page.after() {
                range = range.after(after);
            }
            named(txn.scan(&range, Direction::Forward, page.limit() + 1)?)?
        }
    };
    let (shown, marker) = match input.key_id() {
        Some(_) => page.of(&rows, |(name, _)| name.clone()),
        None => {
            let (shown, marker) = page.cut(&rows, |(name, _)| name.clone());
            (shown.to_vec(), marker)
        }
    };
    let entry = |(name, alias): &(String, Alias)| {
        api::AliasListEntry::new()
            .with_alias_name(name)
            .with_alias_arn(alias_arn(ctx.account(), ctx.region(), name))
            .with_target_key_id(&alias.key_id)
            .with_creation_date(shown_time(alias.created))
            .with_last_updated_date(shown_time(alias.updated))
    };
    Ok(api::ListAliasesResponse::new()
        .with_aliases(shown.iter().map(entry).collect::<Vec<_>>())
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}

fn named(rows: Vec<(virga_store::Key<Alias>, Alias)>) -> Result<Vec<(String, Alias)>, Error> {
    rows.into_iter()
        .map(|(key, alias)| {
            let (_, _, name): (String, String, String) = key.parts()?;
            Ok((name, alias))
        })
        .collect()
}

/// The aliases of a key.
fn of_key(txn: &impl Reader, at: &KeyAddress) -> Result<Vec<(String, Alias)>, Error> {
    let mut rows = Vec::new();
    for name in names_of(txn, at)? {
        if let Some(alias) = txn.get(&keys::alias(&at.account, &at.region, &name))? {
            rows.push((name, alias));
        }
    }
    Ok(rows)
}

/// The names of a key's aliases.
pub(crate) fn names_of(txn: &impl Reader, at: &KeyAddress) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for key in txn.scan_keys(&keys::aliases_of(at), Direction::Forward, MOST + 1)? {
        let (_, _, _, name): (String, String, String, String) = key.parts()?;
        names.push(name);
    }
    Ok(names)
}

/// Deletes the aliases of a key that is deleted.
pub(crate) fn delete_all(txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    for name in names_of(txn, at)? {
        txn.delete(&keys::alias(&at.account, &at.region, &name))?;
        txn.delete(&keys::alias_of(at, &name))?;
    }
    Ok(())
}

/// The key that an alias is to stand for.
fn target(ctx: &Ctx, txn: &Write, operation: &str, id: &str) -> Result<KeyAt, Error> {
    if id.starts_with(ALIAS_PREFIX) || id.contains(":alias/") {
        return Err(Error::validation("Aliases must refer to keys. Not aliases"));
    }
    lookup::manageable(ctx, txn, operation, id)
}

fn check_quota(txn: &Write, at: &KeyAddress) -> Result<(), Error> {
    if names_of(txn, at)?.len() < MOST {
        return Ok(());
    }
    Err(Error::LimitExceeded { reason: format!("The quota of {MOST} aliases per KMS key is used up.") })
}
