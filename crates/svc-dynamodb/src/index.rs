//! Entries of secondary indexes: which attributes they hold, and how they follow their items.

use virga_item::Item;
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::item::write_units;
use crate::item::{ItemKey, Open, count, entry_key};
use crate::keys;
use crate::records::{Index, Projection, StoredItem, Table};
use crate::workers::READ_AT_ONCE;

/// What a change of an item did to an index.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct EntryChange {
    /// Write units.
    pub(crate) units: f64,
    /// Bytes that the index grew by.
    pub(crate) growth: i64,
}

/// The entry of an item in an index; none when it is not in it.
fn entry_of(table: &Table, index: &Index, item: &Item) -> Option<(ItemKey, StoredItem)> {
    let key = entry_key(table, index, item)?;
    Some((key, StoredItem::of(&project(table, index, item))))
}

/// The attributes of an item that an index holds.
pub(crate) fn project(table: &Table, index: &Index, item: &Item) -> Item {
    let included = match &index.projection {
        Projection::All => return item.clone(),
        Projection::KeysOnly => &[][..],
        Projection::Include(names) => names.as_slice(),
    };
    let names = table.key.names().chain(index.key.names()).chain(included.iter().map(String::as_str));
    names.filter_map(|name| Some((name.into(), item.get(name)?.clone()))).collect()
}

/// Whether an index holds an attribute of every item that is in it.
pub(crate) fn holds(table: &Table, index: &Index, name: &str) -> bool {
    match &index.projection {
        Projection::All => true,
        Projection::KeysOnly => table.key.names().chain(index.key.names()).any(|known| known == name),
        Projection::Include(names) => {
            table.key.names().chain(index.key.names()).any(|known| known == name)
                || names.iter().any(|known| known == name)
        }
    }
}

/// The partition keys, in bytes, under which a change of an item changes entries of an index.
pub(crate) fn partitions_changed(
    table: &Table,
    index: &Index,
    old: Option<&Item>,
    new: Option<&Item>,
) -> Vec<Vec<u8>> {
    let entry = |item: Option<&Item>| item.and_then(|item| entry_of(table, index, item));
    let (old, new) = (entry(old), entry(new));
    if old == new {
        return Vec::new();
    }
    let mut hashes: Vec<_> = [old, new].into_iter().flatten().map(|(key, _)| key.hash).collect();
    hashes.dedup();
    hashes
}

/// Lets the entry of an item follow it.
pub(crate) fn change(
    txn: &mut Write,
    open: &Open<'_>,
    index: &Index,
    key: &ItemKey,
    old: Option<&Item>,
    new: Option<&Item>,
) -> Result<EntryChange, Fault> {
    let table = open.table;
    let old = old.and_then(|item| entry_of(table, index, item));
    let new = new.and_then(|item| entry_of(table, index, item));
    let place = |entry: &ItemKey| keys::entry(table.id, index.id, entry, key);
    let old_size = old.as_ref().map_or(0, |(_, stored)| stored.size);
    let new_size = new.as_ref().map_or(0, |(_, stored)| stored.size);
    let units = match (&old, &new) {
        (None, None) => return Ok(EntryChange::default()),
        (Some(old), Some(new)) if old == new => return Ok(EntryChange::default()),
        (Some((old_key, _)), Some((new_key, stored))) => {
            open.put(txn, &place(new_key), stored)?;
            if old_key == new_key {
                write_units(old_size.max(new_size))
            } else {
                txn.delete(&place(old_key))?;
                write_units(old_size) + write_units(new_size)
            }
        }
        (Some((old_key, _)), None) => {
            txn.delete(&place(old_key))?;
            write_units(old_size)
        }
        (None, Some((new_key, stored))) => {
            open.put(txn, &place(new_key), stored)?;
            write_units(new_size)
        }
    };
    count(txn, table.id, index.id, (old.is_some(), old_size), (new.is_some(), new_size))?;
    Ok(EntryChange { units, growth: i64::from(new_size) - i64::from(old_size) })
}

/// Enters items that come after a key into a new index. The last key that was looked at; none when there are no more.
pub(crate) fn fill(
    txn: &mut Write,
    open: &Open<'_>,
    index: &Index,
    after: Option<&ItemKey>,
) -> Result<Option<ItemKey>, Fault> {
    let table = open.table;
    let mut range = keys::items(table.id);
    if let Some(after) = after {
        range = range.after_key(&keys::item(table.id, after));
    }
    let found = txn.scan(&range, Direction::Forward, READ_AT_ONCE)?;
    let is_last = found.len() < READ_AT_ONCE;
    let mut last = None;
    for (place, stored) in found {
        let key = keys::item_key(&place)?;
        if let Some((entry, stored)) = entry_of(table, index, &open.opened(stored)?.item()?) {
            let place = keys::entry(table.id, index.id, &entry, &key);
            // An item that was written since the index came is in it already.
            if !txn.contains(&place)? {
                open.put(txn, &place, &stored)?;
                count(txn, table.id, index.id, (false, 0), (true, stored.size))?;
            }
        }
        last = Some(key);
    }
    Ok(last.filter(|_| !is_last))
}
