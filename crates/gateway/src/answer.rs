//! Answers: from an output or an error to HTTP, in the protocol that was asked in.

use ::http::header::{CONTENT_RANGE, CONTENT_TYPE};
use ::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use virga_iam::{ErrorStyle, Refusal};
use virga_kit::{Outgoing, Streamed};
use virga_model::{ApiError, Operation, Protocol, Service};
use virga_wire::{Body, HttpResponse, encode_error, encode_response};

use crate::http::aws_chunked::AwsChunkedError;
use crate::http::{BodyError, Response, ResponseBody};
use crate::outgoing;
use crate::payload::PayloadError;
use crate::route::Lost;

/// The answer to a call that succeeded.
pub(crate) fn success(
    protocol: Protocol,
    operation: Operation,
    streamed: Streamed,
    request_id: &str,
) -> Response {
    match encode_response(protocol, operation, &streamed.output, request_id) {
        Ok(response) => {
            let mut answer = to_http(response);
            if streamed.is_accepted {
                *answer.status_mut() = StatusCode::ACCEPTED;
            }
            if !matches!(streamed.body, Outgoing::Nothing) {
                *answer.body_mut() = outgoing::to_http(streamed.body, request_id);
            }
            // No model has a status for a part of an object: the range tells.
            if answer.status() == StatusCode::OK && answer.headers().contains_key(CONTENT_RANGE) {
                *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
            }
            answer
        }
        Err(error) => {
            tracing::error!(request_id, operation = operation.name(), "an output can't be written: {error}");
            failure(protocol, operation.service(), &ApiError::internal(), request_id)
        }
    }
}

/// The answer to a call that failed.
pub(crate) fn failure(protocol: Protocol, service: Service, error: &ApiError, request_id: &str) -> Response {
    // S3 has a name of its own for it.
    if error.code == "InternalFailure" && service.name() == "s3" {
        let text = "We encountered an internal error. Please try again.";
        return to_http(encode_error(
            protocol,
            service,
            &ApiError::common("InternalError", 500, text),
            request_id,
        ));
    }
    to_http(encode_error(protocol, service, error, request_id))
}

fn to_http(response: HttpResponse) -> Response {
    let body = match response.body {
        Body::Bytes(bytes) => ResponseBody::from(bytes),
        // The operation's own body takes its place.
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
        error if service.name() == "s3" => s3_undecodable(error),
        PayloadError::TooLarge => {
            ApiError::common("RequestEntityTooLarge", 413, "The request is larger than this endpoint takes.")
        }
        PayloadError::Malformed(what) => malformed(what.to_string()),
        PayloadError::ChunkTooSmall { .. } => {
            malformed("A chunk that is not the last is too small".to_owned())
        }
        PayloadError::TrailerMissing => malformed("A trailer that was announced did not come".to_owned()),
        PayloadError::Body(error) => unreadable(service, error),
    }
}

fn malformed(what: String) -> ApiError {
    ApiError::common("SerializationException", 400, what).with_query_code("MalformedInput")
}

/// The error for a body that did not arrive.
pub(crate) fn unreadable(service: Service, error: &BodyError) -> ApiError {
    if service.name() == "s3" {
        return s3_unreadable(error);
    }
    let code = if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        "RequestEntityTooLarge"
    } else {
        "RequestTimeout"
    };
    ApiError::common(code, error.status().as_u16(), error.to_string())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn s3_undecodable(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Body(error) => s3_unreadable(error),
        PayloadError::TrailerMissing | PayloadError::Malformed(AwsChunkedError::Trailer) => ApiError::common(
            "MalformedTrailerError",
            400,
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        ),
        PayloadError::Malformed(AwsChunkedError::Incomplete | AwsChunkedError::Length { .. }) => {
            incomplete_body()
        }
        PayloadError::Malformed(what) => ApiError::common("InvalidRequest", 400, what.to_string()),
        PayloadError::ChunkTooSmall { chunk, size } => {
            let text = "Only the last chunk is allowed to have a size less than 8192 bytes";
            ApiError::common("InvalidChunkSizeError", 400, text)
                .with_details(vec![("Chunk", chunk.to_string()), ("BadChunkSize", size.to_string())])
        }
        PayloadError::TooLarge | PayloadError::Refused(_) => {
            ApiError::common("MaxMessageLengthExceeded", 400, "Your request was too large.")
        }
    }
}

fn s3_unreadable(error: &BodyError) -> ApiError {
    match error {
        BodyError::TooLarge { .. } => {
            ApiError::common("MaxMessageLengthExceeded", 400, "Your request was too large.")
        }
        BodyError::TimedOut(_) => ApiError::common(
            "RequestTimeout",
            400,
            "Your socket connection to the server was not read from or written to within the timeout period. Idle \
             connections will be closed.",
        ),
        BodyError::Broken(_) => incomplete_body(),
    }
}

fn incomplete_body() -> ApiError {
    let text = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    ApiError::common("IncompleteBody", 400, text)
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

/// Whether what is percent-encoded is UTF-8.
fn is_text(encoded: &str) -> bool {
    percent_encoding::percent_decode_str(encoded).decode_utf8().is_ok()
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
        // Every path of S3 names a bucket or a key: what has no operation can't be read.
        Protocol::RestXml if service.name() == "s3" && !is_text(name) => {
            let uri = name.split_once(' ').map_or(name, |(_, path)| path);
            ApiError::common("InvalidURI", 400, "Couldn't parse the specified URI.")
                .with_details(vec![("URI", uri.to_owned())])
        }
        Protocol::RestXml => method_not_allowed(service, name),
    }
}

/// What S3 answers to a method that the service, a bucket or a key has no use for, as the others that have paths.
fn method_not_allowed(service: Service, name: &str) -> ApiError {
    let text = "The specified method is not allowed against this resource.";
    let error = ApiError::common("MethodNotAllowed", 405, text);
    if service.name() != "s3" {
        return error;
    }
    let (method, path) = name.split_once(' ').unwrap_or((name, "/"));
    let (resource_type, allowed) = match path.trim_start_matches('/').split_once('/') {
        None if path.len() <= 1 => ("SERVICE", "GET"),
        None | Some((_, "")) => ("BUCKET", "HEAD, DELETE, POST, GET, PUT"),
        Some(_) if method == "POST" => ("OBJECT", "HEAD, DELETE, GET, PUT"),
        Some(_) => ("OBJECT", "HEAD, DELETE, POST, GET, PUT"),
    };
    error
        .with_details(vec![("Method", method.to_owned()), ("ResourceType", resource_type.to_owned())])
        .with_header("allow", allowed)
}
