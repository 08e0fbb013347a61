//! Values that are kept as the JSON text that an answer shows, and made only when somebody wants to look into them.

use std::fmt;
use std::sync::Arc;

use crate::Value;

/// What a deferred value is made of.
pub trait Content: fmt::Debug + Send + Sync {
    /// The value itself: a structure, list or map of the shape where it stands.
    fn value(&self) -> Value;
    /// The value as JSON, in UTF-8.
    fn json(&self) -> &[u8];
}

/// A value that is made when it is wanted.
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

    /// The value as JSON, in UTF-8.
    pub fn json(&self) -> &[u8] {
        self.0.json()
    }
}

impl PartialEq for Deferred {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.value() == other.value()
    }
}
