//! Document paths: where in an item a value is.

use std::fmt;

use crate::{AttributeValue, Item, Text};

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `.name`: into a map.
    Name(Text),
    /// `[index]`: into a list.
    Index(usize),
}

/// An attribute, and the way from its value to one within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The attribute of the item.
    pub attribute: Text,
    /// Steps into its value.
    pub steps: Vec<Step>,
}

/// How two paths of one expression are to one another.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They lead to different places.
    Apart,
    /// One leads to the other's place or into it.
    Overlap,
    /// One takes for a list what the other takes for a map.
    Conflict,
}

impl Path {
    /// The path of an attribute itself.
    pub fn of_attribute(attribute: Text) -> Self {
        Path { attribute, steps: Vec::new() }
    }

    /// The value at this place of an item.
    pub fn get<'a>(&self, item: &'a Item) -> Option<&'a AttributeValue> {
        let mut value = item.get(&self.attribute)?;
        for step in &self.steps {
            value = match (step, value) {
                (Step::Name(name), AttributeValue::M(map)) => map.get(name)?,
                (Step::Index(index), AttributeValue::L(values)) => values.get(*index)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// How this path is to another.
    pub(crate) fn relation(&self, other: &Path) -> Relation {
        if self.attribute != other.attribute {
            return Relation::Apart;
        }
        for (one, other) in self.steps.iter().zip(&other.steps) {
            match (one, other) {
                (Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_)) => {
                    return Relation::Conflict;
                }
                (one, other) if one != other => return Relation::Apart,
                _ => {}
            }
        }
        Relation::Overlap
    }
}

impl Path {
    /// Checks that a change of this place and one of another's do not get into each other's way.
    pub(crate) fn check_apart(&self, other: &Path) -> Result<(), String> {
        let how = match self.relation(other) {
            Relation::Apart => return Ok(()),
            Relation::Overlap => "overlap",
            Relation::Conflict => "conflict",
        };
        Err(format!(
            "Two document paths {how} with each other; must remove or rewrite one of these paths; \
             path one: {self}, path two: {other}"
        ))
    }
}

impl fmt::Display for Path {
    /// As AWS writes paths in its texts: `[a, b, [0]]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.attribute)?;
        for step in &self.steps {
            match step {
                Step::Name(name) => write!(f, ", {name}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}
