//! What is wrong with a request, in AWS's words. DynamoDB answers all of it with one code, `ValidationException`.

use std::borrow::Cow;

use crate::NumberError;

/// The text of a `ValidationException`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub Cow<'static, str>);

impl Invalid {
    /// A text that says what is wrong.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Invalid(message.into())
    }

    /// A value that may not be: AWS begins most of these texts with the same words.
    pub fn parameter(what: &str) -> Self {
        Invalid(Cow::Owned(format!("One or more parameter values were invalid: {what}")))
    }

    /// The text, with words before it.
    #[must_use]
    pub fn within(self, before: &str) -> Self {
        Invalid(Cow::Owned(format!("{before}{}", self.0)))
    }

    /// The text.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

impl From<NumberError> for Invalid {
    fn from(error: NumberError) -> Self {
        Invalid(Cow::Owned(error.to_string()))
    }
}
