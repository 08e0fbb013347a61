//! Grants: permissions on a key that are handed on one by one, besides its policy.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use virga_api::Nothing;
use virga_api::kms as api;
use virga_iam::{Caller, Principal};
use virga_kit::Ctx;
use virga_model::view::{Entries, List};
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::crypto;
use crate::encrypt::refuse_dry_run;
use crate::error::Error;
use crate::key::shown_time;
use crate::keys;
use crate::lookup::{self, KeyAt, now};
use crate::page::Page;
use crate::records::{Constraint, Grant};
use crate::rules::key_state::UNUSABLE;
use crate::rules::terms::{GrantOperation, names};
use crate::rules::{EncryptionContext, KeyAddress, principal};

/// The most grants of a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#grants-per-key>
const MOST: i64 = 50_000;
/// Grants that are read at once.
const BATCH: usize = 1000;

/// What a grant token says. AWS's are needed until a grant has reached every server; here it holds at once.
#[derive(Serialize, Deserialize)]
struct Token {
    at: KeyAddress,
    grant_id: String,
    secret: [u8; 16],
}

/// Grants operations to a principal. The same request with a name answers with the same grant.
pub(crate) fn create_grant(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateGrantRequest,
) -> Result<api::CreateGrantResponse, Error> {
    let found = lookup::by_id(ctx, txn, input.key_id())?;
    check_tokens(txn, input.grant_tokens())?;
    found.refuse_in(ctx, UNUSABLE)?;
    let grant = requested(ctx, &found, input)?;
    refuse_dry_run(input.dry_run())?;
    if let Some((id, known)) = same(txn, &found.at, &grant)? {
        return answer(&found.at, id, &known);
    }
    if txn.snapshot_counter(&keys::grant_count(&found.at))? >= MOST {
        return Err(Error::LimitExceeded {
            reason: format!("The quota of {MOST} grants per KMS key is used up."),
        });
    }
    let id = hex::encode(&*crypto::secret(32));
    if let Some(retiring) = &grant.retiring {
        txn.put(&keys::retirable(retiring, &found.at, &id), &())?;
    }
    txn.put(&keys::grant(&found.at, &id), &grant)?;
    txn.add(&keys::grant_count(&found.at), 1)?;
    answer(&found.at, id, &grant)
}

/// The grant that is asked for.
fn requested(ctx: &Ctx, found: &KeyAt, input: &api::CreateGrantRequest) -> Result<Grant, Error> {
    principal::check(input.grantee_principal())?;
    input.retiring_principal().map(principal::check).transpose()?;
    let mut operations: Vec<GrantOperation> =
        input.operations().iter().filter_map(GrantOperation::parse).collect();
    operations.sort_unstable();
    operations.dedup();
    if operations.is_empty() {
        return Err(Error::validation("At least one operation must be specified."));
    }
    let (spec, usage) = (found.key.spec, found.key.usage);
    if let Some(operation) = operations.iter().find(|operation| !operation.fits(spec, usage)) {
        let arn = found.arn();
        return Err(Error::validation(format!(
            "Operation {operation} is not supported for {arn}, whose key spec is {spec} and key usage {usage}."
        )));
    }
    let constraint = constraint(input.constraints())?;
    if constraint.is_some() && !spec.is_symmetric_encryption() {
        return Err(Error::validation(
            "Grant constraints are only supported for symmetric encryption KMS keys.",
        ));
    }
    let mut secret = [0; 16];
    crypto::fill(&mut secret);
    Ok(Grant {
        name: input.name().map(str::to_owned),
        created: now(ctx),
        grantee: input.grantee_principal().to_owned(),
        retiring: input.retiring_principal().map(str::to_owned),
        issuer: format!("arn:aws:iam::{}:root", ctx.account()),
        operations,
        constraint,
        secret,
    })
}

/// The constraint that is asked for.
pub(crate) fn constraint(given: Option<&api::GrantConstraints>) -> Result<Option<Constraint>, Error> {
    let owned = |pairs: Entries<'_, &str>| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let Some(given) = given else { return Ok(None) };
    let some = |pairs: Option<Entries<'_, &str>>| pairs.map(owned).filter(|pairs| !pairs.is_empty());
    match (some(given.encryption_context_equals()), some(given.encryption_context_subset())) {
        (None, None) => Ok(None),
        (Some(pairs), None) => Ok(Some(Constraint::Equals(pairs))),
        (None, Some(pairs)) => Ok(Some(Constraint::Subset(pairs))),
        (Some(_), Some(_)) => Err(Error::validation(
            "Only one of EncryptionContextEquals and EncryptionContextSubset can be specified.",
        )),
    }
}

/// A grant of the key that has the same name and says the same.
fn same(txn: &Write, at: &KeyAddress, grant: &Grant) -> Result<Option<(String, Grant)>, Error> {
    if grant.name.is_none() {
        return Ok(None);
    }
    let is_same =
        |known: &Grant| Grant { created: grant.created, secret: grant.secret, ..known.clone() } == *grant;
    let mut found = Vec::new();
    collect(txn, at, None, 1, is_same, &mut found)?;
    Ok(found.pop())
}

fn answer(at: &KeyAddress, id: String, grant: &Grant) -> Result<api::CreateGrantResponse, Error> {
    let token = Token { at: at.clone(), grant_id: id, secret: grant.secret };
    let bytes = postcard::to_allocvec(&token)
        .map_err(|error| Fault::with_source("a grant token can't be written", error))?;
    Ok(api::CreateGrantResponse::new().with_grant_token(STANDARD.encode(bytes)).with_grant_id(token.grant_id))
}

/// The grant of a token.
pub(crate) fn of_token(txn: &impl Reader, text: &str) -> Result<(KeyAddress, String, Grant), Error> {
    let bytes = STANDARD.decode(text).map_err(|_| Error::InvalidGrantToken)?;
    let token: Token = postcard::from_bytes(&bytes).map_err(|_| Error::InvalidGrantToken)?;
    let grant = txn.get(&keys::grant(&token.at, &token.grant_id))?;
    let grant = grant.filter(|grant| grant.secret == token.secret).ok_or(Error::InvalidGrantToken)?;
    Ok((token.at, token.grant_id, grant))
}

/// Refuses tokens that are none.
pub(crate) fn check_tokens<'a>(txn: &impl Reader, tokens: Option<List<'a, &'a str>>) -> Result<(), Error> {
    for token in tokens.into_iter().flat_map(List::iter) {
        // The token of a grant that has ended is no error as long as it was one.
        let bytes = STANDARD.decode(token).map_err(|_| Error::InvalidGrantToken)?;
        let token: Token = postcard::from_bytes(&bytes).map_err(|_| Error::InvalidGrantToken)?;
        let grant = txn.get(&keys::grant(&token.at, &token.grant_id))?;
        if grant.is_some_and(|grant| grant.secret != token.secret) {
            return Err(Error::InvalidGrantToken);
        }
    }
    Ok(())
}

/// Collects grants of a key that fit, in the order of their ids after one of them.
fn collect(
    txn: &impl Reader,
    at: &KeyAddress,
    after: Option<&str>,
    limit: usize,
    fits: impl Fn(&Grant) -> bool,
    found: &mut Vec<(String, Grant)>,
) -> Result<(), Error> {
    let mut range = keys::grants(at);
    if let Some(after) = after {
        range = range.after(after);
    }
    loop {
        let rows = txn.scan(&range, Direction::Forward, BATCH)?;
        let complete = rows.len() < BATCH;
        if let Some((last, _)) = rows.last() {
            range = range.after_key(last);
        }
        for (key, grant) in rows {
            if fits(&grant) {
                let (_, _, _, id): (String, String, String, String) = key.parts()?;
                found.push((id, grant));
                if found.len() == limit {
                    return Ok(());
                }
            }
        }
        if complete {
            return Ok(());
        }
    }
}

/// Lists the grants of a key.
pub(crate) fn list_grants(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListGrantsRequest,
) -> Result<api::ListGrantsResponse, Error> {
    let found = lookup::by_id(ctx, txn, input.key_id())?;
    let page = Page::new(input.limit(), input.marker(), 50, 100)?;
    let mut rows = Vec::new();
    match input.grant_id() {
        Some(id) => {
            let grant = txn.get(&keys::grant(&found.at, id))?;
            let grant =
                grant.filter(|grant| input.grantee_principal().is_none_or(|name| name == grant.grantee));
            rows.extend(grant.map(|grant| (id.to_owned(), grant)));
        }
        None => {
            let fits = |grant: &Grant| input.grantee_principal().is_none_or(|name| name == grant.grantee);
            collect(txn, &found.at, page.after(), page.limit() + 1, fits, &mut rows)?;
        }
    }
    let (shown, marker) = page.cut(&rows, |(id, _)| id.clone());
    let entries: Vec<_> = shown.iter().map(|(id, grant)| entry(&found.at, id, grant)).collect();
    Ok(api::ListGrantsResponse::new()
        .with_grants(entries)
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}

/// Lists the grants that a principal can retire.
pub(crate) fn list_retirable_grants(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListRetirableGrantsRequest,
) -> Result<api::ListGrantsResponse, Error> {
    principal::check(input.retiring_principal())?;
    let page = Page::new(input.limit(), input.marker(), 50, 100)?;
    let mut rows = Vec::new();
    let range = keys::all_retirable(ctx.region(), input.retiring_principal());
    for key in txn.scan_keys(&range, Direction::Forward, usize::MAX)? {
        let (region, _, account, id, grant_id): (String, String, String, String, String) = key.parts()?;
        rows.push((KeyAddress { account, region, id }, grant_id));
    }
    let (shown, marker) = page.of(&rows, |(at, grant_id)| format!("{}/{grant_id}", at.id));
    let mut entries = Vec::new();
    for (at, grant_id) in &shown {
        entries.extend(txn.get(&keys::grant(at, grant_id))?.map(|grant| entry(at, grant_id, &grant)));
    }
    Ok(api::ListGrantsResponse::new()
        .with_grants(entries)
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}

fn entry(at: &KeyAddress, id: &str, grant: &Grant) -> api::GrantListEntry {
    let shown = |pairs: &BTreeMap<String, String>| pairs.clone();
    let constraints = grant.constraint.as_ref().map(|constraint| match constraint {
        Constraint::Equals(pairs) => {
            api::GrantConstraints::new().with_encryption_context_equals(shown(pairs))
        }
        Constraint::Subset(pairs) => {
            api::GrantConstraints::new().with_encryption_context_subset(shown(pairs))
        }
    });
    api::GrantListEntry::new()
        .with_key_id(at.arn())
        .with_grant_id(id)
        .with_name(grant.name.as_deref().unwrap_or_default())
        .with_creation_date(shown_time(grant.created))
        .with_grantee_principal(&grant.grantee)
        .with_retiring_principal(grant.retiring.as_deref())
        .with_issuing_account(&grant.issuer)
        .with_operations(names(&grant.operations))
        .with_constraints(constraints)
}

/// Ends a grant, for one whom it names to do so.
pub(crate) fn retire_grant(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RetireGrantRequest,
) -> Result<Nothing, Error> {
    let (at, id, grant) = match (input.grant_token(), input.key_id(), input.grant_id()) {
        (Some(token), None, None) => of_token(txn, token)?,
        (None, Some(key_id), Some(id)) => of_key(ctx, txn, key_id, id)?,
        _ => {
            return Err(Error::validation(
                "You must specify either a grant token, or a key ID and a grant ID.",
            ));
        }
    };
    refuse_dry_run(input.dry_run())?;
    end(txn, &at, &id, &grant)?;
    Ok(Nothing::new())
}

/// Ends a grant, for the key's administrators.
pub(crate) fn revoke_grant(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RevokeGrantRequest,
) -> Result<Nothing, Error> {
    let (at, id, grant) = of_key(ctx, txn, input.key_id(), input.grant_id())?;
    refuse_dry_run(input.dry_run())?;
    end(txn, &at, &id, &grant)?;
    Ok(Nothing::new())
}

/// A grant by its key and id.
fn of_key(ctx: &Ctx, txn: &Write, key_id: &str, id: &str) -> Result<(KeyAddress, String, Grant), Error> {
    let found = lookup::by_id(ctx, txn, key_id)?;
    let grant = txn.get(&keys::grant(&found.at, id))?;
    let grant = grant.ok_or_else(|| Error::NotFound { reason: format!("Grant ID {id} not found") })?;
    Ok((found.at, id.to_owned(), grant))
}

fn end(txn: &mut Write, at: &KeyAddress, id: &str, grant: &Grant) -> Result<(), Error> {
    if let Some(retiring) = &grant.retiring {
        txn.delete(&keys::retirable(retiring, at, id))?;
    }
    txn.delete(&keys::grant(at, id))?;
    Ok(txn.add(&keys::grant_count(at), -1)?)
}

/// Ends the grants of a key that is deleted.
pub(crate) fn delete_all(txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    let mut grants = Vec::new();
    collect(txn, at, None, usize::MAX, |_| true, &mut grants)?;
    for (id, grant) in grants {
        end(txn, at, &id, &grant)?;
    }
    txn.delete(&keys::grant_count(at))?;
    Ok(())
}

/// What a caller wants to do with a key.
pub(crate) struct Question<'a> {
    /// The operation.
    pub(crate) operation: GrantOperation,
    /// Its encryption context.
    pub(crate) context: &'a EncryptionContext<'a>,
    /// What a new grant is to allow: no more than the grant that lets one make it.
    pub(crate) granting: &'a [GrantOperation],
    /// The constraint of the new grant.
    pub(crate) constraint: Option<Constraint>,
}

impl Question<'_> {
    /// Whether a grant with this constraint is for it. Constraints bear on operations that have an encryption context,
    /// and a new grant has to be as strict as the one that lets one make it.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-constraints>
    fn meets(&self, constraint: &Constraint) -> bool {
        match self.operation {
            GrantOperation::DescribeKey | GrantOperation::RetireGrant => true,
            GrantOperation::CreateGrant => {
                self.constraint.as_ref().is_some_and(|new| new.is_as_strict_as(constraint))
            }
            _ => self.context.meets(constraint),
        }
    }
}

/// Whether some grant of the key allows it to the caller.
pub(crate) fn allows(
    txn: &impl Reader,
    at: &KeyAddress,
    caller: &Caller,
    question: &Question<'_>,
) -> Result<bool, Error> {
    let names = names_of(caller, &at.account);
    let fits = |grant: &Grant| {
        grant.operations.contains(&question.operation)
            && names.contains(&grant.grantee)
            && question.granting.iter().all(|operation| grant.operations.contains(operation))
            && grant.constraint.as_ref().is_none_or(|constraint| question.meets(constraint))
    };
    let mut found = Vec::new();
    collect(txn, at, None, 1, fits, &mut found)?;
    Ok(!found.is_empty())
}

/// The names by which a grant can mean the caller: its session, its user or role, its service, and its account where
/// that is not the key's owner: then the policies of the caller have to allow as well.
pub(crate) fn names_of(caller: &Caller, owner: &str) -> Vec<String> {
    if let Principal::Service { name, .. } = &caller.principal {
        return vec![name.clone()];
    }
    let is_foreign = caller.account.as_str() != owner;
    let account = is_foreign.then(|| format!("arn:aws:iam::{}:root", caller.account));
    caller.arn().into_iter().chain(caller.identity_arn()).chain(account).collect()
}
