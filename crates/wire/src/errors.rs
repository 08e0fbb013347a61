//! What the protocols need to know about an error beyond its code: its shape, its message, its code for queries.

use std::borrow::Cow;

use virga_model::{ApiError, Record, Service, Shape, Text, Value};

use crate::xml::Writer;

/// The shape of an error that the model knows.
pub(crate) fn shape_of(service: Service, error: &ApiError) -> Option<Shape> {
    let own = error.record.as_ref().and_then(|record| record.shape());
    own.or_else(|| service.shape(&error.code)).filter(|shape| shape.is_exception())
}

/// Whether the error's record carries the message.
pub(crate) fn has_message(error: &ApiError) -> bool {
    error.record.as_ref().is_some_and(|record| {
        let mut members = record.shape().into_iter().flat_map(Shape::members).zip(record.values());
        members.any(|(member, value)| is_message(member.name()) && *value != Value::Null)
    })
}

/// Whether a member of an error is its message.
pub(crate) fn is_message(name: &str) -> bool {
    name.eq_ignore_ascii_case("message")
}

/// The code in the query protocol.
pub(crate) fn query_code<'e>(service: Service, error: &'e ApiError) -> Cow<'e, str> {
    if let Some(code) = error.query_code {
        return Cow::Borrowed(code);
    }
    match shape_of(service, error) {
        Some(shape) => shape.error_code().map_or(Cow::Borrowed(&*error.code), Cow::Borrowed),
        // Errors that any service gives end in `Exception` in the newer protocols only.
        None => Cow::Borrowed(error.code.strip_suffix("Exception").unwrap_or(&error.code)),
    }
}

/// Who is to blame, in the query protocol's words.
pub(crate) fn blame(error: &ApiError) -> &'static str {
    if error.is_fault() { "Receiver" } else { "Sender" }
}

/// The value of `x-amzn-query-error`.
pub(crate) fn query_error_header(service: Service, error: &ApiError) -> String {
    format!("{};{}", query_code(service, error), blame(error))
}

/// Sets the message of an error's record where the members that were read left it absent.
pub(crate) fn set_message(record: &mut Record, message: &Text) {
    let Some(shape) = record.shape() else { return };
    let place = shape.members().position(|member| is_message(member.name()));
    if let Some(ordinal) = place.filter(|ordinal| *record.get(*ordinal) == Value::Null)
        && !message.is_empty()
    {
        record.set(ordinal, Value::String(message.clone()));
    }
}

/// Writes the members of an error beyond its message.
pub(crate) fn write_xml_members(xml: &mut Writer, error: &ApiError) {
    let Some(record) = &error.record else { return };
    let Some(shape) = record.shape() else { return };
    for (member, value) in shape.members().zip(record.values()) {
        let is_in_body = member.location() == virga_model::Location::Body;
        if is_in_body && !is_message(member.name()) && *value != Value::Null {
            // A member that can't be written is left out: the error itself must get through.
            let _ = xml.member(member, value);
        }
    }
}

/// The message in an error's record.
pub(crate) fn message_of(record: &Record) -> Option<Text> {
    let mut members = record.shape()?.members().zip(record.values());
    members.find_map(|(member, value)| match value {
        Value::String(text) if is_message(member.name()) => Some(text.clone()),
        _ => None,
    })
}
