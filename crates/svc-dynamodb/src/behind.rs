//! Replicas that are behind: a replica whose key of KMS can't be used takes no writes of the other regions. What it misses is
//! noted, item by item, and written once the key can be used again. After twenty hours the replica leaves its global table,
//! as it is: it is not deleted, and nothing is replicated from it or to it any more.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ReplicaDescription.html>

use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader, Write};

use crate::error::Error;
use crate::item::{self, Cause, ItemKey, Open};
use crate::records::{Behind, Missed, Table};
use crate::rules::TableAddress;
use crate::workers::{self, BATCH, OfTable, READ_AT_ONCE};
use crate::{data_key, keys, replica, table_key};

/// How long a replica stays in its global table without a key that can be used.
const KEPT_MICROS: i64 = 20 * 3600 * 1_000_000;
/// When the key is tried again. As long as an opened key counts.
const RETRY_MICROS: i64 = 5 * 60 * 1_000_000;

/// Notes that a replica has missed what an item has become in another region.
pub(crate) fn note(
    ctx: &Ctx,
    txn: &mut Write,
    (at, replica): (TableAddress<'_>, &Table),
    from: &str,
    key: &ItemKey,
) -> Result<(), Error> {
    if !txn.contains(&keys::behind(replica.id))? {
        txn.put(&keys::behind(replica.id), &Behind { since: ctx.now().micros() })?;
        again(ctx, txn, &OfTable::new(at, replica.id, 0), RETRY_MICROS)?;
    }
    Ok(txn.put(&keys::missed(replica.id, key), &Missed { from: from.to_owned() })?)
}

/// Writes into a replica what it has missed, if its key can be used again.
pub(crate) fn catch_up(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfTable = timer.read()?;
    let (Some(behind), Some(table)) = (txn.get(&keys::behind(of.id))?, of.table(txn)?) else { return Ok(()) };
    if table.replicas.is_empty() {
        return Ok(forget(ctx, txn, &of)?);
    }
    let cipher = match data_key::of_table(ctx, table.id) {
        Err(Error::KmsAccessDenied { .. }) if ctx.now().micros() < behind.since + KEPT_MICROS => {
            return Ok(again(ctx, txn, &of, RETRY_MICROS)?);
        }
        Err(Error::KmsAccessDenied { .. }) => {
            leave(txn, of.at(), table)?;
            return Ok(forget(ctx, txn, &of)?);
        }
        cipher => cipher?,
    };
    let there = Open { at: of.at(), table: &table, cipher: cipher.as_deref() };
    let missed = txn.scan(&keys::all_missed(table.id), Direction::Forward, READ_AT_ONCE)?;
    let is_last = missed.len() < READ_AT_ONCE;
    let mut is_whole = true;
    for (row, Missed { from }) in missed {
        let key = keys::missed_item(&row)?;
        match write(ctx, txn, &there, &from, &key) {
            // The region that knows what the item is has lost its key too.
            Err(Error::KmsAccessDenied { .. }) => is_whole = false,
            written => {
                written?;
                txn.delete(&row)?;
            }
        }
    }
    match (is_whole, is_last) {
        (false, _) => Ok(again(ctx, txn, &of, RETRY_MICROS)?),
        (true, false) => Ok(again(ctx, txn, &of, 0)?),
        (true, true) => Ok(txn.delete(&keys::behind(table.id))?),
    }
}

/// Writes what an item is by now in the region that it was written in.
fn write(ctx: &Ctx, txn: &mut Write, there: &Open<'_>, from: &str, key: &ItemKey) -> Result<(), Error> {
    let at = TableAddress { region: from, ..there.at };
    // A region that has left the global table meanwhile has no say any more.
    let Some(table) = txn.get(&keys::table(at))?.filter(|_| there.table.replicas.iter().any(|r| r == from))
    else {
        return Ok(());
    };
    let cipher = data_key::of_table(ctx, table.id)?;
    let new = item::find(txn, &Open { at, table: &table, cipher: cipher.as_deref() }, key)?;
    let old = item::find(txn, there, key)?;
    let new = new.as_ref().map(item::Old::item).transpose()?;
    if old.as_ref().map(item::Old::item).transpose()? == new {
        return Ok(());
    }
    item::write_here(ctx, txn, there, key, old.as_ref(), new, Cause::Call)?;
    Ok(())
}

fn again(ctx: &Ctx, txn: &mut Write, of: &OfTable, after: i64) -> Result<(), Error> {
    workers::set(ctx, txn, workers::CATCH_UP, of.id.to_string(), ctx.now().micros() + after, of)
}

/// Takes a replica out of its global table, and keeps it as a table of its region.
fn leave(txn: &mut Write, at: TableAddress<'_>, table: Table) -> Result<(), Error> {
    replica::leave(txn, at, &table)?;
    Ok(txn.put(&keys::table(at), &Table { replicas: Vec::new(), ..table })?)
}

/// Forgets some of what a table has missed that is no replica any more, and the rest later.
fn forget(ctx: &Ctx, txn: &mut Write, of: &OfTable) -> Result<(), Error> {
    if txn.delete_range(&keys::all_missed(of.id), BATCH)? == BATCH {
        return again(ctx, txn, of, 0);
    }
    Ok(txn.delete(&keys::behind(of.id))?)
}

/// Since when a replica has been behind.
pub(crate) fn since(txn: &impl Reader, table: &Table) -> Result<Option<Timestamp>, Fault> {
    Ok(txn.get(&keys::behind(table.id))?.map(|behind| Timestamp::from_micros(behind.since)))
}

/// `ReplicaStatus` of a replica that no call is changing.
pub(crate) fn status(ctx: &Ctx, txn: &impl Reader, at: TableAddress<'_>) -> Result<&'static str, Fault> {
    Ok(match txn.get(&keys::table(at))? {
        Some(table) if table_key::is_inaccessible(ctx, at.region, table.id)? => {
            api::replica_status::INACCESSIBLE_ENCRYPTION_CREDENTIALS
        }
        _ => api::replica_status::ACTIVE,
    })
}

/// The replicas of a table in other regions whose key can't be used, with that as their status.
pub(crate) fn inaccessible(
    ctx: &Ctx,
    txn: &impl Reader,
    at: TableAddress<'_>,
    table: &Table,
) -> Result<replica::Changing, Fault> {
    let mut found = replica::Changing::new();
    for there in replica::others(at, table) {
        let status = status(ctx, txn, there)?;
        if status != api::replica_status::ACTIVE {
            found.push((there.region.to_owned(), status));
        }
    }
    Ok(found)
}
