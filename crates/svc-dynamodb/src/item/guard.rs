//! The condition of a write, and the refusal of a write whose condition is not met.

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_item::{Condition, ExpressionKind, Placeholders};
use virga_kit::Failure;
use virga_model::view::Put as _;
use virga_model::{Record, Value};

use super::attributes::{Shown, map};
use super::legacy;
use super::write::Old;
use crate::access::text;
use crate::error::Error;

/// What has to be true of an item before it changes.
pub(crate) struct Guard {
    condition: Option<Condition>,
    /// Whether the refusal shows the item.
    shows_item: bool,
}

/// The placeholders of a request's expressions.
pub(crate) fn placeholders(record: &Record) -> Result<Placeholders, Error> {
    let (names, values) = (map(record, "ExpressionAttributeNames"), map(record, "ExpressionAttributeValues"));
    Ok(Placeholders::read(names, values)?)
}

/// Refuses placeholders in a request without expressions.
pub(crate) fn check_expressions(record: &Record, expressions: &[&str]) -> Result<(), Error> {
    let present = |member: &&str| record.by_name(member).is_some_and(|value| *value != Value::Null);
    if expressions.iter().any(present) {
        return Ok(());
    }
    for member in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        if present(&member) {
            // Reads of keys tell which expression there is none of.
            let absent = match expressions {
                ["ProjectionExpression"] => ": ProjectionExpression is null",
                _ => "",
            };
            let reason = format!("{member} can only be specified when using expressions{absent}");
            return Err(Error::Validation { reason });
        }
    }
    Ok(())
}

/// Refuses the older parameters beside expressions.
pub(crate) fn check_not_mixed(record: &Record, older: &[&str], expressions: &[&str]) -> Result<bool, Error> {
    let present = |members: &[&str]| -> Vec<String> {
        let is_there = |member: &&&str| record.by_name(member).is_some_and(|value| *value != Value::Null);
        members.iter().filter(is_there).map(|member| (*member).to_owned()).collect()
    };
    let (older, expressions) = (present(older), present(expressions));
    if !older.is_empty() && !expressions.is_empty() {
        return Err(Error::validation(format!(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: \
             {{{}}} Expression parameters: {{{}}}",
            older.join(", "),
            expressions.join(", ")
        )));
    }
    Ok(!older.is_empty())
}

impl Guard {
    /// A condition that was read elsewhere.
    pub(crate) fn new(condition: Option<Condition>, shows_item: bool) -> Self {
        Guard { condition, shows_item }
    }

    /// Reads the condition of a write.
    pub(crate) fn read(record: &Record, placeholders: &mut Placeholders) -> Result<Self, Error> {
        let condition = match text(record, "ConditionExpression") {
            Some(text) => Some(Condition::parse(ExpressionKind::Condition, text, placeholders)?),
            None => legacy::expected(record)?,
        };
        let shows_item = text(record, "ReturnValuesOnConditionCheckFailure")
            == Some(api::return_values_on_condition_check_failure::ALL_OLD);
        Ok(Guard { condition, shows_item })
    }

    /// Whether it looks at the item at all.
    pub(crate) fn is_met(&self, old: Option<&Old>) -> Result<bool, Error> {
        let Some(condition) = &self.condition else { return Ok(true) };
        static NOTHING: Item = Item::new();
        let item = old.map(Old::item).transpose()?.unwrap_or(&NOTHING);
        Ok(condition.matches(item))
    }

    /// The item that a refusal shows.
    pub(crate) fn shown(&self, old: Option<&Old>) -> Result<Option<Shown>, Error> {
        let old = old.filter(|_| self.shows_item);
        Ok(old.map(Old::item).transpose()?.map(Shown::of))
    }

    /// Refuses the write if the condition is not met.
    pub(crate) fn check(&self, old: Option<&Old>) -> Result<(), Failure> {
        if self.is_met(old)? {
            return Ok(());
        }
        let mut error = Error::ConditionalCheckFailed.into_api()?;
        if let (Some(shown), Some(record)) = (self.shown(old)?, error.record.as_mut()) {
            record.set_by_name("Item", shown.into_value());
            // Beside an item, the text is in another member than the model says.
            record.set_by_name("message", Value::Null);
            error.rare.get_or_insert_default().message_member = Some("Message");
        }
        Err(error.into())
    }
}
