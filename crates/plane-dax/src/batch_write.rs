//! BatchWriteItem: puts and deletes of several items, through to the item cache.

use std::sync::Arc;

use bytes::Bytes;
use virga_api::dynamodb::{self, op};
use virga_item::{Item, Text};
use virga_model::view::Structure;
use virga_model::{Map, Record, Value};

use crate::answer;
use crate::cache::Fetch;
use crate::cbor::{Malformed, Reader};
use crate::failure::Failure;
use crate::item_cache::ItemKey;
use crate::item_encoding::{from_map, to_map};
use crate::parameters::{Members, Parameters};
use crate::schema::KeySchema;
use crate::session::Session;

/// The writes to a table.
struct Writes {
    table: Text,
    schema: Arc<KeySchema>,
    all: Vec<OneWrite>,
}

/// A put or a delete, by its key.
struct OneWrite {
    key: Item,
    /// None for a delete.
    item: Option<Item>,
}

/// `[{table: [key, values or null, …]}, parameters]`. The answer is three items: what was not processed in the same
/// form, the consumed capacities, and the metrics of item collections.
pub(crate) async fn batch_write_item(
    session: &Session<'_>,
    arguments: &[Bytes; 2],
) -> Result<Vec<u8>, Failure> {
    session.authorize("BatchWriteItem")?;
    let parameters = Parameters::read(&arguments[1])?;
    let mut tables = Vec::new();
    for (table, writes) in read_tables(&arguments[0])? {
        let schema = session.schema(&table).await?;
        let mut all = Vec::new();
        for (key, values) in writes {
            let key = schema.decode(&key)?;
            let item = values.map(|values| session.encoding().read(key.clone(), &values)).transpose()?;
            all.push(OneWrite { key, item });
        }
        tables.push(Writes { table, schema, all });
    }
    let requests = tables.iter().map(|writes| {
        let requests = writes.all.iter().map(request).collect();
        (writes.table.clone(), Value::List(requests))
    });
    let members = Members::default()
        .with("RequestItems", Value::Map(requests.collect::<Map>()))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity)
        .with_text("ReturnItemCollectionMetrics", parameters.return_collection_metrics);
    let begun = begin(session, &tables);
    let output = session.call::<op::BatchWriteItem>(members).await;
    let unprocessed = match &output {
        Ok(output) => unprocessed(&tables, output),
        Err(_) => Ok(Vec::new()),
    };
    let done = |key: &ItemKey| match (&output, &unprocessed) {
        (Ok(_), Ok(left)) => {
            !left.iter().any(|(table, schema, write)| ItemKey::new(table, schema, &write.key) == *key)
        }
        _ => false,
    };
    let now = session.ctx.now();
    for (key, begun, item) in begun {
        let item = item.filter(|_| done(&key));
        session.cluster.keep_written(begun, key, item, now);
    }
    let output = output?;
    encode(session, &unprocessed?, &output)
}

/// A table with keys, and the values to put under them.
type TableRequest = (Text, Vec<(Bytes, Option<Bytes>)>);

fn read_tables(bytes: &Bytes) -> Result<Vec<TableRequest>, Malformed> {
    let mut tables = Vec::new();
    Reader::new(bytes).map(|reader| {
        let table = reader.name()?;
        let mut writes = Vec::new();
        for _ in 0..reader.array_length()? / 2 {
            let key = reader.blob()?;
            let values = if reader.null()? { None } else { Some(reader.blob()?) };
            writes.push((key, values));
        }
        tables.push((table, writes));
        Ok(())
    })?;
    Ok(tables)
}

fn request(write: &OneWrite) -> Value {
    fn part<S: Structure>(member: &str, item: &Item) -> Value {
        let mut record = S::shape().map_or_else(Record::empty, Record::new);
        record.set_by_name(member, to_map(item));
        Value::Structure(Box::new(record))
    }
    let mut request = dynamodb::WriteRequest::new().into_record();
    match &write.item {
        Some(item) => request.set_by_name("PutRequest", part::<dynamodb::PutRequest>("Item", item)),
        None => request.set_by_name("DeleteRequest", part::<dynamodb::DeleteRequest>("Key", &write.key)),
    };
    Value::Structure(Box::new(request))
}

fn begin<'t>(session: &Session<'_>, tables: &'t [Writes]) -> Vec<(ItemKey, Fetch, Option<&'t Item>)> {
    let writes = tables.iter().flat_map(|writes| writes.all.iter().map(move |write| (writes, write)));
    let begun = writes.map(|(writes, write)| {
        let key = ItemKey::new(&writes.table, &writes.schema, &write.key);
        let begun = session.cluster.items.begin_write(&key);
        (key, begun, write.item.as_ref())
    });
    begun.collect()
}

type Left<'t> = (&'t Text, &'t KeySchema, OneWrite);

/// The writes that DynamoDB has left undone.
fn unprocessed<'t>(tables: &'t [Writes], output: &Record) -> Result<Vec<Left<'t>>, Failure> {
    let Some(Value::Map(left)) = output.by_name("UnprocessedItems") else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for writes in tables {
        let Some(Value::List(requests)) = left.get(&writes.table) else { continue };
        for request in requests {
            let Value::Structure(request) = request else { continue };
            let item = inner(request, "PutRequest", "Item")?;
            let key = match &item {
                Some(item) => item.iter().filter(|(name, _)| writes.schema.contains(name)).cloned().collect(),
                None => inner(request, "DeleteRequest", "Key")?.unwrap_or_default(),
            };
            all.push((&writes.table, &*writes.schema, OneWrite { key, item }));
        }
    }
    Ok(all)
}

fn inner(request: &Record, part: &str, member: &str) -> Result<Option<Item>, Failure> {
    match request.by_name(part) {
        Some(Value::Structure(part)) => match part.by_name(member) {
            Some(Value::Map(map)) => Ok(Some(from_map(map)?)),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn encode(session: &Session<'_>, left: &[Left<'_>], output: &Record) -> Result<Vec<u8>, Failure> {
    let mut tables: Vec<&Text> = left.iter().map(|(table, ..)| *table).collect();
    tables.dedup();
    let mut writer = answer::success();
    writer.map(tables.len());
    for table in tables {
        let of_table: Vec<_> = left.iter().filter(|(own, ..)| *own == table).collect();
        writer.text(table).array(of_table.len() * 2);
        for (_, schema, write) in of_table {
            writer.blob(&schema.encode(&write.key).unwrap_or_default());
            match &write.item {
                Some(item) => writer.blob(&session.encoding().values(item, schema)?),
                None => writer.null(),
            };
        }
    }
    answer::write_capacities(&mut writer, output);
    answer::write_collections(&mut writer, output);
    Ok(writer.into_bytes())
}
