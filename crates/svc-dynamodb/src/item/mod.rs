//! Items: what single calls, batches and transactions read and write. What they share is here: the opened table, keys,
//! the one way in which an item changes ([`write`](fn@write)), and what it costs.

mod attributes;
mod batch;
mod capacity;
mod delete;
mod get;
mod guard;
mod key;
mod legacy;
mod metrics;
mod open;
mod page;
mod partiql;
mod put;
mod query;
mod read;
mod scan;
mod stale;
mod throttle;
mod token;
mod transaction;
mod update;
mod write;

pub(crate) use batch::{batch_get_item, batch_write_item};
pub(crate) use capacity::{Units, write_units};
pub(crate) use delete::delete_item;
pub(crate) use get::get_item;
pub(crate) use key::{ItemKey, of_entry as entry_key, to_attributes as key_attributes};
pub(crate) use open::Open;
pub(crate) use partiql::{
    accesses as statement_accesses, batch_execute_statement, execute_statement, execute_transaction,
};
pub(crate) use put::put_item;
pub(crate) use query::query;
pub(crate) use scan::scan;
pub(crate) use throttle::Use;
pub(crate) use token::forget as forget_tokens;
pub(crate) use transaction::{transact_get_items, transact_write_items};
pub(crate) use update::update_item;
pub(crate) use write::{Cause, Old, check_new, count, find, write, write_here};
