//! What reads share: which attributes they return.

use virga_item::legacy::attributes_to_get;
use virga_item::{Item, Placeholders, Projection};
use virga_model::{Record, Value};
use virga_store::Fault;

use super::attributes::Shown;
use crate::access::text;
use crate::error::Error;
use crate::records::StoredItem;

/// The attributes that a read returns; all of them when it says nothing.
pub(crate) struct Wanted(Option<Projection>);

impl Wanted {
    /// All attributes.
    pub(crate) fn all() -> Self {
        Wanted(None)
    }

    /// Reads `ProjectionExpression` or `AttributesToGet`.
    pub(crate) fn read(record: &Record, placeholders: &mut Placeholders) -> Result<Self, Error> {
        if let Some(text) = text(record, "ProjectionExpression") {
            return Ok(Wanted(Some(Projection::parse(text, placeholders)?)));
        }
        let Some(Value::List(names)) = record.by_name("AttributesToGet") else { return Ok(Wanted(None)) };
        Ok(Wanted(Some(attributes_to_get(names)?)))
    }

    pub(crate) fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// The attributes of which it takes parts.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        self.0.iter().flat_map(Projection::attributes).map(|name| &**name).collect()
    }

    /// The part of an item that is returned.
    pub(crate) fn of(&self, stored: StoredItem) -> Result<Found, Fault> {
        Ok(match &self.0 {
            None => Found::Whole(stored),
            Some(projection) => Found::Part(projection.apply(&stored.item()?)),
        })
    }
}

/// What a read returns of an item.
pub(crate) enum Found {
    /// All of it, as it is stored.
    Whole(StoredItem),
    /// A part of it.
    Part(Item),
}

impl Found {
    /// As the answer shows it.
    pub(crate) fn shown(self) -> Result<Shown, Fault> {
        match self {
            Found::Whole(stored) => Shown::stored(stored),
            Found::Part(item) => Ok(Shown::of(&item)),
        }
    }

    /// As an item.
    pub(crate) fn item(self) -> Result<Item, Fault> {
        match self {
            Found::Whole(stored) => stored.item(),
            Found::Part(item) => Ok(item),
        }
    }
}
