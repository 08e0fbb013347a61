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
pub(crate) use describe::{
    Shown, billing, describe, describe_table, key_schema, list_tables, projection, warm_of,
};
pub(crate) use index_change::prune_definitions;
pub(crate) use update::{provision, provision_as_asked, update_table};

use virga_store::{Direction, Reader, Write};

use crate::error::Error;
use crate::keys;
use crate::records::{Details, Table};
use crate::rules::TableAddress;

/// Tables of an account in a region that can be created, changed or deleted at one time.
const MOST_AT_ONCE: usize = 500;

/// Refuses to change or delete a table while too many others are changing: those whose indexes are being filled or taken
/// away.
pub(crate) fn check_simultaneous(txn: &Write, at: TableAddress<'_>) -> Result<(), Error> {
    if !keys::has_tables(txn, at, MOST_AT_ONCE)? {
        return Ok(());
    }
    let tables = txn.snapshot_scan(&keys::tables(at.account, at.region), Direction::Forward, usize::MAX)?;
    if tables.iter().filter(|(_, table)| table.is_updating()).count() < MOST_AT_ONCE {
        return Ok(());
    }
    Err(Error::LimitExceeded {
        reason: format!(
            "Subscriber limit exceeded: Only {MOST_AT_ONCE} tables can be created, updated, or deleted simultaneously"
        ),
    })
}

/// The table at an address, in the words of operations on tables.
pub(crate) fn find(txn: &impl Reader, at: TableAddress<'_>) -> Result<Table, Error> {
    txn.get(&keys::table(at))?.ok_or_else(|| Error::table_not_found(at.name))
}

/// The rarely needed part of a table.
pub(crate) fn details(txn: &impl Reader, table: &Table) -> Result<Details, Error> {
    let details = txn.get(&keys::details(table))?;
    Ok(details.ok_or_else(|| virga_store::Fault::new("a table has no details"))?)
}
