//! Reading an item: strings and byte strings of known length are slices of it.

use bytes::Bytes;
use minicbor::Decoder;
use minicbor::data::Type;
use virga_item::Text;

use super::Malformed;

/// Reads CBOR from front to back.
pub(crate) struct Reader<'b> {
    bytes: &'b Bytes,
    decoder: Decoder<'b>,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b Bytes) -> Self {
        Reader { bytes, decoder: Decoder::new(bytes) }
    }

    /// The type of the next item.
    pub(crate) fn next(&self) -> Result<Type, Malformed> {
        Ok(self.decoder.datatype()?)
    }

    /// Whether everything has been read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.decoder.position() >= self.bytes.len()
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> Bytes {
        self.bytes.slice(self.decoder.position().min(self.bytes.len())..)
    }

    /// Passes over an item.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        Ok(self.decoder.skip()?)
    }

    /// Takes a null, if one comes next.
    pub(crate) fn null(&mut self) -> Result<bool, Malformed> {
        let is_null = matches!(self.next()?, Type::Null | Type::Undefined);
        if is_null {
            self.skip()?;
        }
        Ok(is_null)
    }

    /// A whole number.
    pub(crate) fn int(&mut self) -> Result<i64, Malformed> {
        Ok(self.decoder.i64()?)
    }

    /// A whole number of up to 65 bits.
    pub(super) fn wide_int(&mut self) -> Result<i128, Malformed> {
        Ok(self.decoder.int()?.into())
    }

    /// A floating-point number of any width.
    pub(super) fn float(&mut self) -> Result<f64, Malformed> {
        Ok(match self.next()? {
            Type::F16 => self.decoder.f16()?.into(),
            Type::F32 => self.decoder.f32()?.into(),
            _ => self.decoder.f64()?,
        })
    }

    /// A boolean, or a number that stands for one.
    pub(crate) fn bool(&mut self) -> Result<bool, Malformed> {
        match self.next()? {
            Type::Bool => Ok(self.decoder.bool()?),
            _ => Ok(self.int()? != 0),
        }
    }

    /// The number of a tag.
    pub(crate) fn tag(&mut self) -> Result<u64, Malformed> {
        Ok(self.decoder.tag()?.as_u64())
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<Text, Malformed> {
        if self.next()? == Type::StringIndef {
            let parts: Result<String, _> = self.decoder.str_iter()?.collect();
            return Ok(Text::from(parts?));
        }
        let text = self.decoder.str()?;
        Text::try_from(self.bytes.slice_ref(text.as_bytes())).map_err(|_| Malformed::expected("UTF-8"))
    }

    /// A byte string.
    pub(crate) fn blob(&mut self) -> Result<Bytes, Malformed> {
        if self.next()? == Type::BytesIndef {
            let mut blob = Vec::new();
            for part in self.decoder.bytes_iter()? {
                blob.extend_from_slice(part?);
            }
            return Ok(Bytes::from(blob));
        }
        Ok(self.bytes.slice_ref(self.decoder.bytes()?))
    }

    /// A byte string that holds a text: names of tables and indexes travel so.
    pub(crate) fn name(&mut self) -> Result<Text, Malformed> {
        match self.next()? {
            Type::String | Type::StringIndef => self.text(),
            _ => Text::try_from(self.blob()?).map_err(|_| Malformed::expected("UTF-8")),
        }
    }

    /// Reads each element of an array.
    pub(crate) fn array<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let mut left = self.decoder.array()?;
        let mut elements = Vec::new();
        while self.has_more(&mut left)? {
            elements.push(element(self)?);
        }
        Ok(elements)
    }

    /// An array of exactly so many elements, which are read next.
    pub(crate) fn array_of(&mut self, length: u64) -> Result<(), Malformed> {
        match self.decoder.array()? {
            Some(found) if found == length => Ok(()),
            _ => Err(Malformed::Shape(format!("an array of {length} elements expected"))),
        }
    }

    /// The length of an array whose elements are read next.
    pub(crate) fn array_length(&mut self) -> Result<u64, Malformed> {
        self.decoder.array()?.ok_or_else(|| Malformed::expected("an array of known length"))
    }

    /// Reads each entry of a map, key and value.
    pub(crate) fn map(
        &mut self,
        mut entry: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let mut left = self.decoder.map()?;
        while self.has_more(&mut left)? {
            entry(self)?;
        }
        Ok(())
    }

    /// Whether another element follows; `left` counts down where the length is known.
    fn has_more(&mut self, left: &mut Option<u64>) -> Result<bool, Malformed> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.next()? == Type::Break => {
                self.skip()?;
                Ok(false)
            }
            None => Ok(true),
        }
    }
}
