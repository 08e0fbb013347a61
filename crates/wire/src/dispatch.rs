//! From the protocol to its module.

use virga_model::{ApiError, Operation, Protocol, Record, Service};

use crate::error::{DecodeError, EncodeError};
use crate::message::{HttpRequest, HttpResponse, Labels};
use crate::query::Dialect;
use crate::{json, query};

/// Reads the input of an operation. Absent members stay absent, required or not: [`crate::validate`] reports those.
///
/// `labels` are those of the URI, for the REST protocols.
///
/// # Errors
/// When the bytes are not in the protocol's form, or a value is of another type than its member.
pub fn decode_request(
    protocol: Protocol,
    operation: Operation,
    _labels: &Labels<'_>,
    request: &HttpRequest<'_>,
) -> Result<Record, DecodeError> {
    match protocol {
        Protocol::Json => json::decode_request(operation, request),
        Protocol::Query => query::decode_request(Dialect::Query, operation, request),
        Protocol::Ec2 => query::decode_request(Dialect::Ec2, operation, request),
        _ => Err(DecodeError::malformed("not yet")),
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
        _ => Err(EncodeError::WrongKind("not yet")),
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
        Protocol::Query => query::encode_error(Dialect::Query, service, error, request_id),
        Protocol::Ec2 => query::encode_error(Dialect::Ec2, service, error, request_id),
        _ => json::encode_error(service, error, request_id),
    }
}
