//! What happens later: keys are deleted when their waiting period is over, rotated when they are due, and imported
//! key material expires.

use serde::{Deserialize, Serialize};
use virga_kit::{Ctx, Failure, Timer, TimerHandler, TimerKind};
use virga_model::Timestamp;
use virga_store::Write;

use crate::error::Error;
use crate::records::{Key, MaterialId};
use crate::rules::KeyAddress;
use crate::{import, key_life, rotation};

const SERVICE: &str = "kms";
const DELETE: &str = "delete";
const ROTATE: &str = "rotate";
const EXPIRE: &str = "expire";

/// The timers of KMS.
pub(crate) static TIMERS: &[TimerKind] = &[
    TimerKind { name: DELETE, handler: TimerHandler::Transaction(delete) },
    TimerKind { name: ROTATE, handler: TimerHandler::Transaction(rotate) },
    TimerKind { name: EXPIRE, handler: TimerHandler::Transaction(expire) },
];

/// What a timer is about.
#[derive(Serialize, Deserialize)]
struct About {
    at: KeyAddress,
    material: Option<MaterialId>,
}

fn set(ctx: &Ctx, txn: &mut Write, kind: &'static str, due: i64, about: &About) -> Result<(), Error> {
    let id = name(&about.at, about.material.as_ref());
    Ok(ctx.schedule(txn, &Timer::new(SERVICE, kind, id, Timestamp::from_micros(due), about)?)?)
}

fn name(at: &KeyAddress, material: Option<&MaterialId>) -> String {
    let material = material.map(hex::encode).unwrap_or_default();
    format!("{}/{}/{}/{material}", at.account, at.region, at.id)
}

/// Has a key deleted.
pub(crate) fn delete_at(ctx: &Ctx, txn: &mut Write, at: &KeyAddress, due: i64) -> Result<(), Error> {
    set(ctx, txn, DELETE, due, &About { at: at.clone(), material: None })
}

/// Keeps a key from being deleted.
pub(crate) fn keep(ctx: &Ctx, txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    Ok(ctx.unschedule(txn, SERVICE, DELETE, &name(at, None))?)
}

/// Has a key rotated.
pub(crate) fn rotate_at(ctx: &Ctx, txn: &mut Write, at: &KeyAddress, due: i64) -> Result<(), Error> {
    set(ctx, txn, ROTATE, due, &About { at: at.clone(), material: None })
}

/// Keeps a key from being rotated.
pub(crate) fn stop_rotation(ctx: &Ctx, txn: &mut Write, at: &KeyAddress) -> Result<(), Error> {
    Ok(ctx.unschedule(txn, SERVICE, ROTATE, &name(at, None))?)
}

/// Has imported key material expire, or not.
pub(crate) fn expire_at(
    ctx: &Ctx,
    txn: &mut Write,
    at: &KeyAddress,
    material: &MaterialId,
    due: Option<i64>,
) -> Result<(), Error> {
    match due {
        Some(due) => set(ctx, txn, EXPIRE, due, &About { at: at.clone(), material: Some(*material) }),
        None => Ok(ctx.unschedule(txn, SERVICE, EXPIRE, &name(at, Some(material)))?),
    }
}

/// Ends the timers of a key that is deleted.
pub(crate) fn disarm(ctx: &Ctx, txn: &mut Write, at: &KeyAddress, key: &Key) -> Result<(), Error> {
    stop_rotation(ctx, txn, at)?;
    for material in &key.materials {
        expire_at(ctx, txn, at, &material.id, None)?;
    }
    Ok(())
}

fn delete(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    Ok(key_life::delete(ctx, txn, &timer.read::<About>()?.at)?)
}

fn rotate(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    Ok(rotation::rotate_due(ctx, txn, timer.read::<About>()?.at)?)
}

fn expire(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let about: About = timer.read()?;
    match about.material {
        Some(material) => Ok(import::expire(ctx, txn, about.at, &material)?),
        None => Ok(()),
    }
}
