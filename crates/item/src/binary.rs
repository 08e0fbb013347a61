//! The compact form in which the store keeps items.
//!
//! A version, then the attributes in the order of their names. A value is its type and its content; contents of more
//! than a few bytes begin with their length, so that a reader skips what it is not asked for. Lengths and counts are
//! little-endian base 128. Strings and binary values of a decoded item share the bytes it was decoded from.

use bytes::Bytes;

use crate::cursor::Cursor;
use crate::{AttributeValue, Item, Number, Text};

/// The present layout.
pub(crate) const VERSION: u8 = 1;

pub(crate) mod tag {
    pub(crate) const S: u8 = 1;
    pub(crate) const N: u8 = 2;
    pub(crate) const B: u8 = 3;
    pub(crate) const FALSE: u8 = 4;
    pub(crate) const TRUE: u8 = 5;
    pub(crate) const NULL: u8 = 6;
    pub(crate) const M: u8 = 7;
    pub(crate) const L: u8 = 8;
    pub(crate) const SS: u8 = 9;
    pub(crate) const NS: u8 = 10;
    pub(crate) const BS: u8 = 11;
}

/// The bytes are not what [`encode`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored item is damaged")]
pub struct Damaged;

/// Appends an item.
pub fn encode(item: &Item, out: &mut Vec<u8>) {
    out.push(VERSION);
    put_map(item, out);
}

/// An item in its compact form.
pub fn to_bytes(item: &Item) -> Vec<u8> {
    let mut out = Vec::with_capacity(crate::size::item(item) + 3 * item.len() + 2);
    encode(item, &mut out);
    out
}

/// Reads an item.
///
/// # Errors
/// When the bytes are not what [`encode`] writes.
pub fn decode(bytes: &Bytes) -> Result<Item, Damaged> {
    let mut reader = Reader::new(bytes)?;
    let item = reader.map(0)?;
    reader.cursor.finish(item)
}

/// Reads the attributes of an item for which `wanted` is true, and skips the others.
///
/// # Errors
/// When the bytes are not what [`encode`] writes, as far as they are read.
pub fn decode_some(bytes: &Bytes, mut wanted: impl FnMut(&str) -> bool) -> Result<Item, Damaged> {
    let mut reader = Reader::new(bytes)?;
    let count = reader.cursor.length()?;
    let mut attributes = Vec::new();
    for _ in 0..count {
        let name = reader.cursor.name()?;
        if wanted(name) {
            let name = reader.share_text(name);
            attributes.push((name, reader.value(0)?));
        } else {
            reader.cursor.skip()?;
        }
    }
    Item::from_sorted(attributes).ok_or(Damaged)
}

/// Reads one attribute of an item.
///
/// # Errors
/// As [`decode_some`].
pub fn decode_one(bytes: &Bytes, name: &str) -> Result<Option<AttributeValue>, Damaged> {
    let mut reader = Reader::new(bytes)?;
    for _ in 0..reader.cursor.length()? {
        let known = reader.cursor.name()?;
        if known == name {
            return reader.value(0).map(Some);
        } else if known > name {
            break;
        }
        reader.cursor.skip()?;
    }
    Ok(None)
}

fn put_length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn put_map(map: &Item, out: &mut Vec<u8>) {
    put_length(map.len(), out);
    for (name, value) in map {
        put_bytes(name.as_bytes(), out);
        put_value(value, out);
    }
}

fn put_value(value: &AttributeValue, out: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) => {
            out.push(tag::S);
            put_bytes(text.as_bytes(), out);
        }
        AttributeValue::N(number) => {
            out.push(tag::N);
            put_number(*number, out);
        }
        AttributeValue::B(bytes) => {
            out.push(tag::B);
            put_bytes(bytes, out);
        }
        AttributeValue::Bool(value) => out.push(if *value { tag::TRUE } else { tag::FALSE }),
        AttributeValue::Null => out.push(tag::NULL),
        AttributeValue::M(map) => put_container(tag::M, out, |out| put_map(map, out)),
        AttributeValue::L(values) => put_elements(tag::L, values, out, put_value),
        AttributeValue::Ss(texts) => {
            put_elements(tag::SS, texts, out, |text, out| put_bytes(text.as_bytes(), out));
        }
        AttributeValue::Ns(numbers) => {
            put_elements(tag::NS, numbers, out, |number, out| put_number(*number, out));
        }
        AttributeValue::Bs(blobs) => put_elements(tag::BS, blobs, out, |blob, out| put_bytes(blob, out)),
    }
}

fn put_elements<T>(tag: u8, elements: &[T], out: &mut Vec<u8>, put: impl Fn(&T, &mut Vec<u8>)) {
    put_container(tag, out, |out| {
        put_length(elements.len(), out);
        elements.iter().for_each(|element| put(element, out));
    });
}

/// Appends a content with its length before it. The length has four bytes: items have less than 2 to the 19th.
fn put_container(tag: u8, out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    put(out);
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends a number: a length, the power of ten, and the digits as a whole number with its sign, without leading
/// bytes that say nothing.
fn put_number(number: Number, out: &mut Vec<u8>) {
    let digits = number.coefficient().to_le_bytes();
    let filler = if number.is_negative() { 0xFF } else { 0 };
    let mut used = digits.iter().rposition(|byte| *byte != filler).map_or(0, |at| at + 1);
    // The highest bit that is kept says the sign.
    if used < digits.len() && (used == 0 || (digits[used - 1] ^ filler) & 0x80 != 0) {
        used += 1;
    }
    out.push(used as u8);
    out.extend_from_slice(&number.exponent().to_le_bytes());
    out.extend_from_slice(&digits[..used]);
}

/// Reads the compact form part by part, and shares the bytes that it is read from.
struct Reader<'a> {
    whole: &'a Bytes,
    cursor: Cursor<'a>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a Bytes) -> Result<Self, Damaged> {
        Ok(Reader { whole: bytes, cursor: Cursor::new(bytes)? })
    }

    fn share(&self, part: &'a [u8]) -> Bytes {
        if part.is_empty() { Bytes::new() } else { self.whole.slice_ref(part) }
    }

    fn share_text(&self, part: &'a str) -> Text {
        Text::try_from(self.share(part.as_bytes())).unwrap_or_default()
    }

    fn text(&mut self) -> Result<Text, Damaged> {
        let bytes = self.cursor.bytes()?;
        Text::try_from(self.share(bytes)).map_err(|_| Damaged)
    }

    fn blob(&mut self) -> Result<Bytes, Damaged> {
        let bytes = self.cursor.bytes()?;
        Ok(self.share(bytes))
    }

    fn map(&mut self, depth: usize) -> Result<Item, Damaged> {
        let count = self.cursor.length()?;
        let mut attributes = Vec::with_capacity(count.min(self.cursor.left() / 2));
        for _ in 0..count {
            let name = self.text()?;
            attributes.push((name, self.value(depth)?));
        }
        Item::from_sorted(attributes).ok_or(Damaged)
    }

    /// Reads a container's content, which must be as long as it says.
    fn content<T>(&mut self, read: impl FnOnce(&mut Reader<'a>) -> Result<T, Damaged>) -> Result<T, Damaged> {
        let mut inner = Reader { whole: self.whole, cursor: self.cursor.container()? };
        let content = read(&mut inner)?;
        inner.cursor.finish(content)
    }

    fn elements<T>(
        &mut self,
        element: impl Fn(&mut Reader<'a>) -> Result<T, Damaged>,
    ) -> Result<Vec<T>, Damaged> {
        self.content(|inner| {
            let count = inner.cursor.length()?;
            let mut elements = Vec::with_capacity(count.min(inner.cursor.left()));
            for _ in 0..count {
                elements.push(element(inner)?);
            }
            Ok(elements)
        })
    }

    fn value(&mut self, depth: usize) -> Result<AttributeValue, Damaged> {
        check_depth(depth)?;
        Ok(match self.cursor.byte()? {
            tag::S => AttributeValue::S(self.text()?),
            tag::N => AttributeValue::N(self.cursor.number()?),
            tag::B => AttributeValue::B(self.blob()?),
            tag::FALSE => AttributeValue::Bool(false),
            tag::TRUE => AttributeValue::Bool(true),
            tag::NULL => AttributeValue::Null,
            tag::M => AttributeValue::M(self.content(|inner| inner.map(depth + 1))?),
            tag::L => AttributeValue::L(self.elements(|inner| inner.value(depth + 1))?),
            tag::SS => AttributeValue::Ss(self.elements(Reader::text)?),
            tag::NS => AttributeValue::Ns(self.elements(|inner| inner.cursor.number())?),
            tag::BS => AttributeValue::Bs(self.elements(Reader::blob)?),
            _ => return Err(Damaged),
        })
    }
}

/// Twice what the API takes is the most: only damage is deeper.
pub(crate) fn check_depth(depth: usize) -> Result<(), Damaged> {
    if depth > 2 * crate::attribute::MAX_DEPTH { Err(Damaged) } else { Ok(()) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> Item {
        let number = |text: &str| text.parse::<Number>().expect("a number");
        let inner: Item = [(Text::from_static("x"), AttributeValue::N(number("128")))].into_iter().collect();
        let values = [
            ("a", AttributeValue::S(Text::from_static("text"))),
            ("b", AttributeValue::N(number("-12345678901234567890123456789012345678e-40"))),
            ("c", AttributeValue::B(Bytes::from_static(&[0; 200]))),
            (
                "d",
                AttributeValue::L(vec![
                    AttributeValue::Bool(true),
                    AttributeValue::M(inner),
                    AttributeValue::Null,
                ]),
            ),
            ("e", AttributeValue::Ss(vec![Text::from_static("1"), Text::from_static("")])),
            (
                "f",
                AttributeValue::Ns(["0", "-1", "127", "128", "-128", "-129", "255e3"].map(number).to_vec()),
            ),
            ("g", AttributeValue::Bs(vec![Bytes::from_static(b"z")])),
            ("h", AttributeValue::Bool(false)),
        ];
        values.into_iter().map(|(name, value)| (Text::from_static(name), value)).collect()
    }

    #[test]
    fn items_come_back_whole_or_in_part() {
        let item = sample();
        let bytes = Bytes::from(to_bytes(&item));
        assert_eq!(decode(&bytes), Ok(item.clone()));
        for (name, value) in &item {
            assert_eq!(decode_one(&bytes, name), Ok(Some(value.clone())));
        }
        assert_eq!(decode_one(&bytes, "dd"), Ok(None));
        let some = decode_some(&bytes, |name| name == "b" || name == "g").expect("it is whole");
        assert_eq!(some.len(), 2);
        assert_eq!(some.get("g"), item.get("g"));
    }

    #[test]
    fn damage_is_noticed() {
        let whole = to_bytes(&sample());
        for length in 0..whole.len() {
            assert_eq!(decode(&Bytes::copy_from_slice(&whole[..length])), Err(Damaged), "{length}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert_eq!(decode(&Bytes::from(longer)), Err(Damaged));
        let newer = [&[VERSION + 1], &whole[1..]].concat();
        assert_eq!(decode(&Bytes::from(newer)), Err(Damaged));
    }

    #[test]
    fn a_small_item_takes_little_more_than_its_content() {
        let item: Item = [
            (Text::from_static("pk"), AttributeValue::S(Text::from_static("user-1"))),
            (Text::from_static("n"), AttributeValue::N(Number::from(7))),
        ]
        .into_iter()
        .collect();
        assert_eq!(to_bytes(&item).len(), 2 + (3 + 2 + 6) + (2 + 1 + 4));
    }
}
