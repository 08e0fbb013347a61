//! GetItem and BatchGetItem: eventually consistent reads come from the item cache, where it has the item.

use std::sync::Arc;

use bytes::Bytes;
use virga_api::dynamodb::{self, op};
use virga_item::{Item, Path, Text};
use virga_model::view::Structure as _;
use virga_model::{Map, Record, Value};

use crate::answer::{self, part};
use crate::cache::Fetch;
use crate::cbor::{Malformed, Reader, Writer};
use crate::expression;
use crate::failure::Failure;
use crate::item_cache::ItemKey;
use crate::item_encoding::{from_map, item_of, to_map, write_projection};
use crate::parameters::{Members, Parameters, whole_attributes};
use crate::schema::KeySchema;
use crate::session::{Session, text};

/// `[table, key, parameters]`.
pub(crate) async fn get_item(session: &Session<'_>, arguments: &[Bytes; 3]) -> Result<Vec<u8>, Failure> {
    session.authorize("GetItem")?;
    let table = Reader::new(&arguments[0]).name()?;
    let parameters = Parameters::read(&arguments[2])?;
    if let Some(paths) = &parameters.projection {
        whole_attributes(paths)?;
    }
    let schema = session.schema(&table).await?;
    let key = schema.decode(&Reader::new(&arguments[1]).blob()?)?;
    let (item, capacity) = match parameters.is_consistent {
        true => fetch(session, &table, &key, &parameters).await?,
        false => get_cached(session, &table, &schema, (&key, &parameters)).await?,
    };
    let mut parts = Vec::new();
    if let Some(item) = item {
        let mut writer = Writer::default();
        match &parameters.projection {
            Some(paths) => write_projection(&mut writer, &item, paths),
            None => drop(writer.blob(&session.encoding().values(&item, &schema)?)),
        }
        parts.push((part::ITEM, writer.into_bytes()));
    }
    parts.extend(capacity);
    Ok(answer::of_parts(parts))
}

/// An item, and the part of the answer that tells what it has cost.
type Fetched = (Option<Arc<Item>>, Option<(i64, Vec<u8>)>);

async fn get_cached(
    session: &Session<'_>,
    table: &Text,
    schema: &KeySchema,
    (key, parameters): (&Item, &Parameters),
) -> Result<Fetched, Failure> {
    let cluster = &session.cluster;
    let cache_key = ItemKey::new(table, schema, key);
    if let Some(item) = cluster.items.get(&cache_key, session.ctx.now()) {
        cluster.metrics.item_cache_hits.add(1);
        return Ok((item, None));
    }
    cluster.metrics.item_cache_misses.add(1);
    let begun = cluster.items.fetch(&cache_key);
    let (item, capacity) = fetch(session, table, key, parameters).await?;
    cluster.keep_read(begun, cache_key, item.as_deref(), session.ctx.now());
    Ok((item, capacity))
}

/// Reads a whole item of DynamoDB's.
async fn fetch(
    session: &Session<'_>,
    table: &Text,
    key: &Item,
    parameters: &Parameters,
) -> Result<Fetched, Failure> {
    let members = Members::default()
        .with("TableName", text(table))
        .with("Key", to_map(key))
        .with("ConsistentRead", Value::Bool(parameters.is_consistent))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity);
    let output = session.call::<op::GetItem>(members).await?;
    Ok((item_of(&output, "Item")?.map(Arc::new), answer::capacity_part(&output)))
}

/// What a batch wants of a table.
struct Wanted {
    table: Text,
    schema: Arc<KeySchema>,
    is_consistent: bool,
    projection: Option<Vec<Path>>,
    /// Keys that the cache does not answer for, with what was known of writes to them.
    missing: Vec<(Item, Option<(ItemKey, Fetch)>)>,
    found: Vec<Arc<Item>>,
    unprocessed: Vec<Item>,
}

/// `[{table: [consistent, projection or null, [key …]]}, parameters]`. The answer is an array that says it has two
/// elements, with a third behind it.
pub(crate) async fn batch_get_item(
    session: &Session<'_>,
    arguments: &[Bytes; 2],
) -> Result<Vec<u8>, Failure> {
    session.authorize("BatchGetItem")?;
    let parameters = Parameters::read(&arguments[1])?;
    let mut tables = Vec::new();
    for (table, is_consistent, projection, keys) in read_tables(&arguments[0])? {
        let schema = session.schema(&table).await?;
        if let Some(paths) = &projection {
            whole_attributes(paths)?;
        }
        let mut wanted = Wanted {
            table,
            schema,
            is_consistent,
            projection,
            missing: Vec::new(),
            found: Vec::new(),
            unprocessed: Vec::new(),
        };
        for key in keys {
            look_up(session, &mut wanted, &key)?;
        }
        tables.push(wanted);
    }
    // A batch of which everything is cached is no batch for DynamoDB; an empty one is refused by it.
    let is_asked = tables.is_empty() || tables.iter().any(|wanted| !wanted.missing.is_empty());
    let output = match is_asked {
        true => fetch_batch(session, &mut tables, &parameters).await?,
        false => Record::new(dynamodb::BatchGetItemOutput::shape().expect("the output has a shape")),
    };
    encode_batch(session, &tables, &output)
}

type TableRequest = (Text, bool, Option<Vec<Path>>, Vec<Bytes>);

fn read_tables(bytes: &Bytes) -> Result<Vec<TableRequest>, Malformed> {
    let mut tables = Vec::new();
    Reader::new(bytes).map(|reader| {
        let table = reader.name()?;
        reader.array_of(3)?;
        let is_consistent = reader.bool()?;
        let projection = match reader.null()? {
            true => None,
            false => Some(expression::projection(&reader.blob()?)?),
        };
        tables.push((table, is_consistent, projection, reader.array(Reader::blob)?));
        Ok(())
    })?;
    Ok(tables)
}

fn look_up(session: &Session<'_>, wanted: &mut Wanted, key: &Bytes) -> Result<(), Failure> {
    let cluster = &session.cluster;
    let key = wanted.schema.decode(key)?;
    if wanted.is_consistent {
        wanted.missing.push((key, None));
        return Ok(());
    }
    let cache_key = ItemKey::new(&wanted.table, &wanted.schema, &key);
    match cluster.items.get(&cache_key, session.ctx.now()) {
        Some(item) => {
            cluster.metrics.item_cache_hits.add(1);
            wanted.found.extend(item);
        }
        None => {
            cluster.metrics.item_cache_misses.add(1);
            let begun = cluster.items.fetch(&cache_key);
            wanted.missing.push((key, Some((cache_key, begun))));
        }
    }
    Ok(())
}

async fn fetch_batch(
    session: &Session<'_>,
    tables: &mut [Wanted],
    parameters: &Parameters,
) -> Result<Record, Failure> {
    let of_table = dynamodb::KeysAndAttributes::shape().expect("a structure of the model has a shape");
    let requests = tables.iter().filter(|wanted| !wanted.missing.is_empty()).map(|wanted| {
        let mut request = Record::new(of_table);
        let keys = wanted.missing.iter().map(|(key, _)| to_map(key)).collect();
        request.set_by_name("Keys", Value::List(keys));
        request.set_by_name("ConsistentRead", Value::Bool(wanted.is_consistent));
        (wanted.table.clone(), Value::Structure(Box::new(request)))
    });
    let members = Members::default()
        .with("RequestItems", Value::Map(requests.collect::<Map>()))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity);
    let output = session.call::<op::BatchGetItem>(members).await?;
    for wanted in tables {
        take(session, wanted, &output)?;
    }
    Ok(output)
}

/// Takes from DynamoDB's answer what belongs to a table.
fn take(session: &Session<'_>, wanted: &mut Wanted, output: &Record) -> Result<(), Failure> {
    let of_table = |member: &str| match output.by_name(member) {
        Some(Value::Map(tables)) => tables.get(&wanted.table),
        _ => None,
    };
    let mut found = Vec::new();
    if let Some(Value::List(items)) = of_table("Responses") {
        for item in items {
            found.extend(read_map(item)?.map(Arc::new));
        }
    }
    let mut unprocessed = Vec::new();
    if let Some(Value::Structure(rest)) = of_table("UnprocessedKeys")
        && let Some(Value::List(keys)) = rest.by_name("Keys")
    {
        for key in keys {
            unprocessed.extend(read_map(key)?);
        }
    }
    let now = session.ctx.now();
    for (key, cached) in std::mem::take(&mut wanted.missing) {
        let Some((cache_key, begun)) = cached.filter(|_| !unprocessed.contains(&key)) else { continue };
        let has_key = |item: &&Arc<Item>| key.iter().all(|(name, value)| item.get(name) == Some(value));
        session.cluster.keep_read(begun, cache_key, found.iter().find(has_key).map(|item| &**item), now);
    }
    wanted.found.extend(found);
    wanted.unprocessed = unprocessed;
    Ok(())
}

fn read_map(value: &Value) -> Result<Option<Item>, Failure> {
    match value {
        Value::Map(map) => Ok(Some(from_map(map)?)),
        _ => Ok(None),
    }
}

fn encode_batch(session: &Session<'_>, tables: &[Wanted], output: &Record) -> Result<Vec<u8>, Failure> {
    let encoding = session.encoding();
    let mut writer = answer::success();
    writer.array(2).map(tables.len());
    for wanted in tables {
        writer.text(&wanted.table);
        match &wanted.projection {
            Some(paths) => {
                writer.array(wanted.found.len());
                for item in &wanted.found {
                    write_projection(&mut writer, item, paths);
                }
            }
            None => {
                writer.array(wanted.found.len() * 2);
                for item in &wanted.found {
                    let key = wanted.schema.encode(item).unwrap_or_default();
                    writer.blob(&key).blob(&encoding.values(item, &wanted.schema)?);
                }
            }
        }
    }
    let left: Vec<_> = tables.iter().filter(|wanted| !wanted.unprocessed.is_empty()).collect();
    writer.map(left.len());
    for wanted in left {
        writer.text(&wanted.table).array(wanted.unprocessed.len());
        for key in &wanted.unprocessed {
            writer.blob(&wanted.schema.encode(key).unwrap_or_default());
        }
    }
    answer::write_capacities(&mut writer, output);
    Ok(writer.into_bytes())
}
