//! Typed keys: key spaces, order-preserving tuples, ranges, and reading a key's parts back.

use std::fmt;
use std::marker::PhantomData;

use crate::key_part::{FromParts, KeyParts, Parts};
use crate::{Fault, KeyBytes};

/// A named region of the ordered key space that holds records of one type.
///
/// The name is part of every key, so it is stable for ever, short, and unique in the process; by
/// convention `service.table`. Declare spaces as statics:
///
/// ```
/// # use virga_store::{Space, Counter};
/// static QUEUE_COUNT: Space<Counter> = Space::new("sqs.queue-count");
/// let key = QUEUE_COUNT.key(("000000000000", "eu-west-1"));
/// ```
pub struct Space<V> {
    name: &'static str,
    value: PhantomData<fn() -> V>,
}

impl<V> Space<V> {
    /// Declares the space. The name may not be empty and may not contain NUL.
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty());
        let mut i = 0;
        while i < name.len() {
            assert!(name.as_bytes()[i] != 0);
            i += 1;
        }
        Self { name, value: PhantomData }
    }

    /// The name of the space.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The key of one record.
    pub fn key(&self, parts: impl Parts) -> Key<V> {
        Key::from_bytes(self.bytes(parts))
    }

    /// All records whose key begins with `parts`.
    pub fn prefix(&self, parts: impl Parts) -> Range<V> {
        Range::of_prefix(self.bytes(parts))
    }

    /// All records of the space.
    pub fn all(&self) -> Range<V> {
        self.prefix(())
    }

    fn bytes(&self, parts: impl Parts) -> KeyBytes {
        let mut bytes = KeyBytes::new();
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.push(0);
        parts.write_all(&mut bytes);
        bytes
    }
}

/// The key of a record of type `V`.
pub struct Key<V> {
    bytes: KeyBytes,
    value: PhantomData<fn() -> V>,
}

impl<V> Key<V> {
    pub(crate) fn from_bytes(bytes: KeyBytes) -> Self {
        Self { bytes, value: PhantomData }
    }

    /// The encoded key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the parts back, in the order in which they were given to [`Space::key`].
    ///
    /// # Errors
    /// When the key was built from other types than asked for.
    pub fn parts<P: FromParts>(&self) -> Result<P, Fault> {
        let start = self.bytes.iter().position(|byte| *byte == 0).map_or(self.bytes.len(), |nul| nul + 1);
        let mut reader = KeyParts::new(&self.bytes[start..]);
        let parts = P::read_all(&mut reader)?;
        reader.finish()?;
        Ok(parts)
    }
}

impl<V> Clone for Key<V> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), value: PhantomData }
    }
}

impl<V> PartialEq for Key<V> {
    fn eq(&self, other: &Self) -> bool {
        *self.bytes == *other.bytes
    }
}

impl<V> Eq for Key<V> {}

impl<V> fmt::Debug for Key<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.bytes.escape_ascii())
    }
}

/// A contiguous run of keys of records of type `V`: a prefix, narrowed from either side.
///
/// The narrowing methods take the parts that follow the prefix.
pub struct Range<V> {
    prefix: KeyBytes,
    start: KeyBytes,
    end: KeyBytes,
    value: PhantomData<fn() -> V>,
}

impl<V> Range<V> {
    fn of_prefix(prefix: KeyBytes) -> Self {
        let end = successor(&prefix);
        Self { start: prefix.clone(), prefix, end, value: PhantomData }
    }

    fn extend(&self, parts: impl Parts) -> KeyBytes {
        let mut bytes = self.prefix.clone();
        parts.write_all(&mut bytes);
        bytes
    }

    /// Begins at `parts`, inclusive.
    #[must_use]
    pub fn from(mut self, parts: impl Parts) -> Self {
        self.start = self.extend(parts);
        self
    }

    /// Begins after every key that starts with `parts`.
    #[must_use]
    pub fn after(mut self, parts: impl Parts) -> Self {
        self.start = successor(&self.extend(parts));
        self
    }

    /// Begins right after `key`, for the next page of a listing.
    #[must_use]
    pub fn after_key(mut self, key: &Key<V>) -> Self {
        self.start = key.bytes.clone();
        self.start.push(0);
        self
    }

    /// Ends right before `key`, for the next page of a listing that goes backward.
    #[must_use]
    pub fn until_key(mut self, key: &Key<V>) -> Self {
        self.end = key.bytes.clone();
        self
    }

    /// Ends at `parts`, exclusive.
    #[must_use]
    pub fn until(mut self, parts: impl Parts) -> Self {
        self.end = self.extend(parts);
        self
    }

    /// Ends after every key that starts with `parts`.
    #[must_use]
    pub fn through(mut self, parts: impl Parts) -> Self {
        self.end = successor(&self.extend(parts));
        self
    }

    /// First key that may belong to the range.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// First key past the range.
    pub fn end(&self) -> &[u8] {
        &self.end
    }
}

impl<V> Clone for Range<V> {
    fn clone(&self) -> Self {
        Self {
            prefix: self.prefix.clone(),
            start: self.start.clone(),
            end: self.end.clone(),
            value: PhantomData,
        }
    }
}

impl<V> fmt::Debug for Range<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Range({}..{})", self.start.escape_ascii(), self.end.escape_ascii())
    }
}

/// The smallest byte string greater than every string that begins with `prefix`.
fn successor(prefix: &KeyBytes) -> KeyBytes {
    // A space name is text, so some byte is always below 0xFF.
    let kept = prefix.iter().rposition(|byte| *byte < u8::MAX).map_or(0, |last| last + 1);
    let Some((last, before)) = prefix[..kept].split_last() else { return KeyBytes::new() };
    let mut successor = KeyBytes::from(before);
    successor.push(last + 1);
    successor
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROWS: Space<()> = Space::new("test.rows");

    #[test]
    fn parts_come_back_as_they_were_given() {
        let key = ROWS.key(("a\0b", [1u8, 0].as_slice(), 7u8, -3i64, (u128::MAX), true));
        let parts: (String, Vec<u8>, u8, i64, u128, bool) = key.parts().unwrap();
        assert_eq!(parts, ("a\0b".to_owned(), vec![1, 0], 7, -3, u128::MAX, true));
        assert!(key.parts::<(String,)>().is_err());
        assert!(key.parts::<(String, Vec<u8>, u8, i64, u128, bool, u8)>().is_err());
    }

    #[test]
    fn a_prefix_covers_exactly_its_keys() {
        let range = ROWS.prefix(("acc", "eu"));
        let within = |key: Key<()>| range.start() <= key.as_bytes() && key.as_bytes() < range.end();
        assert!(within(ROWS.key(("acc", "eu", "x"))));
        assert!(within(ROWS.key(("acc", "eu", "\u{ff}"))));
        assert!(!within(ROWS.key(("acc", "eu-west", "x"))));
        assert!(!within(ROWS.key(("ac", "eu", "x"))));
    }

    #[test]
    fn ranges_narrow_from_both_sides() {
        let range = ROWS.prefix("q").after(3u8).through(5u8);
        let within = |n: u8, rest: &str| {
            let key = ROWS.key(("q", n, rest));
            range.start() <= key.as_bytes() && key.as_bytes() < range.end()
        };
        assert_eq!([3, 4, 5, 6].map(|n| within(n, "z")), [false, true, true, false]);
        let range = ROWS.prefix("q").from(3u8).until(5u8);
        assert_eq!(range.start(), ROWS.key(("q", 3u8)).as_bytes());
        assert_eq!(range.end(), ROWS.key(("q", 5u8)).as_bytes());
        let range = ROWS.prefix("q").until_key(&ROWS.key(("q", 4u8)));
        assert_eq!(range.end(), ROWS.key(("q", 4u8)).as_bytes());
    }
}
