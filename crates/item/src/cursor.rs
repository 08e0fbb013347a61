//! Goes through the stored form of an item part by part: see [`crate::binary`].

use crate::Number;
use crate::binary::{Damaged, VERSION, tag};

/// What is left to be read.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Begins to read an item.
    pub(crate) fn new(item: &'a [u8]) -> Result<Self, Damaged> {
        match item.split_first() {
            Some((&VERSION, rest)) => Ok(Cursor { rest }),
            _ => Err(Damaged),
        }
    }

    /// What was read, if nothing is left.
    pub(crate) fn finish<T>(self, read: T) -> Result<T, Damaged> {
        if self.rest.is_empty() { Ok(read) } else { Err(Damaged) }
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Damaged> {
        let (byte, rest) = self.rest.split_first().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*byte)
    }

    #[inline]
    pub(crate) fn length(&mut self) -> Result<usize, Damaged> {
        match self.rest.split_first() {
            // Nearly all lengths are this short.
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Ok(usize::from(byte))
            }
            _ => self.long_length(),
        }
    }

    fn long_length(&mut self) -> Result<usize, Damaged> {
        let mut length = 0usize;
        for shift in (0..28).step_by(7) {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err(Damaged)
    }

    /// Bytes, with their length before them.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let length = self.length()?;
        self.take(length)
    }

    pub(crate) fn name(&mut self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    pub(crate) fn number(&mut self) -> Result<Number, Damaged> {
        let used = usize::from(self.byte()?);
        let exponent = self.take(2)?;
        let exponent = i16::from_le_bytes([exponent[0], exponent[1]]);
        let kept = self.take(used)?;
        let mut digits = [if kept.last().is_some_and(|byte| byte & 0x80 != 0) { 0xFF } else { 0 }; 16];
        digits.get_mut(..used).ok_or(Damaged)?.copy_from_slice(kept);
        Number::from_canonical(i128::from_le_bytes(digits), exponent).ok_or(Damaged)
    }

    /// The content of a container, which has to be read to its end.
    pub(crate) fn container(&mut self) -> Result<Self, Damaged> {
        let length = self.take(4)?;
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]);
        Ok(Cursor { rest: self.take(usize::try_from(length).map_err(|_| Damaged)?)? })
    }

    /// Gets past a value.
    pub(crate) fn skip(&mut self) -> Result<(), Damaged> {
        match self.byte()? {
            tag::S | tag::B => self.bytes().map(drop),
            tag::N => {
                let used = usize::from(self.byte()?);
                self.take(2 + used).map(drop)
            }
            tag::FALSE | tag::TRUE | tag::NULL => Ok(()),
            tag::M | tag::L | tag::SS | tag::NS | tag::BS => self.container().map(drop),
            _ => Err(Damaged),
        }
    }
}
