//! What answers have in common: consumed capacity and the metrics of item collections.

use virga_item::Item;
use virga_model::{Record, Value};

use crate::cbor::Writer;
use crate::item_encoding::item_of;

/// The keys of an answer's map.
pub(crate) mod part {
    pub(crate) const ITEM: i64 = 0;
    pub(crate) const CONSUMED_CAPACITY: i64 = 1;
    pub(crate) const ATTRIBUTES: i64 = 2;
    pub(crate) const ITEM_COLLECTION_METRICS: i64 = 3;
    pub(crate) const ITEMS: i64 = 7;
    pub(crate) const COUNT: i64 = 8;
    pub(crate) const LAST_EVALUATED_KEY: i64 = 9;
    pub(crate) const SCANNED_COUNT: i64 = 10;
}

/// The beginning of every answer that is no error.
pub(crate) fn success() -> Writer {
    let mut writer = Writer::default();
    writer.array(0);
    writer
}

/// The parts of an answer, each CBOR already, as a map. Without any, null.
pub(crate) fn of_parts(parts: Vec<(i64, Vec<u8>)>) -> Vec<u8> {
    let mut writer = success();
    if parts.is_empty() {
        writer.null();
        return writer.into_bytes();
    }
    writer.map(parts.len());
    for (number, bytes) in parts {
        writer.int(number).raw(&bytes);
    }
    writer.into_bytes()
}

/// A byte string with CBOR in it.
pub(crate) fn wrapped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.blob(bytes);
    writer.into_bytes()
}

/// The consumed capacity of an answer of DynamoDB, as a part of an answer.
pub(crate) fn capacity_part(output: &Record) -> Option<(i64, Vec<u8>)> {
    match output.by_name("ConsumedCapacity") {
        Some(Value::Structure(capacity)) => {
            Some((part::CONSUMED_CAPACITY, wrapped(&capacity_bytes(capacity))))
        }
        _ => None,
    }
}

/// The consumed capacities of a batch: each in a byte string.
pub(crate) fn write_capacities(writer: &mut Writer, output: &Record) {
    let capacities = capacities(output);
    writer.array(capacities.len());
    for capacity in capacities {
        writer.blob(&capacity_bytes(capacity));
    }
}

/// The consumed capacities of a transaction: each a map, by numbers.
pub(crate) fn write_capacity_maps(writer: &mut Writer, output: &Record) {
    let capacities = capacities(output);
    writer.array(capacities.len());
    for capacity in capacities {
        write_capacity_map(writer, capacity);
    }
}

fn capacities(output: &Record) -> Vec<&Record> {
    let Some(Value::List(capacities)) = output.by_name("ConsumedCapacity") else { return Vec::new() };
    let records = capacities.iter().filter_map(|capacity| match capacity {
        Value::Structure(record) => Some(&**record),
        _ => None,
    });
    records.collect()
}

/// Table, units, units of the table itself, of global and of local indexes: one after the other, null for what is not
/// told.
fn capacity_bytes(capacity: &Record) -> Vec<u8> {
    let mut writer = Writer::default();
    if let Some(Value::String(table)) = capacity.by_name("TableName") {
        writer.text(table);
    }
    writer.float(units(capacity, "CapacityUnits").unwrap_or(0.0));
    match capacity.by_name("Table") {
        Some(Value::Structure(table)) => writer.float(units(table, "CapacityUnits").unwrap_or(0.0)),
        _ => writer.null(),
    };
    for member in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let Some(Value::Map(indexes)) = capacity.by_name(member) else {
            writer.null();
            continue;
        };
        writer.map(indexes.len());
        for (name, index) in indexes.iter() {
            let units = match index {
                Value::Structure(index) => units(index, "CapacityUnits"),
                _ => None,
            };
            writer.text(name).float(units.unwrap_or(0.0));
        }
    }
    writer.into_bytes()
}

fn units(record: &Record, member: &str) -> Option<f64> {
    match record.by_name(member) {
        Some(Value::Double(units)) => Some(*units),
        _ => None,
    }
}

/// The members of a capacity by their numbers.
const CAPACITY: [(i64, &str); 7] = [
    (1, "CapacityUnits"),
    (2, "ReadCapacityUnits"),
    (3, "WriteCapacityUnits"),
    (4, "TableName"),
    (5, "Table"),
    (6, "GlobalSecondaryIndexes"),
    (7, "LocalSecondaryIndexes"),
];

fn write_capacity_map(writer: &mut Writer, capacity: &Record) {
    let told = |(_, member): &&(i64, &str)| !matches!(capacity.by_name(member), None | Some(Value::Null));
    writer.map(CAPACITY.iter().filter(told).count());
    for (number, member) in CAPACITY.iter().filter(told) {
        writer.int(*number);
        match capacity.by_name(member) {
            Some(Value::Double(units)) => drop(writer.float(*units)),
            Some(Value::String(name)) => drop(writer.text(name)),
            Some(Value::Structure(table)) => write_capacity_map(writer, table),
            Some(Value::Map(indexes)) => {
                writer.map(indexes.len());
                for (name, index) in indexes.iter() {
                    writer.text(name);
                    match index {
                        Value::Structure(index) => write_capacity_map(writer, index),
                        _ => drop(writer.map(0)),
                    }
                }
            }
            _ => drop(writer.null()),
        }
    }
}

/// The metrics of the item collection that a write has touched, as a part of an answer.
pub(crate) fn collection_part(output: &Record) -> Option<(i64, Vec<u8>)> {
    match output.by_name("ItemCollectionMetrics") {
        Some(Value::Structure(metrics)) => {
            Some((part::ITEM_COLLECTION_METRICS, wrapped(&collection_bytes(metrics))))
        }
        _ => None,
    }
}

/// The metrics of item collections by their tables.
pub(crate) fn write_collections(writer: &mut Writer, output: &Record) {
    let Some(Value::Map(tables)) = output.by_name("ItemCollectionMetrics") else {
        writer.map(0);
        return;
    };
    writer.map(tables.len());
    for (table, collections) in tables.iter() {
        let collections = match collections {
            Value::List(collections) => &collections[..],
            _ => &[],
        };
        writer.text(table).array(collections.len());
        for collection in collections {
            match collection {
                Value::Structure(metrics) => writer.blob(&collection_bytes(metrics)),
                _ => writer.null(),
            };
        }
    }
}

/// The partition key of a collection, and its size from and to, in gigabytes.
fn collection_bytes(metrics: &Record) -> Vec<u8> {
    let mut writer = Writer::default();
    let key: Option<Item> = item_of(metrics, "ItemCollectionKey").ok().flatten();
    match key.as_ref().and_then(|key| key.iter().next()) {
        Some((_, value)) => writer.attribute(value),
        None => writer.null(),
    };
    let bounds = match metrics.by_name("SizeEstimateRangeGB") {
        Some(Value::List(bounds)) => &bounds[..],
        _ => &[],
    };
    for place in 0..2 {
        let bound = match bounds.get(place) {
            Some(Value::Double(bound)) => *bound,
            _ => 0.0,
        };
        writer.float(bound);
    }
    writer.into_bytes()
}
