//! `BatchExecuteStatement`: statements each for itself; what is wrong with one is told in its place.

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_item::partiql::{Plan, Select, Statement};
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_model::{ApiError, Value};
use virga_store::{Fault, Write};

use super::super::attributes::Shown;
use super::super::capacity::{Kind, Reading, Units, consumed};
use super::super::key::{self, ItemKey};
use super::super::open::Opened;
use super::super::stale::View;
use super::super::throttle::{self, Use};
use super::statement::schema;
use super::write::Done;
use super::{statement, write};
use crate::error::Error;

/// Does many statements.
pub(crate) fn batch_execute_statement(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::BatchExecuteStatementInput,
) -> Result<api::BatchExecuteStatementOutput, Failure> {
    let parsed: Vec<_> =
        input.statements().iter().map(|request| (request, statement::parse(request.as_record()))).collect();
    check_one_kind(&parsed)?;
    let mut units: Vec<(String, Units)> = Vec::new();
    let mut responses = Vec::with_capacity(parsed.len());
    for (request, statement) in parsed {
        let done = match statement {
            Ok(statement) => one(ctx, txn, request, &statement).map(|done| (statement, done)),
            Err(error) => Err(error.into()),
        };
        responses.push(match done {
            Ok((statement, done)) => {
                let table = statement.table().to_string();
                add(&mut units, &table, done.units);
                api::BatchStatementResponse::new()
                    .with_table_name(table)
                    .with_item(done.shown.as_ref().map(Shown::of))
            }
            Err(Failure::Api(error)) => api::BatchStatementResponse::new().with_error(told(&error)),
            Err(fault) => return Err(fault),
        });
    }
    let asked = input.return_consumed_capacity();
    let list = units.iter().filter_map(|(table, units)| consumed(asked, table, units, Kind::Untold));
    let list: Vec<_> = list.collect();
    Ok(api::BatchExecuteStatementOutput::new()
        .with_responses(responses)
        .with_consumed_capacity((!list.is_empty()).then_some(list)))
}

/// A batch reads or writes, not both.
fn check_one_kind<T>(parsed: &[(T, Result<Statement, Error>)]) -> Result<(), Error> {
    let statements = || parsed.iter().filter_map(|(_, statement)| statement.as_ref().ok());
    let reads = |statement: &Statement| matches!(statement, Statement::Select(_));
    if statements().any(reads) && !statements().all(reads) {
        return Err(Error::validation(
            "A batch must consist of either read statements or write statements, and cannot mix both.",
        ));
    }
    Ok(())
}

fn one(
    ctx: &Ctx,
    txn: &mut Write,
    request: &api::BatchStatementRequest,
    statement: &Statement,
) -> Result<Done, Failure> {
    if let Statement::Select(select) = statement {
        let reading = Reading::of(request.consistent_read());
        let (opened, key) = single(ctx, txn, select, reading)?;
        throttle::admit_item(ctx, txn, &opened.open(), &key, Use::Read)?;
        let view = View::of(ctx, request.consistent_read());
        return Ok(read((ctx, txn), &opened, &key, select, (reading, view.as_ref()))?.done);
    }
    let shows_item = request.return_values_on_condition_check_failure()
        == Some(api::return_values_on_condition_check_failure::ALL_OLD);
    write::execute(ctx, txn, statement, shows_item)
}

/// An item that a statement of a batch or transaction reads.
pub(super) struct Single {
    pub(super) done: Done,
    /// Bytes of the item.
    pub(super) size: u64,
}

/// The single item that a `SELECT` names by its whole key and nothing else.
pub(super) fn single<'a>(
    ctx: &'a Ctx,
    txn: &Write,
    select: &'a Select,
    reading: Reading,
) -> Result<(Opened<'a>, ItemKey), Error> {
    let no_key = || {
        let call =
            if reading == Reading::Transactional { "ExecuteTransaction" } else { "BatchExecuteStatement" };
        Error::validation(format!(
            "Select statements within {call} must specify the primary key in the where clause."
        ))
    };
    let opened = Opened::find(ctx, txn, &select.table)?;
    let table = &opened.table;
    if select.index.is_some() {
        return Err(no_key());
    }
    let named = Plan::new(select.condition.clone(), &schema(table))?.key.ok_or_else(no_key)?;
    let key = key::of_key(table, &named)?;
    Ok((opened, key))
}

/// Reads the single item of a `SELECT`, as of the moment of a view.
pub(super) fn read(
    (ctx, txn): (&Ctx, &Write),
    opened: &Opened<'_>,
    key: &ItemKey,
    select: &Select,
    (reading, view): (Reading, Option<&View>),
) -> Result<Single, Fault> {
    let stored = opened.open().item(txn, key)?;
    let stored = match view {
        Some(view) => view.seen(opened.table.id, key, stored),
        None => stored,
    };
    let size = stored.as_ref().map_or(0, |stored| u64::from(stored.size));
    let item: Option<Item> = stored.map(|stored| stored.item()).transpose()?;
    let units = Units::of_table(reading.units(size));
    throttle::charge_item(ctx, &opened.open(), key, Use::Read, &units);
    Ok(Single { done: Done { units, shown: item.map(|item| select.project(item)) }, size })
}

/// Adds units to those of a table.
pub(super) fn add(units: &mut Vec<(String, Units)>, table: &str, more: Units) {
    match units.iter_mut().find(|(known, _)| known == table) {
        Some((_, known)) => known.add(more, 1.0),
        None => units.push((table.to_owned(), more)),
    }
}

/// An error in the place of an answer: its code has another name there.
fn told(error: &ApiError) -> api::BatchStatementError {
    let code = match &*error.code {
        "ValidationException" => "ValidationError",
        "ThrottlingException" => "ThrottlingError",
        "InternalFailure" => "InternalServerError",
        code => code.strip_suffix("Exception").unwrap_or(code),
    };
    let mut told =
        api::BatchStatementError::new().with_code(code).with_message(error.message.clone()).into_record();
    if let Some(item @ Value::Map(_)) = error.record.as_ref().and_then(|record| record.by_name("Item")) {
        told.set_by_name("Item", item.clone());
    }
    api::BatchStatementError::from_record(told)
}
