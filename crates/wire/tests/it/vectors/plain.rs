//! Records and the vectors' plain values, by the names of the API.

use bytes::Bytes;
use serde_json::{Map as Object, Value as Plain, json};
use virga_model::{Document, Kind, Map, Record, Shape, Text, Value};
use virga_wire::timestamp;

/// A plain value as a record.
pub(super) fn record(shape: Option<Shape>, plain: &Plain) -> Record {
    let Some(shape) = shape else { return Record::empty() };
    let mut record = Record::new(shape);
    for (ordinal, member) in shape.members().enumerate() {
        record.set(ordinal, value(member.shape(), &plain[member.name()]));
    }
    record
}

fn value(shape: Shape, plain: &Plain) -> Value {
    match (shape.kind(), plain) {
        (_, Plain::Null) => Value::Null,
        (Kind::Structure, _) => Value::Structure(Box::new(record(Some(shape), plain))),
        (Kind::List, Plain::Array(items)) => {
            let items = items.iter().map(|item| value(shape.list_member().shape(), item));
            Value::List(items.filter(|item| *item != Value::Null).collect())
        }
        (Kind::Map, Plain::Object(entries)) => {
            let entries = entries
                .iter()
                .map(|(key, item)| (Text::from(key.as_str()), value(shape.map_value().shape(), item)));
            Value::Map(entries.filter(|(_, item)| *item != Value::Null).collect::<Map>())
        }
        (Kind::String, Plain::String(text)) => Value::String(Text::from(text.as_str())),
        // A string that holds JSON is given as that JSON in some vectors.
        (Kind::String, other) => Value::String(Text::from(other.to_string())),
        (Kind::Blob, Plain::String(text)) => Value::Blob(Bytes::from(text.clone())),
        (Kind::Integer | Kind::Long, Plain::Number(number)) => {
            Value::Integer(number.as_i64().expect("an integer"))
        }
        (Kind::Float | Kind::Double, Plain::Number(number)) => {
            Value::Double(number.as_f64().expect("a number"))
        }
        (Kind::Float | Kind::Double, Plain::String(text)) => Value::Double(text.parse().expect("a number")),
        (Kind::Boolean, Plain::Bool(value)) => Value::Bool(*value),
        (Kind::Timestamp, Plain::Number(number)) => {
            Value::Timestamp(timestamp::from_seconds(number.as_f64().expect("a number")).expect("a time"))
        }
        (Kind::Timestamp, Plain::String(text)) => Value::Timestamp(timestamp::parse(text).expect("a time")),
        (Kind::Document, _) => Value::Document(Box::new(
            virga_wire::json::document_from_json(&Text::from(plain.to_string())).expect("a document"),
        )),
        other => unreachable!("{other:?} for {}", shape.name()),
    }
}

/// A record as a plain value, for comparing: absent members, streams without content and the order of maps do not count.
pub(super) fn plain(record: &Record) -> Plain {
    let mut object = Object::new();
    for (member, value) in record.shape().into_iter().flat_map(Shape::members).zip(record.values()) {
        if !matches!(value, Value::Null | Value::Stream) {
            object.insert(member.name().to_owned(), plain_value(value));
        }
    }
    Plain::Object(object)
}

fn plain_value(value: &Value) -> Plain {
    match value {
        Value::Null | Value::Stream => Plain::Null,
        Value::Bool(value) => json!(value),
        Value::Integer(number) => json!(number),
        // Singles and doubles of the same number are the same.
        Value::Double(number) => json!(format!("{}", *number as f32)),
        Value::String(text) => serde_json::from_str(text)
            .ok()
            .filter(|plain: &Plain| plain.is_object())
            .unwrap_or_else(|| json!(&**text)),
        Value::Blob(bytes) => json!(String::from_utf8_lossy(bytes)),
        Value::Timestamp(time) => json!(timestamp::iso8601(*time)),
        Value::List(items) => Plain::Array(items.iter().map(plain_value).collect()),
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_string(), plain_value(value))).collect(),
        Value::Structure(record) => plain(record),
        Value::Document(document) => plain_document(document),
        Value::Deferred(deferred) => plain_value(&deferred.value()),
    }
}

fn plain_document(document: &Document) -> Plain {
    serde_json::from_str(&virga_wire::json::document_to_json(document)).expect("JSON")
}
