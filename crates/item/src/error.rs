//! What is wrong with a request, in AWS's words. DynamoDB answers all of it with one code, `ValidationException`.

use std::borrow::Cow;

use crate::NumberError;

/// The text of a `ValidationException`.
///
/// AWS words some mistakes in values newly, and only some of its operations do so yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    older: Cow<'static, str>,
    /// The newer text of a value, where there is one.
    current: Option<Box<str>>,
}

impl Invalid {
    /// A text that says what is wrong.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Invalid { older: message.into(), current: None }
    }

    /// What is wrong with a value, in the older words and the newer ones.
    pub fn value(older: impl Into<Cow<'static, str>>, current: impl Into<Box<str>>) -> Self {
        Invalid { older: older.into(), current: Some(current.into()) }
    }

    /// A value that may not be: AWS begins most of these texts with the same words.
    pub fn parameter(what: &str) -> Self {
        Invalid::new(format!("One or more parameter values were invalid: {what}"))
    }

    /// The text, with words before it.
    #[must_use]
    pub fn within(self, before: &str) -> Self {
        Invalid::new(format!("{before}{}", self.older))
    }

    /// The text with words around the older of its forms.
    #[must_use]
    pub(crate) fn wrapped(self, wrap: impl FnOnce(&str) -> String) -> Self {
        let older = wrap(&self.older);
        Invalid { current: Some(self.current.unwrap_or_else(|| self.older.into())), older: older.into() }
    }

    /// The text, in its older form.
    pub fn message(&self) -> &str {
        &self.older
    }

    /// The older text; and the newer one, if it is about a value.
    pub fn into_texts(self) -> (String, Option<String>) {
        (self.older.into_owned(), self.current.map(String::from))
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.older)
    }
}

impl std::error::Error for Invalid {}

impl From<NumberError> for Invalid {
    fn from(error: NumberError) -> Self {
        Invalid::new(error.to_string())
    }
}
