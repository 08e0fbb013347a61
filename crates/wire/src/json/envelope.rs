//! awsJson 1.0 and 1.1: one operation per `X-Amz-Target`, one JSON object each way.

use http::HeaderName;
use virga_model::{ApiError, Operation, Record, Service};

use super::read::{Names, read_body};
use super::write::{push_string, write_record};
use crate::error::DecodeError;
use crate::errors;
use crate::message::{HttpRequest, HttpResponse};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

pub(crate) fn decode_request(operation: Operation, request: &HttpRequest<'_>) -> Result<Record, DecodeError> {
    let Some(input) = operation.input() else { return Ok(Record::empty()) };
    let mut record = Record::new(input);
    read_body(&mut record, &request.body, Names::All)?;
    Ok(record)
}

pub(crate) fn encode_response(operation: Operation, output: &Record, request_id: &str) -> HttpResponse {
    let mut body = Vec::new();
    // Without an output there is nothing to say, not even `{}`.
    if operation.output().is_some() {
        body.reserve(256);
        write_record(&mut body, output, Names::All);
    }
    let mut response = HttpResponse::new(operation.status(), content_type(operation.service()), body);
    response.set(REQUEST_ID, request_id);
    response
}

pub(crate) fn encode_error(service: Service, error: &ApiError, request_id: &str) -> HttpResponse {
    let name = match service.json_version() {
        Some("1.0") => qualified(service, error),
        _ => error.code.clone().into_owned(),
    };
    let body = error_body(error, Some(&name), Names::All);
    let mut response = HttpResponse::new(error.status, content_type(service), body);
    response.set(REQUEST_ID, request_id);
    if service.is_query_compatible() {
        response.set(QUERY_ERROR, &errors::query_error_header(service, error));
    }
    response
}

pub(crate) fn content_type(service: Service) -> &'static str {
    match service.json_version() {
        Some("1.0") => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}

/// The members of an error and its message, with `__type` when there is one.
pub(crate) fn error_body(error: &ApiError, name: Option<&str>, names: Names) -> Vec<u8> {
    let mut body = Vec::with_capacity(160);
    if let Some(record) = &error.record {
        write_record(&mut body, record, names);
        body.pop();
    } else {
        body.push(b'{');
    }
    let mut member = |key: &str, text: &str| {
        if body.len() > 1 {
            body.push(b',');
        }
        push_string(&mut body, key);
        body.push(b':');
        push_string(&mut body, text);
    };
    if let Some(name) = name {
        member("__type", name);
    }
    if !errors::has_message(error) && !error.message.is_empty() {
        member("message", &error.message);
    }
    body.push(b'}');
    body
}

/// The error's name with the namespace that the JSON 1.0 services give it.
pub(crate) fn qualified(service: Service, error: &ApiError) -> String {
    let code = &error.code;
    if errors::shape_of(service, error).is_none() {
        return match &**code {
            "ValidationException" => "com.amazon.coral.validate#ValidationException".to_owned(),
            _ => format!("com.amazon.coral.service#{code}"),
        };
    }
    // `DynamoDB_20120810` names its errors `com.amazonaws.dynamodb.v20120810#…`.
    let version = service
        .target_prefix()
        .and_then(|prefix| prefix.rsplit_once('_'))
        .filter(|(_, date)| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(_, date)| format!(".v{date}"))
        .unwrap_or_default();
    format!("com.amazonaws.{}{version}#{code}", service.name())
}
