//! Values of Avro, written one after the other.

/// Bytes of values so far.
#[derive(Debug, Default)]
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    /// The bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Adds bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Adds an `int` or a `long`: seven bits in a byte, the sign last.
    pub(crate) fn long(&mut self, value: i64) {
        let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
        while rest > 0x7f {
            self.0.push(0x80 | (rest & 0x7f).to_le_bytes()[0]);
            rest >>= 7;
        }
        self.0.push(rest.to_le_bytes()[0]);
    }

    /// Adds `bytes` or a `string`.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// Adds a number of things.
    pub(crate) fn length(&mut self, length: usize) {
        self.long(i64::try_from(length).unwrap_or(i64::MAX));
    }

    /// Adds an optional `long`: a union whose first branch is `null`.
    pub(crate) fn optional_long(&mut self, value: Option<i64>) {
        self.long(i64::from(value.is_some()));
        if let Some(value) = value {
            self.long(value);
        }
    }

    /// Adds the missing value of an optional field.
    pub(crate) fn null(&mut self) {
        self.long(0);
    }

    /// Adds a map of numbers that might be missing, which Avro has as an array of pairs.
    pub(crate) fn map<T>(&mut self, map: &[(i32, T)], mut value: impl FnMut(&mut Self, &T)) {
        self.long(1);
        if !map.is_empty() {
            self.length(map.len());
        }
        for (key, item) in map {
            self.long(i64::from(*key));
            value(self, item);
        }
        self.long(0);
    }
}
