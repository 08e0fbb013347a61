//! The body: one member as the payload, or all members that travel nowhere else.

use bytes::Bytes;
use virga_model::{Kind, Member, Record, Shape, Text, Value};

use super::Format;
use super::bindings::Bindings;
use crate::error::{DecodeError, EncodeError};
use crate::json;
use crate::message::Body;
use crate::part::Part;
use crate::xml::{Element, Naming, Reader, Writer};

/// A body and its content type; the model may give another type in a header.
pub(super) struct Written {
    pub(super) body: Body,
    pub(super) content_type: Option<&'static str>,
}

impl Written {
    fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Written { body: Body::Bytes(body.into()), content_type: Some(content_type) }
    }

    fn nothing() -> Self {
        Written { body: Body::Bytes(Bytes::new()), content_type: None }
    }
}

/// The root element of a payload. Models also give payloads the name of their member, which is no element: elements
/// of AWS's documents begin with a capital letter.
fn payload_root(member: Member) -> &'static str {
    let is_element = |name: &&str| name.starts_with(|first: char| first.is_ascii_uppercase());
    let shape = member.shape();
    member.location_name().filter(is_element).or(shape.location_name()).unwrap_or_else(|| shape.name())
}

/// The root element of an XML body.
pub(super) struct Root {
    pub(super) name: &'static str,
    pub(super) namespace: Option<&'static str>,
}

/// Reads the members that travel in the body.
pub(super) fn read(format: Format, record: &mut Record, body: &Bytes, part: Part) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    if let Some(ordinal) = shape.payload() {
        let Some(member) = shape.member(ordinal) else { return Ok(()) };
        let value = read_payload(format, member, body)?;
        record.set(ordinal, value);
        return Ok(());
    }
    match format {
        Format::Json => json::read_body(record, body, part),
        Format::Xml if body.is_empty() || !has_body(shape, part) => Ok(()),
        Format::Xml => {
            let source = text_of(body)?;
            let root = Element::parse(&source)?;
            Reader { source: &source, naming: Naming::Plain }.members(record, &root, part)
        }
    }
}

fn read_payload(format: Format, member: Member, body: &Bytes) -> Result<Value, DecodeError> {
    let shape = member.shape();
    if shape.is_event_stream() || body.is_empty() && is_streamed(member) {
        return Ok(Value::Stream);
    }
    match (shape.kind(), format) {
        _ if body.is_empty() => Ok(Value::Null),
        (Kind::Blob, _) => Ok(Value::Blob(body.clone())),
        (Kind::String, _) => Ok(Value::String(text_of(body)?)),
        (_, Format::Json) => json::value_from_json(member, &text_of(body)?),
        (_, Format::Xml) => {
            let source = text_of(body)?;
            let root = Element::parse(&source)?;
            Reader { source: &source, naming: Naming::Plain }.value(member, &root)
        }
    }
}

fn is_streamed(member: Member) -> bool {
    member.is_streaming() || member.shape().is_streaming()
}

/// Whether any member travels in the body.
fn has_body(shape: Shape, part: Part) -> bool {
    Bindings::of(shape).has_body(part)
}

/// A body as text.
pub(super) fn text_of(body: &Bytes) -> Result<Text, DecodeError> {
    Text::try_from(body.clone()).map_err(|_| DecodeError::malformed("The body is not valid UTF-8"))
}

/// Writes the members that travel in the body. `root` is asked only where there is such an element: finding its
/// namespace may take a look at every operation of the service.
pub(super) fn write(
    format: Format,
    record: &Record,
    root: impl FnOnce() -> Root,
    part: Part,
) -> Result<Written, EncodeError> {
    let Some(shape) = record.shape() else { return Ok(Written::nothing()) };
    if let Some(ordinal) = shape.payload() {
        let Some(member) = shape.member(ordinal) else { return Ok(Written::nothing()) };
        return write_payload(format, member, record.get(ordinal));
    }
    if !has_body(shape, part) {
        return Ok(Written::nothing());
    }
    match format {
        Format::Json => {
            let mut body = Vec::with_capacity(256);
            json::write_record(&mut body, record, part);
            Ok(Written::new(format.content_type(), body))
        }
        Format::Xml => {
            let mut xml = Writer::new(Naming::Plain);
            let root = root();
            let namespace = root.namespace.map(|uri| (uri, None));
            xml.open_structure(root.name, namespace, Some(record));
            xml.members(record, part)?;
            xml.close(root.name);
            Ok(Written::new(format.content_type(), xml.finish()))
        }
    }
}

/// Writes the one member of a record as the text of the root element.
pub(super) fn write_unwrapped(record: &Record, root: &Root) -> Written {
    let mut xml = Writer::new(Naming::Plain);
    xml.open_with(root.name, &[("xmlns", root.namespace.unwrap_or_default())]);
    if let Value::String(text) = record.get(0) {
        xml.text(text);
    }
    xml.close(root.name);
    Written::new(Format::Xml.content_type(), xml.finish())
}

/// Reads what [`write_unwrapped`] writes.
pub(super) fn read_unwrapped(record: &mut Record, body: &Bytes) -> Result<(), DecodeError> {
    let source = text_of(body)?;
    let root = Element::parse(&source)?;
    if !root.text().is_empty() {
        record.set(0, Value::String(Text::from(root.text())));
    }
    Ok(())
}

fn write_payload(format: Format, member: Member, value: &Value) -> Result<Written, EncodeError> {
    let shape = member.shape();
    if shape.is_event_stream() {
        return Ok(Written {
            body: Body::EventStream,
            content_type: Some("application/vnd.amazon.eventstream"),
        });
    }
    match value {
        Value::Null => Ok(Written::nothing()),
        Value::Stream => Ok(Written { body: Body::Stream, content_type: Some("application/octet-stream") }),
        Value::Blob(bytes) => Ok(Written::new("application/octet-stream", bytes.clone())),
        Value::String(text) => Ok(Written::new("text/plain", text.clone().into_bytes())),
        _ if format == Format::Json => {
            let mut body = Vec::with_capacity(256);
            json::write_value(&mut body, member, value);
            Ok(Written::new(format.content_type(), body))
        }
        _ => {
            let mut xml = Writer::new(Naming::Plain);
            let name = payload_root(member);
            xml.element(name, member, value)?;
            Ok(Written::new(format.content_type(), xml.finish()))
        }
    }
}
