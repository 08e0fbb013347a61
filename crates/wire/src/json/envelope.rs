//! awsJson 1.0 and 1.1: one operation per `X-Amz-Target`, one JSON object each way.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use virga_model::json::push_string;
use virga_model::{ApiError, Document, Operation, Record, Service};

use super::document::document_from_json;
use super::read::{read_body, text_of};
use super::write::write_record;
use crate::client::ErrorAnswer;
use crate::error::{DecodeError, EncodeError};
use crate::errors;
use crate::message::{Body, ClientRequest, HttpRequest, HttpResponse};
use crate::part::Part;
use crate::rest::host_prefix;

/// Room for a body: most answers are shorter, and more would take the allocator longer.
const FIRST_BYTES: usize = 1024;

const JSON_1_0: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// Asks for the codes of the query protocol.
pub(crate) const QUERY_MODE: HeaderName = HeaderName::from_static("x-amzn-query-mode");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

pub(crate) fn decode_request(operation: Operation, request: &HttpRequest<'_>) -> Result<Record, DecodeError> {
    let Some(input) = operation.input() else { return Ok(Record::empty()) };
    let mut record = Record::new(input);
    read_body(&mut record, &request.body, Part::Whole)?;
    Ok(record)
}

pub(crate) fn encode_response(operation: Operation, output: &Record, request_id: &str) -> HttpResponse {
    let mut body = Vec::new();
    // Without an output there is nothing to say, not even `{}`.
    if operation.output().is_some() {
        body.reserve(FIRST_BYTES);
        write_record(&mut body, output, Part::Whole);
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
    let body = error_body(error, Some(&name), Part::Whole);
    let mut response = HttpResponse::new(error.status, content_type(service), body);
    response.set(REQUEST_ID, request_id);
    if service.is_query_compatible() {
        response.set(QUERY_ERROR, &errors::query_error_header(service, error));
    }
    response
}

fn content_type(service: Service) -> HeaderValue {
    match service.json_version() {
        Some("1.0") => JSON_1_0,
        _ => JSON_1_1,
    }
}

/// The members of an error and its message, with `__type` when there is one.
pub(crate) fn error_body(error: &ApiError, name: Option<&str>, part: Part) -> Vec<u8> {
    let mut body = Vec::with_capacity(160);
    if let Some(record) = &error.record {
        write_record(&mut body, record, part);
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
        let named = error.rare.as_ref().and_then(|rare| rare.message_member);
        member(named.unwrap_or("message"), &error.message);
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

pub(crate) fn encode_request(operation: Operation, input: &Record) -> Result<ClientRequest, EncodeError> {
    let service = operation.service();
    let mut body = Vec::with_capacity(256);
    write_record(&mut body, input, Part::Whole);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type(service));
    let target = format!("{}.{}", service.target_prefix().unwrap_or_default(), operation.name());
    if let Ok(target) = HeaderValue::from_str(&target) {
        headers.insert(TARGET, target);
    }
    if service.is_query_compatible() {
        headers.insert(QUERY_MODE, HeaderValue::from_static("true"));
    }
    Ok(ClientRequest {
        method: Method::POST,
        path_and_query: "/".to_owned(),
        headers,
        body: Body::Bytes(body.into()),
        host_prefix: host_prefix(operation, input)?,
    })
}

pub(crate) fn decode_response(
    operation: Operation,
    status: u16,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Result<Record, ApiError>, DecodeError> {
    if status >= 300 {
        return Ok(Err(decode_error(operation, status, headers, body)?));
    }
    let Some(output) = operation.output() else { return Ok(Ok(Record::empty())) };
    let mut record = Record::new(output);
    read_body(&mut record, body, Part::Whole)?;
    Ok(Ok(record))
}

/// Reads an error: its code from the header or the body, its members from the body.
pub(crate) fn decode_error(
    operation: Operation,
    status: u16,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<ApiError, DecodeError> {
    // A body that is no JSON (from a proxy, say) still is an error of this status.
    let document = text_of(body).and_then(|text| document_from_json(&text)).unwrap_or(Document::Null);
    let text = |names: &[&str]| {
        let Document::Object(members) = &document else { return None };
        names.iter().find_map(|wanted| match members.iter().find(|(name, _)| &**name == *wanted)? {
            (_, Document::String(text)) => Some(text.to_string()),
            _ => None,
        })
    };
    let header = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let code = header.or_else(|| text(&["__type", "code", "Code"])).unwrap_or_default();
    let message = text(&["message", "Message", "errorMessage"]).unwrap_or_default();
    let (mut error, _) = ErrorAnswer { code, message, status }.into_error(operation);
    if let Some(record) = &mut error.record {
        read_body(record, body, Part::Whole)?;
        errors::set_message(record, &error.message);
    }
    Ok(error)
}
