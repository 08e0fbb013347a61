//! From records to JSON, straight into the body.

use base64::Engine;
use virga_model::json::push_string;
use virga_model::{Kind, Map, Member, Record, Timestamp, TimestampFormat, Value};

use super::document::write_document;
use crate::part::Part;
use crate::text::{BASE64, format_or, special_name};
use crate::timestamp;

/// The record as JSON text, under the names of the JSON protocols. Absent members are left out.
pub fn record_to_json(record: &Record) -> String {
    let mut out = Vec::with_capacity(256);
    write_record(&mut out, record, Part::Whole);
    String::from_utf8(out).expect("every part that is written is UTF-8")
}

/// A value of a member as JSON text.
pub fn value_to_json(member: Member, value: &Value) -> String {
    let mut out = Vec::new();
    write_value(&mut out, member, value);
    String::from_utf8(out).expect("every part that is written is UTF-8")
}

/// Writes a record as an object.
pub(crate) fn write_record(out: &mut Vec<u8>, record: &Record, part: Part) {
    out.push(b'{');
    let mut first = true;
    if let Some(shape) = record.shape() {
        for (member, value) in shape.members().zip(record.values()) {
            // Most members are absent: of an attribute value, nine in ten.
            if matches!(value, Value::Null | Value::Stream) || !part.holds(member) {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            push_name(out, member.wire_name_bytes());
            write_value(out, member, value);
        }
    }
    out.push(b'}');
}

/// Writes a value; explicit nulls of lists and maps stay nulls.
pub(crate) fn write_value(out: &mut Vec<u8>, member: Member, value: &Value) {
    match value {
        Value::Null | Value::Stream => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Integer(number) => push_integer(out, *number),
        Value::Double(number) => push_double(out, *number),
        Value::String(text) => push_string(out, text),
        Value::Blob(bytes) => push_blob(out, bytes),
        Value::Timestamp(time) => write_time(out, *time, member.timestamp_format()),
        Value::List(items) => write_list(out, member, items),
        Value::Map(map) => write_map(out, member, map),
        Value::Structure(record) => write_record(out, record, Part::Whole),
        Value::Document(document) => write_document(out, document),
        Value::Deferred(deferred) => out.extend_from_slice(deferred.json()),
    }
}

fn write_list(out: &mut Vec<u8>, member: Member, items: &[Value]) {
    out.push(b'[');
    if member.shape().kind() == Kind::List {
        let element = member.shape().list_member();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_value(out, element, item);
        }
    }
    out.push(b']');
}

fn write_map(out: &mut Vec<u8>, member: Member, map: &Map) {
    out.push(b'{');
    if let Some(element) = member.shape().member(1) {
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_string(out, key);
            out.push(b':');
            write_value(out, element, value);
        }
    }
    out.push(b'}');
}

fn write_time(out: &mut Vec<u8>, time: Timestamp, format: TimestampFormat) {
    let format = format_or(format, TimestampFormat::Unix);
    let text = timestamp::print(time, format);
    if format == TimestampFormat::Unix {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_string(out, &text);
    }
}

pub(super) fn push_integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

pub(super) fn push_double(out: &mut Vec<u8>, number: f64) {
    match special_name(number) {
        Some(name) => push_string(out, name),
        None => out.extend_from_slice(crate::text::print_double(number).as_bytes()),
    }
}

/// Writes a member's name and the colon. Names of the models need no escapes.
fn push_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(name);
    out.extend_from_slice(b"\":");
}

/// Writes a blob as a string in base64.
pub(super) fn push_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(BASE64.encode(bytes).as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::push_string;

    fn check(text: &str) {
        let mut out = Vec::new();
        push_string(&mut out, text);
        let back: String = serde_json::from_slice(&out).expect("a JSON string");
        assert_eq!(back, text);
    }

    #[test]
    fn whatever_needs_an_escape_is_escaped_wherever_it_stands() {
        let plain = "x".repeat(40);
        check(&plain);
        for special in ["\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1f}", "\u{7f}", "\u{e9}", "\u{1f600}"] {
            for place in 0..=plain.len() {
                check(&format!("{}{special}{}", &plain[..place], &plain[place..]));
            }
        }
    }
}
