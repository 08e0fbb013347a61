//! Tables: creation, changes, deletion, description, listing.
//!
//! A change is done when its answer leaves: `CreateTable` answers `CREATING`, and the table is `ACTIVE` for every later
//! call; so it is with `UPDATING` and `DELETING`. Only an index that is added to a table with items, or taken from one,
//! takes its time, in batches: the index and the table show it.

mod create;
mod delete;
mod describe;
mod index_change;
mod update;

pub(crate) use create::{create_table, new_index, new_table, put_new_table};
pub(crate) use delete::{delete_table, drop_table};
pub(crate) use describe::{Shown, billing, describe, describe_table, key_schema, list_tables, projection};
pub(crate) use index_change::prune_definitions;
pub(crate) use update::{provision, update_table};

use virga_store::Reader;

use crate::error::Error;
use crate::keys;
use crate::records::{Details, Table};
use crate::rules::TableAddress;

/// The table at an address, in the words of operations on tables.
pub(crate) fn find(txn: &impl Reader, at: TableAddress<'_>) -> Result<Table, Error> {
    txn.get(&keys::table(at))?.ok_or_else(|| Error::table_not_found(at.name))
}

/// The rarely needed part of a table.
pub(crate) fn details(txn: &impl Reader, table: &Table) -> Result<Details, Error> {
    let details = txn.get(&keys::details(table))?;
    Ok(details.ok_or_else(|| virga_store::Fault::new("a table has no details"))?)
}
