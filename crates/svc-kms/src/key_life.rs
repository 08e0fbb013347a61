//! The life of a key: enabling, disabling, its description, and its deletion after a waiting period.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html>

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Direction, Reader as _, Write};

use crate::error::Error;
use crate::key::shown_time;
use crate::lookup::{self, KeyAt, now};
use crate::records::Status;
use crate::rules::key_state::{NOT_SWITCHABLE, UNCHANGEABLE};
use crate::rules::{KeyAddress, KeyState};
use crate::{alias, grant, keys, multi_region, rotation, workers};

/// Days to wait when nothing is said, at least, and at most.
const WAITING_DAYS: u32 = 30;
const FEWEST_DAYS: i32 = 7;
const MOST_DAYS: i32 = 30;
/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// Lets a key be used again.
pub(crate) fn enable_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::EnableKeyRequest,
) -> Result<Nothing, Error> {
    switch(ctx, txn, "EnableKey", input.key_id(), Status::Enabled)
}

/// Stops a key from being used.
pub(crate) fn disable_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DisableKeyRequest,
) -> Result<Nothing, Error> {
    switch(ctx, txn, "DisableKey", input.key_id(), Status::Disabled)
}

fn switch(ctx: &Ctx, txn: &mut Write, operation: &str, id: &str, status: Status) -> Result<Nothing, Error> {
    let mut found = lookup::manageable(ctx, txn, operation, id)?;
    found.refuse_in(ctx, NOT_SWITCHABLE)?;
    found.key.status = status;
    found.save(txn)?;
    if status == Status::Enabled {
        rotation::resume(ctx, txn, &found)?;
    }
    Ok(Nothing::new())
}

/// Changes the description.
pub(crate) fn update_key_description(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateKeyDescriptionRequest,
) -> Result<Nothing, Error> {
    let mut found = lookup::manageable(ctx, txn, "UpdateKeyDescription", input.key_id())?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    input.description().clone_into(&mut found.key.description);
    found.save(txn)?;
    Ok(Nothing::new())
}

/// Begins the waiting period; of a primary key with replicas, once these are gone.
pub(crate) fn schedule_key_deletion(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ScheduleKeyDeletionRequest,
) -> Result<api::ScheduleKeyDeletionResponse, Error> {
    let mut found = lookup::manageable(ctx, txn, "ScheduleKeyDeletion", input.key_id())?;
    found
        .refuse_in(ctx, &[KeyState::PendingDeletion, KeyState::PendingReplicaDeletion, KeyState::Updating])?;
    let days = match input.pending_window_in_days() {
        None => WAITING_DAYS,
        Some(days) if (FEWEST_DAYS..=MOST_DAYS).contains(&days) => days.unsigned_abs(),
        Some(_) => {
            return Err(Error::validation(
                "The PendingWindowInDays parameter must be between 7 and 30 days, inclusive.",
            ));
        }
    };
    let answer = api::ScheduleKeyDeletionResponse::new().with_key_id(found.arn());
    let shown_days = i32::try_from(days).unwrap_or(i32::MAX);
    if multi_region::has_replicas(txn, &found)? {
        found.key.status = Status::PendingReplicaDeletion { days };
        found.save(txn)?;
        let state = KeyState::PendingReplicaDeletion.as_str();
        return Ok(answer.with_key_state(state).with_pending_window_in_days(shown_days));
    }
    let at = begin_waiting(ctx, txn, &mut found, days)?;
    Ok(answer
        .with_deletion_date(shown_time(at))
        .with_key_state(KeyState::PendingDeletion.as_str())
        .with_pending_window_in_days(shown_days))
}

/// Begins the waiting period of a key; says when it ends.
fn begin_waiting(ctx: &Ctx, txn: &mut Write, found: &mut KeyAt, days: u32) -> Result<i64, Error> {
    let at = now(ctx) + i64::from(days) * DAY;
    found.key.status = Status::PendingDeletion { at };
    found.save(txn)?;
    workers::delete_at(ctx, txn, &found.at, at)?;
    Ok(at)
}

/// Ends the waiting period. The key is disabled then, or waits for key material.
pub(crate) fn cancel_key_deletion(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CancelKeyDeletionRequest,
) -> Result<api::CancelKeyDeletionResponse, Error> {
    let mut found = lookup::manageable(ctx, txn, "CancelKeyDeletion", input.key_id())?;
    if !found.state(ctx).is_pending_deletion() {
        return Err(Error::InvalidState { reason: format!("{} is not pending deletion.", found.arn()) });
    }
    let has_material = found.key.current().is_some_and(|material| material.present);
    found.key.status = if has_material { Status::Disabled } else { Status::PendingImport };
    found.save(txn)?;
    workers::keep(ctx, txn, &found.at)?;
    Ok(api::CancelKeyDeletionResponse::new().with_key_id(found.arn()))
}

/// Deletes a key whose waiting period is over, with everything that belongs to it.
pub(crate) fn delete(ctx: &Ctx, txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    let Some(key) = txn.get(&keys::key(at))? else { return Ok(()) };
    if !matches!(key.status, Status::PendingDeletion { .. }) {
        return Ok(());
    }
    txn.delete(&keys::key(at))?;
    txn.add(&keys::key_count(&at.account, &at.region), -1)?;
    txn.delete(&keys::tags(at))?;
    txn.delete(&keys::last_use(at))?;
    for secret in txn.scan_keys(&keys::secrets(at), Direction::Forward, usize::MAX)? {
        txn.delete(&secret)?;
    }
    alias::delete_all(txn, at)?;
    grant::delete_all(txn, at)?;
    ctx.delete_resource_policy(txn, &at.arn())?;
    workers::disarm(ctx, txn, at, &key)?;
    let Some(primary) = multi_region::remove(txn, at)? else { return Ok(()) };
    let mut primary = lookup::at(txn, primary)?;
    if let Status::PendingReplicaDeletion { days } = primary.key.status
        && !multi_region::has_replicas(txn, &primary)?
    {
        begin_waiting(ctx, txn, &mut primary, days)?;
    }
    Ok(())
}
