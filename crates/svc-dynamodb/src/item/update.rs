//! `UpdateItem`.

use virga_api::dynamodb as api;
use virga_item::{Action, Item, Placeholders, Update};
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::Write;

use super::attributes::{self, Shown};
use super::capacity::{Kind, consumed};
use super::guard::{self, Guard};
use super::key::{self, ItemKey};
use super::open::{Open, Opened};
use super::throttle::{self, Use};
use super::write::{Cause, Old, check_size, find, write};
use super::{legacy, metrics};
use crate::access::text;
use crate::error::Error;
use crate::records::Table;

/// The older parameters, and the expressions in whose place they stand.
pub(super) const OLDER: [&str; 3] = ["AttributeUpdates", "Expected", "ConditionalOperator"];
pub(super) const EXPRESSIONS: [&str; 2] = ["UpdateExpression", "ConditionExpression"];

/// Changes attributes of an item, or makes it.
pub(crate) fn update_item(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateItemInput,
) -> Result<api::UpdateItemOutput, Failure> {
    let Asked { named, update, guard } = read_input(input.as_record()).map_err(Error::in_envelope)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let open = opened.open();
    let key = key::of_key(open.table, &named)?;
    check_key_attributes(open.table, &update)?;
    throttle::admit_item(ctx, txn, &open, &key, Use::Write)?;
    let old = find(txn, &open, &key)?;
    guard.check(old.as_ref())?;
    let new = updated(&open, &named, &update, old.as_ref())?;
    throttle::admit_entries(ctx, &open, old.as_ref(), new.as_ref())?;
    let units = write(ctx, txn, &open, &key, old.as_ref(), new.as_ref(), Cause::Call)?;
    throttle::charge_change(ctx, &open, &key, (old.as_ref(), new.as_ref()), &units)?;
    let shown = shown(input.return_values(), &update, old.as_ref(), new.as_ref())?;
    let asked = input.return_consumed_capacity();
    let collection = collection(txn, &open, &key, input.return_item_collection_metrics())?;
    Ok(api::UpdateItemOutput::new()
        .with_attributes(shown.as_ref().map(Shown::of))
        .with_consumed_capacity(consumed(asked, opened.name, &units, Kind::Untold))
        .with_item_collection_metrics(collection))
}

/// What is asked for, read but not yet held against the table.
struct Asked {
    /// The key.
    named: Item,
    update: Update,
    guard: Guard,
}

fn read_input(record: &Record) -> Result<Asked, Error> {
    guard::check_not_mixed(record, &OLDER, &EXPRESSIONS)?;
    guard::check_expressions(record, &EXPRESSIONS)?;
    let named = attributes::item(record, "Key")?;
    let mut placeholders = guard::placeholders(record)?;
    let update = read(record, &mut placeholders)?;
    let guard = Guard::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    Ok(Asked { named, update, guard })
}

fn collection(
    txn: &Write,
    open: &Open<'_>,
    key: &ItemKey,
    asked: Option<&str>,
) -> Result<Option<api::ItemCollectionMetrics>, Error> {
    Ok(metrics::of(txn, open, key, asked)?)
}

/// The changes that a request asks for.
pub(super) fn read(record: &Record, placeholders: &mut Placeholders) -> Result<Update, Error> {
    match text(record, "UpdateExpression") {
        Some(text) => Ok(Update::parse(text, placeholders)?),
        None => legacy::update(record),
    }
}

/// Refuses changes of the key.
pub(super) fn check_key_attributes(table: &Table, update: &Update) -> Result<(), Error> {
    let mut changed = update.attributes();
    match changed.find(|changed| table.key.names().any(|name| name == &***changed)) {
        Some(name) => Err(Error::invalid_values(format!(
            "Cannot update attribute {name}. This attribute is part of the key"
        ))),
        None => Ok(()),
    }
}

/// The item after the changes; none when there is none, and nothing to put into it.
pub(super) fn updated(
    open: &Open<'_>,
    named: &Item,
    update: &Update,
    old: Option<&Old>,
) -> Result<Option<Item>, Error> {
    let only_takes = !update.actions.is_empty()
        && update.actions.iter().all(|action| matches!(action, Action::Remove(_) | Action::Delete(..)));
    let new = match old {
        Some(old) => update.apply(old.item()?)?,
        None if only_takes => return Ok(None),
        None => update.apply(named)?,
    };
    check_size(&new, true)?;
    key::check_index_keys(open.table, &new).map_err(as_update)?;
    Ok(Some(new))
}

/// An update tells a value that an index does not take in other words than a put.
fn as_update(error: Error) -> Error {
    match error {
        Error::Validation { reason } if reason.contains("Type mismatch for Index Key") => Error::validation(
            "The update expression attempted to update the secondary index key to unsupported type",
        ),
        Error::Validation { reason } if reason.contains("empty string value") => Error::validation(
            "The update expression attempted to update the secondary index key to a value that is not supported. The \
             AttributeValue for a key attribute cannot contain an empty string value.",
        ),
        Error::Validation { reason } if reason.contains("empty binary value") => Error::validation(
            "The update expression attempted to update the secondary index key to a value that is not supported. The \
             AttributeValue for a key attribute cannot contain an empty binary value.",
        ),
        error => error,
    }
}

/// What the answer shows of the item before or after.
pub(super) fn shown(
    asked: Option<&str>,
    update: &Update,
    old: Option<&Old>,
    new: Option<&Item>,
) -> Result<Option<Item>, Error> {
    let old = || old.map(Old::item).transpose();
    let item = match asked {
        None | Some(api::return_value::NONE) => None,
        Some(api::return_value::ALL_OLD) => old()?.cloned(),
        Some(api::return_value::ALL_NEW) => new.cloned(),
        Some(api::return_value::UPDATED_OLD) => old()?.map(|old| update.changed().apply(old)),
        Some(_) => new.map(|new| update.changed().apply(new)),
    };
    Ok(item.filter(|item| !item.is_empty()))
}
