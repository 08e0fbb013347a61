//! `PutItem`.

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_store::Write;

use super::attributes::{self, Shown};
use super::capacity::{Kind, consumed};
use super::guard::{self, Guard};
use super::open::Opened;
use super::throttle::{self, Use};
use super::write::{Cause, Old, check_size, find, write};
use super::{key, metrics};
use crate::error::Error;

/// Puts an item in place of what is under its key.
pub(crate) fn put_item(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutItemInput,
) -> Result<api::PutItemOutput, Failure> {
    let Asked { item, returns_old, guard } = read(input).map_err(Error::in_envelope)?;
    check_size(&item, false)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let open = opened.open();
    let key = key::of_item(open.table, &item)?;
    key::check_index_keys(open.table, &item)?;
    throttle::admit_item(ctx, txn, &open, &key, Use::Write)?;
    let old = find(txn, &open, &key)?;
    guard.check(old.as_ref())?;
    throttle::admit_entries(ctx, &open, old.as_ref(), Some(&item))?;
    let units = write(ctx, txn, &open, &key, old.as_ref(), Some(&item), Cause::Call)?;
    throttle::charge_change(ctx, &open, &key, (old.as_ref(), Some(&item)), &units)?;
    let old = old.as_ref().filter(|_| returns_old).map(Old::item).transpose()?;
    let asked = input.return_consumed_capacity();
    Ok(api::PutItemOutput::new()
        .with_attributes(old.map(Shown::of))
        .with_consumed_capacity(consumed(asked, opened.name, &units, Kind::Untold))
        .with_item_collection_metrics(metrics::of(txn, &open, &key, input.return_item_collection_metrics())?))
}

/// What is asked for, read but not yet held against the table.
struct Asked {
    item: Item,
    returns_old: bool,
    guard: Guard,
}

fn read(input: &api::PutItemInput) -> Result<Asked, Error> {
    let record = input.as_record();
    guard::check_not_mixed(record, &["Expected", "ConditionalOperator"], &["ConditionExpression"])?;
    guard::check_expressions(record, &["ConditionExpression"])?;
    attributes::check_names(record, "Item")?;
    let item = attributes::item(record, "Item")?;
    let returns_old = returns_old(input.return_values())?;
    let mut placeholders = guard::placeholders(record)?;
    let guard = Guard::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    Ok(Asked { item, returns_old, guard })
}

/// Whether the answer shows the item that was there: all that a put or a delete can return.
pub(super) fn returns_old(asked: Option<&str>) -> Result<bool, Error> {
    match asked {
        None | Some(api::return_value::NONE) => Ok(false),
        Some(api::return_value::ALL_OLD) => Ok(true),
        Some(_) => Err(Error::validation("ReturnValues can only be ALL_OLD or NONE")),
    }
}
