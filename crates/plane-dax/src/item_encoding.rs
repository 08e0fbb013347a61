//! Items as they travel: the number of their attribute list, then the values of the attributes but the key, one after
//! the other. Of projections and updates only some values travel, each behind the number of its place.

use bytes::Bytes;
use virga_api::dynamodb;
use virga_item::{AttributeValue, Item, Path, Text, attribute};
use virga_model::view::Structure as _;
use virga_model::{ApiError, Map, Record, Shape, Value};

use crate::attribute_lists::AttributeLists;
use crate::cbor::{Malformed, Reader, Writer};
use crate::failure::Failure;
use crate::schema::KeySchema;

/// The shape of attribute values in DynamoDB's API.
pub(crate) fn attribute_shape() -> Shape {
    dynamodb::AttributeValue::shape().expect("a structure of the model has a shape")
}

/// An item as a member of DynamoDB's API.
pub(crate) fn to_map(item: &Item) -> Value {
    Value::Map(attribute::write_item(item, attribute_shape()))
}

/// An item out of a member of DynamoDB's API.
pub(crate) fn from_map(map: &Map) -> Result<Item, ApiError> {
    // What DynamoDB answers with is well-formed.
    attribute::read_item(map).map_err(|_| ApiError::internal())
}

/// The item in a member of a record, if there is one.
pub(crate) fn item_of(record: &Record, member: &str) -> Result<Option<Item>, ApiError> {
    match record.by_name(member) {
        Some(Value::Map(map)) => from_map(map).map(Some),
        _ => Ok(None),
    }
}

/// Writes and reads items with the attribute lists of a process.
pub(crate) struct ItemEncoding<'l>(pub(crate) &'l AttributeLists);

impl ItemEncoding<'_> {
    /// The number of an attribute list.
    pub(crate) fn number(&self, names: &[Text]) -> Result<i64, ApiError> {
        let full = || {
            ApiError::common(
                "LimitExceededException",
                400,
                "Too many different lists of attributes are in use.",
            )
        };
        self.0.number(names).ok_or_else(full)
    }

    /// The attributes of an item but its key.
    pub(crate) fn values(&self, item: &Item, schema: &KeySchema) -> Result<Vec<u8>, ApiError> {
        let others: Vec<_> = item.iter().filter(|(name, _)| !schema.contains(name)).collect();
        let names: Vec<Text> = others.iter().map(|(name, _)| name.clone()).collect();
        let mut writer = Writer::default();
        writer.int(self.number(&names)?);
        for (_, value) in others {
            writer.attribute(value);
        }
        Ok(writer.into_bytes())
    }

    /// The attributes that an update has changed, by their places in a list of their own.
    pub(crate) fn changed(&self, item: &Item) -> Result<Vec<u8>, ApiError> {
        let names: Vec<Text> = item.iter().map(|(name, _)| name.clone()).collect();
        let mut writer = Writer::default();
        writer.int(self.number(&names)?).map(names.len());
        for (place, (_, value)) in (0..).zip(item.iter()) {
            writer.int(place).attribute(value);
        }
        Ok(writer.into_bytes())
    }

    /// Reads the attributes behind a key, and puts them to it.
    pub(crate) fn read(&self, key: Item, values: &Bytes) -> Result<Item, Failure> {
        let mut reader = Reader::new(values);
        let number = reader.int()?;
        let unknown = || Malformed::Shape(format!("no attribute list has the number {number}"));
        let names = self.0.names(number).ok_or_else(unknown)?;
        let mut item = key;
        for name in &*names {
            item.insert(name.clone(), reader.attribute()?);
        }
        match reader.is_at_end() {
            true => Ok(item),
            false => Err(Malformed::expected("as many values as the attribute list has names").into()),
        }
    }

    /// A reason for which a transaction was cancelled.
    pub(crate) fn write_reason(&self, writer: &mut Writer, reason: &Value) {
        let Value::Structure(reason) = reason else {
            writer.null().null().null();
            return;
        };
        for member in ["Code", "Message"] {
            match reason.by_name(member) {
                Some(Value::String(text)) => writer.text(text),
                _ => writer.null(),
            };
        }
        // The client puts the key to it, which stands among the attributes as well: both are the same.
        let item = item_of(reason, "Item").ok().flatten();
        match item.and_then(|item| self.values(&item, &KeySchema(Vec::new())).ok()) {
            Some(values) => writer.blob(&values),
            None => writer.null(),
        };
    }
}

/// The parts of an item that a projection names, by their places in it.
pub(crate) fn write_projection(writer: &mut Writer, item: &Item, paths: &[Path]) {
    let found = paths.iter().enumerate().filter_map(|(place, path)| Some((place, path.get(item)?)));
    let found: Vec<(usize, &AttributeValue)> = found.collect();
    writer.map(found.len());
    for (place, value) in found {
        writer.int(i64::try_from(place).unwrap_or(i64::MAX)).attribute(value);
    }
}
