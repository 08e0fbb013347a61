//! The keys of tables and indexes.

use serde::{Deserialize, Serialize};

/// The attributes of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeySchema {
    /// The partition key, or its first attribute.
    pub(crate) hash: String,
    pub(crate) rest: KeyRest,
}

/// What a key has beside its first attribute.
///
/// Once it was an optional sort key: the first two are stored as that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyRest {
    /// Nothing.
    Nothing,
    /// The sort key.
    Range(String),
    /// The other attributes of the partition key and those of the sort key, in keys of global indexes that have
    /// several of either.
    Several { hashes: Vec<String>, ranges: Vec<String> },
}

impl KeySchema {
    /// The attributes, those of the partition key first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.hashes().chain(self.ranges())
    }

    /// The attributes of the partition key.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = &str> {
        let others = match &self.rest {
            KeyRest::Several { hashes, .. } => hashes.as_slice(),
            KeyRest::Nothing | KeyRest::Range(_) => &[],
        };
        std::iter::once(self.hash.as_str()).chain(others.iter().map(String::as_str))
    }

    /// The attributes of the sort key.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = &str> {
        let ranges = match &self.rest {
            KeyRest::Nothing => &[],
            KeyRest::Range(range) => std::slice::from_ref(range),
            KeyRest::Several { ranges, .. } => ranges.as_slice(),
        };
        ranges.iter().map(String::as_str)
    }

    /// The sort key, or its first attribute.
    pub(crate) fn range(&self) -> Option<&str> {
        self.ranges().next()
    }

    /// Whether the partition key or the sort key has several attributes.
    pub(crate) fn is_several(&self) -> bool {
        matches!(self.rest, KeyRest::Several { .. })
    }
}
