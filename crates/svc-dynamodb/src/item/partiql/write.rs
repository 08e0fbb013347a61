//! `INSERT`, `UPDATE` and `DELETE` of single items.

use virga_api::dynamodb as api;
use virga_item::partiql::{Delete, Insert, Returning, Statement, UpdateStatement, key_lookup};
use virga_item::{Condition, Item, Path};
use virga_kit::{Ctx, Failure};
use virga_store::Write;

use super::super::capacity::Units;
use super::super::guard::Guard;
use super::super::key::{self, ItemKey};
use super::super::open::{Open, Opened};
use super::super::throttle::{self, Use};
use super::super::update::{check_key_attributes, shown, updated};
use super::super::write::{Cause, Old, check_size, find, write};
use super::statement::schema;
use crate::error::Error;

/// What a write costs and shows.
pub(super) struct Done {
    pub(super) units: Units,
    pub(super) shown: Option<Item>,
}

/// Does a statement that writes.
pub(super) fn execute(
    ctx: &Ctx,
    txn: &mut Write,
    statement: &Statement,
    shows_item: bool,
) -> Result<Done, Failure> {
    let opened = Opened::find(ctx, txn, statement.table())?;
    let open = opened.open();
    match statement {
        Statement::Insert(statement) => insert(ctx, txn, &open, statement),
        Statement::Update(statement) => update(ctx, txn, &open, statement, shows_item),
        Statement::Delete(statement) => delete(ctx, txn, &open, statement, shows_item),
        Statement::Select(_) | Statement::Exists(_) => {
            Err(Error::validation("EXISTS() is only supported within ExecuteTransaction").into())
        }
    }
}

/// Changes an item, if its table, its partition and those of its entries may take it.
fn change(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    key: &ItemKey,
    (old, new): (Option<&Old>, Option<&Item>),
) -> Result<Units, Failure> {
    throttle::admit_item(ctx, txn, open, key, Use::Write)?;
    throttle::admit_entries(ctx, open, old, new)?;
    let units = write(ctx, txn, open, key, old, new, Cause::Call)?;
    throttle::charge_change(ctx, open, key, (old, new), &units)?;
    Ok(units)
}

fn insert(ctx: &Ctx, txn: &mut Write, open: &Open<'_>, statement: &Insert) -> Result<Done, Failure> {
    let item = &statement.item;
    check_size(item, false)?;
    let key = key::of_item(open.table, item)?;
    key::check_index_keys(open.table, item)?;
    if find(txn, open, &key)?.is_some() {
        return Err(Error::DuplicateItem.into());
    }
    let units = change(ctx, txn, open, &key, (None, Some(item)))?;
    Ok(Done { units, shown: None })
}

/// The condition that an item exists, and meets another.
pub(super) fn existing(open: &Open<'_>, condition: Option<Condition>) -> Condition {
    let exists = Condition::Exists(Path::of_attribute(open.table.key.hash.as_str().into()));
    match condition {
        Some(condition) => exists.and(condition),
        None => exists,
    }
}

fn update(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    statement: &UpdateStatement,
    shows_item: bool,
) -> Result<Done, Failure> {
    let lookup = key_lookup(statement.condition.clone(), &schema(open.table)).map_err(Error::from)?;
    let key = key::of_key(open.table, &lookup.key)?;
    check_key_attributes(open.table, &statement.update)?;
    let old = find(txn, open, &key)?;
    Guard::new(Some(existing(open, lookup.condition)), shows_item).check(old.as_ref())?;
    let new = updated(open, &lookup.key, &statement.update, old.as_ref())?;
    let units = change(ctx, txn, open, &key, (old.as_ref(), new.as_ref()))?;
    let asked = statement.returning.map(|returning| match returning {
        Returning::AllOld => api::return_value::ALL_OLD,
        Returning::ModifiedOld => api::return_value::UPDATED_OLD,
        Returning::AllNew => api::return_value::ALL_NEW,
        Returning::ModifiedNew => api::return_value::UPDATED_NEW,
    });
    let shown = shown(asked, &statement.update, old.as_ref(), new.as_ref())?;
    Ok(Done { units, shown })
}

fn delete(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    statement: &Delete,
    shows_item: bool,
) -> Result<Done, Failure> {
    let lookup = key_lookup(statement.condition.clone(), &schema(open.table)).map_err(Error::from)?;
    let key = key::of_key(open.table, &lookup.key)?;
    let old = find(txn, open, &key)?;
    // An item that is not there is as good as deleted, whatever the condition says.
    if old.is_some() {
        Guard::new(lookup.condition, shows_item).check(old.as_ref())?;
    }
    let units = change(ctx, txn, open, &key, (old.as_ref(), None))?;
    let shown = old.as_ref().filter(|_| statement.returning.is_some()).map(Old::item).transpose()?;
    Ok(Done { units, shown: shown.cloned() })
}
