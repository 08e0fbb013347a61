//! Values that are kept in a form of their own until somebody wants them: an answer is written straight from it.

use std::fmt;
use std::sync::Arc;

use crate::Value;

/// What a deferred value is made of.
pub trait Content: fmt::Debug + Send + Sync {
    /// The value itself: a structure, list or map of the shape where it stands.
    fn value(&self) -> Value;
    /// Writes the value without making it.
    fn write(&self, out: &mut dyn Writer);
}

/// Takes a value piece by piece, as a JSON document has them.
pub trait Writer {
    /// Begins an object: names and their values follow.
    fn begin_object(&mut self);
    /// Ends the object begun last.
    fn end_object(&mut self);
    /// Begins a list: values follow.
    fn begin_list(&mut self);
    /// Ends the list begun last.
    fn end_list(&mut self);
    /// The name of the value that follows.
    fn name(&mut self, name: &str);
    /// A string.
    fn string(&mut self, text: &str);
    /// A string of printed characters without quotation marks and backslashes.
    fn plain(&mut self, text: &dyn fmt::Display);
    /// A blob.
    fn blob(&mut self, bytes: &[u8]);
    /// A boolean.
    fn boolean(&mut self, value: bool);
}

/// A value that is made, or written, when it is wanted.
#[derive(Debug, Clone)]
pub struct Deferred(Arc<dyn Content>);

impl Deferred {
    /// Defers a value.
    pub fn new(content: impl Content + 'static) -> Self {
        Deferred(Arc::new(content))
    }

    /// Makes the value.
    pub fn value(&self) -> Value {
        self.0.value()
    }

    /// Writes the value without making it.
    pub fn write(&self, out: &mut dyn Writer) {
        self.0.write(out);
    }
}

impl PartialEq for Deferred {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.value() == other.value()
    }
}
