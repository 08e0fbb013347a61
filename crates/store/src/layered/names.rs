//! The names of key spaces, as they begin the keys.

use std::cmp::Ordering;
use std::ops::Range;

use crate::engine::Span;

/// Names in order, with the first bytes of each in a row: a name is found among those without looking at the others.
#[derive(Clone, Default)]
pub(super) struct Names {
    heads: Vec<u64>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    /// The place of a name, or where it would have to be.
    pub(super) fn place(&self, name: &Name<'_>) -> Result<usize, usize> {
        let mut place = self.heads.partition_point(|known| *known < name.head);
        while self.heads.get(place) == Some(&name.head) {
            let known = &*self.names[place];
            // Heads hold short names whole.
            if known.len().max(name.text.len()) <= HEAD {
                return Ok(place);
            }
            match known.cmp(name.text) {
                Ordering::Less => place += 1,
                Ordering::Equal => return Ok(place),
                Ordering::Greater => break,
            }
        }
        Err(place)
    }

    /// The places of the spaces that a range may reach into.
    pub(super) fn within(&self, span: Span<'_>) -> Range<usize> {
        let name = Name::of_key(span.start);
        // Nearly all ranges lie within one space.
        if span.end.strip_prefix(name.text).is_some_and(|rest| rest.first() == Some(&0) || rest == [1]) {
            return match self.place(&name) {
                Ok(place) => place..place + 1,
                Err(place) => place..place,
            };
        }
        let start = self.names.partition_point(|name| **name < *space(span.start));
        start..self.names.partition_point(|name| **name < *span.end).max(start)
    }

    /// The name at a place.
    pub(super) fn name(&self, place: usize) -> &[u8] {
        &self.names[place]
    }

    /// Adds a name at its place.
    pub(super) fn insert(&mut self, place: usize, name: &Name<'_>) {
        self.heads.insert(place, name.head);
        self.names.insert(place, name.text.into());
    }
}

/// Bytes of a name that are compared as one number.
const HEAD: usize = size_of::<u64>();

/// The name of a key's space.
pub(super) struct Name<'k> {
    text: &'k [u8],
    /// Its first bytes as a number that is ordered as they are. No name holds a zero.
    head: u64,
}

impl<'k> Name<'k> {
    /// The name that a key begins with.
    pub(super) fn of_key(key: &'k [u8]) -> Self {
        let Some(first) = key.first_chunk::<HEAD>() else {
            let text = space(key);
            let mut head = [0; HEAD];
            head[..text.len()].copy_from_slice(text);
            return Name { text, head: u64::from_be_bytes(head) };
        };
        // Most names end within a word, so that it is searched instead of its bytes.
        match first_zero(u64::from_le_bytes(*first)) {
            Some(length) => {
                let rest = u64::MAX.checked_shr(8 * length).unwrap_or(0);
                Name { text: &key[..length as usize], head: u64::from_be_bytes(*first) & !rest }
            }
            None => Name { text: space(key), head: u64::from_be_bytes(*first) },
        }
    }

    /// Length of the name in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

/// The place of the lowest byte that is zero.
fn first_zero(word: u64) -> Option<u32> {
    let (lows, highs) = (u64::from_le_bytes([0x01; 8]), u64::from_le_bytes([0x80; 8]));
    let zeros = word.wrapping_sub(lows) & !word & highs;
    (zeros != 0).then(|| zeros.trailing_zeros() / 8)
}

/// The name of the space of a key, or of a bound of a range.
pub(super) fn space(key: &[u8]) -> &[u8] {
    let end = key.iter().position(|byte| *byte == 0);
    &key[..end.unwrap_or(key.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_first_zero_of_its_key() {
        for name in ["", "a", "sqs.m", "sqs.own", "sqs.owne", "sqs.owned", "sqs.owned-key"] {
            for rest in ["", "\u{1}", "\u{1}\u{1}\u{1}", "rest of the key", "\0\u{1}\0"] {
                let key = format!("{name}\0{rest}");
                let found = Name::of_key(key.as_bytes());
                assert_eq!((found.text, found.len()), (name.as_bytes(), name.len()), "{key:?}");
                let mut head = name.as_bytes().to_vec();
                head.resize(HEAD.max(name.len()), 0);
                assert_eq!(found.head.to_be_bytes(), head[..HEAD], "{key:?}");
            }
        }
    }

    #[test]
    fn names_have_the_places_of_their_order() {
        let mut all = ["a", "a.bcdefg", "a.bcdefgh", "a.bcdefgi", "a.bcdef", "b", "a.bcdefghij", ""];
        let mut names = Names::default();
        for name in all {
            let name = Name::of_key(name.as_bytes());
            let place = names.place(&name).unwrap_err();
            names.insert(place, &name);
        }
        all.sort_unstable();
        for (place, name) in all.iter().enumerate() {
            assert_eq!(names.place(&Name::of_key(name.as_bytes())), Ok(place), "{name}");
            assert_eq!(names.name(place), name.as_bytes());
        }
        assert_eq!(names.place(&Name::of_key(b"a.bcdefgha")), Err(5));
    }
}
