//! Errors of the admin API: `{"error": {"code", "message"}}` with the HTTP status that fits.

use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use virga_store::Fault;

use super::answer;
use crate::cloud::CloudError;
use crate::http::{BodyError, Response};

/// Why the admin API did not do what was asked.
#[derive(Debug)]
pub(super) struct AdminError {
    status: StatusCode,
    code: &'static str,
    message: String,
    allow: Option<&'static str>,
}

impl AdminError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        AdminError { status, code, message: message.into(), allow: None }
    }

    /// The request is malformed, or a value is not allowed.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    /// The caller may not use the admin API.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// There is no such thing.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// The page knows other methods only.
    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        let message = format!("this page takes {allow}");
        AdminError {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        }
    }

    /// The body is of another type than the page takes.
    pub(super) fn unsupported_type(expected: &str) -> Self {
        let message = format!("the request's Content-Type must be {expected}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// The state of the cloud does not allow it.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// A failure of ours. The cause is logged.
    pub(super) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!("the admin API failed: {cause}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal", cause.to_string())
    }

    pub(super) fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = answer::json_bytes(body.to_string().into());
        *response.status_mut() = self.status;
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

impl From<Fault> for AdminError {
    fn from(fault: Fault) -> Self {
        Self::internal(fault)
    }
}

impl From<BodyError> for AdminError {
    fn from(error: BodyError) -> Self {
        Self::new(error.status(), "UnreadableBody", error.to_string())
    }
}

impl From<CloudError> for AdminError {
    fn from(error: CloudError) -> Self {
        let message = error.to_string();
        match error {
            CloudError::TooManyWorlds => Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyWorlds", message),
            CloudError::InvalidId => Self::invalid(message),
            CloudError::IdTaken(_) => Self::conflict(message),
            CloudError::Fault(fault) => fault.into(),
        }
    }
}
