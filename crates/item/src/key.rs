//! Bytes of key attributes, which sort as DynamoDB sorts them: strings by their UTF-8 bytes, numbers by their value,
//! binary values by their bytes, unsigned.

use std::ops::Bound;

use bytes::Bytes;

use crate::{AttributeType, AttributeValue, Invalid, Number, Text};

/// Most bytes of a partition key's value.
pub const MAX_HASH_BYTES: usize = 2048;
/// Most bytes of a sort key's value.
pub const MAX_RANGE_BYTES: usize = 1024;

/// Appends the key bytes of a value; false (and nothing appended) when its type cannot be a key.
pub fn put(value: &AttributeValue, out: &mut Vec<u8>) -> bool {
    match value {
        AttributeValue::S(text) => out.extend_from_slice(text.as_bytes()),
        AttributeValue::N(number) => number.put_ordered(out),
        AttributeValue::B(bytes) => out.extend_from_slice(bytes),
        _ => return false,
    }
    true
}

/// The key bytes of a value; none when its type cannot be a key.
pub fn bytes(value: &AttributeValue) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    put(value, &mut out).then_some(out)
}

/// Appends the bytes of one attribute of a key part that has so many; false when its type cannot be a key.
///
/// Where there are several, each is ended by two zero bytes, and a zero byte inside becomes `00 FF`: so they sort one
/// after another.
pub fn put_part(value: &AttributeValue, attributes: usize, out: &mut Vec<u8>) -> bool {
    if attributes == 1 {
        return put(value, out);
    }
    let is_key = put_prefix(value, out);
    out.extend_from_slice(&[0, 0]);
    is_key
}

/// Appends what the bytes of an attribute among several begin with when it begins with a value.
pub fn put_prefix(value: &AttributeValue, out: &mut Vec<u8>) -> bool {
    let Some(bytes) = bytes(value) else { return false };
    for byte in bytes {
        out.push(byte);
        if byte == 0 {
            out.push(u8::MAX);
        }
    }
    true
}

/// The end of the keys that begin with these bytes.
pub fn behind(mut prefix: Vec<u8>) -> Bound<Vec<u8>> {
    while prefix.last() == Some(&u8::MAX) {
        prefix.pop();
    }
    match prefix.last_mut() {
        Some(last) => {
            *last += 1;
            Bound::Excluded(prefix)
        }
        None => Bound::Unbounded,
    }
}

/// The value of key bytes; none when they are not of this type.
pub fn value(kind: AttributeType, bytes: &[u8]) -> Option<AttributeValue> {
    match kind {
        AttributeType::S => std::str::from_utf8(bytes).ok().map(|text| AttributeValue::S(Text::from(text))),
        AttributeType::N => Number::from_ordered(bytes).map(AttributeValue::N),
        AttributeType::B => Some(AttributeValue::B(Bytes::copy_from_slice(bytes))),
        _ => None,
    }
}

/// Checks that a key attribute's value is not empty.
///
/// # Errors
/// It is.
pub fn check_not_empty(name: &str, value: &AttributeValue) -> Result<(), Invalid> {
    let what = match value {
        AttributeValue::S(text) if text.is_empty() => "string",
        AttributeValue::B(bytes) if bytes.is_empty() => "binary",
        _ => return Ok(()),
    };
    Err(Invalid::new(format!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
         empty {what} value. Key: {name}"
    )))
}

/// Bytes that a value counts towards the limits of keys; none when its type cannot be a key.
pub fn length(value: &AttributeValue) -> Option<usize> {
    match value {
        AttributeValue::S(text) => Some(text.len()),
        AttributeValue::B(bytes) => Some(bytes.len()),
        AttributeValue::N(number) => Some(crate::size::number(*number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_bytes() {
        let cases = [
            AttributeValue::S(Text::from_static("ключ")),
            AttributeValue::N("-12.5".parse().expect("a number")),
            AttributeValue::B(Bytes::from_static(&[0, 255])),
        ];
        for case in cases {
            let bytes = bytes(&case).expect("a key");
            assert_eq!(value(case.kind(), &bytes), Some(case));
        }
        assert_eq!(bytes(&AttributeValue::Null), None);
    }
}
