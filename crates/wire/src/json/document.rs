//! Documents: JSON without a schema.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use virga_model::json::push_string;
use virga_model::{Document, Text};

use super::read::{Source, run};
use super::write::{push_double, push_integer};
use crate::error::DecodeError;

/// Reads any JSON.
///
/// # Errors
/// When the text is no JSON.
pub fn document_from_json(json: &Text) -> Result<Document, DecodeError> {
    run(json, |source, parser| DocumentSeed(source).deserialize(parser))
}

/// The document as JSON text. Numbers that JSON can't write become null.
pub fn document_to_json(document: &Document) -> String {
    let mut out = Vec::new();
    write_document(&mut out, document);
    String::from_utf8(out).expect("every part that is written is UTF-8")
}

pub(super) fn write_document(out: &mut Vec<u8>, document: &Document) {
    match document {
        Document::Null => out.extend_from_slice(b"null"),
        Document::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Document::Integer(number) => push_integer(out, *number),
        Document::Double(number) if number.is_finite() => push_double(out, *number),
        Document::Double(_) => out.extend_from_slice(b"null"),
        Document::String(text) => push_string(out, text),
        Document::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_document(out, item);
            }
            out.push(b']');
        }
        Document::Object(members) => {
            out.push(b'{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_string(out, name);
                out.push(b':');
                write_document(out, value);
            }
            out.push(b'}');
        }
    }
}

/// Reads a document. Depth is bounded by the parser.
pub(super) struct DocumentSeed<'s>(pub(super) Source<'s>);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a document")
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
        Ok(Document::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
        Ok(i64::try_from(value).map_or(Document::Double(value as f64), Document::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Document, E> {
        Ok(Document::Double(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Document, E> {
        Ok(Document::String(self.0.shared(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Document, E> {
        Ok(Document::String(Text::from(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Document, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = array.next_element_seed(DocumentSeed(self.0))? {
            items.push(item);
        }
        Ok(Document::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Document, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            members.push((Text::from(name), object.next_value_seed(DocumentSeed(self.0))?));
        }
        Ok(Document::Object(members))
    }
}
