//! Attribute values: CBOR's own types for all but sets, which are arrays behind a tag.

use minicbor::data::Type;
use virga_item::{AttributeValue, Invalid, Item, Text, attribute};

use super::{Malformed, Reader, Writer, tag};

/// Most levels of lists and maps within one another.
const MOST_LEVELS: usize = 32;

impl Reader<'_> {
    /// An attribute value.
    ///
    /// # Errors
    /// It is none, or one that DynamoDB does not take.
    pub(crate) fn attribute(&mut self) -> Result<AttributeValue, Malformed> {
        self.attribute_at(0)
    }

    fn attribute_at(&mut self, level: usize) -> Result<AttributeValue, Malformed> {
        if level > MOST_LEVELS {
            return Err(attribute::too_deep().into());
        }
        Ok(match self.next()? {
            Type::Array | Type::ArrayIndef => {
                AttributeValue::L(self.array(|reader| reader.attribute_at(level + 1))?)
            }
            Type::Map | Type::MapIndef => AttributeValue::M(self.attributes_at(level + 1)?),
            Type::Null | Type::Undefined => {
                self.skip()?;
                AttributeValue::Null
            }
            Type::Bool => AttributeValue::Bool(self.bool()?),
            Type::String | Type::StringIndef => AttributeValue::S(self.text()?),
            Type::Bytes | Type::BytesIndef => AttributeValue::B(self.blob()?),
            Type::Tag => self.tagged()?,
            _ => AttributeValue::N(self.number()?),
        })
    }

    /// A map of names to attribute values.
    pub(crate) fn attributes(&mut self) -> Result<Item, Malformed> {
        self.attributes_at(0)
    }

    fn attributes_at(&mut self, level: usize) -> Result<Item, Malformed> {
        let mut item = Item::default();
        self.map(|reader| {
            let name = reader.text()?;
            item.insert(name, reader.attribute_at(level)?);
            Ok(())
        })?;
        Ok(item)
    }

    /// A set, or a number that has a tag.
    fn tagged(&mut self) -> Result<AttributeValue, Malformed> {
        let rest = self.rest();
        let tag = Reader::new(&rest).tag()?;
        if !matches!(tag, tag::STRING_SET | tag::NUMBER_SET | tag::BINARY_SET) {
            return Ok(AttributeValue::N(self.number()?));
        }
        self.tag()?;
        let set = match tag {
            tag::STRING_SET => AttributeValue::Ss(self.array(Self::text)?),
            tag::NUMBER_SET => AttributeValue::Ns(self.array(Self::number)?),
            _ => AttributeValue::Bs(self.array(Self::blob)?),
        };
        let is_empty = match &set {
            AttributeValue::Ss(set) => set.is_empty(),
            AttributeValue::Ns(set) => set.is_empty(),
            AttributeValue::Bs(set) => set.is_empty(),
            _ => false,
        };
        match is_empty {
            true => Err(Invalid::parameter("A set may not be empty").into()),
            false => Ok(set),
        }
    }
}

impl Writer {
    /// An attribute value.
    pub(crate) fn attribute(&mut self, value: &AttributeValue) -> &mut Self {
        match value {
            AttributeValue::S(text) => self.text(text),
            AttributeValue::N(number) => self.number(*number),
            AttributeValue::B(bytes) => self.blob(bytes),
            AttributeValue::Bool(value) => self.bool(*value),
            AttributeValue::Null => self.null(),
            AttributeValue::M(map) => self.entries(map.iter()),
            AttributeValue::L(values) => {
                self.array(values.len());
                values.iter().fold(self, |writer, value| writer.attribute(value))
            }
            AttributeValue::Ss(set) => {
                self.tag(tag::STRING_SET).array(set.len());
                set.iter().fold(self, |writer, text| writer.text(text))
            }
            AttributeValue::Ns(set) => {
                self.tag(tag::NUMBER_SET).array(set.len());
                set.iter().fold(self, |writer, number| writer.number(*number))
            }
            AttributeValue::Bs(set) => {
                self.tag(tag::BINARY_SET).array(set.len());
                set.iter().fold(self, |writer, bytes| writer.blob(bytes))
            }
        }
    }

    fn entries<'i>(
        &mut self,
        entries: impl ExactSizeIterator<Item = &'i (Text, AttributeValue)>,
    ) -> &mut Self {
        self.map(entries.len());
        entries.fold(self, |writer, (name, value)| writer.text(name).attribute(value))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn text(text: &'static str) -> Text {
        Text::from_static(text)
    }

    #[test]
    fn values_come_back_as_they_were() {
        let map: Item = [(text("k"), AttributeValue::Null), (text(""), AttributeValue::S(text("é")))]
            .into_iter()
            .collect();
        let values = [
            AttributeValue::S(text("")),
            AttributeValue::N("-1.5".parse().unwrap()),
            AttributeValue::N("123456789012345678901234567890".parse().unwrap()),
            AttributeValue::B(Bytes::from_static(b"\0\xff")),
            AttributeValue::Bool(true),
            AttributeValue::Bool(false),
            AttributeValue::Null,
            AttributeValue::L(vec![AttributeValue::M(map.clone()), AttributeValue::L(Vec::new())]),
            AttributeValue::M(map),
            AttributeValue::Ss(vec![text("b"), text("a")]),
            AttributeValue::Ns(vec!["1".parse().unwrap(), "2.5".parse().unwrap()]),
            AttributeValue::Bs(vec![Bytes::from_static(b"x")]),
        ];
        for value in values {
            let mut writer = Writer::default();
            writer.attribute(&value);
            let bytes = Bytes::from(writer.into_bytes());
            assert_eq!(Reader::new(&bytes).attribute(), Ok(value));
        }
    }

    #[test]
    fn values_nest_no_deeper_than_in_dynamodb() {
        for (levels, fits) in [(32, true), (33, false)] {
            let mut bytes = vec![0x81; levels];
            bytes.push(0xf6);
            assert_eq!(Reader::new(&Bytes::from(bytes)).attribute().is_ok(), fits, "{levels}");
        }
    }
}
