//! Members that many operations of S3 share, by their names: their inputs and outputs have no type in common.

use virga_model::{Record, Text, Timestamp, Value};

/// A text.
pub fn text<'r>(record: &'r Record, member: &str) -> Option<&'r str> {
    match record.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A copy of a text.
pub fn owned(record: &Record, member: &str) -> Option<String> {
    text(record, member).map(str::to_owned)
}

/// A time.
pub fn time(record: &Record, member: &str) -> Option<Timestamp> {
    match record.by_name(member) {
        Some(Value::Timestamp(time)) => Some(*time),
        _ => None,
    }
}

/// A truth value.
pub fn flag(record: &Record, member: &str) -> Option<bool> {
    match record.by_name(member) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    }
}

/// Entries of a map of texts.
pub fn entries<'r>(record: &'r Record, member: &str) -> impl Iterator<Item = (&'r str, &'r str)> {
    let entries = match record.by_name(member) {
        Some(Value::Map(map)) => Some(map.iter()),
        _ => None,
    };
    entries.into_iter().flatten().filter_map(|(name, value)| match value {
        Value::String(text) => Some((&**name, &**text)),
        _ => None,
    })
}

/// Sets a text, if there is one and the record has such a member.
pub fn set_text(record: &mut Record, member: &str, text: Option<&str>) {
    if let Some(text) = text {
        record.set_by_name(member, Value::String(Text::from(text)));
    }
}

/// Sets a number, a time, a truth value.
pub fn set(record: &mut Record, member: &str, value: Value) {
    record.set_by_name(member, value);
}
