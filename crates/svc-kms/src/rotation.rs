//! Rotation: automatic and on demand. Earlier key materials go on decrypting.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html>

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::key::{expiration_model, shown_time};
use crate::key_life::DAY;
use crate::lookup::{self, KeyAt, now};
use crate::page::Page;
use crate::records::{Material, MaterialId, MaterialState, Rotation, RotationType};
use crate::rules::KeyAddress;
use crate::rules::key_state::UNUSABLE;
use crate::rules::terms::Origin;
use crate::{material, multi_region, workers};

/// `RotationPeriodInDays` when nothing is said.
const PERIOD_DAYS: u32 = 365;
/// The most rotations on demand of a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#on-demand-rotation-resource-quota>
const MOST_ON_DEMAND: u32 = 25;

/// Has a key rotated every so many days.
pub(crate) fn enable_key_rotation(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::EnableKeyRotationRequest,
) -> Result<Nothing, Error> {
    let mut found = rotatable(ctx, txn, "EnableKeyRotation", input.key_id())?;
    let days = input.rotation_period_in_days().map_or(PERIOD_DAYS, i32::unsigned_abs);
    if found.key.rotation.is_none_or(|rotation| rotation.period_days != days) {
        start(ctx, txn, &mut found, days)?;
        found.save(txn)?;
    }
    Ok(Nothing::new())
}

/// Ends automatic rotation.
pub(crate) fn disable_key_rotation(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DisableKeyRotationRequest,
) -> Result<Nothing, Error> {
    let mut found = rotatable(ctx, txn, "DisableKeyRotation", input.key_id())?;
    found.key.rotation = None;
    found.save(txn)?;
    workers::stop_rotation(ctx, txn, &found.at)?;
    Ok(Nothing::new())
}

/// A key of the caller's that can be rotated automatically, in a state to change that.
fn rotatable(ctx: &Ctx, txn: &Write, operation: &str, id: &str) -> Result<KeyAt, Error> {
    let found = lookup::manageable(ctx, txn, operation, id)?;
    symmetric(&found)?;
    if found.key.origin != Origin::AwsKms {
        return Err(found.wrong_origin());
    }
    found.refuse_in(ctx, UNUSABLE)?;
    not_a_replica(txn, &found)?;
    Ok(found)
}

/// Only symmetric encryption keys rotate. AWS says no more.
fn symmetric(found: &KeyAt) -> Result<(), Error> {
    if found.key.spec.is_symmetric_encryption() { Ok(()) } else { Err(Error::unsupported("")) }
}

/// Replicas rotate with their primary key.
fn not_a_replica(txn: &impl Reader, found: &KeyAt) -> Result<(), Error> {
    if multi_region::primary_of(txn, found)?.is_none() {
        return Ok(());
    }
    Err(Error::unsupported(format!("{} is not a multi-region primary key.", found.arn())))
}

/// Has a key rotated every so many days from now on; the caller saves it.
pub(crate) fn start(ctx: &Ctx, txn: &mut Write, found: &mut KeyAt, days: u32) -> Result<(), Error> {
    let next = now(ctx) + i64::from(days) * DAY;
    found.key.rotation = Some(Rotation { period_days: days, next });
    workers::rotate_at(ctx, txn, &found.at, next)
}

/// A key that is enabled again makes up for the rotation that it missed.
pub(crate) fn resume(ctx: &Ctx, txn: &mut Write, found: &KeyAt) -> Result<(), Error> {
    match found.key.rotation {
        Some(rotation) if rotation.next <= now(ctx) => workers::rotate_at(ctx, txn, &found.at, now(ctx)),
        _ => Ok(()),
    }
}

/// Rotates a key that is due; one that can't be used now is rotated when it is enabled again.
pub(crate) fn rotate_due(ctx: &Ctx, txn: &mut Write, at: KeyAddress) -> Result<(), Error> {
    let Ok(mut found) = lookup::at(txn, at) else { return Ok(()) };
    let now = now(ctx);
    let Some(rotation) = found.key.rotation.filter(|rotation| rotation.next <= now) else { return Ok(()) };
    if !found.state(ctx).is_enabled() {
        return Ok(());
    }
    let period = i64::from(rotation.period_days) * DAY;
    let next = if rotation.next + period > now { rotation.next + period } else { now + period };
    found.key.rotation = Some(Rotation { next, ..rotation });
    let id = new_material(txn, &found)?;
    replace(ctx, txn, &mut found, id, RotationType::Automatic)?;
    workers::rotate_at(ctx, txn, &found.at, next)
}

/// Rotates at once: to new key material, or to what was imported to be next.
pub(crate) fn rotate_key_on_demand(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RotateKeyOnDemandRequest,
) -> Result<api::RotateKeyOnDemandResponse, Error> {
    let mut found = lookup::manageable(ctx, txn, "RotateKeyOnDemand", input.key_id())?;
    symmetric(&found)?;
    found.refuse_in(ctx, UNUSABLE)?;
    not_a_replica(txn, &found)?;
    let arn = found.arn();
    if found.key.on_demand_rotations >= MOST_ON_DEMAND {
        let reason = format!(
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be \
             performed for this key: {arn}"
        );
        return Err(Error::LimitExceeded { reason });
    }
    let id = match found.key.origin {
        Origin::AwsKms => new_material(txn, &found)?,
        _ => pending(&found)?.id,
    };
    found.key.on_demand_rotations += 1;
    replace(ctx, txn, &mut found, id, RotationType::OnDemand)?;
    Ok(api::RotateKeyOnDemandResponse::new().with_key_id(arn))
}

/// The imported key material that waits to be the next.
fn pending(found: &KeyAt) -> Result<&Material, Error> {
    let mut materials = found.key.materials.iter();
    materials.find(|material| material.state == MaterialState::PendingRotation).ok_or_else(|| {
        let arn = found.arn();
        Error::InvalidState {
            reason: format!("No available key material pending rotation for the key: {arn}."),
        }
    })
}

/// Makes a new secret of a key.
fn new_material(txn: &mut Write, found: &KeyAt) -> Result<MaterialId, Error> {
    let secret = material::generate(found.key.spec)?;
    let id = material::id(&found.at.id, &secret);
    material::store(txn, &found.at, &id, &secret)?;
    Ok(id)
}

/// Has a key material encrypt from now on, in the key and its replicas.
fn replace(
    ctx: &Ctx,
    txn: &mut Write,
    found: &mut KeyAt,
    id: MaterialId,
    rotation_type: RotationType,
) -> Result<(), Error> {
    let rotated = Some((now(ctx), rotation_type));
    let mut related = multi_region::related(txn, found)?;
    for replica in &related {
        if replica.key.origin == Origin::AwsKms {
            material::copy(txn, &found.at, &replica.at, &id)?;
        }
    }
    for at in related.iter_mut().chain([found]) {
        for material in &mut at.key.materials {
            if material.state == MaterialState::Current {
                material.state = MaterialState::NonCurrent;
            }
        }
        match at.key.material_mut(&id) {
            Some(material) => (material.state, material.rotated) = (MaterialState::Current, rotated),
            None => at.key.materials.push(Material { rotated, ..material::current(id) }),
        }
        at.save(txn)?;
    }
    Ok(())
}

/// Whether and when a key is rotated automatically; of keys that can't rotate, never.
pub(crate) fn get_key_rotation_status(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetKeyRotationStatusRequest,
) -> Result<api::GetKeyRotationStatusResponse, Error> {
    let found = lookup::by_id(ctx, txn, input.key_id())?;
    let rotation = match multi_region::primary_of(txn, &found)? {
        Some(primary) => lookup::at(txn, primary)?.key.rotation,
        None => found.key.rotation,
    };
    let rotation = rotation.filter(|_| !found.state(ctx).is_pending_deletion());
    let answer = api::GetKeyRotationStatusResponse::new()
        .with_key_rotation_enabled(rotation.is_some())
        .with_key_id(found.arn());
    Ok(match rotation {
        None => answer,
        Some(rotation) => answer
            .with_rotation_period_in_days(i32::try_from(rotation.period_days).unwrap_or(i32::MAX))
            .with_next_rotation_date(shown_time(rotation.next)),
    })
}

/// Lists the rotations of a key, oldest first, or all its key materials.
pub(crate) fn list_key_rotations(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListKeyRotationsRequest,
) -> Result<api::ListKeyRotationsResponse, Error> {
    let found = lookup::own(ctx, txn, "ListKeyRotations", input.key_id())?;
    symmetric(&found)?;
    let page = Page::new(input.limit(), input.marker(), 100, 1000)?;
    let all = input.include_key_material() == Some("ALL_KEY_MATERIAL");
    let rows: Vec<Material> =
        found.key.materials.iter().filter(|material| all || material.rotated.is_some()).cloned().collect();
    let (shown, marker) = page.of(&rows, |material| hex::encode(material.id));
    let entries: Vec<_> = shown.iter().map(|material| entry(&found, material)).collect();
    Ok(api::ListKeyRotationsResponse::new()
        .with_rotations(entries)
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}

fn entry(found: &KeyAt, material: &Material) -> api::RotationsListEntry {
    let state = match material.state {
        MaterialState::Current => "CURRENT",
        MaterialState::NonCurrent => "NON_CURRENT",
        MaterialState::PendingRotation => "PENDING_ROTATION",
        MaterialState::PendingMultiRegionImport => "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
    };
    let date: Option<Timestamp> = material.rotated.map(|(at, _)| shown_time(at));
    let entry = api::RotationsListEntry::new()
        .with_key_id(&found.at.id)
        .with_key_material_id(hex::encode(material.id))
        .with_key_material_state(state)
        .with_rotation_date(date)
        .with_rotation_type(material.rotated.map(|(_, rotation_type)| match rotation_type {
            RotationType::Automatic => "AUTOMATIC",
            RotationType::OnDemand => "ON_DEMAND",
        }));
    if found.key.origin != Origin::External {
        return entry;
    }
    let entry = entry
        .with_key_material_description(material.description.as_deref())
        .with_import_state(if material.present { "IMPORTED" } else { "PENDING_IMPORT" });
    if !material.present {
        return entry;
    }
    entry
        .with_expiration_model(expiration_model(material.valid_to))
        .with_valid_to(material.valid_to.map(shown_time))
}
