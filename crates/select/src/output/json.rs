//! Records as JSON.

use super::{fields, float};
use crate::{evaluate::Row, value::Value};

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Object<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Object { out, first: true }
    }

    /// A member; none for a value that is missing.
    pub(super) fn member(&mut self, name: &str, member: &Value) {
        if *member == Value::Missing {
            return;
        }
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        string(self.out, name);
        self.out.push(b':');
        value(self.out, member);
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// The record as it is.
pub(super) fn row(out: &mut Vec<u8>, row: Row<'_>) {
    let mut object = Object::new(out);
    fields(row, |name, value| object.member(&name, &value));
    object.end();
}

/// A value.
pub(super) fn value(out: &mut Vec<u8>, written: &Value) {
    match written {
        Value::Missing | Value::Null => out.extend_from_slice(b"null"),
        // JSON has no words for numbers that are none.
        Value::Float(number) if !number.is_finite() => out.extend_from_slice(b"null"),
        Value::Float(number) => out.extend_from_slice(float(*number).as_bytes()),
        Value::Bool(_) | Value::Integer(_) | Value::Decimal(_) => {
            out.extend_from_slice(super::text(written).as_bytes());
        }
        Value::String(text) => string(out, text),
        Value::Timestamp(timestamp) => string(out, &timestamp.to_string()),
        Value::List(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                value(out, element);
            }
            out.push(b']');
        }
        Value::Structure(fields) => {
            let mut object = Object::new(out);
            for (name, field) in fields {
                object.member(name, field);
            }
            object.end();
        }
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut copied = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1f => b"",
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[copied..index]);
        if escape.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(escape);
        }
        copied = index + 1;
    }
    out.extend_from_slice(&text.as_bytes()[copied..]);
    out.push(b'"');
}
