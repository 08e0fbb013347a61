//! Members in headers.

use std::borrow::Cow;

use base64::Engine;
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;
use virga_model::{Kind, Map, Member, Record, Text, TimestampFormat, Value};

use super::bindings::{Bindings, Bound};
use crate::error::{DecodeError, EncodeError};
use crate::text::{BASE64, format_or, print_scalar, read_scalar};

/// Reads all members that travel in headers.
pub(super) fn read(record: &mut Record, headers: &HeaderMap) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    // A request has a few of the dozens of headers that an operation knows.
    let present: SmallVec<[&[u8]; 24]> = headers.keys().map(|name| name.as_str().as_bytes()).collect();
    let bit = |name: &[u8]| 1u64 << (name.len() % 64);
    let lengths = present.iter().fold(0, |lengths, name| lengths | bit(name));
    let is_present = |wanted: &[u8]| {
        lengths & bit(wanted) != 0 && present.iter().any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let bindings = Bindings::of(shape);
    for bound in bindings.headers.iter().filter(|bound| is_present(bound.name)) {
        let value = read_member(bound.member, headers)?;
        if value != Value::Null {
            record.set(bound.ordinal, value);
        }
    }
    for bound in &bindings.prefixed {
        let value = read_prefixed(bound.member, headers);
        if value != Value::Null {
            record.set(bound.ordinal, value);
        }
    }
    Ok(())
}

fn read_member(member: Member, headers: &HeaderMap) -> Result<Value, DecodeError> {
    let shape = member.shape();
    let mut lines = headers.get_all(member.wire_name()).iter().filter_map(text_of).peekable();
    let Some(first) = lines.peek().copied() else { return Ok(Value::Null) };
    if shape.kind() == Kind::List {
        let mut items = Vec::new();
        for line in lines {
            read_list(shape.list_member(), line, &mut items)?;
        }
        return Ok(Value::List(items));
    }
    read_item(member, first)
}

fn read_item(member: Member, text: &str) -> Result<Value, DecodeError> {
    let shape = member.shape();
    if member.is_json_value() {
        let decoded = BASE64.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        // What is no Base64 is taken as the JSON itself.
        return Ok(Value::String(decoded.map_or_else(|| Text::from(text), Text::from)));
    }
    if text.is_empty() && !matches!(shape.kind(), Kind::String | Kind::Blob) {
        return Ok(Value::Null);
    }
    read_scalar(shape, text, |text| Text::from(text))
        .ok_or_else(|| DecodeError::unparsable(member.wire_name(), text, shape.kind()))
}

/// Reads the elements of one line. Elements with commas are quoted, except times of RFC 822, which have one each.
fn read_list(element: Member, line: &str, items: &mut Vec<Value>) -> Result<(), DecodeError> {
    let is_http_date = element.shape().kind() == Kind::Timestamp
        && format_or(element.timestamp_format(), TimestampFormat::Rfc822) == TimestampFormat::Rfc822;
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (item, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)
        } else {
            let mut commas = rest.match_indices(',').map(|(index, _)| index);
            let end = commas.nth(usize::from(is_http_date)).unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        items.push(read_item(element, &item)?);
        rest = behind.trim_start().strip_prefix(',').unwrap_or_default().trim_start();
    }
    Ok(())
}

/// The quoted text up to its closing quote, and what is behind it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (text, &quoted[index + 1..]),
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            other => text.push(other),
        }
    }
    (text, "")
}

fn read_prefixed(member: Member, headers: &HeaderMap) -> Value {
    let prefix = member.wire_name().to_ascii_lowercase();
    let mut map = Map::new();
    for name in headers.keys() {
        let Some(key) = name.as_str().strip_prefix(&*prefix) else { continue };
        // A header that comes several times is the list of its values.
        let texts: Vec<&str> = headers.get_all(name).iter().filter_map(text_of).collect();
        map.insert(Text::from(key), Value::String(Text::from(texts.join(","))));
    }
    if map.is_empty() { Value::Null } else { Value::Map(map) }
}

fn text_of(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// Writes all members that travel in headers.
pub(super) fn write(record: &Record, headers: &mut HeaderMap) -> Result<(), EncodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    let bindings = Bindings::of(shape);
    for bound in &bindings.headers {
        let value = record.get(bound.ordinal);
        if !matches!(value, Value::Null) {
            write_member(bound, value, headers)?;
        }
    }
    for bound in &bindings.prefixed {
        let Value::Map(map) = record.get(bound.ordinal) else { continue };
        for (key, value) in map {
            let text = print_scalar(value, TimestampFormat::Rfc822).unwrap_or_default();
            let name = format!("{}{key}", bound.member.wire_name()).parse();
            let name = name.map_err(|_| EncodeError::NotAHeader(bound.member.name()))?;
            insert(headers, bound.member, name, &text)?;
        }
    }
    Ok(())
}

fn write_member(bound: &Bound, value: &Value, headers: &mut HeaderMap) -> Result<(), EncodeError> {
    let member = bound.member;
    let name = bound.header.clone().ok_or_else(|| EncodeError::NotAHeader(member.name()))?;
    match value {
        // The bytes are the header's from now on: nothing is copied.
        Value::String(text) if !member.is_json_value() => {
            let value = HeaderValue::from_maybe_shared(text.as_bytes().clone());
            headers.insert(name, value.map_err(|_| EncodeError::NotAHeader(member.name()))?);
            Ok(())
        }
        value => match print(member, value)? {
            Some(text) => insert(headers, member, name, &text),
            None => Ok(()),
        },
    }
}

fn insert(headers: &mut HeaderMap, member: Member, name: HeaderName, text: &str) -> Result<(), EncodeError> {
    let value = HeaderValue::from_bytes(text.as_bytes());
    headers.insert(name, value.map_err(|_| EncodeError::NotAHeader(member.name()))?);
    Ok(())
}

fn print(member: Member, value: &Value) -> Result<Option<Cow<'_, str>>, EncodeError> {
    if let (true, Value::String(text)) = (member.is_json_value(), value) {
        return Ok(Some(BASE64.encode(text.as_bytes()).into()));
    }
    let format = |member: Member| format_or(member.timestamp_format(), TimestampFormat::Rfc822);
    let Value::List(items) = value else {
        let text =
            print_scalar(value, format(member)).ok_or_else(|| EncodeError::WrongKind(member.name()))?;
        return Ok(Some(text));
    };
    let element = member.shape().member(0).ok_or(EncodeError::WrongKind(member.name()))?;
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        let text =
            print_scalar(item, format(element)).ok_or_else(|| EncodeError::WrongKind(member.name()))?;
        let needs_quotes = matches!(item, Value::String(_))
            && (text.contains([',', '"', '\\']) || text.trim() != text || text.is_empty() && items.len() > 1);
        texts.push(if needs_quotes { quote(&text) } else { text.into_owned() });
    }
    Ok(Some(texts.join(", ").into()))
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
