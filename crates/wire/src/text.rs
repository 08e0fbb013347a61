//! Scalars as text: what headers, labels, query strings, forms, XML and JSON strings hold.

use base64::Engine;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_model::{Kind, Shape, Text, Timestamp, TimestampFormat, Value};

use crate::timestamp;

/// Base64, read with or without padding.
pub(crate) const BASE64: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// Numbers that JSON and CBOR's JSON-minded cousins write as strings.
pub(crate) fn special_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// The name of a number that has no digits.
pub(crate) fn special_name(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number.is_infinite() {
        Some(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

/// The number, when its kind can hold it.
pub(crate) fn in_range(number: i64, kind: Kind) -> Option<i64> {
    (kind == Kind::Long || i32::try_from(number).is_ok()).then_some(number)
}

/// Reads a scalar. `share` makes the text of a string value. None when the text is no value of the shape.
pub(crate) fn read_scalar(shape: Shape, text: &str, share: impl FnOnce(&str) -> Text) -> Option<Value> {
    let kind = shape.kind();
    match kind {
        Kind::String => Some(Value::String(share(text))),
        Kind::Integer | Kind::Long => {
            text.trim().parse().ok().and_then(|number| in_range(number, kind)).map(Value::Integer)
        }
        Kind::Float | Kind::Double => number(text.trim()).map(Value::Double),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        Kind::Timestamp => timestamp::parse(text.trim()).map(Value::Timestamp),
        Kind::Blob => read_blob(text),
        _ => None,
    }
}

/// Base64, with white space anywhere.
pub(crate) fn read_blob(text: &str) -> Option<Value> {
    let decoded = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        BASE64.decode(dense)
    } else {
        BASE64.decode(text)
    };
    decoded.ok().map(|bytes| Value::Blob(Bytes::from(bytes)))
}

fn number(text: &str) -> Option<f64> {
    // Rust also reads `inf` and `nan`, which AWS does not.
    let numeric =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if numeric { text.parse().ok() } else { special_float(text) }
}

/// Writes a scalar; none for values that are no scalars. `format` is the place's format of timestamps.
pub(crate) fn print_scalar(value: &Value, format: TimestampFormat) -> Option<std::borrow::Cow<'_, str>> {
    Some(match value {
        Value::String(text) => (&**text).into(),
        Value::Integer(number) => number.to_string().into(),
        Value::Double(number) => print_double(*number).into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Timestamp(time) => print_time(*time, format).into(),
        Value::Blob(bytes) => BASE64.encode(bytes).into(),
        _ => return None,
    })
}

fn print_time(time: Timestamp, format: TimestampFormat) -> String {
    timestamp::print(time, format)
}

/// The shortest text that reads back as the number; whole numbers with `.0`.
pub(crate) fn print_double(number: f64) -> String {
    special_name(number).map_or_else(|| format!("{number:?}"), ToOwned::to_owned)
}

/// The member's own format, else the place's.
pub(crate) fn format_or(own: TimestampFormat, place: TimestampFormat) -> TimestampFormat {
    if own == TimestampFormat::Unspecified { place } else { own }
}

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The same, slashes kept: for greedy labels.
const RESERVED_IN_PATHS: &AsciiSet = &RESERVED.remove(b'/');

/// Appends text percent-encoded.
pub(crate) fn push_encoded(out: &mut String, text: &str, is_greedy: bool) {
    out.extend(utf8_percent_encode(text, if is_greedy { RESERVED_IN_PATHS } else { RESERVED }));
}
