//! Answers of the admin API.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::error::AdminError;
use crate::http::{Response, ResponseBody};

/// What a page answers.
pub(super) type Answer = Result<Response, AdminError>;

/// 200 with a JSON body.
pub(super) fn json(value: &impl Serialize) -> Answer {
    json_with(StatusCode::OK, value)
}

/// A status with a JSON body.
pub(super) fn json_with(status: StatusCode, value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value).map_err(AdminError::internal)?;
    let mut response = json_bytes(body.into());
    *response.status_mut() = status;
    Ok(response)
}

/// 200 with JSON that is already written.
pub(super) fn json_bytes(body: Bytes) -> Response {
    with_type("application/json", body.into())
}

/// 200 with a body of some type.
pub(super) fn with_type(content_type: &'static str, body: ResponseBody) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
