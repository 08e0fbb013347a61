//! `BatchGetItem` and `BatchWriteItem`: many items of several tables in one call, each for itself.

use virga_api::dynamodb as api;
use virga_item::{Item, attribute};
use virga_kit::{Ctx, Failure};
use virga_model::view::{Entries, List, Structure as _};
use virga_model::{Map, Text, Value};
use virga_store::{Read, Write};

use super::attributes::{self, ShownList};
use super::capacity::{Kind, Reading, Units, consumed};
use super::key::{self, ItemKey};
use super::open::Tables;
use super::read::Wanted;
use super::stale::View;
use super::throttle::{self, Use};
use super::write::{Cause, check_size, find, write};
use super::{guard, metrics};
use crate::error::Error;

/// Keys of a BatchGetItem at most, and writes of a BatchWriteItem.
const MOST_KEYS: usize = 100;
const MOST_WRITES: usize = 25;
/// Bytes that a BatchGetItem answers at most: 16 MB.
const MOST_BYTES: u64 = 16 << 20;

/// Reads items of several tables.
pub(crate) fn batch_get_item(
    ctx: &Ctx,
    txn: &Read,
    input: &api::BatchGetItemInput,
) -> Result<api::BatchGetItemOutput, Failure> {
    let requests = input.request_items();
    let count: usize = requests.iter().map(|(_, keys)| keys.keys().len()).sum();
    if count > MOST_KEYS {
        return Err(Error::validation("Too many items requested for the BatchGetItem call").into());
    }
    check_one_kind_of_projection(requests)?;
    let mut tables = Tables::default();
    let mut batch = GetBatch::default();
    let mut responses: Vec<(String, ShownList)> = Vec::new();
    let mut consumption = Vec::new();
    for (name, wanted) in requests.iter() {
        check_keys_and_attributes(wanted)?;
        let opened = tables.open(ctx, txn, name)?;
        let view = View::of(ctx, wanted.consistent_read());
        let (items, units) = batch.table((ctx, txn), name, &opened.open(), wanted, view.as_ref())?;
        responses.push((name.to_owned(), items));
        consumption.extend(consumed(input.return_consumed_capacity(), name, &units, Kind::Untold));
    }
    if let Some(refusal) = batch.refusal.filter(|_| !batch.has_read) {
        return Err(refusal);
    }
    let consumption =
        input.return_consumed_capacity().filter(|_| !consumption.is_empty()).map(|_| consumption);
    let mut record = api::BatchGetItemOutput::new()
        .with_responses(responses)
        .with_consumed_capacity(consumption)
        .into_record();
    record.set_by_name("UnprocessedKeys", Value::Map(batch.unprocessed));
    Ok(api::BatchGetItemOutput::from_record(record))
}

/// Refuses a projection of one table beside the older attributes of another.
fn check_one_kind_of_projection(requests: Entries<'_, &api::KeysAndAttributes>) -> Result<(), Error> {
    let mut all = api::KeysAndAttributes::new().into_record();
    for (_, wanted) in requests.iter() {
        for member in ["AttributesToGet", "ProjectionExpression"] {
            if let Some(value) = wanted.as_record().by_name(member).filter(|value| **value != Value::Null) {
                all.set_by_name(member, value.clone());
            }
        }
    }
    guard::check_not_mixed(&all, &["AttributesToGet"], &["ProjectionExpression"]).map(|_| ())
}

fn check_keys_and_attributes(wanted: &api::KeysAndAttributes) -> Result<(), Error> {
    let record = wanted.as_record();
    guard::check_not_mixed(record, &["AttributesToGet"], &["ProjectionExpression"])?;
    guard::check_expressions(record, &["ProjectionExpression"])
}

#[derive(Default)]
struct GetBatch {
    bytes: u64,
    /// Whether something was read.
    has_read: bool,
    /// Why the first item that was throttled was not read: the answer if nothing else was.
    refusal: Option<Failure>,
    unprocessed: Map,
}

impl GetBatch {
    fn table(
        &mut self,
        (ctx, txn): (&Ctx, &Read),
        name: &str,
        open: &super::Open<'_>,
        request: &api::KeysAndAttributes,
        view: Option<&View>,
    ) -> Result<(ShownList, Units), Failure> {
        let record = request.as_record();
        let reading = Reading::of(request.consistent_read());
        let mut placeholders = guard::placeholders(record).map_err(Error::in_current_words)?;
        let wanted = Wanted::read(record, &mut placeholders)?;
        placeholders.all_used().map_err(Error::from)?;
        let Some(Value::List(named)) = record.by_name("Keys") else {
            return Ok((ShownList::default(), Units::default()));
        };
        let mut found: Vec<ItemKey> = Vec::with_capacity(named.len());
        for value in named {
            let Value::Map(map) = value else { continue };
            let named = attribute::read_item(map).map_err(|error| Error::from(error).in_current_words())?;
            let key = key::of_key(open.table, &named)?;
            if found.contains(&key) {
                return Err(Error::validation("Provided list of item keys contains duplicates").into());
            }
            found.push(key);
        }
        let (mut items, mut units, mut left) = (ShownList::default(), Units::default(), Vec::new());
        for (key, value) in found.iter().zip(named) {
            if let Err(refusal) = throttle::admit_item(ctx, txn, open, key, Use::Read) {
                self.refusal.get_or_insert(refusal);
                left.push(value.clone());
                continue;
            }
            let stored = open.item(txn, key)?;
            let stored = match view {
                Some(view) => view.seen(open.table.id, key, stored),
                None => stored,
            };
            let size = stored.as_ref().map_or(0, |stored| u64::from(stored.size));
            if self.bytes + size > MOST_BYTES {
                left.push(value.clone());
                continue;
            }
            self.bytes += size;
            self.has_read = true;
            let cost = Units::of_table(reading.units(size));
            throttle::charge_item(ctx, open, key, Use::Read, &cost);
            units.add(cost, 1.0);
            if let Some(stored) = stored {
                items.push(&wanted.part(stored.as_ref())?)?;
            }
        }
        if !left.is_empty() {
            let mut rest = record.clone();
            rest.set_by_name("Keys", Value::List(left));
            self.unprocessed.insert(Text::from(name), Value::Structure(Box::new(rest)));
        }
        Ok((items, units))
    }
}

/// A put or a delete of a batch.
struct BatchWrite<'a> {
    table: &'a str,
    key: ItemKey,
    item: Option<Item>,
    request: &'a api::WriteRequest,
}

/// Puts and deletes items of several tables. Nothing is done unless all of it can be.
pub(crate) fn batch_write_item(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::BatchWriteItemInput,
) -> Result<api::BatchWriteItemOutput, Failure> {
    let requests = input.request_items();
    let count: usize = requests.iter().map(|(_, writes)| writes.len()).sum();
    if count > MOST_WRITES {
        return Err(Error::validation("Too many items requested for the BatchWriteItem call").into());
    }
    let mut tables = Tables::default();
    let writes = read_writes(ctx, txn, &mut tables, requests)?;
    let mut units: Vec<(&str, Units)> = Vec::new();
    let mut unprocessed: Vec<&BatchWrite<'_>> = Vec::new();
    let mut refusal = None;
    let mut collections: Vec<(String, Vec<api::ItemCollectionMetrics>)> = Vec::new();
    for change in &writes {
        let open = tables.get(change.table)?.open();
        let old = find(txn, &open, &change.key)?;
        let admitted = throttle::admit_item(ctx, txn, &open, &change.key, Use::Write)
            .and_then(|()| throttle::admit_entries(ctx, &open, old.as_ref(), change.item.as_ref()));
        if let Err(failure) = admitted {
            refusal.get_or_insert(failure);
            unprocessed.push(change);
            continue;
        }
        let cost = write(ctx, txn, &open, &change.key, old.as_ref(), change.item.as_ref(), Cause::Call)?;
        throttle::charge_change(ctx, &open, &change.key, (old.as_ref(), change.item.as_ref()), &cost)?;
        match units.iter_mut().find(|(name, _)| *name == change.table) {
            Some((_, units)) => units.add(cost, 1.0),
            None => units.push((change.table, cost)),
        }
        if let Some(metrics) = metrics::of(txn, &open, &change.key, input.return_item_collection_metrics())? {
            metrics::add(&mut collections, change.table, metrics);
        }
    }
    // A batch of which nothing was done is refused.
    if let Some(refusal) = refusal.filter(|_| units.is_empty()) {
        return Err(refusal);
    }
    let asked = input.return_consumed_capacity();
    let consumption: Vec<_> =
        units.iter().filter_map(|(name, units)| consumed(asked, name, units, Kind::Untold)).collect();
    let mut record = api::BatchWriteItemOutput::new()
        .with_consumed_capacity((!consumption.is_empty()).then_some(consumption))
        .with_item_collection_metrics((!collections.is_empty()).then_some(collections))
        .into_record();
    record.set_by_name("UnprocessedItems", Value::Map(again(&unprocessed)));
    Ok(api::BatchWriteItemOutput::from_record(record))
}

/// Writes that were not done, as they were asked for.
fn again(writes: &[&BatchWrite<'_>]) -> Map {
    let mut tables: Vec<(&str, Vec<Value>)> = Vec::new();
    for write in writes {
        let request = Value::Structure(Box::new(write.request.as_record().clone()));
        match tables.iter_mut().find(|(table, _)| *table == write.table) {
            Some((_, requests)) => requests.push(request),
            None => tables.push((write.table, vec![request])),
        }
    }
    tables.into_iter().map(|(table, requests)| (Text::from(table), Value::List(requests))).collect()
}

fn read_writes<'a>(
    ctx: &'a Ctx,
    txn: &Write,
    tables: &mut Tables<'a>,
    requests: Entries<'a, List<'a, &'a api::WriteRequest>>,
) -> Result<Vec<BatchWrite<'a>>, Error> {
    let mut writes: Vec<BatchWrite<'a>> = Vec::new();
    for (table, list) in requests.iter() {
        let opened = tables.open(ctx, txn, table)?;
        for request in list.iter() {
            let (key, item) = match (request.put_request(), request.delete_request()) {
                (Some(put), None) => {
                    attributes::check_names(put.as_record(), "Item")?;
                    let item = attributes::item(put.as_record(), "Item")?;
                    check_size(&item, false)?;
                    let key = key::of_item(&opened.table, &item).map_err(as_batch)?;
                    key::check_index_keys(&opened.table, &item)?;
                    (key, Some(item))
                }
                (None, Some(delete)) => {
                    let named = attributes::item(delete.as_record(), "Key")?;
                    (key::of_key(&opened.table, &named)?, None)
                }
                (put, _) => {
                    let reason = match put {
                        Some(_) => {
                            "Supplied WriteRequest has more than one of PutRequest and DeleteRequest set"
                        }
                        None => {
                            "Supplied AttributeValue has no PutRequest and no DeleteRequest, must contain exactly one \
                             of the supported requests"
                        }
                    };
                    return Err(Error::validation(reason));
                }
            };
            if writes.iter().any(|known| known.table == table && known.key == key) {
                return Err(Error::validation("Provided list of item keys contains duplicates"));
            }
            writes.push(BatchWrite { table, key, item, request });
        }
    }
    Ok(writes)
}

/// A batch tells an item without its key, or with another type of it, shortly.
fn as_batch(error: Error) -> Error {
    match error {
        Error::Validation { reason }
            if reason.starts_with("One or more parameter values were invalid: Missing")
                || reason.contains("Type mismatch for key") =>
        {
            Error::validation("The provided key element does not match the schema")
        }
        error => error,
    }
}
