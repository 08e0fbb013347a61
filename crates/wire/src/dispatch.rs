//! From the protocol to its module.

use bytes::Bytes;
use http::HeaderMap;
use virga_model::{ApiError, Operation, Protocol, Record, Service};

use crate::error::{DecodeError, EncodeError};
use crate::message::{ClientRequest, HttpRequest, HttpResponse, Labels};
use crate::query::Dialect;
use crate::rest::Format;
use crate::{cbor, compressed, json, query, rest};

/// Reads the input of an operation. Absent members stay absent, required or not: [`crate::validate`] reports those.
///
/// `labels` are those of the URI, for the REST protocols.
///
/// # Errors
/// When the bytes are not in the protocol's form, or a value is of another type than its member.
pub fn decode_request(
    protocol: Protocol,
    operation: Operation,
    labels: &Labels<'_>,
    request: &HttpRequest<'_>,
) -> Result<Record, DecodeError> {
    if operation.may_be_compressed() {
        let plain = HttpRequest { body: compressed::plain_body(operation, request)?, ..request.clone() };
        return decode_plain_request(protocol, operation, labels, &plain);
    }
    decode_plain_request(protocol, operation, labels, request)
}

fn decode_plain_request(
    protocol: Protocol,
    operation: Operation,
    labels: &Labels<'_>,
    request: &HttpRequest<'_>,
) -> Result<Record, DecodeError> {
    match protocol {
        Protocol::Json => json::decode_request(operation, request),
        Protocol::Query => query::decode_request(Dialect::Query, operation, request),
        Protocol::Ec2 => query::decode_request(Dialect::Ec2, operation, request),
        Protocol::RestJson => rest::decode_request(Format::Json, operation, labels, request),
        Protocol::RestXml => rest::decode_request(Format::Xml, operation, labels, request),
        Protocol::Cbor => cbor::decode_request(operation, request),
    }
}

/// Writes the answer of an operation.
///
/// # Errors
/// When the output holds values that the protocol can't write, which is a bug of the service.
pub fn encode_response(
    protocol: Protocol,
    operation: Operation,
    output: &Record,
    request_id: &str,
) -> Result<HttpResponse, EncodeError> {
    match protocol {
        Protocol::Json => Ok(json::encode_response(operation, output, request_id)),
        Protocol::Query => query::encode_response(Dialect::Query, operation, output, request_id),
        Protocol::Ec2 => query::encode_response(Dialect::Ec2, operation, output, request_id),
        Protocol::RestJson => rest::encode_response(Format::Json, operation, output, request_id),
        Protocol::RestXml => rest::encode_response(Format::Xml, operation, output, request_id),
        Protocol::Cbor => Ok(cbor::encode_response(operation, output, request_id)),
    }
}

/// Writes an error. Always succeeds: what can't be written is left out.
pub fn encode_error(
    protocol: Protocol,
    service: Service,
    error: &ApiError,
    request_id: &str,
) -> HttpResponse {
    match protocol {
        Protocol::Json => json::encode_error(service, error, request_id),
        Protocol::Query => query::encode_error(Dialect::Query, service, error, request_id),
        Protocol::Ec2 => query::encode_error(Dialect::Ec2, service, error, request_id),
        Protocol::RestJson => rest::encode_error(Format::Json, service, error, request_id),
        Protocol::RestXml => rest::encode_error(Format::Xml, service, error, request_id),
        Protocol::Cbor => cbor::encode_error(service, error, request_id),
    }
}

/// Writes the request of a client. Signature, host and checksums are the caller's.
///
/// # Errors
/// When a member that the URI needs is absent, or the input holds values that the protocol can't write.
pub fn encode_request(
    protocol: Protocol,
    operation: Operation,
    input: &Record,
) -> Result<ClientRequest, EncodeError> {
    match protocol {
        Protocol::Json => json::encode_request(operation, input),
        Protocol::Query => query::encode_request(Dialect::Query, operation, input),
        Protocol::Ec2 => query::encode_request(Dialect::Ec2, operation, input),
        Protocol::RestJson => rest::encode_request(Format::Json, operation, input),
        Protocol::RestXml => rest::encode_request(Format::Xml, operation, input),
        Protocol::Cbor => cbor::encode_request(operation, input),
    }
}

/// Reads an answer as a client: the output, or the error that it stands for.
///
/// # Errors
/// When the bytes are not in the protocol's form, or a value is of another type than its member.
pub fn decode_response(
    protocol: Protocol,
    operation: Operation,
    status: u16,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Result<Record, ApiError>, DecodeError> {
    match protocol {
        Protocol::Json => json::decode_response(operation, status, headers, body),
        Protocol::Query => query::decode_response(Dialect::Query, operation, status, body),
        Protocol::Ec2 => query::decode_response(Dialect::Ec2, operation, status, body),
        Protocol::RestJson => rest::decode_response(Format::Json, operation, status, headers, body),
        Protocol::RestXml => rest::decode_response(Format::Xml, operation, status, headers, body),
        Protocol::Cbor => cbor::decode_response(operation, status, body),
    }
}
