//! Writing CBOR to memory, which cannot fail.

use std::convert::Infallible;

use minicbor::Encoder;
use minicbor::data::Tag;
use minicbor::encode::Error;

/// Writes CBOR from front to back.
pub(crate) struct Writer(Encoder<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Writer(Encoder::new(Vec::new()))
    }
}

impl Writer {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_writer()
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Result<&mut Encoder<Vec<u8>>, Error<Infallible>>,
    ) -> &mut Self {
        let written = write(&mut self.0);
        debug_assert!(written.is_ok(), "writing to a vector does not fail");
        self
    }

    /// Bytes that are CBOR already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(bytes);
        self
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.write(|encoder| encoder.i64(value))
    }

    pub(super) fn unsigned(&mut self, value: u64) -> &mut Self {
        self.write(|encoder| encoder.u64(value))
    }

    pub(crate) fn float(&mut self, value: f64) -> &mut Self {
        self.write(|encoder| encoder.f64(value))
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.write(|encoder| encoder.bool(value))
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.write(Encoder::null)
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.write(|encoder| encoder.str(text))
    }

    pub(crate) fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.write(|encoder| encoder.bytes(bytes))
    }

    pub(crate) fn tag(&mut self, tag: u64) -> &mut Self {
        self.write(|encoder| encoder.tag(Tag::new(tag)))
    }

    /// The head of an array of so many elements, which follow.
    pub(crate) fn array(&mut self, length: usize) -> &mut Self {
        self.write(|encoder| encoder.array(length as u64))
    }

    /// The head of a map of so many entries, whose keys and values follow.
    pub(crate) fn map(&mut self, length: usize) -> &mut Self {
        self.write(|encoder| encoder.map(length as u64))
    }

    /// The head of a map whose end [`Writer::end`] marks.
    pub(crate) fn map_without_length(&mut self) -> &mut Self {
        self.write(Encoder::begin_map)
    }

    pub(crate) fn end(&mut self) -> &mut Self {
        self.write(Encoder::end)
    }
}
