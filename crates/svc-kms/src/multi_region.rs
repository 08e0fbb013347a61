//! Multi-Region keys: one primary key and its replicas, with the same id and key material.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Reader, Write};

use crate::error::Error;
use crate::key::{count, metadata, pair};
use crate::lookup::{self, KeyAt, now};
use crate::records::{Key, Regions, Status, Tags, Transition};
use crate::rules::key_policy::default_policy;
use crate::rules::key_state::NOT_ENABLED;
use crate::rules::terms::Origin;
use crate::rules::{KeyAddress, tags};
use crate::{keys, material, policy, workers};

/// How long a replica is in creation, and a primary region being updated: a second, in microseconds.
const TRANSITION: i64 = 1_000_000;

/// Begins a set of related keys with its primary key.
pub(crate) fn insert(txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    let regions = Regions { primary: at.region.clone(), replicas: Vec::new() };
    Ok(txn.put(&keys::regions(&at.account, &at.id), &regions)?)
}

/// Takes a deleted key out of its set; says where the primary key is, when that is another one.
pub(crate) fn remove(txn: &mut Write, at: &KeyAddress) -> Result<Option<KeyAddress>, Error> {
    let key = keys::regions(&at.account, &at.id);
    let Some(mut regions) = txn.get(&key)? else { return Ok(None) };
    if regions.primary == at.region {
        txn.delete(&key)?;
        return Ok(None);
    }
    regions.replicas.retain(|region| *region != at.region);
    txn.put(&key, &regions)?;
    Ok(Some(at.in_region(&regions.primary)))
}

fn regions(txn: &impl Reader, found: &KeyAt) -> Result<Option<Regions>, Error> {
    if !found.key.multi_region {
        return Ok(None);
    }
    Ok(txn.get(&keys::regions(&found.at.account, &found.at.id))?)
}

/// Whether the key is a primary key with replicas.
pub(crate) fn has_replicas(txn: &impl Reader, found: &KeyAt) -> Result<bool, Error> {
    let regions = regions(txn, found)?;
    Ok(regions.is_some_and(|regions| regions.primary == found.at.region && !regions.replicas.is_empty()))
}

/// Where the primary key of a replica is; none for any other key.
pub(crate) fn primary_of(txn: &impl Reader, found: &KeyAt) -> Result<Option<KeyAddress>, Error> {
    let regions = regions(txn, found)?.filter(|regions| regions.primary != found.at.region);
    Ok(regions.map(|regions| found.at.in_region(&regions.primary)))
}

/// The related keys in other regions.
pub(crate) fn related(txn: &impl Reader, found: &KeyAt) -> Result<Vec<KeyAt>, Error> {
    let Some(regions) = regions(txn, found)? else { return Ok(Vec::new()) };
    let others =
        regions.replicas.iter().chain([&regions.primary]).filter(|region| **region != found.at.region);
    others.map(|region| lookup::at(txn, found.at.in_region(region))).collect()
}

/// `MultiRegionConfiguration`.
pub(crate) fn configuration(
    txn: &impl Reader,
    found: &KeyAt,
) -> Result<Option<api::MultiRegionConfiguration>, Error> {
    let Some(regions) = regions(txn, found)? else { return Ok(None) };
    let key = |region: &String| {
        api::MultiRegionKey::new().with_arn(found.at.in_region(region).arn()).with_region(region)
    };
    let is_primary = regions.primary == found.at.region;
    Ok(Some(
        api::MultiRegionConfiguration::new()
            .with_multi_region_key_type(if is_primary { "PRIMARY" } else { "REPLICA" })
            .with_primary_key(key(&regions.primary))
            .with_replica_keys(regions.replicas.iter().map(key).collect::<Vec<_>>()),
    ))
}

/// The set of a key that must be its primary key.
fn of_primary(txn: &impl Reader, found: &KeyAt) -> Result<Regions, Error> {
    regions(txn, found)?
        .filter(|regions| regions.primary == found.at.region)
        .ok_or_else(|| Error::unsupported(format!("{} is not a multi-region primary key.", found.arn())))
}

/// Makes a replica of a primary key in another region.
pub(crate) fn replicate_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ReplicateKeyRequest,
) -> Result<api::ReplicateKeyResponse, Error> {
    let found = lookup::manageable(ctx, txn, "ReplicateKey", input.key_id())?;
    let mut regions = of_primary(txn, &found)?;
    found.refuse_in(ctx, NOT_ENABLED)?;
    let at = found.at.in_region(input.replica_region());
    if txn.contains(&keys::key(&at))? {
        return Err(Error::AlreadyExists { reason: format!("{} already exists.", at.arn()) });
    }
    let given = tags::read(input.tags().into_iter().flat_map(List::iter).map(pair))?;
    if let Some(text) = input.policy() {
        let bypass = input.bypass_policy_lockout_safety_check().unwrap_or(false);
        policy::check(ctx, Some(&at.arn()), text, bypass)?;
    }
    let text = input.policy().map_or_else(|| default_policy(ctx.account()), str::to_owned);
    ctx.put_resource_policy(txn, &at.arn(), &text)?;
    let description = input.description().unwrap_or_default().to_owned();
    let replica = KeyAt { key: replica(ctx, &found.key, description), at };
    count(txn, &replica.at, &replica.key)?;
    if replica.key.origin == Origin::AwsKms {
        for material in &replica.key.materials {
            material::copy(txn, &found.at, &replica.at, &material.id)?;
        }
    }
    replica.save(txn)?;
    regions.replicas.push(replica.at.region.clone());
    txn.put(&keys::regions(&found.at.account, &found.at.id), &regions)?;
    let shown = given.iter().map(|(key, value)| api::Tag::new().with_tag_key(key).with_tag_value(value));
    let shown: Vec<_> = shown.collect();
    if !given.is_empty() {
        txn.put(&keys::tags(&replica.at), &Tags(given))?;
    }
    Ok(api::ReplicateKeyResponse::new()
        .with_replica_key_metadata(metadata(ctx, txn, &replica)?)
        .with_replica_policy(text)
        .with_replica_tags((!shown.is_empty()).then_some(shown)))
}

/// What a replica shares with its primary key, and what is its own. Imported material is imported into each.
fn replica(ctx: &Ctx, primary: &Key, description: String) -> Key {
    let mut key = Key {
        created: now(ctx),
        description,
        transition: Some(Transition { creating: true, until: now(ctx) + TRANSITION }),
        rotation: None,
        ..primary.clone()
    };
    if key.origin == Origin::External {
        key.status = Status::PendingImport;
        for material in &mut key.materials {
            material.present = false;
            material.valid_to = None;
        }
    }
    key
}

/// Makes a replica the primary key.
pub(crate) fn update_primary_region(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdatePrimaryRegionRequest,
) -> Result<Nothing, Error> {
    let mut before = lookup::manageable(ctx, txn, "UpdatePrimaryRegion", input.key_id())?;
    let mut regions = of_primary(txn, &before)?;
    before.refuse_in(ctx, NOT_ENABLED)?;
    let at = before.at.in_region(input.primary_region());
    if at == before.at {
        let reason = format!("{} is the primary key already.", at.arn());
        return Err(Error::unsupported(reason));
    }
    let mut after = lookup::at(txn, at)?;
    after.refuse_in(ctx, NOT_ENABLED)?;
    regions.replicas.retain(|region| *region != after.at.region);
    regions.replicas.push(before.at.region.clone());
    regions.primary.clone_from(&after.at.region);
    txn.put(&keys::regions(&before.at.account, &before.at.id), &regions)?;
    let transition = Some(Transition { creating: false, until: now(ctx) + TRANSITION });
    (before.key.transition, after.key.transition) = (transition, transition);
    after.key.rotation = before.key.rotation.take();
    workers::stop_rotation(ctx, txn, &before.at)?;
    if let Some(rotation) = after.key.rotation {
        workers::rotate_at(ctx, txn, &after.at, rotation.next)?;
    }
    before.save(txn)?;
    after.save(txn)?;
    Ok(Nothing::new())
}
