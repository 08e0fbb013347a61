//! From JSON to records, straight by the schema. Strings without escapes become slices of the body.

use std::cell::Cell;

use base64::Engine;
use bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use virga_model::{Kind, Map, Member, Record, Shape, Text, Value};

use super::document::DocumentSeed;
use super::flat;
use crate::error::DecodeError;
use crate::part::Part;
use crate::text::BASE64;
use crate::timestamp;

/// Reads a record of `shape` from a JSON object. Unknown members are skipped, nulls leave members absent.
///
/// # Errors
/// When the text is no JSON, or a value is of another type than its member.
pub fn record_from_json(shape: Shape, json: &Text) -> Result<Record, DecodeError> {
    let mut record = Record::new(shape);
    read_into(&mut record, json, Part::Whole)?;
    Ok(record)
}

/// Reads a value of a member's shape from JSON.
///
/// # Errors
/// As [`record_from_json`].
pub fn value_from_json(member: Member, json: &Text) -> Result<Value, DecodeError> {
    run(json, |source, deserializer| ValueSeed { source, shape: member.shape() }.deserialize(deserializer))
}

/// Reads the members of a body into a record. An empty body is an empty object.
pub(crate) fn read_body(record: &mut Record, body: &Bytes, part: Part) -> Result<(), DecodeError> {
    if body.is_empty() {
        return Ok(());
    }
    read_into(record, &text_of(body)?, part)
}

/// A body as text.
pub(super) fn text_of(body: &Bytes) -> Result<Text, DecodeError> {
    Text::try_from(body.clone()).map_err(|_| unexpected_token())
}

fn read_into(record: &mut Record, json: &Text, part: Part) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    if flat::read(record, shape, json, part).is_some() {
        return Ok(());
    }
    parse_into(record, shape, json, part)
}

fn parse_into(record: &mut Record, shape: Shape, json: &Text, part: Part) -> Result<(), DecodeError> {
    run(json, |source, deserializer| {
        let seed = RecordSeed { source, shape, record, part };
        deserializer.deserialize_any(seed)
    })
}

/// Reads a record by the parser alone.
#[cfg(test)]
pub(super) fn parse(shape: Shape, json: &Text) -> Result<Record, DecodeError> {
    let mut record = Record::new(shape);
    parse_into(&mut record, shape, json, Part::Whole)?;
    Ok(record)
}

fn unexpected_token() -> DecodeError {
    DecodeError::malformed("Unexpected token received from parser")
}

type Parser<'a> = serde_json::Deserializer<serde_json::de::StrRead<'a>>;

/// Reads one value that must be all of the text.
pub(super) fn run<'a, T>(
    text: &'a Text,
    read: impl FnOnce(Source<'_>, &mut Parser<'a>) -> Result<T, serde_json::Error>,
) -> Result<T, DecodeError> {
    let fault = Cell::new(None);
    let mut parser = serde_json::Deserializer::from_str(text);
    let result = read(Source { text, fault: &fault }, &mut parser);
    result
        .and_then(|value| parser.end().map(|()| value))
        .map_err(|_| fault.take().unwrap_or_else(unexpected_token))
}

/// The text that is read, and the first thing found wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    text: &'s Text,
    fault: &'s Cell<Option<DecodeError>>,
}

impl Source<'_> {
    /// The part of the source that `text` borrows.
    pub(super) fn shared(self, text: &str) -> Text {
        self.text.slice_ref(text)
    }

    /// Fails with a fault of ours; serde's error only ends the parsing.
    fn fail<T, E: Error>(self, fault: DecodeError) -> Result<T, E> {
        self.fault.set(Some(fault));
        Err(E::custom(""))
    }
}

/// Reads the members of an object into a record.
struct RecordSeed<'s, 'r> {
    source: Source<'s>,
    shape: Shape,
    record: &'r mut Record,
    part: Part,
}

impl<'de> Visitor<'de> for RecordSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shape.name())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let RecordSeed { source, shape, record, part } = self;
        while let Some(found) = object.next_key_seed(NameSeed(shape))? {
            match found {
                Some((ordinal, member)) if part.holds(member) => {
                    let value = object.next_value_seed(ValueSeed { source, shape: member.shape() })?;
                    record.set(ordinal, value);
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds the member of a structure that a key names.
struct NameSeed(Shape);

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Option<(usize, Member)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Option<(usize, Member)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.member_by_wire_name(name))
    }
}

/// Reads a string, sharing the source where it can: the key of a map.
struct TextSeed<'s>(Source<'s>);

impl<'de> DeserializeSeed<'de> for TextSeed<'_> {
    type Value = Text;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for TextSeed<'_> {
    type Value = Text;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text, E> {
        Ok(self.0.shared(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text::from(text))
    }
}

/// Reads a value of a shape.
struct ValueSeed<'s> {
    source: Source<'s>,
    shape: Shape,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.shape.kind() == Kind::Document {
            let document = DocumentSeed(self.source).deserialize(deserializer)?;
            return Ok(Value::Document(Box::new(document)));
        }
        deserializer.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    fn unconvertible<E: Error>(&self, found: &'static str) -> Result<Value, E> {
        self.source.fail(DecodeError::unconvertible(found, self.shape.kind()))
    }

    fn text<E: Error>(self, text: &str, share: impl FnOnce(&str) -> Text) -> Result<Value, E> {
        let value = match self.shape.kind() {
            Kind::String => Some(Value::String(share(text))),
            Kind::Blob => BASE64.decode(text).ok().map(|bytes| Value::Blob(Bytes::from(bytes))),
            Kind::Timestamp => timestamp::parse(text).map(Value::Timestamp),
            Kind::Float | Kind::Double => crate::text::special_float(text).map(Value::Double),
            _ => None,
        };
        value.map_or_else(|| self.unconvertible("STRING_VALUE"), Ok)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shape.name())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        match self.shape.kind() {
            Kind::Boolean => Ok(Value::Bool(value)),
            _ => self.unconvertible(if value { "TRUE_VALUE" } else { "FALSE_VALUE" }),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.visit_f64(value as f64),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        let kind = self.shape.kind();
        let read = match kind {
            Kind::Integer | Kind::Long => crate::text::in_range(value, kind).map(Value::Integer),
            Kind::Float | Kind::Double => Some(Value::Double(value as f64)),
            Kind::Timestamp => timestamp::from_seconds(value as f64).map(Value::Timestamp),
            _ => None,
        };
        read.map_or_else(|| self.unconvertible("NUMBER_VALUE"), Ok)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let read = match self.shape.kind() {
            Kind::Float | Kind::Double => Some(Value::Double(value)),
            Kind::Timestamp => timestamp::from_seconds(value).map(Value::Timestamp),
            // `1.0` is a whole number to AWS; the bound keeps the conversion exact.
            kind @ (Kind::Integer | Kind::Long) if value.fract() == 0.0 && value.abs() < 9.0e15 => {
                crate::text::in_range(value as i64, kind).map(Value::Integer)
            }
            _ => None,
        };
        read.map_or_else(|| self.unconvertible("NUMBER_VALUE"), Ok)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value, E> {
        let source = self.source;
        self.text(text, |text| source.shared(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.text(text, |text| Text::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        if self.shape.kind() != Kind::List {
            return self.unconvertible("LIST");
        }
        let (source, shape) = (self.source, self.shape.list_member().shape());
        let mut items = Vec::new();
        while let Some(item) = array.next_element_seed(ValueSeed { source, shape })? {
            // AWS's models have dense lists: a null is no element.
            if item != Value::Null {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let (source, shape) = (self.source, self.shape);
        match shape.kind() {
            Kind::Structure => {
                let mut record = Record::new(shape);
                RecordSeed { source, shape, record: &mut record, part: Part::Whole }.visit_map(object)?;
                Ok(Value::Structure(Box::new(record)))
            }
            Kind::Map => {
                let element = shape.map_value().shape();
                let mut entries = Vec::new();
                while let Some(key) = object.next_key_seed(TextSeed(source))? {
                    let value = object.next_value_seed(ValueSeed { source, shape: element })?;
                    if value != Value::Null {
                        entries.push((key, value));
                    }
                }
                Ok(Value::Map(entries.into_iter().collect::<Map>()))
            }
            _ => self.unconvertible("STRUCTURE"),
        }
    }
}
