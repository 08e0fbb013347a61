//! Key schemas, and keys as bytes.
//!
//! A key of one attribute is its bytes: those of the text or of the binary value, or the number in CBOR. A key of two is
//! the partition key in CBOR and after it the sort key's bytes to the end: text, binary value, or a number as
//! [`lex_decimal`] writes it.

use bytes::Bytes;
use virga_item::{AttributeType, AttributeValue, Item, Text};

use crate::cbor::{Malformed, Reader, Writer};
use crate::lex_decimal;

/// The primary key of a table: its partition key and, if it has one, its sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySchema(pub(crate) Vec<(Text, AttributeType)>);

impl KeySchema {
    /// Whether an attribute is a part of the key.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// The key of these bytes.
    ///
    /// # Errors
    /// They are those of no key of this schema.
    pub(crate) fn decode(&self, bytes: &Bytes) -> Result<Item, Malformed> {
        let values = match &self.0[..] {
            [(_, kind)] => vec![decode_alone(*kind, bytes)?],
            [(_, partition), (_, sort)] => {
                let mut reader = Reader::new(bytes);
                let value = reader.attribute()?;
                if value.kind() != *partition {
                    return Err(Malformed::expected("a partition key of the table's type"));
                }
                vec![value, decode_sort(*sort, reader.rest())?]
            }
            _ => return Err(Malformed::expected("a key of one or two attributes")),
        };
        Ok(self.0.iter().map(|(name, _)| name.clone()).zip(values).collect())
    }

    /// The bytes of the key of an item; none when it lacks one.
    pub(crate) fn encode(&self, item: &Item) -> Option<Vec<u8>> {
        let (partition, _) = self.0.first()?;
        let partition = item.get(partition)?;
        let mut writer = Writer::default();
        let Some((sort, _)) = self.0.get(1) else {
            return match partition {
                AttributeValue::S(text) => Some(text.as_bytes().to_vec()),
                AttributeValue::B(bytes) => Some(bytes.to_vec()),
                value => {
                    writer.attribute(value);
                    Some(writer.into_bytes())
                }
            };
        };
        writer.attribute(partition);
        match item.get(sort)? {
            AttributeValue::S(text) => writer.raw(text.as_bytes()),
            AttributeValue::B(bytes) => writer.raw(bytes),
            value => writer.raw(&lex_decimal::encode(value.as_n()?)),
        };
        Some(writer.into_bytes())
    }
}

fn text(bytes: Bytes) -> Result<AttributeValue, Malformed> {
    Text::try_from(bytes).map(AttributeValue::S).map_err(|_| Malformed::expected("a key in UTF-8"))
}

fn decode_alone(kind: AttributeType, bytes: &Bytes) -> Result<AttributeValue, Malformed> {
    match kind {
        AttributeType::S => text(bytes.clone()),
        AttributeType::B => Ok(AttributeValue::B(bytes.clone())),
        _ => Ok(AttributeValue::N(Reader::new(bytes).number()?)),
    }
}

fn decode_sort(kind: AttributeType, bytes: Bytes) -> Result<AttributeValue, Malformed> {
    match kind {
        AttributeType::S => text(bytes),
        AttributeType::B => Ok(AttributeValue::B(bytes)),
        _ => {
            let number = lex_decimal::decode(&bytes);
            number.map(AttributeValue::N).ok_or_else(|| Malformed::expected("a numeric sort key"))
        }
    }
}

/// Reads a key with names, which keys of indexes are: a map in a byte string.
///
/// # Errors
/// It is none.
pub(crate) fn decode_named(bytes: &Bytes) -> Result<Item, Malformed> {
    Reader::new(bytes).attributes()
}

/// Writes a key with names.
pub(crate) fn encode_named(key: &Item) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.map_without_length();
    for (name, value) in key.iter() {
        writer.text(name).attribute(value);
    }
    writer.end();
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> AttributeValue {
        match text.parse() {
            Ok(number) => AttributeValue::N(number),
            Err(_) if text.starts_with('x') => AttributeValue::B(Bytes::copy_from_slice(text.as_bytes())),
            Err(_) => AttributeValue::S(Text::from(text)),
        }
    }

    #[test]
    fn keys_come_back_as_they_were() {
        for values in [
            &["s"][..],
            &["12.5"],
            &["-7"],
            &["x1"],
            &["s", "t"],
            &["s", "-1.25"],
            &["3", "x1"],
            &["x2", "é"],
        ] {
            let names = [Text::from_static("p"), Text::from_static("q")];
            let values: Vec<_> = values.iter().map(|text| value(text)).collect();
            let schema =
                KeySchema(names.iter().cloned().zip(values.iter().map(AttributeValue::kind)).collect());
            let key: Item = names.into_iter().zip(values).collect();
            let bytes = Bytes::from(schema.encode(&key).unwrap());
            assert_eq!(schema.decode(&bytes), Ok(key.clone()));
            assert_eq!(decode_named(&Bytes::from(encode_named(&key))), Ok(key));
        }
    }

    #[test]
    fn keys_of_other_types_are_refused() {
        let schema = KeySchema(vec![
            (Text::from_static("p"), AttributeType::N),
            (Text::from_static("q"), AttributeType::N),
        ]);
        for bytes in [&b""[..], b"\x01", b"\x61a\x80", b"\x01\x00", b"\x01\xc1\x1c"] {
            assert!(schema.decode(&Bytes::from_static(bytes)).is_err(), "{bytes:x?}");
        }
        assert_eq!(schema.encode(&Item::default()), None);
    }
}
