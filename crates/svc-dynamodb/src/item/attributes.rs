//! Items and keys between the API's records and the item language.

use virga_api::dynamodb as api;
use virga_item::{Item, attribute};
use virga_model::view::{ListOf, MapOf, Put, Structure};
use virga_model::{Map, Record, Shape, Value};
use virga_store::Fault;

use crate::error::Error;
use crate::records::StoredItem;

/// An item in an answer.
pub(crate) struct Shown(Value);

impl Shown {
    pub(crate) fn of(item: &Item) -> Self {
        Shown(Value::Map(attribute::write_item(item, shape())))
    }

    /// An item as it is stored: the answer is written straight from that.
    pub(crate) fn stored(item: StoredItem) -> Result<Self, Fault> {
        let value = virga_item::stored::deferred(item.bytes, shape());
        value.map(Shown).map_err(|error| Fault::with_source("a stored item", error))
    }
}

impl Put<MapOf<api::AttributeValue>> for Shown {
    fn into_value(self) -> Value {
        self.0
    }
}

fn shape() -> Shape {
    api::AttributeValue::shape().expect("attribute values are structures of the model")
}

/// Several items in an answer.
pub(crate) struct ShownList(pub(crate) Vec<Shown>);

impl Put<ListOf<MapOf<api::AttributeValue>>> for ShownList {
    fn into_value(self) -> Value {
        Value::List(self.0.into_iter().map(|shown| shown.0).collect())
    }
}

/// A member that is a map.
pub(crate) fn map<'a>(record: &'a Record, member: &str) -> Option<&'a Map> {
    match record.by_name(member) {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    }
}

/// A member that is an item or a key, read.
pub(crate) fn item(record: &Record, member: &str) -> Result<Item, Error> {
    Ok(map(record, member).map(attribute::read_item).transpose()?.unwrap_or_default())
}
