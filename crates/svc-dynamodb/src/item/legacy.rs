//! The older parameters, in whose place expressions stand today: `Expected`, `AttributeUpdates`, `KeyConditions`,
//! `QueryFilter` and `ScanFilter`.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html>

use virga_item::{Condition, KeyConditions, Update};
use virga_model::Record;

use super::attributes::map;
use crate::error::Error;

fn refused(member: &str) -> Error {
    Error::validation(format!("{member} is not supported yet"))
}

/// `Expected`.
pub(super) fn expected(record: &Record) -> Result<Option<Condition>, Error> {
    map(record, "Expected").map_or(Ok(None), |_| Err(refused("Expected")))
}

/// `QueryFilter` or `ScanFilter`.
pub(super) fn filter(record: &Record, member: &str) -> Result<Option<Condition>, Error> {
    map(record, member).map_or(Ok(None), |_| Err(refused(member)))
}

/// `AttributeUpdates`.
pub(super) fn update(record: &Record) -> Result<Update, Error> {
    map(record, "AttributeUpdates").map_or(Ok(Update::default()), |_| Err(refused("AttributeUpdates")))
}

/// `KeyConditions`.
pub(super) fn key_conditions(record: &Record) -> Result<Option<KeyConditions>, Error> {
    map(record, "KeyConditions").map_or(Ok(None), |_| Err(refused("KeyConditions")))
}
