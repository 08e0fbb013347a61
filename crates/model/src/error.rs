//! An error as a caller sees it, before a protocol gives it its form.

use std::borrow::Cow;

use crate::{Record, Shape, Text, Value};

/// An error answer. Code, HTTP status and further members come from the model when the error is modelled;
/// errors that any service may give (access denied, throttling, …) name their own status.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// Name of the error's shape, or the code of an error that the model does not list.
    pub code: Cow<'static, str>,
    /// Code in the query protocol when it follows neither from the model nor from `code`.
    pub query_code: Option<&'static str>,
    /// Text for the user.
    pub message: Text,
    /// HTTP status when the model does not say.
    pub status: u16,
    /// The members of a modelled error, its message among them.
    pub record: Option<Box<Record>>,
    /// Further elements of an error document that no model lists, in order: S3 tells callers whom it refuses what it
    /// signed. Protocols other than restXml leave them out.
    pub details: Vec<(&'static str, String)>,
    /// What few errors have. Boxed, because it is rare.
    pub rare: Option<Box<Rare>>,
}

/// What few errors have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rare {
    /// Text in the query protocol, where it has another.
    pub query_message: Option<Text>,
    /// Headers of the answer that no model lists.
    pub headers: Vec<(&'static str, String)>,
    /// The member of a JSON body in which the text is, where it is in none of the record's.
    pub message_member: Option<&'static str>,
}

impl ApiError {
    /// An error of the model. Its status is the model's, else 500 for faults of the server and 400.
    pub fn modelled(shape: Shape, message: impl Into<Text>) -> Self {
        let message = message.into();
        let mut record = Record::new(shape);
        let place = shape.members().position(|member| member.name().eq_ignore_ascii_case("message"));
        // AWS leaves an empty text out of the body.
        if let Some(ordinal) = place.filter(|_| !message.is_empty()) {
            record.set(ordinal, Value::String(message.clone()));
        }
        let status = shape.error_status().unwrap_or(if shape.is_fault() { 500 } else { 400 });
        ApiError {
            code: Cow::Borrowed(shape.name()),
            query_code: None,
            message,
            status,
            record: Some(Box::new(record)),
            details: Vec::new(),
            rare: None,
        }
    }

    /// An error that the service's model does not list.
    pub fn common(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<Text>) -> Self {
        ApiError {
            code: code.into(),
            query_code: None,
            message: message.into(),
            status,
            record: None,
            details: Vec::new(),
            rare: None,
        }
    }

    /// Sets the code of the query protocol.
    #[must_use]
    pub fn with_query_code(mut self, code: &'static str) -> Self {
        self.query_code = Some(code);
        self
    }

    /// Sets the further elements of the error document.
    #[must_use]
    pub fn with_details(mut self, details: Vec<(&'static str, String)>) -> Self {
        self.details = details;
        self
    }

    /// Sets the text of the query protocol.
    #[must_use]
    pub fn with_query_message(mut self, message: &'static str) -> Self {
        self.rare.get_or_insert_default().query_message = Some(Text::from_static(message));
        self
    }

    /// Adds a header to the answer, by its name in lower case: where a bucket is, which entity tag has not changed.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.rare.get_or_insert_default().headers.push((name, value.into()));
        self
    }

    /// Headers of the answer that no model lists, names in lower case.
    pub fn headers(&self) -> &[(&'static str, String)] {
        self.rare.as_deref().map_or(&[], |rare| &rare.headers)
    }

    /// Text in the query protocol.
    pub fn query_message(&self) -> &Text {
        self.rare.as_deref().and_then(|rare| rare.query_message.as_ref()).unwrap_or(&self.message)
    }

    /// What a caller sees of a failure of ours. The cause is logged with the request id, never shown.
    pub fn internal() -> Self {
        Self::common(
            "InternalFailure",
            500,
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    }

    /// What a caller hears who may try again later: the disk is full.
    pub fn unavailable() -> Self {
        let text = "The request has failed due to a temporary failure of the server.";
        Self::common("ServiceUnavailable", 503, text)
    }

    /// Whether the server is to blame.
    pub fn is_fault(&self) -> bool {
        self.status >= 500
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}
