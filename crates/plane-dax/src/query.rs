//! Query and Scan: eventually consistent ones come from the query cache, when the very same was asked before.

use std::sync::Arc;

use bytes::Bytes;
use virga_api::dynamodb::op;
use virga_item::{Item, Path, Text};
use virga_model::view::Operation;
use virga_model::{Record, Value};

use crate::answer::{self, part};
use crate::cbor::{Reader, Writer};
use crate::expression::{self, Placeholders};
use crate::failure::Failure;
use crate::item_encoding::{from_map, item_of, to_map, write_projection};
use crate::metrics::Count;
use crate::parameters::{Members, Parameters, whole_attributes};
use crate::query_cache::ResultSet;
use crate::schema::{self, KeySchema};
use crate::session::{Session, text};

/// `[table, key condition, parameters]`.
pub(crate) async fn query(session: &Session<'_>, arguments: &[Bytes; 3]) -> Result<Vec<u8>, Failure> {
    session.authorize("Query")?;
    let metrics = &session.cluster.metrics;
    let asked = Asked::read(session, &arguments[0], &arguments[2]).await?;
    let mut placeholders = Placeholders::default();
    let mut members = asked.members(&mut placeholders)?;
    let mut condition = Reader::new(&arguments[1]);
    if !condition.null()? {
        let rendered = expression::condition(&condition.blob()?, &mut placeholders)?;
        members = members.with_text("KeyConditionExpression", Some(rendered));
    }
    let forward = asked.parameters.scan_index_forward;
    if let Some(forward) = forward {
        members = members.with("ScanIndexForward", Value::Bool(forward));
    }
    let members = members.with_placeholders(&placeholders);
    let counts = (&metrics.query_cache_hits, &metrics.query_cache_misses);
    answer::<op::Query>(session, &asked, members, (b"query", &arguments[..]), counts).await
}

/// `[table, parameters]`.
pub(crate) async fn scan(session: &Session<'_>, arguments: &[Bytes; 2]) -> Result<Vec<u8>, Failure> {
    session.authorize("Scan")?;
    let metrics = &session.cluster.metrics;
    let asked = Asked::read(session, &arguments[0], &arguments[1]).await?;
    let mut placeholders = Placeholders::default();
    let members = asked
        .members(&mut placeholders)?
        .with_int("Segment", asked.parameters.segment)
        .with_int("TotalSegments", asked.parameters.total_segments)
        .with_placeholders(&placeholders);
    let counts = (&metrics.scan_cache_hits, &metrics.scan_cache_misses);
    answer::<op::Scan>(session, &asked, members, (b"scan", &arguments[..]), counts).await
}

/// What Query and Scan have in common.
struct Asked {
    table: Text,
    schema: Arc<KeySchema>,
    parameters: Parameters,
}

impl Asked {
    async fn read(session: &Session<'_>, table: &Bytes, parameters: &Bytes) -> Result<Self, Failure> {
        let table = Reader::new(table).name()?;
        let parameters = Parameters::read(parameters)?;
        Ok(Asked { schema: session.schema(&table).await?, table, parameters })
    }

    fn members(&self, placeholders: &mut Placeholders) -> Result<Members, Failure> {
        let Parameters { index_name, select, limit, exclusive_start_key, filter, projection, .. } =
            &self.parameters;
        let mut members = Members::default()
            .with("TableName", text(&self.table))
            .with("ConsistentRead", Value::Bool(self.parameters.is_consistent))
            .with_text("IndexName", index_name.clone())
            .with_text("Select", *select)
            .with_int("Limit", *limit)
            .with_text("ReturnConsumedCapacity", self.parameters.return_consumed_capacity);
        if let Some(bytes) = exclusive_start_key {
            let key = match index_name {
                Some(_) => schema::decode_named(bytes)?,
                None => self.schema.decode(bytes)?,
            };
            members = members.with("ExclusiveStartKey", to_map(&key));
        }
        if let Some(filter) = filter {
            let rendered = expression::condition(filter, placeholders)?;
            members = members.with_text("FilterExpression", Some(rendered));
        }
        if let Some(paths) = projection {
            let names = whole_attributes(paths)?;
            let names: Vec<String> = names.iter().map(|name| placeholders.name(name)).collect();
            members = members.with_text("ProjectionExpression", Some(names.join(", ")));
        }
        Ok(members)
    }
}

/// Answers from the cache or from DynamoDB. `request` is everything that was asked.
async fn answer<O: Operation>(
    session: &Session<'_>,
    asked: &Asked,
    members: Members,
    request: (&[u8], &[Bytes]),
    (hits, misses): (&Count, &Count),
) -> Result<Vec<u8>, Failure> {
    let cluster = &session.cluster;
    let ttl = cluster.query_ttl().filter(|_| !asked.parameters.is_consistent);
    let Some(ttl) = ttl else {
        let output = session.call::<O>(members).await?;
        return encode(session, asked, &result_set(&output)?, answer::capacity_part(&output));
    };
    let mut key = request.0.to_vec();
    request.1.iter().for_each(|argument| key.extend_from_slice(argument));
    let key = Bytes::from(key);
    if let Some(found) = cluster.queries.get(&key, session.ctx.now()) {
        hits.add(1);
        return encode(session, asked, &found, None);
    }
    misses.add(1);
    let begun = cluster.queries.fetch(&key);
    let output = session.call::<O>(members).await?;
    let found = Arc::new(result_set(&output)?);
    let size = key.len() + found.size();
    cluster.queries.fill(begun, key, Arc::clone(&found), size, (session.ctx.now(), ttl));
    encode(session, asked, &found, answer::capacity_part(&output))
}

fn result_set(output: &Record) -> Result<ResultSet, Failure> {
    let count = |member: &str| match output.by_name(member) {
        Some(Value::Integer(count)) => *count,
        _ => 0,
    };
    let items = match output.by_name("Items") {
        Some(Value::List(items)) => {
            let maps = items.iter().filter_map(|item| match item {
                Value::Map(map) => Some(from_map(map)),
                _ => None,
            });
            Some(maps.collect::<Result<Vec<Item>, _>>()?)
        }
        _ => None,
    };
    Ok(ResultSet {
        items,
        count: count("Count"),
        scanned_count: count("ScannedCount"),
        last_evaluated_key: item_of(output, "LastEvaluatedKey")?,
    })
}

fn encode(
    session: &Session<'_>,
    asked: &Asked,
    found: &ResultSet,
    capacity: Option<(i64, Vec<u8>)>,
) -> Result<Vec<u8>, Failure> {
    let mut parts = Vec::new();
    let int = |number: i64| {
        let mut writer = Writer::default();
        writer.int(number);
        writer.into_bytes()
    };
    if let Some(items) = &found.items {
        parts.push((part::ITEMS, encode_items(session, asked, items)?));
    }
    parts.push((part::COUNT, int(found.count)));
    parts.push((part::SCANNED_COUNT, int(found.scanned_count)));
    if let Some(key) = &found.last_evaluated_key {
        let key = match asked.parameters.index_name {
            Some(_) => Some(schema::encode_named(key)),
            None => asked.schema.encode(key),
        };
        parts.push((part::LAST_EVALUATED_KEY, answer::wrapped(&key.unwrap_or_default())));
    }
    parts.extend(capacity);
    Ok(answer::of_parts(parts))
}

/// Items with their keys; of a projection only what it names.
fn encode_items(session: &Session<'_>, asked: &Asked, items: &[Item]) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer::default();
    writer.array(items.len());
    for item in items {
        match &asked.parameters.projection {
            Some(paths) => write_projection(&mut writer, item, paths as &[Path]),
            None => {
                let key = asked.schema.encode(item).unwrap_or_default();
                writer.array(2).blob(&key).blob(&session.encoding().values(item, &asked.schema)?);
            }
        }
    }
    Ok(writer.into_bytes())
}
