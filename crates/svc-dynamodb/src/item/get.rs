//! `GetItem`.

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::Read;

use super::attributes;
use super::capacity::{Kind, Reading, Units, consumed};
use super::open::Opened;
use super::read::Wanted;
use super::stale::View;
use super::throttle::{self, Use};
use super::{guard, key};
use crate::error::Error;

/// Reads the item under a key.
pub(crate) fn get_item(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetItemInput,
) -> Result<api::GetItemOutput, Failure> {
    let (named, wanted) = read(input.as_record()).map_err(Error::in_current_words)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let open = opened.open();
    let key = key::of_key(open.table, &named)?;
    throttle::admit_item(ctx, txn, &open, &key, Use::Read)?;
    let found = open.item(txn, &key)?;
    let found = match View::of(ctx, input.consistent_read()) {
        Some(view) => view.seen(open.table.id, &key, found),
        None => found,
    };
    let size = found.as_ref().map_or(0, |found| u64::from(found.size));
    let units = Units::of_table(Reading::of(input.consistent_read()).units(size));
    throttle::charge_item(ctx, &open, &key, Use::Read, &units);
    let item = found.map(|found| wanted.shown(&found)).transpose()?;
    let asked = input.return_consumed_capacity();
    Ok(api::GetItemOutput::new().with_item(item).with_consumed_capacity(consumed(
        asked,
        opened.name,
        &units,
        Kind::Untold,
    )))
}

/// The key, and what is wanted of the item.
fn read(record: &Record) -> Result<(Item, Wanted), Error> {
    guard::check_not_mixed(record, &["AttributesToGet"], &["ProjectionExpression"])?;
    guard::check_expressions(record, &["ProjectionExpression"])?;
    let named = attributes::item(record, "Key")?;
    let mut placeholders = guard::placeholders(record)?;
    let wanted = Wanted::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    Ok((named, wanted))
}
