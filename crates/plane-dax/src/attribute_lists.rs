//! Attribute lists: the names of the attributes of an item but its key, sorted, which stand behind a number in the
//! encoding of items. Clients ask for the number of names and for the names of a number, and remember both.
//!
//! A number is drawn from its names, so that what a client remembers is true of the next process as well.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use twox_hash::XxHash3_64;
use virga_item::Text;

/// The number of the list without names.
const EMPTY: i64 = 1;
/// Numbers have 31 bits: every client can hold them.
const MASK: u64 = (1 << 31) - 1;
/// Most bytes of names that are kept.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The lists that clients of this process have named, or been told of.
#[derive(Debug, Default)]
pub(crate) struct AttributeLists(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<Arc<[Text]>, i64>,
    names: HashMap<i64, Arc<[Text]>>,
    bytes: usize,
}

impl AttributeLists {
    /// The number of these names; none when no more lists are kept.
    pub(crate) fn number(&self, names: &[Text]) -> Option<i64> {
        if names.is_empty() {
            return Some(EMPTY);
        }
        if let Some(number) = self.0.read().numbers.get(names) {
            return Some(*number);
        }
        let mut known = self.0.write();
        let known = &mut *known;
        let size = names.iter().map(|name| name.len() + size_of::<Text>()).sum::<usize>();
        if known.bytes + size > MOST_BYTES {
            return None;
        }
        let mut number = first_choice(names);
        while known.names.get(&number).is_some_and(|other| **other != *names) {
            number += 1;
        }
        // The names may be slices of a large request.
        let names: Arc<[Text]> = names.iter().map(|name| Text::from(&**name)).collect();
        known.bytes += size;
        known.numbers.insert(Arc::clone(&names), number);
        known.names.insert(number, names);
        Some(number)
    }

    /// The names behind a number.
    pub(crate) fn names(&self, number: i64) -> Option<Arc<[Text]>> {
        if number == EMPTY { Some(Arc::from([])) } else { self.0.read().names.get(&number).cloned() }
    }
}

fn first_choice(names: &[Text]) -> i64 {
    let mut all = Vec::new();
    for name in names {
        all.extend_from_slice(&name.len().to_be_bytes());
        all.extend_from_slice(name.as_bytes());
    }
    let drawn = i64::try_from(XxHash3_64::oneshot(&all) & MASK).unwrap_or(0);
    drawn.max(EMPTY + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_belong_together_in_every_process() {
        let (one, other) = (AttributeLists::default(), AttributeLists::default());
        let names = [Text::from_static("a"), Text::from_static("b")];
        let number = one.number(&names).unwrap();
        assert_eq!(one.number(&names), Some(number));
        assert_eq!(one.names(number).as_deref(), Some(&names[..]));
        assert_ne!(one.number(&names[..1]), Some(number));
        assert_eq!(other.names(number), None);
        assert_eq!(other.number(&names), Some(number));
        assert_eq!(one.number(&[]), Some(EMPTY));
        assert_eq!(one.names(EMPTY).as_deref(), Some(&[][..]));
    }
}
