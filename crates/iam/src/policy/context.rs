//! Where the values of condition keys come from.

use std::borrow::Cow;

/// The condition keys of a request, asked one by one and only when a policy names them.
pub trait ConditionContext {
    /// The values of a key, none if the request does not have it.
    ///
    /// The key comes in ASCII lower case: keys are compared without regard to case, also the part after the `/` of
    /// `aws:resourcetag/team`.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// The values of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// The value of a single-valued key.
    One(Cow<'a, str>),
    /// The values of a multivalued key like `aws:TagKeys`. An empty list is the same as no such key.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Values<'a> {
    /// A single value.
    pub fn one(value: impl Into<Cow<'a, str>>) -> Self {
        Self::One(value.into())
    }

    /// All values.
    pub fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Asks the context for a key, taking an empty list for an absent key.
pub(super) fn present<'a>(context: &'a dyn ConditionContext, key: &str) -> Option<Values<'a>> {
    context.values(key).filter(|values| !values.as_slice().is_empty())
}

/// A context without any keys.
impl ConditionContext for () {
    fn values(&self, _key: &str) -> Option<Values<'_>> {
        None
    }
}
