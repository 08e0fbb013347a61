//! What reads share: which attributes they return.

use virga_item::legacy::attributes_to_get;
use virga_item::{Item, Placeholders, Projection};
use virga_model::{Record, Value};

use crate::access::text;
use crate::error::Error;

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
    pub(crate) fn of(&self, item: Item) -> Item {
        match &self.0 {
            None => item,
            Some(projection) => projection.apply(&item),
        }
    }
}
