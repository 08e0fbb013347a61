//! One value of any shape.

use bytes::Bytes;

use crate::{Deferred, Document, Record, Text, Timestamp};

/// A value of any shape. Which variant a slot holds follows from its member's shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// The member is absent; in a sparse list or map, an explicit null.
    #[default]
    Null,
    /// Boolean.
    Bool(bool),
    /// Integer or long.
    Integer(i64),
    /// Float or double.
    Double(f64),
    /// String or enum.
    String(Text),
    /// Blob, decoded.
    Blob(Bytes),
    /// Timestamp.
    Timestamp(Timestamp),
    /// List.
    List(Vec<Value>),
    /// Map, in the order it came.
    Map(Map),
    /// Structure or union.
    Structure(Box<Record>),
    /// Document.
    Document(Box<Document>),
    /// A value of any of these kinds that is yet to be made. It is in outputs only, and on their way to a client only:
    /// who calls within the cloud gets them [settled](Record::settled).
    Deferred(Deferred),
    /// The member's content travels beside the record, as the body of the request or the answer.
    Stream,
}

impl Value {
    /// Makes what is deferred in it.
    pub(crate) fn settle(&mut self) {
        match self {
            Value::Deferred(deferred) => *self = deferred.value(),
            Value::List(items) => items.iter_mut().for_each(Value::settle),
            Value::Map(map) => map.0.iter_mut().for_each(|(_, value)| value.settle()),
            Value::Structure(record) => record.settle(),
            _ => {}
        }
    }
}

/// Entries of a map in the order they came. AWS's maps are small; look-ups walk them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Map::default()
    }

    /// A map of entries that are known to have different keys: nothing is searched for.
    pub fn from_distinct(entries: Vec<(Text, Value)>) -> Self {
        Map(entries)
    }

    /// Adds an entry; a later entry of the same key replaces the earlier one.
    pub fn insert(&mut self, key: Text, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Entries in the order they came.
    pub fn iter(&self) -> std::slice::Iter<'_, (Text, Value)> {
        self.0.iter()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Text, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(entries: I) -> Self {
        let mut map = Map::new();
        entries.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a (Text, Value);
    type IntoIter = std::slice::Iter<'a, (Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
