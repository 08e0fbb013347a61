//! Keys of items and of index entries.

use serde::{Deserialize, Serialize};
use virga_item::key::{MAX_HASH_BYTES, MAX_RANGE_BYTES};
use virga_item::{AttributeType, AttributeValue, Item};

use crate::error::Error;
use crate::records::{Index, KeySchema, ScalarType, Table};

/// A key as the bytes that sort as DynamoDB sorts it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ItemKey {
    /// Of the partition key.
    pub(crate) hash: Vec<u8>,
    /// Of the sort key; empty in a table without.
    pub(crate) range: Vec<u8>,
}

impl ScalarType {
    /// The type as the item language knows it.
    pub(crate) fn attribute_type(self) -> AttributeType {
        match self {
            ScalarType::String => AttributeType::S,
            ScalarType::Number => AttributeType::N,
            ScalarType::Binary => AttributeType::B,
        }
    }
}

/// The key under which an item to be put is kept, checked.
pub(crate) fn of_item(table: &Table, item: &Item) -> Result<ItemKey, Error> {
    let part = |name: &str, most: usize| {
        let missing = || Error::invalid_values(format!("Missing the key {name} in the item"));
        let value = item.get(name).ok_or_else(missing)?;
        let expected = table.type_of(name).attribute_type();
        if value.kind() != expected {
            return Err(Error::invalid_values(format!(
                "Type mismatch for key {name} expected: {expected} actual: {}",
                value.kind()
            )));
        }
        checked_bytes(name, value, most)
    };
    Ok(ItemKey {
        hash: part(&table.key.hash, MAX_HASH_BYTES)?,
        range: table.key.range().map_or(Ok(Vec::new()), |range| part(range, MAX_RANGE_BYTES))?,
    })
}

/// The key that a caller names: exactly the attributes of the table's key.
pub(crate) fn of_key(table: &Table, key: &Item) -> Result<ItemKey, Error> {
    let mismatch = || Error::validation("The provided key element does not match the schema");
    if key.len() != 1 + usize::from(table.key.range().is_some()) {
        return Err(mismatch());
    }
    let part = |name: &str, most: usize| {
        let value = key.get(name).ok_or_else(mismatch)?;
        if value.kind() != table.type_of(name).attribute_type() {
            return Err(mismatch());
        }
        checked_bytes(name, value, most)
    };
    Ok(ItemKey {
        hash: part(&table.key.hash, MAX_HASH_BYTES)?,
        range: table.key.range().map_or(Ok(Vec::new()), |range| part(range, MAX_RANGE_BYTES))?,
    })
}

fn checked_bytes(name: &str, value: &AttributeValue, most: usize) -> Result<Vec<u8>, Error> {
    if let Some(kind) = empty(value) {
        return Err(Error::validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
             empty {kind} value. Key: {name}"
        )));
    }
    if virga_item::key::length(value).is_some_and(|length| length > most) {
        return Err(Error::invalid_values(if most == MAX_HASH_BYTES {
            "Size of hashkey has exceeded the maximum size limit of2048 bytes"
        } else {
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
        }));
    }
    virga_item::key::bytes(value)
        .ok_or_else(|| Error::validation("The provided key element does not match the schema"))
}

/// Whether an attribute of the table's key is empty.
pub(crate) fn has_empty_value(table: &Table, key: &Item) -> bool {
    table.key.names().any(|name| key.get(name).is_some_and(|value| empty(value).is_some()))
}

fn empty(value: &AttributeValue) -> Option<&'static str> {
    match value {
        AttributeValue::S(text) if text.is_empty() => Some("string"),
        AttributeValue::B(bytes) if bytes.is_empty() => Some("binary"),
        _ => None,
    }
}

/// Refuses an item whose attributes are of a type that the indexes of its table do not take.
pub(crate) fn check_index_keys(table: &Table, item: &Item) -> Result<(), Error> {
    for index in &table.indexes {
        for name in index.key.names() {
            let Some(value) = item.get(name) else { continue };
            let expected = table.type_of(name).attribute_type();
            if value.kind() != expected {
                return Err(Error::invalid_values(format!(
                    "Type mismatch for Index Key {name} Expected: {expected} Actual: {} IndexName: {}",
                    value.kind(),
                    index.name
                )));
            }
            if let Some(kind) = empty(value) {
                return Err(Error::validation(format!(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not \
                     supported. The AttributeValue for a key attribute cannot contain an empty {kind} value. \
                     IndexName: {}, IndexKey: {name}",
                    index.name
                )));
            }
        }
    }
    Ok(())
}

/// The key of an item in an index; none when the item is not in it, because it lacks an attribute of the key.
pub(crate) fn of_entry(table: &Table, index: &Index, item: &Item) -> Option<ItemKey> {
    let put = |name: &str, attributes: usize, out: &mut Vec<u8>| {
        let value = item.get(name)?;
        if value.kind() != table.type_of(name).attribute_type() || empty(value).is_some() {
            return None;
        }
        virga_item::key::put_part(value, attributes, out).then_some(())
    };
    let (mut hash, mut range) = (Vec::new(), Vec::new());
    let (hashes, ranges) = (index.key.hashes().count(), index.key.ranges().count());
    for name in index.key.hashes() {
        put(name, hashes, &mut hash)?;
    }
    for name in index.key.ranges() {
        put(name, ranges, &mut range)?;
    }
    Some(ItemKey { hash, range })
}

/// The key attributes of an item alone.
pub(crate) fn attributes(key: &KeySchema, item: &Item) -> Item {
    key.names().filter_map(|name| Some((name.into(), item.get(name)?.clone()))).collect()
}

/// The key attributes of a key in bytes.
pub(crate) fn to_attributes(table: &Table, key: &ItemKey) -> Item {
    let parts =
        [Some((table.key.hash.as_str(), &key.hash)), table.key.range().map(|range| (range, &key.range))];
    let value = |(name, bytes): (&str, &Vec<u8>)| {
        Some((name.into(), virga_item::key::value(table.type_of(name).attribute_type(), bytes)?))
    };
    parts.into_iter().flatten().filter_map(value).collect()
}
