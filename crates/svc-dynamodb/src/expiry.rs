//! The end of items whose time to live is over. They go as soon as it is: AWS takes up to some days.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html>

use virga_item::{AttributeValue, Item};
use virga_kit::{Ctx, Failure, Timer};
use virga_store::{Direction, Reader as _, Write};

use crate::error::Error;
use crate::item::{self, Cause, ItemKey, Open};
use crate::records::{Armed, Table};
use crate::rules::TableAddress;
use crate::sealing::opened;
use crate::workers::{self, OfTable, READ_AT_ONCE};
use crate::{data_key, keys};

/// Items whose time is longer ago stay: five years.
const OLDEST_SECONDS: i64 = 5 * 365 * 24 * 3600;

/// Begins to end the items of a table: those that are there are looked through.
pub(crate) fn begin(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: &Table) -> Result<(), Error> {
    OfTable::new(at, table.id, 0).set_now(ctx, txn, workers::FILL_EXPIRY)
}

/// Ends no more items of a table. What was noted of them is passed over by the sweep.
pub(crate) fn end(ctx: &Ctx, txn: &mut Write, table: &Table) -> Result<(), Error> {
    workers::cancel(ctx, txn, workers::FILL_EXPIRY, &format!("{}-0", table.id))?;
    Ok(())
}

/// Notes when some of the items end that were there when time to live was enabled.
pub(crate) fn fill(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let mut of: OfTable = timer.read()?;
    let Some(table) = of.table(txn)? else { return Ok(()) };
    let mut range = keys::items(of.id);
    if let Some(after) = &of.after {
        range = range.after_key(&keys::item(of.id, after));
    }
    let cipher = data_key::of_table(ctx, of.id)?;
    let found = txn.scan(&range, Direction::Forward, READ_AT_ONCE)?;
    let count = found.len();
    for (key, stored) in found {
        let key = keys::item_key(&key)?;
        let item = opened(stored, cipher.as_deref())?.item()?;
        change(ctx, txn, of.at(), &table, &key, (None, Some(&item)))?;
        of.after = Some(key);
    }
    if count == READ_AT_ONCE {
        of.set_now(ctx, txn, workers::FILL_EXPIRY)?;
    }
    Ok(())
}

/// When an item ends, in seconds.
fn end_of(table: &Table, item: &Item) -> Option<i64> {
    match item.get(table.time_to_live.as_deref()?)? {
        AttributeValue::N(number) => number.to_i64(),
        _ => None,
    }
}

/// Notes when an item ends that changes from one into the other.
pub(crate) fn change(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &Table,
    key: &ItemKey,
    (old, new): (Option<&Item>, Option<&Item>),
) -> Result<(), Error> {
    let before = old.and_then(|old| end_of(table, old));
    let after = new.and_then(|new| end_of(table, new));
    if before == after {
        return Ok(());
    }
    if let Some(seconds) = before {
        txn.delete(&keys::expiry(table.id, seconds, key))?;
    }
    let Some(seconds) = after else { return Ok(()) };
    txn.put(&keys::expiry(table.id, seconds, key), &())?;
    let armed = txn.get(&keys::expiry_armed(table.id))?;
    if armed.is_none_or(|Armed(due)| seconds < due) {
        arm(ctx, txn, at, table, seconds)?;
    }
    Ok(())
}

fn arm(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: &Table, seconds: i64) -> Result<(), Error> {
    txn.put(&keys::expiry_armed(table.id), &Armed(seconds))?;
    let due = seconds.saturating_mul(1_000_000).max(0);
    workers::set(ctx, txn, workers::EXPIRE, table.id.to_string(), due, &OfTable::new(at, table.id, 0))
}

/// Ends some items whose time is over.
pub(crate) fn expire(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfTable = timer.read()?;
    let Some(table) = of.table(txn)? else { return Ok(()) };
    let now = ctx.now().micros() / 1_000_000;
    let cipher = data_key::of_table(ctx, of.id)?;
    let open = Open { at: of.at(), table: &table, cipher: cipher.as_deref() };
    let due = txn.scan_keys(&keys::expiries(of.id).until(now + 1), Direction::Forward, READ_AT_ONCE)?;
    for noted in due {
        txn.delete(&noted)?;
        let (_, seconds, hash, range): (u64, i64, Vec<u8>, Vec<u8>) = noted.parts()?;
        let key = ItemKey { hash, range };
        let Some(old) = open.item(txn, &key)? else { continue };
        let ends = end_of(&table, &old.item()?);
        if ends == Some(seconds) && seconds > now - OLDEST_SECONDS {
            item::write(ctx, txn, &open, &key, Some(&item::Old::new(old)), None, Cause::TimeToLive)?;
        }
    }
    match txn.scan_keys(&keys::expiries(of.id), Direction::Forward, 1)?.first() {
        Some(next) => {
            let (_, seconds, _, _): (u64, i64, Vec<u8>, Vec<u8>) = next.parts()?;
            arm(ctx, txn, of.at(), &table, seconds)?;
        }
        None => txn.delete(&keys::expiry_armed(of.id))?,
    }
    Ok(())
}
