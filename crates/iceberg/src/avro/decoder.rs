//! Values of Avro, read one after the other.

use crate::Error;

/// Bytes that are still to be read.
#[derive(Debug)]
pub(crate) struct Decoder<'a>(&'a [u8]);

const CUT: Error = Error::Damaged("an Avro file ends too early");

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Decoder(bytes)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes bytes as they are.
    pub(crate) fn raw(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Takes an `int` or a `long`.
    pub(crate) fn long(&mut self) -> Result<i64, Error> {
        let mut value = 0u64;
        for place in 0..10 {
            let byte = self.raw(1)?[0];
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(Error::Damaged("a number of an Avro file is too long"))
    }

    /// Takes an `int`.
    pub(crate) fn int(&mut self) -> Result<i32, Error> {
        i32::try_from(self.long()?).map_err(|_| Error::Damaged("a number of an Avro file is too large"))
    }

    /// Takes a number of things.
    pub(crate) fn length(&mut self) -> Result<usize, Error> {
        usize::try_from(self.long()?).map_err(|_| Error::Damaged("a length of an Avro file is negative"))
    }

    /// Takes `bytes`.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.length()?;
        self.raw(length)
    }

    /// Takes a `string`.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        let text = str::from_utf8(self.bytes()?);
        text.map(str::to_owned).map_err(|_| Error::Damaged("a text of an Avro file is not UTF-8"))
    }

    /// Takes the branch of an optional value: whether it is there.
    pub(crate) fn is_there(&mut self) -> Result<bool, Error> {
        Ok(self.long()? != 0)
    }

    /// Takes an optional `long`.
    pub(crate) fn optional_long(&mut self) -> Result<Option<i64>, Error> {
        if self.is_there()? { self.long().map(Some) } else { Ok(None) }
    }

    /// Takes an optional value that is always missing.
    pub(crate) fn null(&mut self) -> Result<(), Error> {
        if self.is_there()? { Err(Error::Damaged("a manifest has a field that is not read")) } else { Ok(()) }
    }

    /// Takes a map of numbers that might be missing.
    pub(crate) fn map<T>(
        &mut self,
        mut value: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<(i32, T)>, Error> {
        let mut map = Vec::new();
        if !self.is_there()? {
            return Ok(map);
        }
        loop {
            let length = self.length()?;
            if length == 0 {
                return Ok(map);
            }
            for _ in 0..length {
                map.push((self.int()?, value(self)?));
            }
        }
    }
}
