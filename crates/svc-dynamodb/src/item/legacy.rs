//! The older parameters, in whose place expressions stand today: `Expected`, `AttributeUpdates`, `KeyConditions`,
//! `QueryFilter` and `ScanFilter`.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html>

use virga_item::legacy::{self, ConditionalOperator};
use virga_item::{Condition, KeyConditions, Update};
use virga_model::Record;

use super::attributes::map;
use crate::access::text;
use crate::error::Error;

/// How the conditions of a map go together. It has to have some.
fn operator(record: &Record, entries: usize) -> Result<ConditionalOperator, Error> {
    let name = text(record, "ConditionalOperator");
    match (name, entries) {
        (Some(_), 0) => {
            Err(Error::validation("ConditionalOperator cannot be used without Filter or Expected"))
        }
        (Some(_), 1) => Err(Error::validation(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        )),
        _ => Ok(ConditionalOperator::read(name)),
    }
}

/// `Expected`.
pub(super) fn expected(record: &Record) -> Result<Option<Condition>, Error> {
    let map = map(record, "Expected");
    let operator = operator(record, map.map_or(0, virga_model::Map::len))?;
    map.map_or(Ok(None), |map| Ok(legacy::expected(map, operator)?))
}

/// `QueryFilter` or `ScanFilter`.
pub(super) fn filter(record: &Record, member: &str) -> Result<Option<Condition>, Error> {
    let map = map(record, member);
    let operator = operator(record, map.map_or(0, virga_model::Map::len))?;
    map.map_or(Ok(None), |map| Ok(legacy::filter(map, operator)?))
}

/// `AttributeUpdates`.
pub(super) fn update(record: &Record) -> Result<Update, Error> {
    map(record, "AttributeUpdates").map_or(Ok(Update::default()), |map| Ok(legacy::attribute_updates(map)?))
}

/// `KeyConditions`.
pub(super) fn key_conditions(record: &Record) -> Result<Option<KeyConditions>, Error> {
    map(record, "KeyConditions").map(|map| Ok(legacy::key_conditions(map)?)).transpose()
}
