//! Answers and errors of the REST protocols.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use virga_model::{ApiError, Kind, Location, Operation, Record, Service, Value};

use super::bindings::Bindings;
use super::body::{self, Root};
use super::{Format, header};
use crate::client::{self, ErrorAnswer};
use crate::error::{DecodeError, EncodeError};
use crate::errors;
use crate::json;
use crate::message::HttpResponse;
use crate::part::Part;
use crate::xml::{Element, Naming, Reader, Writer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const S3_HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

pub(crate) fn encode_response(
    format: Format,
    operation: Operation,
    output: &Record,
    request_id: &str,
) -> Result<HttpResponse, EncodeError> {
    let service = operation.service();
    let root = || Root {
        name: operation.output().map_or("", |shape| shape.location_name().unwrap_or_else(|| shape.name())),
        namespace: namespace(service),
    };
    let written = match is_unwrapped(operation) {
        true => body::write_unwrapped(output, &root()),
        false => body::write(format, output, root, Part::AnswerBody)?,
    };
    let mut response = HttpResponse {
        status: status(operation, output),
        headers: HeaderMap::with_capacity(4),
        body: written.body,
    };
    if let Some(content_type) = written.content_type {
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    header::write(output, &mut response.headers)?;
    set_request_id(&mut response, service, request_id);
    Ok(response)
}

/// The member bound to the status, else the operation's.
fn status(operation: Operation, output: &Record) -> u16 {
    let bound = output.shape().and_then(|shape| Bindings::of(shape).status);
    match bound.map(|ordinal| output.get(ordinal)) {
        Some(Value::Integer(status)) => u16::try_from(*status).unwrap_or(operation.status()),
        _ => operation.status(),
    }
}

/// The namespace of XML answers: the service's, else that of its inputs.
fn namespace(service: Service) -> Option<&'static str> {
    service.xml_namespace().or_else(|| service.operations().find_map(Operation::input_namespace)).or_else(
        || {
            let inputs = service.operations().filter_map(Operation::input);
            let payloads = inputs.filter_map(|input| input.member(input.payload()?));
            payloads.filter_map(virga_model::Member::xml_namespace).map(|(uri, _)| uri).next()
        },
    )
}

/// S3 has headers and errors of its own; every other service of its protocol follows the common form.
fn is_s3(service: Service) -> bool {
    service.name() == "s3"
}

/// The answer of this operation is its one member, without an element around it. No model of botocore's says so.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
fn is_unwrapped(operation: Operation) -> bool {
    operation.name() == "GetBucketLocation" && is_s3(operation.service())
}

fn set_request_id(response: &mut HttpResponse, service: Service, request_id: &str) {
    if is_s3(service) {
        response.set(S3_REQUEST_ID, request_id);
        response.set(S3_HOST_ID, request_id);
    } else {
        response.set(REQUEST_ID, request_id);
    }
}

pub(crate) fn encode_error(
    format: Format,
    service: Service,
    error: &ApiError,
    request_id: &str,
) -> HttpResponse {
    let mut response = match format {
        Format::Json => {
            let body = json::error_body(error, None, Part::AnswerBody);
            let mut response =
                HttpResponse::new(error.status, HeaderValue::from_static(format.content_type()), body);
            response.set(ERROR_TYPE, &error.code);
            response
        }
        Format::Xml => HttpResponse::new(
            error.status,
            HeaderValue::from_static(format.content_type()),
            xml_error(service, error, request_id),
        ),
    };
    if let Some(record) = &error.record {
        // A member that is no header is left out: the error itself must get through.
        let _ = header::write(record, &mut response.headers);
    }
    for (name, value) in error.headers() {
        response.set(HeaderName::from_static(name), value);
    }
    set_request_id(&mut response, service, request_id);
    response
}

fn xml_error(service: Service, error: &ApiError, request_id: &str) -> String {
    let code = errors::query_code(service, error);
    let mut xml = Writer::new(Naming::Plain);
    let is_wrapped = !is_s3(service);
    if is_wrapped {
        xml.open_with("ErrorResponse", &[("xmlns", namespace(service).unwrap_or_default())]);
    }
    xml.open("Error");
    if is_wrapped {
        xml.leaf("Type", errors::blame(error));
    }
    xml.leaf("Code", &code);
    xml.leaf("Message", &error.message);
    errors::write_xml_members(&mut xml, error);
    for (name, text) in &error.details {
        xml.leaf(name, text);
    }
    if is_wrapped {
        xml.close("Error");
        xml.leaf("RequestId", request_id);
        xml.close("ErrorResponse");
    } else {
        xml.leaf("RequestId", request_id);
        xml.leaf("HostId", request_id);
        xml.close("Error");
    }
    xml.finish()
}

pub(crate) fn decode_response(
    format: Format,
    operation: Operation,
    status: u16,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Result<Record, ApiError>, DecodeError> {
    if status >= 300 {
        return Ok(Err(decode_error(format, operation, status, headers, body)?));
    }
    let Some(output) = operation.output() else { return Ok(Ok(Record::empty())) };
    let mut record = Record::new(output);
    header::read(&mut record, headers)?;
    for (ordinal, member) in output.members().enumerate() {
        if member.location() == Location::StatusCode && member.shape().kind() == Kind::Integer {
            record.set(ordinal, Value::Integer(i64::from(status)));
        }
    }
    match is_unwrapped(operation) {
        true => body::read_unwrapped(&mut record, body)?,
        false => body::read(format, &mut record, body, Part::AnswerBody)?,
    }
    Ok(Ok(record))
}

fn decode_error(
    format: Format,
    operation: Operation,
    status: u16,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<ApiError, DecodeError> {
    let mut answer = match format {
        Format::Json => json::decode_error(operation, status, headers, body)?,
        Format::Xml => decode_xml_error(operation, status, body)?,
    };
    if let Some(record) = &mut answer.record {
        header::read(record, headers)?;
    }
    Ok(answer)
}

fn decode_xml_error(operation: Operation, status: u16, body: &Bytes) -> Result<ApiError, DecodeError> {
    if body.is_empty() {
        return Ok(ErrorAnswer { code: String::new(), message: String::new(), status }
            .into_error(operation)
            .0);
    }
    let source = body::text_of(body)?;
    let root = Element::parse(&source)?;
    let error = root.child("Error").unwrap_or(&root);
    client::xml_error(operation, status, error, Reader { source: &source, naming: Naming::Plain })
}
