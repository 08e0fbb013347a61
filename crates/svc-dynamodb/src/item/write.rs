//! The one way in which an item changes: the item, its counts, its entries in indexes, when it ends, and the change in
//! the stream, all in one transaction.

use std::borrow::Cow;
use std::cell::OnceCell;

use virga_item::Item;
use virga_kit::Ctx;
use virga_store::{Fault, Write};

use super::capacity::{Units, has_collections, write_units};
use super::key::{self, ItemKey};
use super::open::Open;
use super::stale;
use crate::error::Error;
use crate::records::{Former, IndexState, StoredItem, StreamView, Table};
use crate::sealing::sealed;
use crate::{expiry, index, keys, replica, stream};

/// Bytes of an item collection at most: 10 GB.
const MOST_COLLECTION: i64 = 10 << 30;

/// An item that is there, read when somebody asks what is in it.
pub(crate) struct Old {
    stored: StoredItem,
    item: OnceCell<Item>,
}

impl Old {
    pub(crate) fn new(stored: StoredItem) -> Self {
        Old { stored, item: OnceCell::new() }
    }

    /// Bytes by AWS's counting.
    pub(crate) fn size(&self) -> u32 {
        self.stored.size
    }

    /// What is in it.
    pub(crate) fn item(&self) -> Result<&Item, Fault> {
        if let Some(item) = self.item.get() {
            return Ok(item);
        }
        let item = self.stored.item()?;
        Ok(self.item.get_or_init(|| item))
    }

    /// The stored form.
    pub(crate) fn stored(&self) -> &StoredItem {
        &self.stored
    }
}

/// Reads the item that is to change.
pub(crate) fn find(txn: &Write, open: &Open<'_>, key: &ItemKey) -> Result<Option<Old>, Fault> {
    Ok(open.item(txn, key)?.map(Old::new))
}

/// Who changes an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A call.
    Call,
    /// The end of its time to live.
    TimeToLive,
}

/// Changes an item from what it was to what it shall be, or to nothing, in all regions of a global table. Gives what that
/// costs here.
pub(crate) fn write(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    key: &ItemKey,
    old: Option<&Old>,
    new: Option<&Item>,
    cause: Cause,
) -> Result<Units, Error> {
    let units = write_here(ctx, txn, open, key, old, new, cause)?;
    if !open.table.replicas.is_empty() && (old.is_some() || new.is_some()) {
        replica::replicate(ctx, txn, open, key, new)?;
    }
    Ok(units)
}

/// Changes an item in one region.
pub(crate) fn write_here(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    key: &ItemKey,
    old: Option<&Old>,
    new: Option<&Item>,
    cause: Cause,
) -> Result<Units, Error> {
    let table = open.table;
    let stored = new.map(StoredItem::of);
    let (old_size, new_size) = (old.map_or(0, Old::size), stored.as_ref().map_or(0, |stored| stored.size));
    let mut units = Units::of_table(write_units(old_size.max(new_size)));
    if old.is_none() && stored.is_none() {
        return Ok(units);
    }
    let place = keys::item(table.id, key);
    match &stored {
        Some(stored) => open.put(txn, &place, stored)?,
        None => txn.delete(&place)?,
    }
    stale::note(ctx, txn, table.id, key, old.map(Old::stored));
    count(txn, table.id, keys::TABLE_ITSELF, (old.is_some(), old_size), (stored.is_some(), new_size))?;
    let mut growth = i64::from(new_size) - i64::from(old_size);
    if !table.indexes.is_empty() {
        let old = old.map(Old::item).transpose()?;
        for index in table.indexes.iter().filter(|index| index.state != IndexState::Deleting) {
            let change = index::change(txn, open, index, key, old, new)?;
            if change.units > 0.0 {
                units.add_index(index, change.units);
            }
            if !index.is_global {
                growth += change.growth;
            }
        }
        if has_collections(table) {
            grow_collection(txn, table.id, key, growth)?;
        }
    }
    if table.time_to_live.is_some() {
        expiry::change(ctx, txn, open.at, table, key, (old.map(Old::item).transpose()?, new))?;
    }
    if table.recoverable {
        let old = old.map(|old| sealed(old.stored(), open.cipher)).transpose()?;
        let former = Former { key: key.clone(), old: old.map(Cow::into_owned) };
        txn.put_new(&keys::former(table.id, ctx.sequence()), &former)?;
    }
    if let Some(to) = &table.stream {
        let needs_old = matches!(to.view, StreamView::OldImage | StreamView::NewAndOldImages);
        let images = stream::Images {
            keys: key::to_attributes(table, key),
            old: old.map(Old::stored),
            new: stored.as_ref(),
            needs_old,
        };
        stream::write(ctx, txn, (to, open.cipher), &images, cause)?;
    }
    Ok(units)
}

/// Adds to the counters of a table or an index what changes.
pub(crate) fn count(
    txn: &mut Write,
    table: u64,
    index: u32,
    (was, old_size): (bool, u32),
    (is, new_size): (bool, u32),
) -> Result<(), Fault> {
    if was != is {
        txn.add(&keys::count(table, index), i64::from(is) - i64::from(was))?;
    }
    if old_size != new_size {
        txn.add(&keys::size(table, index), i64::from(new_size) - i64::from(old_size))?;
    }
    Ok(())
}

/// Refuses more than 10 GB under one partition key of a table with local indexes.
fn grow_collection(txn: &mut Write, table: u64, key: &ItemKey, growth: i64) -> Result<(), Error> {
    let size = keys::collection(table, key);
    if growth > 0 && txn.snapshot_counter(&size)? + growth > MOST_COLLECTION {
        return Err(Error::ItemCollectionSizeLimitExceeded);
    }
    Ok(txn.add(&size, growth)?)
}

/// The key of an item that a table takes.
pub(crate) fn check_new(table: &Table, item: &Item) -> Result<ItemKey, Error> {
    check_size(item, false)?;
    let key = key::of_item(table, item)?;
    key::check_index_keys(table, item)?;
    Ok(key)
}

/// The check of an item's size.
pub(crate) fn check_size(item: &Item, is_update: bool) -> Result<(), Error> {
    if virga_item::size::item(item) <= virga_item::MAX_ITEM_SIZE {
        return Ok(());
    }
    Err(Error::validation(if is_update {
        "Item size to update has exceeded the maximum allowed size"
    } else {
        "Item size has exceeded the maximum allowed size"
    }))
}
