//! Statements of requests, read; and what they need permission for.

use virga_item::partiql::{Plan, Source, Statement};
use virga_item::{AttributeValue, KeyAttribute, KeySchema, attribute};
use virga_kit::{Access, Condition, Ctx};
use virga_model::{Record, Value};
use virga_store::Reader as _;

use crate::access::text;
use crate::error::Error;
use crate::records::Table;
use crate::rules::TableAddress;
use crate::{conditions, keys};

/// Reads the statement of a structure, with its parameters.
pub(super) fn parse(record: &Record) -> Result<Statement, Error> {
    let parameters = match record.by_name("Parameters") {
        Some(Value::List(values)) => values.iter().map(attribute::read_value).collect::<Result<_, _>>()?,
        _ => Vec::<AttributeValue>::new(),
    };
    Ok(Statement::parse(text(record, "Statement").unwrap_or_default(), &parameters)?)
}

/// The key of a table as the item language knows it.
pub(super) fn schema(table: &Table) -> KeySchema<'_> {
    let attribute = |name| KeyAttribute { name, kind: table.type_of(name).attribute_type() };
    KeySchema { hash: attribute(&table.key.hash), range: table.key.range().map(attribute) }
}

/// The accesses of the statements of a call. A statement that cannot be read does nothing, and needs nothing more.
pub(crate) fn accesses(ctx: &Ctx, input: &Record) -> Vec<Access> {
    let lists = [input.by_name("Statements"), input.by_name("TransactStatements")];
    let mut records: Vec<&Record> = Vec::new();
    for list in lists.into_iter().flatten() {
        if let Value::List(statements) = list {
            records.extend(statements.iter().filter_map(|statement| match statement {
                Value::Structure(record) => Some(&**record),
                _ => None,
            }));
        }
    }
    if text(input, "Statement").is_some() {
        records.push(input);
    }
    let mut accesses: Vec<Access> = Vec::new();
    for statement in records.into_iter().filter_map(|record| parse(record).ok()) {
        let access = access(ctx, statement);
        if !accesses.iter().any(|known| is_same(known, &access)) {
            accesses.extend(access);
        }
    }
    if accesses.is_empty() {
        // It will be refused for its form.
        accesses.push(Access::without_resource("PartiQLSelect"));
    }
    accesses
}

fn is_same(known: &Access, access: &Option<Access>) -> bool {
    access.as_ref().is_some_and(|access| {
        known.action == access.action
            && known.resources == access.resources
            && known.conditions == access.conditions
    })
}

fn access(ctx: &Ctx, statement: Statement) -> Option<Access> {
    let table = statement.table().clone();
    let at = TableAddress::parse(ctx, &table).ok()?;
    Some(match statement {
        Statement::Select(select) | Statement::Exists(select) => {
            let arn = select.index.as_deref().map_or_else(|| at.arn(), |index| at.index_arn(index));
            let is_scan = is_scan(ctx, at, select.index.as_deref(), select.condition);
            Access::to("PartiQLSelect", arn)
                .looking_up(conditions::find)
                .with(Condition::new("dynamodb:FullTableScan", is_scan.to_string()))
        }
        Statement::Insert(_) => Access::to("PartiQLInsert", at.arn()).looking_up(conditions::find),
        Statement::Update(_) => Access::to("PartiQLUpdate", at.arn()).looking_up(conditions::find),
        Statement::Delete(_) => Access::to("PartiQLDelete", at.arn()).looking_up(conditions::find),
    })
}

/// Whether a `SELECT` looks at everything in its table or index.
fn is_scan(
    ctx: &Ctx,
    at: TableAddress<'_>,
    index: Option<&str>,
    condition: Option<virga_item::Condition>,
) -> bool {
    let table = ctx.world().store().read().ok().and_then(|read| read.get(&keys::table(at)).ok()?);
    let Some(table) = table else { return false };
    let mut schema = schema(&table);
    let index = index.and_then(|name| table.indexes.iter().find(|known| known.name == name));
    if let Some(index) = index {
        let attribute = |name| KeyAttribute { name, kind: table.type_of(name).attribute_type() };
        schema = KeySchema { hash: attribute(&index.key.hash), range: index.key.range().map(attribute) };
    }
    Plan::new(condition, &schema).is_ok_and(|plan| plan.source == Source::Scan)
}
