//! One attribute value.

use std::fmt;

use bytes::Bytes;

use crate::{Item, Number, Text};

/// A value of an attribute. Sets hold no value twice and are never empty; [`crate::attribute`] checks that when it
/// reads them.
#[derive(Debug, Clone)]
pub enum AttributeValue {
    /// A string.
    S(Text),
    /// A number.
    N(Number),
    /// Bytes.
    B(Bytes),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
    /// A map.
    M(Item),
    /// A list.
    L(Vec<AttributeValue>),
    /// A set of strings.
    Ss(Vec<Text>),
    /// A set of numbers.
    Ns(Vec<Number>),
    /// A set of byte strings.
    Bs(Vec<Bytes>),
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
    /// Boolean.
    Bool,
    /// Null.
    Null,
    /// Map.
    M,
    /// List.
    L,
    /// Set of strings.
    Ss,
    /// Set of numbers.
    Ns,
    /// Set of binary values.
    Bs,
}

impl AttributeType {
    /// All types.
    pub const ALL: [AttributeType; 10] = [
        AttributeType::S,
        AttributeType::N,
        AttributeType::B,
        AttributeType::Bool,
        AttributeType::Null,
        AttributeType::M,
        AttributeType::L,
        AttributeType::Ss,
        AttributeType::Ns,
        AttributeType::Bs,
    ];

    /// The name in the API: `S`, `BOOL`, …
    pub fn name(self) -> &'static str {
        match self {
            AttributeType::S => "S",
            AttributeType::N => "N",
            AttributeType::B => "B",
            AttributeType::Bool => "BOOL",
            AttributeType::Null => "NULL",
            AttributeType::M => "M",
            AttributeType::L => "L",
            AttributeType::Ss => "SS",
            AttributeType::Ns => "NS",
            AttributeType::Bs => "BS",
        }
    }

    /// The type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        AttributeType::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name in texts about `ADD` and `DELETE`: `STRING`, `BOOLEAN`, …
    pub fn long_name(self) -> &'static str {
        match self {
            AttributeType::S => "STRING",
            AttributeType::N => "NUMBER",
            AttributeType::B => "BINARY",
            AttributeType::Bool => "BOOLEAN",
            AttributeType::Null => "NULL",
            AttributeType::M => "MAP",
            AttributeType::L => "LIST",
            AttributeType::Ss => "STRING_SET",
            AttributeType::Ns => "NUMBER_SET",
            AttributeType::Bs => "BINARY_SET",
        }
    }

    /// Whether a set.
    pub fn is_set(self) -> bool {
        matches!(self, AttributeType::Ss | AttributeType::Ns | AttributeType::Bs)
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AttributeValue {
    /// The type.
    pub fn kind(&self) -> AttributeType {
        match self {
            AttributeValue::S(_) => AttributeType::S,
            AttributeValue::N(_) => AttributeType::N,
            AttributeValue::B(_) => AttributeType::B,
            AttributeValue::Bool(_) => AttributeType::Bool,
            AttributeValue::Null => AttributeType::Null,
            AttributeValue::M(_) => AttributeType::M,
            AttributeValue::L(_) => AttributeType::L,
            AttributeValue::Ss(_) => AttributeType::Ss,
            AttributeValue::Ns(_) => AttributeType::Ns,
            AttributeValue::Bs(_) => AttributeType::Bs,
        }
    }

    /// The string, if it is one.
    pub fn as_s(&self) -> Option<&Text> {
        match self {
            AttributeValue::S(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_n(&self) -> Option<Number> {
        match self {
            AttributeValue::N(number) => Some(*number),
            _ => None,
        }
    }

    /// How many levels of lists and maps are in it: 0 for a scalar, 1 for `[1]`.
    pub fn depth(&self) -> usize {
        match self {
            AttributeValue::L(values) => 1 + values.iter().map(Self::depth).max().unwrap_or(0),
            AttributeValue::M(map) => 1 + map.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

impl PartialEq for AttributeValue {
    /// Values are equal when they have one type and one content; the order of a set does not count.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (AttributeValue::S(one), AttributeValue::S(other)) => one == other,
            (AttributeValue::N(one), AttributeValue::N(other)) => one == other,
            (AttributeValue::B(one), AttributeValue::B(other)) => one == other,
            (AttributeValue::Bool(one), AttributeValue::Bool(other)) => one == other,
            (AttributeValue::Null, AttributeValue::Null) => true,
            (AttributeValue::M(one), AttributeValue::M(other)) => one == other,
            (AttributeValue::L(one), AttributeValue::L(other)) => one == other,
            (AttributeValue::Ss(one), AttributeValue::Ss(other)) => same_set(one, other),
            (AttributeValue::Ns(one), AttributeValue::Ns(other)) => same_set(one, other),
            (AttributeValue::Bs(one), AttributeValue::Bs(other)) => same_set(one, other),
            _ => false,
        }
    }
}

impl Eq for AttributeValue {}

/// Whether two sets have the same members.
fn same_set<T: Ord>(one: &[T], other: &[T]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let sorted = |set: &'_ [T]| -> Vec<usize> {
        let mut places: Vec<usize> = (0..set.len()).collect();
        places.sort_unstable_by(|a, b| set[*a].cmp(&set[*b]));
        places
    };
    one == other || sorted(one).into_iter().zip(sorted(other)).all(|(a, b)| one[a] == other[b])
}
