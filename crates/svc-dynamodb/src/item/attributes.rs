//! Items and keys between the API's records and the item language.

use virga_api::dynamodb as api;
use virga_item::binary::Damaged;
use virga_item::{Item, attribute, stored};
use virga_model::view::{ListOf, MapOf, Put, Structure};
use virga_model::{Map, Record, Shape, Value};
use virga_store::Fault;

use crate::error::Error;

/// An item in an answer.
pub(crate) struct Shown(Value);

impl Shown {
    pub(crate) fn of(item: &Item) -> Self {
        Shown(Value::Map(attribute::write_item(item, shape())))
    }

    /// An item in the form in which the store keeps items: the answer is written straight from that.
    pub(crate) fn stored(item: &[u8]) -> Result<Self, Fault> {
        stored::item(item, shape()).map(Shown).map_err(damaged)
    }
}

fn damaged(error: Damaged) -> Fault {
    Fault::with_source("a stored item", error)
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
#[derive(Default)]
pub(crate) struct ShownList(stored::List);

impl ShownList {
    /// Items that were made.
    pub(crate) fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Result<Self, Fault> {
        let mut list = ShownList::default();
        items.into_iter().try_for_each(|item| list.push(&virga_item::binary::to_bytes(item)))?;
        Ok(list)
    }

    /// Adds an item in the form in which the store keeps items.
    pub(crate) fn push(&mut self, item: &[u8]) -> Result<(), Fault> {
        self.0.push(item).map_err(damaged)
    }
}

impl Put<ListOf<MapOf<api::AttributeValue>>> for ShownList {
    fn into_value(self) -> Value {
        self.0.into_value(shape())
    }
}

/// A member that is a map.
pub(crate) fn map<'a>(record: &'a Record, member: &str) -> Option<&'a Map> {
    match record.by_name(member) {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    }
}

/// Refuses an item with an attribute that has no name.
pub(crate) fn check_names(record: &Record, member: &str) -> Result<(), Error> {
    let is_nameless = map(record, member).is_some_and(|map| map.iter().any(|(name, _)| name.is_empty()));
    if is_nameless { Err(Error::validation("Empty attribute name")) } else { Ok(()) }
}

/// A member that is an item or a key, read.
pub(crate) fn item(record: &Record, member: &str) -> Result<Item, Error> {
    Ok(map(record, member).map(attribute::read_item).transpose()?.unwrap_or_default())
}
