//! Answers: from an output or an error to HTTP, in the protocol that was asked in.

use ::http::header::CONTENT_TYPE;
use ::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use virga_iam::{ErrorStyle, Refusal};
use virga_model::{ApiError, Operation, Protocol, Record, Service};
use virga_wire::{Body, HttpResponse, encode_error, encode_response};

use crate::http::{Response, ResponseBody};
use crate::payload::PayloadError;
use crate::route::Lost;

/// The answer to a call that succeeded.
pub(crate) fn success(
    protocol: Protocol,
    operation: Operation,
    output: &Record,
    request_id: &str,
) -> Response {
    match encode_response(protocol, operation, output, request_id) {
        Ok(response) => to_http(response),
        Err(error) => {
            tracing::error!(request_id, operation = operation.name(), "an output can't be written: {error}");
            failure(protocol, operation.service(), &ApiError::internal(), request_id)
        }
    }
}

/// The answer to a call that failed.
pub(crate) fn failure(protocol: Protocol, service: Service, error: &ApiError, request_id: &str) -> Response {
    to_http(encode_error(protocol, service, error, request_id))
}

fn to_http(response: HttpResponse) -> Response {
    let body = match response.body {
        Body::Bytes(bytes) => ResponseBody::from(bytes),
        // No operation with a streamed answer is served yet.
        Body::Stream | Body::EventStream => ResponseBody::Empty,
    };
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *answer.headers_mut() = response.headers;
    answer
}

/// A denial as the protocol words it: the same code and status in all but the JSON protocols.
pub(crate) fn denial(protocol: Protocol, service: Service, error: ApiError) -> ApiError {
    if error.code != "AccessDenied" || error.status != 403 {
        return error;
    }
    let status = match protocol {
        Protocol::Json | Protocol::Cbor if !service.is_query_compatible() => 400,
        Protocol::Json | Protocol::Cbor | Protocol::RestJson => 403,
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => return error,
    };
    ApiError::common("AccessDeniedException", status, error.message.to_string())
        .with_query_code("AccessDenied")
}

/// The error for a caller that is refused.
pub(crate) fn refused(protocol: Protocol, service: Service, refusal: &Refusal) -> ApiError {
    let answer = virga_iam::answer(refusal, style(protocol, service));
    ApiError::common(answer.code, answer.status, answer.message)
        .with_query_code(answer.query_code)
        .with_details(answer.details)
}

fn style(protocol: Protocol, service: Service) -> ErrorStyle {
    match protocol {
        Protocol::Json | Protocol::Cbor => ErrorStyle::Json,
        Protocol::Query => ErrorStyle::Query,
        Protocol::Ec2 => ErrorStyle::Ec2,
        Protocol::RestJson => ErrorStyle::RestJson,
        Protocol::RestXml if service.name() == "s3" => ErrorStyle::S3,
        Protocol::RestXml => ErrorStyle::RestXml,
    }
}

/// The error for a body that can't be decoded.
pub(crate) fn undecodable(protocol: Protocol, service: Service, error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Refused(refusal) => refused(protocol, service, refusal),
        PayloadError::TooLarge => {
            ApiError::common("RequestEntityTooLarge", 413, "The request is larger than this endpoint takes.")
        }
        PayloadError::Malformed(what) => {
            ApiError::common("SerializationException", 400, what.clone()).with_query_code("MalformedInput")
        }
    }
}

/// The answer to a request that no operation is found for.
pub(crate) fn lost(lost: &Lost, request_id: &str) -> Response {
    match lost {
        Lost::Operation { service, protocol, name } => {
            failure(*protocol, *service, &unknown_operation(*protocol, *service, name), request_id)
        }
        Lost::Service => {
            let text = "virga can't tell which AWS service this request is for: it has neither X-Amz-Target, nor an \
                        Action, nor a credential scope or a host name of a known service.";
            let body = format!(r#"{{"__type":"UnknownOperationException","message":"{text}"}}"#);
            let mut answer = Response::new(ResponseBody::from(Bytes::from(body)));
            *answer.status_mut() = StatusCode::NOT_FOUND;
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            // A request id is letters, digits and dashes.
            if let Ok(id) = HeaderValue::from_str(request_id) {
                headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
            }
            answer
        }
    }
}

/// What AWS answers to an operation that the service does not have.
fn unknown_operation(protocol: Protocol, service: Service, name: &str) -> ApiError {
    match protocol {
        Protocol::Json | Protocol::Cbor => ApiError::common("UnknownOperationException", 400, ""),
        Protocol::Query | Protocol::Ec2 => {
            let message = match protocol {
                Protocol::Ec2 => format!("The action {name} is not valid for this web service."),
                _ => format!("Could not find operation {name} for version {}", service.api_version()),
            };
            ApiError::common("InvalidAction", 400, message)
        }
        Protocol::RestJson => ApiError::common("UnknownOperationException", 404, ""),
        Protocol::RestXml => ApiError::common(
            "MethodNotAllowed",
            405,
            "The specified method is not allowed against this resource.",
        ),
    }
}
