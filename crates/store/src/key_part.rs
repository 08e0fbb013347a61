//! The parts of a key: how values become bytes that sort as the values do, and back.
//!
//! Numbers are big-endian, signed ones with the sign bit flipped. Text and bytes are terminated, with
//! NUL escaped, so that no part is a prefix of another and `("a", "b")` never equals `("ab", "")`.

use crate::{Fault, KeyBytes};

/// Ends a text or bytes part. Less than any escaped or plain continuation, so that shorter text sorts first.
const TERMINATOR: [u8; 2] = [0, 1];
/// A NUL inside of a text or bytes part.
const ESCAPED_NUL: [u8; 2] = [0, 0xFF];

/// A value that can be part of a key.
///
/// The encoding preserves order, and no encoding is a prefix of another of the same type. A newtype
/// implements this by passing on to its content.
pub trait KeyPart {
    /// Appends the encoding.
    fn write(&self, bytes: &mut KeyBytes);
}

/// A value that can be read back from a key.
pub trait FromKeyPart: Sized {
    /// Reads the next part.
    ///
    /// # Errors
    /// When the key does not hold such a part here.
    fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault>;
}

/// One key part, or a tuple of up to eight.
pub trait Parts: Sized {
    /// Appends the encoding of all parts.
    fn write_all(self, bytes: &mut KeyBytes);
}

/// A tuple of parts that can be read back from a key.
pub trait FromParts: Sized {
    /// Reads all parts.
    ///
    /// # Errors
    /// When the key does not hold these parts.
    fn read_all(parts: &mut KeyParts<'_>) -> Result<Self, Fault>;
}

/// Reads the parts of a key one after another.
pub struct KeyParts<'a> {
    bytes: &'a [u8],
}

impl<'a> KeyParts<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (part, rest) =
            self.bytes.split_first_chunk::<N>().ok_or_else(|| Fault::new("a key ends within a number"))?;
        self.bytes = rest;
        Ok(*part)
    }

    fn terminated(&mut self) -> Result<Vec<u8>, Fault> {
        let mut part = Vec::new();
        loop {
            let nul = self.bytes.iter().position(|byte| *byte == 0);
            let (plain, rest) = nul
                .and_then(|nul| Some((&self.bytes[..nul], self.bytes[nul..].split_first_chunk::<2>()?)))
                .ok_or_else(|| Fault::new("a key ends within a text"))?;
            part.extend_from_slice(plain);
            self.bytes = rest.1;
            match *rest.0 {
                TERMINATOR => return Ok(part),
                ESCAPED_NUL => part.push(0),
                _ => return Err(Fault::new("a key holds an unknown escape")),
            }
        }
    }

    pub(crate) fn finish(self) -> Result<(), Fault> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Fault::new("a key has more parts than expected")) }
    }
}

impl KeyPart for [u8] {
    fn write(&self, bytes: &mut KeyBytes) {
        let mut pieces = self.split(|byte| *byte == 0);
        bytes.extend_from_slice(pieces.next().unwrap_or_default());
        for piece in pieces {
            bytes.extend_from_slice(&ESCAPED_NUL);
            bytes.extend_from_slice(piece);
        }
        bytes.extend_from_slice(&TERMINATOR);
    }
}

impl KeyPart for str {
    fn write(&self, bytes: &mut KeyBytes) {
        self.as_bytes().write(bytes);
    }
}

impl KeyPart for String {
    fn write(&self, bytes: &mut KeyBytes) {
        self.as_bytes().write(bytes);
    }
}

impl KeyPart for Vec<u8> {
    fn write(&self, bytes: &mut KeyBytes) {
        self.as_slice().write(bytes);
    }
}

impl<T: KeyPart + ?Sized> KeyPart for &T {
    fn write(&self, bytes: &mut KeyBytes) {
        (**self).write(bytes);
    }
}

impl FromKeyPart for Vec<u8> {
    fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
        parts.terminated()
    }
}

impl FromKeyPart for String {
    fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
        Self::from_utf8(parts.terminated()?)
            .map_err(|e| Fault::with_source("a text in a key is not UTF-8", e))
    }
}

macro_rules! unsigned_parts {
    ($($number:ty),*) => {$(
        impl KeyPart for $number {
            fn write(&self, bytes: &mut KeyBytes) {
                bytes.extend_from_slice(&self.to_be_bytes());
            }
        }

        impl FromKeyPart for $number {
            fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
                Ok(Self::from_be_bytes(parts.fixed()?))
            }
        }
    )*};
}

unsigned_parts!(u8, u16, u32, u64, u128);

impl KeyPart for i64 {
    fn write(&self, bytes: &mut KeyBytes) {
        (self.cast_unsigned() ^ (1 << 63)).write(bytes);
    }
}

impl FromKeyPart for i64 {
    fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
        Ok((u64::read(parts)? ^ (1 << 63)).cast_signed())
    }
}

impl KeyPart for bool {
    fn write(&self, bytes: &mut KeyBytes) {
        u8::from(*self).write(bytes);
    }
}

impl FromKeyPart for bool {
    fn read(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
        Ok(u8::read(parts)? != 0)
    }
}

impl<P: KeyPart> Parts for P {
    fn write_all(self, bytes: &mut KeyBytes) {
        self.write(bytes);
    }
}

impl Parts for () {
    fn write_all(self, _: &mut KeyBytes) {}
}

macro_rules! tuple_parts {
    ($($name:ident $index:tt),*) => {
        impl<$($name: KeyPart),*> Parts for ($($name,)*) {
            fn write_all(self, bytes: &mut KeyBytes) {
                $(self.$index.write(bytes);)*
            }
        }

        impl<$($name: FromKeyPart),*> FromParts for ($($name,)*) {
            fn read_all(parts: &mut KeyParts<'_>) -> Result<Self, Fault> {
                Ok(($($name::read(parts)?,)*))
            }
        }
    };
}

tuple_parts!(A 0);
tuple_parts!(A 0, B 1);
tuple_parts!(A 0, B 1, C 2);
tuple_parts!(A 0, B 1, C 2, D 3);
tuple_parts!(A 0, B 1, C 2, D 3, E 4);
tuple_parts!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_parts!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_parts!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(parts: impl Parts) -> KeyBytes {
        let mut bytes = KeyBytes::new();
        parts.write_all(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn bytes_sort_as_the_tuples_do(
            a in ("[a\0b]{0,4}", any::<i64>(), prop::collection::vec(0u8..3, 0..4), any::<u8>()),
            b in ("[a\0b]{0,4}", any::<i64>(), prop::collection::vec(0u8..3, 0..4), any::<u8>()),
        ) {
            prop_assert_eq!(a.cmp(&b), encoded(a).cmp(&encoded(b)));
        }

        #[test]
        fn bytes_decode_to_the_tuple(a in (any::<String>(), any::<i64>(), any::<Vec<u8>>(), any::<bool>())) {
            let bytes = encoded(a.clone());
            let mut reader = KeyParts::new(&bytes);
            let back = <(String, i64, Vec<u8>, bool)>::read_all(&mut reader).unwrap();
            prop_assert!(reader.finish().is_ok());
            prop_assert_eq!(a, back);
        }

        #[test]
        fn damaged_keys_are_refused_without_panic(bytes: Vec<u8>) {
            let mut reader = KeyParts::new(&bytes);
            let _ = <(String, i64, Vec<u8>)>::read_all(&mut reader).map(|_| reader.finish());
        }
    }
}
