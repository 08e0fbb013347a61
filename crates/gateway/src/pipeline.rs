//! The way of an AWS request: route, read the body, authenticate, decode, validate, dispatch, encode.

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::{CONTENT_TYPE, HOST};
use ::http::request::Parts;
use bytes::Bytes;
use virga_iam::authenticate::Context;
use virga_iam::{
    BodyCheck, Caller, CredentialScope, Expected, OperationAuth, Payload, PayloadDeclaration, Presented,
    RequestView, authenticate,
};
use virga_kit::{Call, Endpoint, Origin, Validation, World, dispatch};
use virga_model::{ApiError, Operation, Protocol, Record, Text, Value};
use virga_wire::{HttpRequest, decode_request, validate};

use crate::answer;
use crate::host::{self, HostHints};
use crate::http::{BodyError, Request, Response};
use crate::payload;
use crate::route::{Hints, Route, Routes, canonical_signing_name};

/// Largest body that is buffered, in bytes. Streamed payloads have no such limit.
const MOST_BUFFERED: usize = 64 * 1024 * 1024;
/// The region when neither the signature nor the host name has one.
const DEFAULT_REGION: &str = "us-east-1";

/// Serves one AWS request.
pub(crate) async fn serve(routes: &Routes, world: &Arc<World>, mut request: Request) -> Response {
    let request_id = Text::from(request.id.to_string());
    // The query protocols name the operation in the body.
    let form = match is_form(&request.head) {
        true => Some(request.body.collect(MOST_BUFFERED).await),
        false => None,
    };
    let text = match &form {
        Some(Ok(bytes)) => std::str::from_utf8(bytes).unwrap_or_default(),
        _ => "",
    };
    let host = host_name(&request.head).to_owned();
    let canonical_host = host::canonical(&host);
    let host_hints = host::hints(&canonical_host);
    let view = RequestView::of_parts(&request.head);
    let scope = CredentialScope::of_request(&view);
    let hints = Hints {
        signing_name: scope.as_ref().map(CredentialScope::service),
        host_service: host_hints.service,
    };
    let path = path(&request.head, hints.signing_name, &host_hints);
    let route = match routes.find(&request.head, &path, text, hints) {
        Ok(route) => route,
        Err(lost) => return answer::lost(&lost, &request_id),
    };
    let region = region(scope.as_ref(), &host_hints);
    let (protocol, operation) = (route.protocol, route.operation);
    let received = match form {
        Some(received) => received,
        None if streams_past(operation, &view) => Ok(Bytes::new()),
        None => request.body.collect(MOST_BUFFERED).await,
    };
    let arrival = Arrival {
        head: &request.head,
        path: &path,
        host: &host,
        request_id: &request_id,
        scope: scope.as_ref(),
    };
    let result = match received {
        Ok(body) => match prepare(world, &arrival, route, body) {
            Ok((input, caller)) => {
                let origin = origin(&request, &host);
                let call = Call {
                    operation,
                    input,
                    caller: Arc::new(caller),
                    region,
                    request_id: request_id.clone(),
                    origin: Arc::new(origin),
                };
                dispatch(world, call).await
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(unreadable(&error)),
    };
    match result {
        Ok(output) => answer::success(protocol, operation, &output, &request_id),
        Err(error) => {
            tracing::debug!(
                request_id = &*request_id,
                service = operation.service().name(),
                operation = operation.name(),
                "{error}"
            );
            answer::failure(protocol, operation.service(), &error, &request_id)
        }
    }
}

/// A request on its way, without its body.
struct Arrival<'a> {
    head: &'a Parts,
    /// Path with the bucket in it.
    path: &'a str,
    host: &'a str,
    request_id: &'a str,
    scope: Option<&'a CredentialScope<'a>>,
}

/// From a body to a valid input and its caller. AWS looks at the signature first.
fn prepare(
    world: &World,
    arrival: &Arrival<'_>,
    route: Route<'_>,
    body: Bytes,
) -> Result<(Record, Caller), ApiError> {
    let Route { protocol, operation, labels } = route;
    let (caller, check) = identify(world, arrival, protocol, operation, &body)?;
    // The frames of a body that is not here are undone where it is read.
    let body = match streams_past(operation, &RequestView::of_parts(arrival.head)) {
        true => body,
        false => unframed(arrival.head, body, check)
            .map_err(|error| answer::undecodable(protocol, operation.service(), &error))?,
    };
    let request = HttpRequest {
        method: &arrival.head.method,
        path: arrival.path,
        query: arrival.head.uri.query().unwrap_or_default(),
        headers: &arrival.head.headers,
        body,
    };
    let mut input = decode_request(protocol, operation, &labels, &request)
        .map_err(|error| error.to_api_error(protocol))?;
    if protocol == Protocol::Query && operation.service().name() == "sqs" {
        name_queue_by_path(&mut input, arrival);
    }
    let validation =
        world.services().of_model(operation.service()).map_or(Validation::STANDARD, |s| s.validation);
    let violations = validate(&input, validation.rules);
    if violations.is_empty() { Ok((input, caller)) } else { Err((validation.error)(protocol, &violations)) }
}

/// Who is calling, and what remains to be checked of the body.
fn identify(
    world: &World,
    arrival: &Arrival<'_>,
    protocol: Protocol,
    operation: Operation,
    body: &Bytes,
) -> Result<(Caller, BodyCheck), ApiError> {
    let service = operation.service();
    let view = RequestView::of_parts(arrival.head);
    let presented = Presented::of(&view);
    let signed_for = arrival.scope.map_or("", CredentialScope::service);
    // A signing name beside the service's own is as good as it.
    let expected = match canonical_signing_name(signed_for) == service.signing_name() {
        true => signed_for,
        false => service.signing_name(),
    };
    let context = Context {
        mode: world.settings().auth,
        operation: match operation.is_unsigned() {
            true => OperationAuth::None,
            false if service.name() == "s3" => OperationAuth::AnonymousAllowed,
            false => OperationAuth::Signed,
        },
        expected: Expected { service: expected, region: None },
        keys: world.keys(),
        signing_keys: world.signing_keys(),
        now: world.clock().now().secs(),
    };
    let payload = match streams_past(operation, &view) {
        true => Payload::Streamed,
        false => Payload::Bytes(body),
    };
    match authenticate(&context, &presented, &view, payload) {
        Ok(authenticated) => {
            if let Some(refusal) = authenticated.overruled {
                tracing::warn!(
                    request_id = arrival.request_id,
                    "strict authentication would refuse: {refusal:?}"
                );
            }
            Ok((authenticated.caller, authenticated.body))
        }
        Err(refusal) => Err(answer::refused(protocol, service, &refusal)),
    }
}

fn unframed(head: &Parts, body: Bytes, check: BodyCheck) -> Result<Bytes, payload::PayloadError> {
    if !payload::is_aws_chunked(&head.headers) {
        return Ok(body);
    }
    let mut signatures = match check {
        BodyCheck::Chunks(signatures) => Some(signatures),
        BodyCheck::None | BodyCheck::Sha256(_) => None,
    };
    payload::unchunk(&head.headers, body, signatures.as_mut(), MOST_BUFFERED)
}

/// In SQS's query protocol the queue is named by the URL that is called.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>
fn name_queue_by_path(input: &mut Record, arrival: &Arrival<'_>) {
    let path = arrival.head.uri.path();
    if path.len() > 1 && input.by_name("QueueUrl") == Some(&Value::Null) {
        input.set_by_name("QueueUrl", Value::String(Text::from(format!("http://{}{path}", arrival.host))));
    }
}

fn unreadable(error: &BodyError) -> ApiError {
    let code = if error.status() == ::http::StatusCode::PAYLOAD_TOO_LARGE {
        "RequestEntityTooLarge"
    } else {
        "RequestTimeout"
    };
    ApiError::common(code, error.status().as_u16(), error.to_string())
}

/// Whether the body is left to the operation. Where a signature covers a hash that no header declares, the whole body
/// must be there to check it; S3 does not take such signatures.
fn streams_past(operation: Operation, request: &RequestView<'_>) -> bool {
    let is_hash_known = operation.service().name() == "s3"
        || PayloadDeclaration::of_request(request) != PayloadDeclaration::Absent;
    is_streamed(operation) && is_hash_known
}

/// Whether the payload of the input is streamed.
fn is_streamed(operation: Operation) -> bool {
    let payload = operation.input().and_then(|input| input.member(input.payload()?));
    payload.is_some_and(|member| member.is_streaming() || member.shape().is_event_stream())
}

fn is_form(head: &Parts) -> bool {
    let form = b"application/x-www-form-urlencoded";
    head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(form))
        && !head.headers.contains_key("x-amz-target")
}

/// The path, with the bucket in front that the host name has. An account in front of the host is no bucket, and the
/// stage in front of an API's connections is no part of the operation's path:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>
fn path<'r>(head: &'r Parts, signing_name: Option<&str>, host: &HostHints<'_>) -> Cow<'r, str> {
    let path = head.uri.path();
    if signing_name.or(host.service) == Some("execute-api") {
        return Cow::Borrowed(path.find("/@connections/").map_or(path, |place| &path[place..]));
    }
    let is_signed_for_s3 = signing_name.is_some_and(|name| canonical_signing_name(name) == "s3");
    match host.bucket(is_signed_for_s3) {
        Some(bucket) if !head.headers.contains_key("x-amz-account-id") => {
            Cow::Owned(format!("/{bucket}{path}"))
        }
        _ => Cow::Borrowed(path),
    }
}

/// The host as the client named it.
pub(crate) fn host_name(head: &Parts) -> &str {
    let header = head.headers.get(HOST).and_then(|value| value.to_str().ok());
    header.or_else(|| head.uri.authority().map(::http::uri::Authority::as_str)).unwrap_or_default()
}

/// The region of the signature, else of the host name. A set of regions (SigV4A) is no region.
fn region(scope: Option<&CredentialScope<'_>>, host: &HostHints<'_>) -> Text {
    let scoped = scope
        .map(CredentialScope::region)
        .filter(|region| !region.is_empty() && !region.contains(['*', ',']));
    match scoped.or(host.region) {
        // Most calls are for it: its name is shared instead of copied.
        None | Some(DEFAULT_REGION) => Text::from_static(DEFAULT_REGION),
        Some(region) => Text::from(region),
    }
}

fn origin(request: &Request, host: &str) -> Origin {
    let agent = request.head.headers.get(::http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        endpoint: Endpoint { secure: request.secure, host: Text::from(host) },
        secure: request.secure,
        source_ip: Some(request.peer.ip()),
        user_agent: agent.map(str::to_owned),
    }
}
