//! PutItem, UpdateItem and DeleteItem: they go through to DynamoDB, and then to the item cache.

use bytes::Bytes;
use virga_api::dynamodb::op;
use virga_item::{Item, Text};
use virga_model::view::Operation;
use virga_model::{Record, Value};

use crate::answer::{self, part};
use crate::cbor::Reader;
use crate::expression::{self, Placeholders};
use crate::failure::Failure;
use crate::item_cache::ItemKey;
use crate::item_encoding::{item_of, to_map};
use crate::parameters::{Members, Parameters};
use crate::schema::KeySchema;
use crate::session::{Session, text};

/// `[table, key, values, parameters]`.
pub(crate) async fn put_item(session: &Session<'_>, arguments: &[Bytes; 4]) -> Result<Vec<u8>, Failure> {
    session.authorize("PutItem")?;
    let table = Reader::new(&arguments[0]).name()?;
    let parameters = Parameters::read(&arguments[3])?;
    let schema = session.schema(&table).await?;
    let key = schema.decode(&Reader::new(&arguments[1]).blob()?)?;
    let item = session.encoding().read(key, &Reader::new(&arguments[2]).blob()?)?;
    let mut placeholders = Placeholders::default();
    let members = common(&table, &parameters, &mut placeholders)?
        .with("Item", to_map(&item))
        .with_text("ReturnValues", parameters.return_values)
        .with_placeholders(&placeholders);
    let place = ItemKey::new(&table, &schema, &item);
    let output = write_through::<op::PutItem>(session, place, members, |_| Ok(Some(item))).await?;
    encode(session, &schema, &parameters, &output)
}

/// `[table, key, parameters]`. What the item is like afterwards is asked of DynamoDB, unless the caller wants to know
/// something else: then the cache forgets it.
pub(crate) async fn update_item(session: &Session<'_>, arguments: &[Bytes; 3]) -> Result<Vec<u8>, Failure> {
    session.authorize("UpdateItem")?;
    let table = Reader::new(&arguments[0]).name()?;
    let parameters = Parameters::read(&arguments[2])?;
    let schema = session.schema(&table).await?;
    let key = schema.decode(&Reader::new(&arguments[1]).blob()?)?;
    let mut placeholders = Placeholders::default();
    let mut members = common(&table, &parameters, &mut placeholders)?.with("Key", to_map(&key));
    if let Some(update) = &parameters.update {
        let rendered = expression::update(update, &mut placeholders)?;
        members = members.with_text("UpdateExpression", Some(rendered));
    }
    let wanted = parameters.return_values.unwrap_or("NONE");
    let asked = if wanted == "NONE" { "ALL_NEW" } else { wanted };
    let members = members.with_text("ReturnValues", Some(asked)).with_placeholders(&placeholders);
    let place = ItemKey::new(&table, &schema, &key);
    let new = |output: &Record| match asked {
        "ALL_NEW" => Ok(item_of(output, "Attributes")?),
        _ => Ok(None),
    };
    let mut output = write_through::<op::UpdateItem>(session, place, members, new).await?;
    if wanted == "NONE" {
        output.set_by_name("Attributes", Value::Null);
    }
    encode(session, &schema, &parameters, &output)
}

/// `[table, key, parameters]`.
pub(crate) async fn delete_item(session: &Session<'_>, arguments: &[Bytes; 3]) -> Result<Vec<u8>, Failure> {
    session.authorize("DeleteItem")?;
    let table = Reader::new(&arguments[0]).name()?;
    let parameters = Parameters::read(&arguments[2])?;
    let schema = session.schema(&table).await?;
    let key = schema.decode(&Reader::new(&arguments[1]).blob()?)?;
    let mut placeholders = Placeholders::default();
    let members = common(&table, &parameters, &mut placeholders)?
        .with("Key", to_map(&key))
        .with_text("ReturnValues", parameters.return_values)
        .with_placeholders(&placeholders);
    let place = ItemKey::new(&table, &schema, &key);
    let output = write_through::<op::DeleteItem>(session, place, members, |_| Ok(None)).await?;
    encode(session, &schema, &parameters, &output)
}

/// What all writes say.
fn common(
    table: &Text,
    parameters: &Parameters,
    placeholders: &mut Placeholders,
) -> Result<Members, Failure> {
    let members = Members::default()
        .with("TableName", text(table))
        .with_text("ReturnConsumedCapacity", parameters.return_consumed_capacity)
        .with_text("ReturnItemCollectionMetrics", parameters.return_collection_metrics);
    Ok(match &parameters.condition {
        Some(condition) => {
            let rendered = expression::condition(condition, placeholders)?;
            members.with_text("ConditionExpression", Some(rendered))
        }
        None => members,
    })
}

/// Writes to DynamoDB, then to the cache. A write that fails changes nothing in either.
async fn write_through<O: Operation>(
    session: &Session<'_>,
    place: ItemKey,
    members: Members,
    new: impl FnOnce(&Record) -> Result<Option<Item>, Failure>,
) -> Result<Record, Failure> {
    let cluster = &session.cluster;
    let begun = cluster.items.begin_write(&place);
    let output = session.call::<O>(members).await;
    let now = session.ctx.now();
    match output {
        Ok(output) => {
            let item = new(&output).unwrap_or_default();
            cluster.keep_written(begun, place, item.as_ref(), now);
            Ok(output)
        }
        Err(failure) => {
            match failure.error().is_fault() {
                // Nobody knows whether it was written.
                true => cluster.keep_written(begun, place, None, now),
                false => cluster.items.abandon_write(begun, &place),
            }
            Err(failure)
        }
    }
}

fn encode(
    session: &Session<'_>,
    schema: &KeySchema,
    parameters: &Parameters,
    output: &Record,
) -> Result<Vec<u8>, Failure> {
    let mut parts = Vec::new();
    if let Some(attributes) = item_of(output, "Attributes")? {
        let is_partial = matches!(parameters.return_values, Some("UPDATED_OLD" | "UPDATED_NEW"));
        let bytes = match is_partial {
            true => session.encoding().changed(&attributes)?,
            false => session.encoding().values(&attributes, schema)?,
        };
        parts.push((part::ATTRIBUTES, answer::wrapped(&bytes)));
    }
    parts.extend(answer::capacity_part(output));
    parts.extend(answer::collection_part(output));
    Ok(answer::of_parts(parts))
}
