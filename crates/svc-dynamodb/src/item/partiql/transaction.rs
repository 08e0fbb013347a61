//! `ExecuteTransaction`: statements that all read, or all write, as one.

use virga_api::dynamodb as api;
use virga_item::partiql::{Plan, Source, Statement, key_lookup};
use virga_item::{Condition, Item, Path};
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_store::Write;

use super::super::attributes::Shown;
use super::super::capacity::{Kind, Reading, Units, consumed};
use super::super::guard::Guard;
use super::super::open::Opened;
use super::super::transaction::{Action, Admission, Asked, Part, write_parts};
use super::write::existing;
use super::{batch, statement};
use crate::error::Error;

/// Bytes of the items of a transaction at most.
const MOST_BYTES: u64 = 4 << 20;

/// Does statements all or none.
pub(crate) fn execute_transaction(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ExecuteTransactionInput,
) -> Result<api::ExecuteTransactionOutput, Failure> {
    let mut statements = Vec::new();
    for (number, request) in input.transact_statements().iter().enumerate() {
        let statement = statement::parse(request.as_record()).and_then(checked);
        statements.push((request, statement.map_err(|error| within(number, error))?));
    }
    let is_read = |statement: &Statement| matches!(statement, Statement::Select(_));
    let reads = statements.iter().filter(|(_, statement)| is_read(statement)).count();
    if reads == statements.len() {
        let statements: Vec<&Statement> = statements.iter().map(|(_, statement)| statement).collect();
        return read(ctx, txn, &statements, input.return_consumed_capacity());
    } else if reads > 0 {
        return Err(Error::validation(
            "A transaction must consist of either read statements or write statements, and cannot mix both.",
        )
        .into());
    }
    let mut parts = Vec::with_capacity(statements.len());
    for (number, (request, statement)) in statements.iter().enumerate() {
        let shows_item = request.return_values_on_condition_check_failure()
            == Some(api::return_values_on_condition_check_failure::ALL_OLD);
        parts.push(part(ctx, txn, statement, shows_item).map_err(|error| within(number, error))?);
    }
    let asked = Asked {
        token: input.client_request_token(),
        request: input.as_record(),
        capacity: input.return_consumed_capacity(),
        collections: None,
    };
    let outcome = write_parts(ctx, txn, &parts, &asked)?;
    let responses: Vec<_> = parts.iter().map(|_| api::ItemResponse::new()).collect();
    Ok(api::ExecuteTransactionOutput::new()
        .with_responses(responses)
        .with_consumed_capacity(outcome.consumed))
}

/// What is wrong with a statement before it is done, with its place.
fn within(number: usize, error: Error) -> Error {
    match error {
        Error::Validation { reason } => {
            Error::validation(format!("Validation failed in TransactStatements[{number}]: {reason}"))
        }
        error => error,
    }
}

/// Refuses what only single statements may do.
fn checked(statement: Statement) -> Result<Statement, Error> {
    if statement.returning().is_some() {
        return Err(Error::validation("RETURNING clause is not supported in ExecuteTransaction."));
    }
    match &statement {
        Statement::Select(select) | Statement::Exists(select) if select.index.is_some() => {
            Err(Error::validation("Reads on indices are not supported within transactions."))
        }
        _ => Ok(statement),
    }
}

/// A statement as a part of a transactional write.
fn part<'a>(ctx: &Ctx, txn: &Write, statement: &'a Statement, shows_item: bool) -> Result<Part<'a>, Error> {
    let table: &'a str = statement.table();
    let opened = Opened::find(ctx, txn, table)?;
    let open = opened.open();
    let schema = statement::schema(open.table);
    let lookup = |condition: &Option<Condition>| key_lookup(condition.clone(), &schema);
    Ok(match statement {
        Statement::Insert(insert) => {
            let exists = Condition::Exists(Path::of_attribute(schema.hash.name.into()));
            let guard = Guard::new(Some(Condition::Not(Box::new(exists))), shows_item);
            Part { table, action: Action::Insert(insert.item.clone()), named: insert.item.clone(), guard }
        }
        Statement::Update(update) => {
            let lookup = lookup(&update.condition)?;
            let guard = Guard::new(Some(existing(&open, lookup.condition)), shows_item);
            let (named, update) = (lookup.key, update.update.clone());
            Part { table, action: Action::Update { named: named.clone(), update }, named, guard }
        }
        Statement::Delete(delete) => {
            let lookup = lookup(&delete.condition)?;
            // An item that is not there is as good as deleted, whatever the condition says.
            let condition = lookup
                .condition
                .map(|condition| Condition::Not(Box::new(existing(&open, None))).or(condition));
            Part {
                table,
                action: Action::Delete,
                named: lookup.key,
                guard: Guard::new(condition, shows_item),
            }
        }
        Statement::Exists(select) | Statement::Select(select) => {
            let not_single =
                || Error::validation("EXISTS() must contain a single item read with additional condition");
            if Plan::new(select.condition.clone(), &schema)?.source == Source::Scan {
                return Err(not_single());
            }
            let lookup = lookup(&select.condition).map_err(|_| not_single())?;
            let condition = lookup.condition.ok_or_else(not_single)?;
            let guard = Guard::new(Some(existing(&open, Some(condition))), shows_item);
            Part { table, action: Action::Check, named: lookup.key, guard }
        }
    })
}

fn read(
    ctx: &Ctx,
    txn: &Write,
    statements: &[&Statement],
    asked: Option<&str>,
) -> Result<api::ExecuteTransactionOutput, Failure> {
    let mut units: Vec<(String, Units)> = Vec::new();
    let mut admission = Admission::default();
    let (mut responses, mut bytes) = (Vec::with_capacity(statements.len()), 0);
    for (number, statement) in statements.iter().enumerate() {
        let Statement::Select(select) = statement else { continue };
        let named = batch::single(ctx, txn, select, Reading::Transactional);
        let (opened, key) = named.map_err(|error| within(number, error))?;
        admission.ask((ctx, txn), &opened.open(), &key)?;
        let single = batch::read((ctx, txn), &opened, &key, select, (Reading::Transactional, None))?;
        bytes += single.size;
        batch::add(&mut units, &select.table, single.done.units);
        let item: Option<Item> = single.done.shown;
        responses.push(api::ItemResponse::new().with_item(item.as_ref().map(Shown::of)));
    }
    admission.finish()?;
    if bytes > MOST_BYTES {
        return Err(Error::validation("Transaction request size exceeds the limit of 4 MB").into());
    }
    let list = units.iter().filter_map(|(table, units)| consumed(asked, table, units, Kind::Read));
    let list: Vec<_> = list.collect();
    Ok(api::ExecuteTransactionOutput::new()
        .with_responses(responses)
        .with_consumed_capacity((!list.is_empty()).then_some(list)))
}
