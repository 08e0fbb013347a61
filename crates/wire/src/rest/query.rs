//! Members in the query string.

use virga_model::{Kind, Location, Map, Member, Record, Text, TimestampFormat, Value};

use crate::error::{DecodeError, EncodeError};
use crate::query::percent_decode;
use crate::text::{format_or, print_scalar, push_encoded, read_scalar};

/// Reads all members that travel in the query string. `template` is the query part of the operation's URI: what it
/// says itself is no parameter.
pub(super) fn read(record: &mut Record, query: &str, template: &str) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    if query.is_empty() {
        return Ok(());
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if template.split('&').any(|part| part == pair) {
            continue;
        }
        pairs.push((percent_decode(name)?.into_owned(), percent_decode(value)?.into_owned()));
    }
    let bound =
        || shape.members().enumerate().filter(|(_, member)| member.location() == Location::QueryString);
    for (ordinal, member) in bound() {
        let value = if member.shape().kind() == Kind::Map {
            read_map(member, pairs.iter())?
        } else {
            read_member(member, pairs.iter().filter(|(name, _)| name == member.wire_name()))?
        };
        if value != Value::Null {
            record.set(ordinal, value);
        }
    }
    Ok(())
}

fn read_member<'p>(
    member: Member,
    mut pairs: impl Iterator<Item = &'p (String, String)>,
) -> Result<Value, DecodeError> {
    if member.shape().kind() != Kind::List {
        return pairs.next().map_or(Ok(Value::Null), |(_, text)| read_item(member, text));
    }
    let element = member.shape().list_member();
    let items: Result<Vec<Value>, DecodeError> = pairs.map(|(_, text)| read_item(element, text)).collect();
    let items = items?;
    Ok(if items.is_empty() { Value::Null } else { Value::List(items) })
}

/// Every pair is an entry; of several of the same name the list grows, or the first counts.
fn read_map<'p>(
    member: Member,
    pairs: impl Iterator<Item = &'p (String, String)>,
) -> Result<Value, DecodeError> {
    let element = member.shape().map_value();
    let mut map: Vec<(Text, Value)> = Vec::new();
    for (name, text) in pairs {
        let known = map.iter_mut().find(|(known, _)| **known == **name).map(|(_, value)| value);
        match (element.shape().kind(), known) {
            (Kind::List, Some(Value::List(items))) => {
                items.push(read_item(element.shape().list_member(), text)?);
            }
            (Kind::List, _) => {
                let first = read_item(element.shape().list_member(), text)?;
                map.push((Text::from(name.as_str()), Value::List(vec![first])));
            }
            (_, Some(_)) => {}
            (_, None) => map.push((Text::from(name.as_str()), read_item(element, text)?)),
        }
    }
    Ok(if map.is_empty() { Value::Null } else { Value::Map(map.into_iter().collect::<Map>()) })
}

fn read_item(member: Member, text: &str) -> Result<Value, DecodeError> {
    let shape = member.shape();
    if text.is_empty() && !matches!(shape.kind(), Kind::String | Kind::Blob) {
        return Ok(Value::Null);
    }
    read_scalar(shape, text, |text| Text::from(text))
        .ok_or_else(|| DecodeError::unparsable(member.wire_name(), text, shape.kind()))
}

/// Appends all members that travel in the query string.
pub(super) fn write(out: &mut String, record: &Record) -> Result<(), EncodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    let bound = || {
        let members = shape.members().zip(record.values());
        members.filter(|(member, value)| member.location() == Location::QueryString && **value != Value::Null)
    };
    for (member, value) in bound() {
        let Value::Map(map) = value else {
            push(out, member.wire_name(), member, value)?;
            continue;
        };
        for (key, value) in map {
            // The member that has the name for itself wins over the map.
            let is_taken =
                bound().any(|(other, value)| !matches!(value, Value::Map(_)) && other.wire_name() == &**key);
            if !is_taken {
                push(out, key, member.shape().map_value(), value)?;
            }
        }
    }
    Ok(())
}

fn push(out: &mut String, name: &str, member: Member, value: &Value) -> Result<(), EncodeError> {
    if let Value::List(items) = value {
        let element = member.shape().member(0).ok_or(EncodeError::WrongKind(member.name()))?;
        return items.iter().try_for_each(|item| push(out, name, element, item));
    }
    let format = format_or(member.timestamp_format(), TimestampFormat::Iso8601);
    let text = print_scalar(value, format).ok_or_else(|| EncodeError::WrongKind(member.name()))?;
    out.push(if out.contains('?') { '&' } else { '?' });
    push_encoded(out, name, false);
    out.push('=');
    push_encoded(out, &text, false);
    Ok(())
}
