//! One structure's value.

use crate::{Shape, Value};

/// A value of one structure: a slot for each member, addressed by the member's ordinal.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    shape: Option<Shape>,
    slots: Box<[Value]>,
}

/// What an ordinal outside the shape reads as.
static ABSENT: Value = Value::Null;

impl Record {
    /// A record of `shape` with all members absent.
    pub fn new(shape: Shape) -> Self {
        let absent = std::iter::repeat_with(|| Value::Null);
        Record { shape: Some(shape), slots: absent.take(shape.member_count()).collect() }
    }

    /// The input or output of an operation that has none.
    pub fn empty() -> Self {
        Record { shape: None, slots: Box::default() }
    }

    /// The structure this is a value of; none for [`Record::empty`].
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// The value of the member with this ordinal.
    #[inline]
    pub fn get(&self, ordinal: usize) -> &Value {
        self.slots.get(ordinal).unwrap_or(&ABSENT)
    }

    /// Sets the member with this ordinal. An ordinal outside the shape is ignored: it can only come from code
    /// generated for another shape, which [`crate::view`] excludes.
    #[inline]
    pub fn set(&mut self, ordinal: usize, value: Value) {
        if let Some(slot) = self.slots.get_mut(ordinal) {
            *slot = value;
        }
    }

    /// The slot of the member with this ordinal.
    pub fn slot(&mut self, ordinal: usize) -> Option<&mut Value> {
        self.slots.get_mut(ordinal)
    }

    /// Takes the value out of a slot and leaves it absent.
    pub fn take(&mut self, ordinal: usize) -> Value {
        self.slots.get_mut(ordinal).map(std::mem::take).unwrap_or_default()
    }

    /// The value of a member by its name in the API.
    pub fn by_name(&self, name: &str) -> Option<&Value> {
        self.slots.get(self.ordinal(name)?)
    }

    /// Sets a member by its name in the API; false when the shape has no such member.
    pub fn set_by_name(&mut self, name: &str, value: Value) -> bool {
        let ordinal = self.ordinal(name);
        if let Some(ordinal) = ordinal {
            self.set(ordinal, value);
        }
        ordinal.is_some()
    }

    fn ordinal(&self, name: &str) -> Option<usize> {
        self.shape?.ordinal_by_name(name)
    }

    /// Makes whatever is deferred in it, for readers that look into its slots.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.settle();
        self
    }

    /// As [`Record::settled`], in place.
    pub(crate) fn settle(&mut self) {
        self.slots.iter_mut().for_each(Value::settle);
    }

    /// All slots, by ordinal.
    pub fn values(&self) -> &[Value] {
        &self.slots
    }
}
