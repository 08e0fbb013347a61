//! Requests, answers and errors of RPC v2 CBOR.
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use virga_model::{ApiError, Document, Location, Operation, Record, Service, Shape};

use super::read::{read_document, read_record};
use super::write::write_record;
use crate::client::ErrorAnswer;
use crate::error::{DecodeError, EncodeError};
use crate::errors;
use crate::json;
use crate::message::{Body, ClientRequest, HttpRequest, HttpResponse};
use crate::rest::host_prefix;

const CONTENT: &str = "application/cbor";
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
const PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

pub(crate) fn decode_request(operation: Operation, request: &HttpRequest<'_>) -> Result<Record, DecodeError> {
    let Some(input) = operation.input() else { return Ok(Record::empty()) };
    let mut record = Record::new(input);
    read_record(&mut record, &request.body)?;
    Ok(record)
}

pub(crate) fn encode_response(operation: Operation, output: &Record, request_id: &str) -> HttpResponse {
    let mut body = Vec::new();
    if operation.output().is_some() {
        write_record(&mut body, output, &[]);
    }
    let mut response = answer(operation.status(), body, request_id);
    if operation.output().is_none() {
        response.headers.remove(CONTENT_TYPE);
    }
    response
}

fn answer(status: u16, body: Vec<u8>, request_id: &str) -> HttpResponse {
    let mut response = HttpResponse::new(status, HeaderValue::from_static(CONTENT), body);
    response.headers.insert(PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    response.set(REQUEST_ID, request_id);
    response
}

pub(crate) fn encode_error(service: Service, error: &ApiError, request_id: &str) -> HttpResponse {
    let name = json::qualified(service, error);
    let mut extra = vec![("__type", &*name)];
    if !errors::has_message(error) {
        extra.push(("message", &error.message));
    }
    let mut body = Vec::with_capacity(128);
    let empty = Record::empty();
    write_record(&mut body, error.record.as_deref().unwrap_or(&empty), &extra);
    let mut response = answer(error.status, body, request_id);
    if service.is_query_compatible() {
        response.set(QUERY_ERROR, &errors::query_error_header(service, error));
    }
    response
}

pub(crate) fn encode_request(operation: Operation, input: &Record) -> Result<ClientRequest, EncodeError> {
    let service = operation.service();
    let mut headers = HeaderMap::new();
    headers.insert(PROTOCOL, HeaderValue::from_static("rpc-v2-cbor"));
    let streams = operation.output().is_some_and(has_event_stream);
    headers.insert(ACCEPT, HeaderValue::from_static(if streams { EVENT_STREAM } else { CONTENT }));
    if service.is_query_compatible() {
        headers.insert(json::QUERY_MODE, HeaderValue::from_static("true"));
    }
    let mut body = Vec::new();
    if operation.input().is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT));
        write_record(&mut body, input, &[]);
    }
    let prefix = service.target_prefix().unwrap_or_default();
    Ok(ClientRequest {
        method: Method::POST,
        path_and_query: format!("/service/{prefix}/operation/{}", operation.name()),
        headers,
        body: Body::Bytes(body.into()),
        host_prefix: host_prefix(operation, input)?,
    })
}

fn has_event_stream(shape: Shape) -> bool {
    shape.members().any(|member| member.location() == Location::Body && member.shape().is_event_stream())
}

pub(crate) fn decode_response(
    operation: Operation,
    status: u16,
    body: &Bytes,
) -> Result<Result<Record, ApiError>, DecodeError> {
    if status >= 300 {
        return decode_error(operation, status, body).map(Err);
    }
    let Some(output) = operation.output() else { return Ok(Ok(Record::empty())) };
    let mut record = Record::new(output);
    read_record(&mut record, body)?;
    Ok(Ok(record))
}

fn decode_error(operation: Operation, status: u16, body: &Bytes) -> Result<ApiError, DecodeError> {
    let document = read_document(body).unwrap_or(Document::Null);
    let text = |wanted: &str| {
        let Document::Object(members) = &document else { return None };
        members.iter().find_map(|(name, value)| match value {
            Document::String(text) if &**name == wanted => Some(text.to_string()),
            _ => None,
        })
    };
    let code = text("__type").unwrap_or_default();
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    let (mut error, _) = ErrorAnswer { code, message, status }.into_error(operation);
    if let Some(record) = &mut error.record {
        read_record(record, body)?;
        errors::set_message(record, &error.message);
    }
    Ok(error)
}
