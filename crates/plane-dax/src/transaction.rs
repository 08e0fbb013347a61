//! TransactWriteItems and TransactGetItems. Reads pass through; after a write the items are read again, so that the item
//! cache has them: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html>

use std::sync::Arc;

use bytes::Bytes;
use virga_api::dynamodb::{self, op};
use virga_item::{Item, Text};
use virga_model::view::Structure as _;
use virga_model::{Record, Value};

use crate::answer;
use crate::cache::Fetch;
use crate::cbor::{Malformed, Reader};
use crate::expression::{self, Placeholders};
use crate::failure::Failure;
use crate::item_cache::ItemKey;
use crate::item_encoding::{item_of, to_map, write_projection};
use crate::parameters::{Members, Parameters, whole_attributes};
use crate::schema::KeySchema;
use crate::session::{Session, text};

/// A number of an operation, the member of a transaction that it stands for, and the permission that it needs.
const ACTIONS: [(i64, &str, &str); 4] = [
    (2, "Put", "PutItem"),
    (7, "Delete", "DeleteItem"),
    (9, "Update", "UpdateItem"),
    (12, "ConditionCheck", "ConditionCheckItem"),
];
/// Stands for ALL_OLD in `ReturnValuesOnConditionCheckFailure`.
const ALL_OLD: i64 = 2;

/// What a transaction does to one item.
struct Part {
    action: (&'static str, &'static str),
    table: Text,
    schema: Arc<KeySchema>,
    key: Item,
    members: Members,
}

/// `[[operation …], [table …], [key …], [values or null …], return values, [on failure …], [condition or null …],
/// [update or null …], parameters]`: an element in each array for each item.
pub(crate) async fn transact_write_items(
    session: &Session<'_>,
    arguments: &[Bytes; 9],
) -> Result<Vec<u8>, Failure> {
    let parameters = Parameters::read(&arguments[8])?;
    let mut parts = Vec::new();
    for columns in read_columns(arguments)? {
        parts.push(read_part(session, columns).await?);
    }
    let written: Vec<(ItemKey, Fetch)> = parts
        .iter()
        .filter(|part| part.action.0 != "ConditionCheck")
        .map(|part| {
            let key = ItemKey::new(&part.table, &part.schema, &part.key);
            let begun = session.cluster.items.begin_write(&key);
            (key, begun)
        })
        .collect();
    let items: Vec<Value> = parts.iter_mut().map(write_part).collect();
    let members = Members::default()
        .with("TransactItems", Value::List(items))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity)
        .with_text("ReturnItemCollectionMetrics", parameters.return_collection_metrics)
        .with_text("ClientRequestToken", parameters.client_request_token);
    let output = session.call::<op::TransactWriteItems>(members).await;
    for (key, begun) in written {
        session.cluster.keep_written(begun, key, None, session.ctx.now());
    }
    let output = output?;
    read_again(session, &parts).await;
    let mut writer = answer::success();
    writer.array(3).array(0);
    answer::write_capacity_maps(&mut writer, &output);
    answer::write_collections(&mut writer, &output);
    Ok(writer.into_bytes())
}

/// One element of each array.
struct Columns {
    operation: i64,
    table: Text,
    key: Bytes,
    values: Option<Bytes>,
    on_failure: Option<i64>,
    condition: Option<Bytes>,
    update: Option<Bytes>,
}

fn read_columns(arguments: &[Bytes; 9]) -> Result<Vec<Columns>, Malformed> {
    let blobs = |argument: &Bytes| {
        optional(argument, |reader| match reader.null()? {
            true => Ok(None),
            false => reader.blob().map(Some),
        })
    };
    let operations = Reader::new(&arguments[0]).array(Reader::int)?;
    let mut tables = Reader::new(&arguments[1]).array(Reader::name)?.into_iter();
    let mut keys = Reader::new(&arguments[2]).array(Reader::blob)?.into_iter();
    let mut values = blobs(&arguments[3])?.into_iter();
    let mut on_failure = optional(&arguments[5], |reader| match reader.null()? {
        true => Ok(None),
        false => reader.int().map(Some),
    })?
    .into_iter();
    let mut conditions = blobs(&arguments[6])?.into_iter();
    let mut updates = blobs(&arguments[7])?.into_iter();
    let missing = || Malformed::expected("a table and a key for each operation");
    let columns = operations.into_iter().map(|operation| {
        Ok(Columns {
            operation,
            table: tables.next().ok_or_else(missing)?,
            key: keys.next().ok_or_else(missing)?,
            values: values.next().flatten(),
            on_failure: on_failure.next().flatten(),
            condition: conditions.next().flatten(),
            update: updates.next().flatten(),
        })
    });
    columns.collect()
}

/// An array, or null for an empty one.
fn optional<T>(
    argument: &Bytes,
    element: impl FnMut(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut reader = Reader::new(argument);
    if reader.null()? { Ok(Vec::new()) } else { reader.array(element) }
}

async fn read_part(session: &Session<'_>, columns: Columns) -> Result<Part, Failure> {
    let known = ACTIONS.iter().find(|(number, ..)| *number == columns.operation);
    let (_, member, action) = known.ok_or_else(|| Malformed::expected("an operation of a transaction"))?;
    session.authorize_within(action, "TransactWriteItems")?;
    let schema = session.schema(&columns.table).await?;
    let key = schema.decode(&columns.key)?;
    let mut placeholders = Placeholders::default();
    let mut members = Members::default().with("TableName", text(&columns.table));
    members = match (*member, columns.values) {
        ("Put", Some(values)) => {
            members.with("Item", to_map(&session.encoding().read(key.clone(), &values)?))
        }
        ("Put", None) => return Err(Malformed::expected("values to put").into()),
        _ => members.with("Key", to_map(&key)),
    };
    if let Some(condition) = columns.condition {
        let rendered = expression::condition(&condition, &mut placeholders)?;
        members = members.with_text("ConditionExpression", Some(rendered));
    }
    if let Some(update) = columns.update.filter(|_| *member == "Update") {
        let rendered = expression::update(&update, &mut placeholders)?;
        members = members.with_text("UpdateExpression", Some(rendered));
    }
    if columns.on_failure == Some(ALL_OLD) {
        members = members.with_text("ReturnValuesOnConditionCheckFailure", Some("ALL_OLD"));
    }
    let members = members.with_placeholders(&placeholders);
    Ok(Part { action: (member, action), table: columns.table, schema, key, members })
}

/// The element of `TransactItems`.
fn write_part(part: &mut Part) -> Value {
    let mut item = dynamodb::TransactWriteItem::new().into_record();
    let shape = match part.action.0 {
        "Put" => dynamodb::Put::shape(),
        "Delete" => dynamodb::Delete::shape(),
        "Update" => dynamodb::Update::shape(),
        _ => dynamodb::ConditionCheck::shape(),
    };
    let mut record = shape.map_or_else(Record::empty, Record::new);
    for (name, value) in std::mem::take(&mut part.members.0) {
        let is_known = record.set_by_name(name, value);
        debug_assert!(is_known, "{name} is a member of the part");
    }
    item.set_by_name(part.action.0, Value::Structure(Box::new(record)));
    Value::Structure(Box::new(item))
}

/// Reads what a transaction has written, for the cache. That it cannot be read does not concern who wrote it.
async fn read_again(session: &Session<'_>, parts: &[Part]) {
    let wanted: Vec<_> = parts
        .iter()
        .filter(|part| part.action.0 != "ConditionCheck")
        .map(|part| {
            let key = ItemKey::new(&part.table, &part.schema, &part.key);
            let begun = session.cluster.items.fetch(&key);
            (part, key, begun)
        })
        .collect();
    let items = wanted.iter().map(|(part, ..)| get_part(&part.table, &part.key)).collect();
    let members = Members::default().with("TransactItems", Value::List(items));
    let Ok(output) = session.call::<op::TransactGetItems>(members).await else { return };
    let Ok(items) = responses(&output) else { return };
    for ((_, key, begun), item) in wanted.into_iter().zip(items) {
        session.cluster.keep_read(begun, key, item.as_ref(), session.ctx.now());
    }
}

fn get_part(table: &Text, key: &Item) -> Value {
    let mut get = dynamodb::Get::new().into_record();
    get.set_by_name("TableName", text(table));
    get.set_by_name("Key", to_map(key));
    let mut item = dynamodb::TransactGetItem::new().into_record();
    item.set_by_name("Get", Value::Structure(Box::new(get)));
    Value::Structure(Box::new(item))
}

fn responses(output: &Record) -> Result<Vec<Option<Item>>, Failure> {
    let Some(Value::List(responses)) = output.by_name("Responses") else { return Ok(Vec::new()) };
    let items = responses.iter().map(|response| match response {
        Value::Structure(response) => Ok(item_of(response, "Item")?),
        _ => Ok(None),
    });
    items.collect()
}

/// `[[table …], [key …], [projection or null …], parameters]`.
pub(crate) async fn transact_get_items(
    session: &Session<'_>,
    arguments: &[Bytes; 4],
) -> Result<Vec<u8>, Failure> {
    session.authorize_within("GetItem", "TransactGetItems")?;
    let parameters = Parameters::read(&arguments[3])?;
    let tables = Reader::new(&arguments[0]).array(Reader::name)?;
    let keys = Reader::new(&arguments[1]).array(Reader::blob)?;
    let projections = optional(&arguments[2], |reader| match reader.null()? {
        true => Ok(None),
        false => expression::projection(&reader.blob()?).map(Some),
    })?;
    let (mut items, mut schemas) = (Vec::new(), Vec::new());
    for (table, key) in tables.iter().zip(&keys) {
        let schema = session.schema(table).await?;
        items.push(get_part(table, &schema.decode(key)?));
        schemas.push(schema);
    }
    for paths in projections.iter().flatten() {
        whole_attributes(paths)?;
    }
    let members = Members::default()
        .with("TransactItems", Value::List(items))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity);
    let output = session.call::<op::TransactGetItems>(members).await?;
    let found = responses(&output)?;
    let mut writer = answer::success();
    writer.array(2).array(found.len());
    for (place, (item, schema)) in found.iter().zip(&schemas).enumerate() {
        match (item, projections.get(place).and_then(Option::as_ref)) {
            (None, _) => drop(writer.null()),
            (Some(item), Some(paths)) => write_projection(&mut writer, item, paths),
            (Some(item), None) => drop(writer.blob(&session.encoding().values(item, schema)?)),
        }
    }
    answer::write_capacity_maps(&mut writer, &output);
    Ok(writer.into_bytes())
}
