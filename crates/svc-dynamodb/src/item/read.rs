//! What reads share: which attributes they return.

use std::borrow::Cow;

use virga_item::binary::to_bytes;
use virga_item::legacy::attributes_to_get;
use virga_item::{Placeholders, Projection};
use virga_model::{Record, Value};
use virga_store::Fault;

use super::attributes::Shown;
use crate::access::text;
use crate::error::Error;
use crate::records::{ItemRef, StoredItem};

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

    /// The part of an item that is returned, in the form in which the store keeps items.
    pub(crate) fn part<'a>(&self, stored: ItemRef<'a>) -> Result<Cow<'a, [u8]>, Fault> {
        Ok(match &self.0 {
            None => Cow::Borrowed(stored.bytes),
            Some(projection) => Cow::Owned(to_bytes(&projection.apply(&stored.item()?))),
        })
    }

    /// The part of an item that is returned, as the answer shows it.
    pub(crate) fn shown(&self, stored: &StoredItem) -> Result<Shown, Fault> {
        Shown::stored(&self.part(stored.as_ref())?)
    }

    /// The same; none when a projection leaves nothing of the item.
    pub(crate) fn shown_if_any(&self, stored: &StoredItem) -> Result<Option<Shown>, Fault> {
        let Some(projection) = &self.0 else { return self.shown(stored).map(Some) };
        let part = projection.apply(&stored.as_ref().item()?);
        Ok((!part.is_empty()).then(|| Shown::of(&part)))
    }
}
