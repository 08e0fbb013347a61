//! The path: labels in, template filled out.

use virga_model::{Location, Operation, Record, Shape, Text, TimestampFormat, Value};

use super::bindings::{Bindings, Bound};
use crate::error::{DecodeError, EncodeError};
use crate::message::Labels;
use crate::text::{format_or, print_scalar, push_encoded, read_scalar};

/// Reads the members that are labels.
pub(super) fn read(record: &mut Record, labels: &Labels<'_>) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    if labels.is_empty() {
        return Ok(());
    }
    for Bound { ordinal, member, .. } in &Bindings::of(shape).labels {
        let Some(text) = labels.get(member.wire_name()) else { continue };
        let value = read_scalar(member.shape(), text, |text| Text::from(text))
            .ok_or_else(|| DecodeError::unparsable(member.wire_name(), text, member.shape().kind()))?;
        record.set(*ordinal, value);
    }
    Ok(())
}

/// The template with its labels filled in, and its query part as it stands.
pub(super) fn fill(operation: Operation, input: &Record) -> Result<String, EncodeError> {
    let mut out = String::with_capacity(64);
    let mut rest = operation.uri();
    while let Some((before, behind)) = rest.split_once('{') {
        let (label, behind) = behind.split_once('}').unwrap_or((behind, ""));
        let (name, is_greedy) = label.strip_suffix('+').map_or((label, false), |name| (name, true));
        out.push_str(before);
        push_encoded(&mut out, &label_text(input, Location::Uri, name)?, is_greedy);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// What comes before the host name.
pub(crate) fn host_prefix(operation: Operation, input: &Record) -> Result<Option<String>, EncodeError> {
    let Some(template) = operation.host_prefix() else { return Ok(None) };
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
        out.push_str(before);
        let value = input.by_name(name).and_then(|value| print_scalar(value, TimestampFormat::Iso8601));
        let member = input.shape().and_then(|shape| shape.members().find(|member| member.name() == name));
        let missing = EncodeError::MissingLabel(member.map_or("host label", virga_model::Member::name));
        out.push_str(&value.ok_or(missing)?);
        rest = behind;
    }
    out.push_str(rest);
    Ok(Some(out))
}

fn label_text(input: &Record, location: Location, name: &str) -> Result<String, EncodeError> {
    let mut members = input.shape().into_iter().flat_map(Shape::members).zip(input.values());
    let (member, value) = members
        .find(|(member, _)| member.location() == location && member.wire_name() == name)
        .ok_or(EncodeError::MissingLabel("label"))?;
    let format = format_or(member.timestamp_format(), TimestampFormat::Iso8601);
    let text = if *value == Value::Null { None } else { print_scalar(value, format) };
    text.filter(|text| !text.is_empty()).map(Into::into).ok_or(EncodeError::MissingLabel(member.name()))
}
