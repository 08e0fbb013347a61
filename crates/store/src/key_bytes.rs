//! The bytes of a key: in place as long as they are few, so that most keys need no allocation.

use std::ops::Deref;

/// Bytes that are kept in place.
const IN_PLACE: usize = 72;

/// Bytes that grow at their end.
#[derive(Clone)]
pub struct KeyBytes {
    length: usize,
    place: [u8; IN_PLACE],
    /// Holds all bytes once there are too many for the place, and none before.
    heap: Vec<u8>,
}

impl KeyBytes {
    /// No bytes.
    pub fn new() -> Self {
        Self { length: 0, place: [0; IN_PLACE], heap: Vec::new() }
    }

    /// Adds bytes at the end.
    #[inline]
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if end <= IN_PLACE {
            self.place[self.length..end].copy_from_slice(bytes);
        } else {
            self.extend_heap(bytes);
        }
        self.length = end;
    }

    #[cold]
    fn extend_heap(&mut self, bytes: &[u8]) {
        if self.heap.is_empty() {
            self.heap.extend_from_slice(&self.place[..self.length]);
        }
        self.heap.extend_from_slice(bytes);
    }

    /// Adds a byte at the end.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }
}

impl Default for KeyBytes {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&[u8]> for KeyBytes {
    fn from(bytes: &[u8]) -> Self {
        let mut key = Self::new();
        key.extend_from_slice(bytes);
        key
    }
}

impl Deref for KeyBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        if self.length <= IN_PLACE { &self.place[..self.length] } else { &self.heap }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyBytes;

    #[test]
    fn bytes_are_the_same_in_place_and_on_the_heap() {
        for step in [1, 7, 71, 72, 73, 200] {
            let (mut key, mut expected) = (KeyBytes::new(), Vec::new());
            for turn in 0..300 / step {
                let part = vec![u8::try_from(turn % 250).unwrap(); step];
                key.extend_from_slice(&part);
                expected.extend_from_slice(&part);
                assert_eq!(*key, expected[..]);
            }
        }
    }
}
