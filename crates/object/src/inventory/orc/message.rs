//! Messages of Protocol Buffers, as far as the footers of ORC need them.

/// A message that is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Message(Vec<u8>);

/// Fields with a number.
const VARINT: u64 = 0;
/// Fields with bytes behind their length.
const BYTES: u64 = 2;

impl Message {
    pub(super) fn new() -> Self {
        Message::default()
    }

    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        varint(&mut self.0, (field << 3) | VARINT);
        varint(&mut self.0, value);
        self
    }

    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        varint(&mut self.0, (field << 3) | BYTES);
        varint(&mut self.0, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn message(self, field: u64, value: &Message) -> Self {
        self.bytes(field, &value.0)
    }

    /// Numbers in one field, one after another.
    pub(super) fn packed(self, field: u64, values: impl Iterator<Item = u64>) -> Self {
        let mut bytes = Vec::new();
        values.for_each(|value| varint(&mut bytes, value));
        self.bytes(field, &bytes)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Seven bits to a byte, the lowest first; all bytes but the last have their highest bit set.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_number_and_kind() {
        let inner = Message::new().number(1, 300);
        let message = Message::new().message(3, &inner).packed(4, [0, 12].into_iter());
        assert_eq!(message.finish(), [0x1a, 3, 0x08, 0xac, 0x02, 0x22, 2, 0, 12]);
    }
}
