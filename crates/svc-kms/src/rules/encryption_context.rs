//! Encryption contexts: pairs that are bound to a ciphertext and shown to policies, but not kept in it.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>

use std::collections::BTreeMap;

use virga_model::view::Entries;

use crate::records::Constraint;

/// An encryption context, in the order of its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EncryptionContext<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> EncryptionContext<'a> {
    /// What a caller gave.
    pub(crate) fn new(entries: Option<Entries<'a, &'a str>>) -> Self {
        EncryptionContext(entries.into_iter().flat_map(Entries::iter).collect())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the form that ciphertexts are bound to: the same for the same pairs in whatever order, and another for
    /// any others.
    pub(crate) fn append(&self, bytes: &mut Vec<u8>) {
        for text in self.0.iter().flat_map(|(key, value)| [key, value]) {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// Whether a grant with this constraint is for it.
    pub(crate) fn meets(&self, constraint: &Constraint) -> bool {
        let holds = |pairs: &BTreeMap<String, String>| {
            pairs.iter().all(|(key, value)| self.0.get(key.as_str()) == Some(&value.as_str()))
        };
        match constraint {
            Constraint::Equals(pairs) => pairs.len() == self.0.len() && holds(pairs),
            Constraint::Subset(pairs) => holds(pairs),
        }
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for EncryptionContext<'a> {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(pairs: T) -> Self {
        EncryptionContext(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        pairs.iter().copied().collect::<EncryptionContext<'_>>().append(&mut bytes);
        bytes
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        assert_eq!(bound(&[("a", "1"), ("b", "2")]), bound(&[("b", "2"), ("a", "1")]));
        assert_ne!(bound(&[("a", "1")]), bound(&[("A", "1")]));
        assert_ne!(bound(&[("ab", "c")]), bound(&[("a", "bc")]));
        assert_ne!(bound(&[("a", "1")]), bound(&[]));
    }

    #[test]
    fn constraints_are_met_by_equal_or_larger_contexts() {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let equals = Constraint::Equals(pairs(&[("a", "1")]));
        let subset = Constraint::Subset(pairs(&[("a", "1")]));
        let check = |context: &[(&str, &str)], exactly: bool, at_least: bool| {
            let context: EncryptionContext<'_> = context.iter().copied().collect();
            assert_eq!((context.meets(&equals), context.meets(&subset)), (exactly, at_least), "{context:?}");
        };
        check(&[("a", "1")], true, true);
        check(&[("a", "1"), ("b", "2")], false, true);
        check(&[("a", "2")], false, false);
        check(&[], false, false);
    }
}
