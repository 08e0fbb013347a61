//! What happens later, in batches, so that no transaction grows with a table: the content of deleted tables and indexes
//! goes away, new indexes are filled, items end, old changes leave their streams.

use serde::{Deserialize, Serialize};
use virga_kit::{Ctx, Failure, Timer, TimerHandler, TimerKind};
use virga_model::Timestamp;
use virga_store::{Fault, Reader as _, Write};

use crate::error::Error;
use crate::item::{ItemKey, Open};
use crate::records::IndexState;
use crate::rules::TableAddress;
use crate::{
    auto_scaling, backup, behind, data_key, expiry, index, item, keys, recovery, replica, stream, table,
};

/// Records that one firing of a timer removes.
pub(crate) const BATCH: usize = 500;
/// Items that one firing of a timer reads: an item may have 400 KB.
pub(crate) const READ_AT_ONCE: usize = 100;

const SERVICE: &str = "dynamodb";
const DROP: &str = "drop";
const DROP_REST: &str = "drop-rest";
pub(crate) const END_BACKUP: &str = "end-backup";
const FILL_INDEX: &str = "fill-index";
const DROP_INDEX: &str = "drop-index";
pub(crate) const FORGET: &str = "forget-tokens";
pub(crate) const FILL_REPLICA: &str = "fill-replica";
pub(crate) const TRIM_FORMER: &str = "trim-former";
pub(crate) const TRIM: &str = "trim";
pub(crate) const EXPIRE: &str = "expire";
pub(crate) const FILL_EXPIRY: &str = "fill-expiry";
pub(crate) const DROP_DATA_KEY: &str = "drop-data-key";
pub(crate) const CATCH_UP: &str = "catch-up";
pub(crate) const AUTO_SCALE: &str = "auto-scale";

/// The timers of DynamoDB.
pub(crate) static TIMERS: &[TimerKind] = &[
    TimerKind { name: DROP, handler: TimerHandler::Transaction(drop_content) },
    TimerKind { name: DROP_REST, handler: TimerHandler::Transaction(drop_rest) },
    TimerKind { name: END_BACKUP, handler: TimerHandler::Transaction(backup::end) },
    TimerKind { name: FILL_INDEX, handler: TimerHandler::Transaction(fill_index) },
    TimerKind { name: DROP_INDEX, handler: TimerHandler::Transaction(drop_index) },
    TimerKind { name: FORGET, handler: TimerHandler::Transaction(item::forget_tokens) },
    TimerKind { name: FILL_REPLICA, handler: TimerHandler::Transaction(replica::fill) },
    TimerKind { name: TRIM_FORMER, handler: TimerHandler::Transaction(recovery::trim) },
    TimerKind { name: TRIM, handler: TimerHandler::Transaction(stream::trim) },
    TimerKind { name: EXPIRE, handler: TimerHandler::Transaction(expiry::expire) },
    TimerKind { name: FILL_EXPIRY, handler: TimerHandler::Transaction(expiry::fill) },
    TimerKind { name: DROP_DATA_KEY, handler: TimerHandler::Transaction(data_key::drop_due) },
    TimerKind { name: AUTO_SCALE, handler: TimerHandler::Transaction(auto_scaling::scale) },
    TimerKind { name: CATCH_UP, handler: TimerHandler::Transaction(behind::catch_up) },
];

/// What a timer of a table knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfTable {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) id: u64,
    /// The index that it is about.
    pub(crate) index: u32,
    /// Where an interrupted sweep goes on.
    pub(crate) after: Option<ItemKey>,
}

impl OfTable {
    pub(crate) fn new(at: TableAddress<'_>, id: u64, index: u32) -> Self {
        let (account, region, name) = (at.account.to_owned(), at.region.to_owned(), at.name.to_owned());
        OfTable { account, region, name, id, index, after: None }
    }

    pub(crate) fn at(&self) -> TableAddress<'_> {
        TableAddress { account: &self.account, region: &self.region, name: &self.name }
    }

    /// Sets the timer, due now.
    pub(crate) fn set_now(&self, ctx: &Ctx, txn: &mut Write, kind: &'static str) -> Result<(), Error> {
        set(ctx, txn, kind, format!("{}-{}", self.id, self.index), ctx.now().micros(), self)
    }

    /// The table, if it is still the same one.
    pub(crate) fn table(&self, txn: &Write) -> Result<Option<crate::records::Table>, Fault> {
        Ok(txn.get(&keys::table(self.at()))?.filter(|table| table.id == self.id))
    }
}

/// Sets a timer, in place of an earlier one of the same kind and id.
pub(crate) fn set<T: Serialize>(
    ctx: &Ctx,
    txn: &mut Write,
    kind: &'static str,
    id: String,
    due: i64,
    payload: &T,
) -> Result<(), Error> {
    Ok(ctx.schedule(txn, &Timer::new(SERVICE, kind, id, Timestamp::from_micros(due), payload)?)?)
}

/// Removes a timer.
pub(crate) fn cancel(ctx: &Ctx, txn: &mut Write, kind: &'static str, id: &str) -> Result<(), Error> {
    Ok(ctx.unschedule(txn, SERVICE, kind, id)?)
}

/// Lets the content of a deleted table go away.
pub(crate) fn drop_content_later(ctx: &Ctx, txn: &mut Write, table: u64) -> Result<(), Error> {
    set(ctx, txn, DROP, table.to_string(), ctx.now().micros(), &table)
}

fn drop_content(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let id: u64 = timer.read()?;
    if !keys::drop_content(txn, id, BATCH, false)? {
        drop_content_later(ctx, txn, id)?;
    }
    Ok(())
}

/// Lets the content of a deleted table go away but for its items, which a backup has taken over.
pub(crate) fn drop_rest_later(ctx: &Ctx, txn: &mut Write, table: u64) -> Result<(), Error> {
    set(ctx, txn, DROP_REST, table.to_string(), ctx.now().micros(), &table)
}

fn drop_rest(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let id: u64 = timer.read()?;
    if !keys::drop_content(txn, id, BATCH, true)? {
        drop_rest_later(ctx, txn, id)?;
    }
    Ok(())
}

/// Lets a new index be filled with the items that are there.
pub(crate) fn fill_index_later(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: u64,
    index: u32,
) -> Result<(), Error> {
    OfTable::new(at, table, index).set_now(ctx, txn, FILL_INDEX)
}

/// Enters some items into a new index. Items that are written meanwhile are in it already.
fn fill_index(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let mut of: OfTable = timer.read()?;
    let Some(mut table) = of.table(txn)? else { return Ok(()) };
    let place = table.indexes.iter().position(|index| index.id == of.index);
    let Some(place) = place.filter(|place| table.indexes[*place].state == IndexState::Creating) else {
        return Ok(());
    };
    let cipher = data_key::of_table(ctx, table.id)?;
    let open = Open { at: of.at(), table: &table, cipher: cipher.as_deref() };
    let last = index::fill(txn, &open, &table.indexes[place], of.after.as_ref())?;
    if last.is_some() {
        of.after = last;
        return Ok(of.set_now(ctx, txn, FILL_INDEX)?);
    }
    table.indexes[place].state = IndexState::Active;
    Ok(txn.put(&keys::table(of.at()), &table)?)
}

/// Lets the entries of an index go away, and then the index itself.
pub(crate) fn drop_index_later(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: u64,
    index: u32,
) -> Result<(), Error> {
    OfTable::new(at, table, index).set_now(ctx, txn, DROP_INDEX)
}

fn drop_index(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfTable = timer.read()?;
    let Some(mut table) = of.table(txn)? else { return Ok(()) };
    if txn.delete_range(&keys::entries(of.id, of.index), BATCH)? == BATCH {
        return Ok(of.set_now(ctx, txn, DROP_INDEX)?);
    }
    txn.delete(&keys::count(of.id, of.index))?;
    txn.delete(&keys::size(of.id, of.index))?;
    table.indexes.retain(|index| index.id != of.index);
    table::prune_definitions(&mut table);
    let mut details = table::details(txn, &table)?;
    details.index_throughput.remove(&of.index);
    txn.put(&keys::details(&table), &details)?;
    Ok(txn.put(&keys::table(of.at()), &table)?)
}
