//! `DeleteItem`.

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_store::Write;

use super::attributes::{self, Shown};
use super::capacity::{Kind, consumed};
use super::guard::{self, Guard};
use super::open::Opened;
use super::put::returns_old;
use super::throttle::{self, Use};
use super::write::{Cause, Old, find, write};
use super::{key, metrics};
use crate::error::Error;

/// Deletes the item under a key, if there is one.
pub(crate) fn delete_item(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteItemInput,
) -> Result<api::DeleteItemOutput, Failure> {
    let Asked { named, returns_old, guard } = read(input).map_err(Error::in_envelope)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let open = opened.open();
    let key = key::of_key(open.table, &named)?;
    throttle::admit_item(ctx, txn, &open, &key, Use::Write)?;
    let old = find(txn, &open, &key)?;
    guard.check(old.as_ref())?;
    throttle::admit_entries(ctx, &open, old.as_ref(), None)?;
    let units = write(ctx, txn, &open, &key, old.as_ref(), None, Cause::Call)?;
    throttle::charge_change(ctx, &open, &key, (old.as_ref(), None), &units)?;
    let old = old.as_ref().filter(|_| returns_old).map(Old::item).transpose()?;
    let asked = input.return_consumed_capacity();
    Ok(api::DeleteItemOutput::new()
        .with_attributes(old.map(Shown::of))
        .with_consumed_capacity(consumed(asked, opened.name, &units, Kind::Untold))
        .with_item_collection_metrics(metrics::of(txn, &open, &key, input.return_item_collection_metrics())?))
}

/// What is asked for, read but not yet held against the table.
struct Asked {
    /// The key.
    named: Item,
    returns_old: bool,
    guard: Guard,
}

fn read(input: &api::DeleteItemInput) -> Result<Asked, Error> {
    let record = input.as_record();
    guard::check_not_mixed(record, &["Expected", "ConditionalOperator"], &["ConditionExpression"])?;
    guard::check_expressions(record, &["ConditionExpression"])?;
    let named = attributes::item(record, "Key")?;
    let returns_old = returns_old(input.return_values())?;
    let mut placeholders = guard::placeholders(record)?;
    let guard = Guard::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    Ok(Asked { named, returns_old, guard })
}
