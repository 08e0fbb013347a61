//! The way of an AWS request: route, read the body, authenticate, decode, validate, dispatch, encode.

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::{CONTENT_TYPE, ORIGIN};
use ::http::request::Parts;
use bytes::Bytes;
use virga_iam::authenticate::Context;
use virga_iam::{
    AuthMode, BodyCheck, Caller, CredentialScope, Expected, IssuedKey, Keys, OperationAuth, Payload,
    Presented, RequestView, authenticate,
};
use virga_kit::{Call, Incoming, Streamed, Validation, Via, World, dispatch_streaming};
use virga_model::{ApiError, Protocol, Record, Text, Value};
use virga_wire::{HttpRequest, Labels, decode_request};

use crate::answer;
use crate::checksum;
use crate::gateway::{Gateway, world_id};
use crate::heading::{Heading, host_name};
use crate::host::{self, HostHints};
use crate::http::{Body, Request, Response};
use crate::incoming;
use crate::memory::Memory;
use crate::payload;
use crate::plane::Visit;
use crate::presigned;
use crate::route::{Hints, Lost, canonical_signing_name};
use crate::s3_request;

/// Largest body that is buffered, in bytes. Streamed payloads have no such limit.
const MOST_BUFFERED: usize = 64 * 1024 * 1024;

/// Serves one AWS request. `known` is what its head means, when its connection has sent the same before.
pub(crate) async fn serve(
    gateway: &Gateway,
    world: &Arc<World>,
    memory: &Memory,
    known: Option<Arc<Heading>>,
    request: &mut Request,
) -> Response {
    let request_id = request.id.to_text();
    // The query protocols name the operation in the body.
    let form = match known.is_none() && is_form(&request.head) {
        true => Some(request.body.collect(MOST_BUFFERED).await),
        false => None,
    };
    let (host, path, is_recalled);
    let (heading, labels) = match known.and_then(|heading| Some((heading.labels(&request.head)?, heading))) {
        Some((labels, heading)) => {
            path = Cow::Borrowed(request.head.uri.path());
            is_recalled = true;
            (heading, labels)
        }
        None => {
            is_recalled = false;
            host = host::canonical(host_name(&request.head));
            let sender = Sender::of(&request.head, &host);
            path = sender.path(&request.head);
            let text = form.as_ref().and_then(|form| form.as_ref().ok());
            match understand(gateway, request, (&sender, &path), text) {
                Ok((heading, labels, is_first_choice)) => {
                    let is_whole = *path == *request.head.uri.path();
                    if form.is_none() && is_whole && (labels.is_empty() || is_first_choice) {
                        memory.keep(&request.head, &heading);
                    }
                    (heading, labels)
                }
                Err(lost) => return refuse(&lost, &request_id, (&request.head, &mut request.body)).await,
            }
        }
    };
    let received = match form {
        Some(received) => received,
        None if heading.streams_past => Ok(Bytes::new()),
        None => request.body.collect(MOST_BUFFERED).await,
    };
    let arrival = Arrival {
        head: &request.head,
        path: &path,
        heading: &heading,
        is_recalled,
        labels,
        request_id: &request_id,
    };
    let prepared = received
        .map_err(|error| answer::unreadable(heading.operation.service(), &error))
        .and_then(|body| prepare(world, &arrival, body));
    let (prepared, check) = match prepared {
        Ok((input, caller, check)) => (Ok(arrival.call(input, caller)), check),
        Err(error) => (Err(error), BodyCheck::None),
    };
    let mut incoming = match heading.streams_past {
        true => {
            let body = std::mem::take(&mut request.body);
            incoming::of_request(&request.head, body, &heading, check)
        }
        false => Incoming::empty(),
    };
    let checked = incoming::checked(&request.head, &heading, &incoming);
    let result = match prepared.and_then(|call| checked.map(|()| call)) {
        Ok(call) => dispatch_streaming(world, call, &mut incoming).await,
        Err(error) => Err(error),
    };
    incoming.discard().await;
    let mut response = finish(&heading, result, &request_id);
    if heading.is_s3 && request.head.headers.contains_key(ORIGIN) {
        dress(gateway, Visit { world, request }, &mut response).await;
    }
    response
}

/// Answers a request that means no operation.
async fn refuse(lost: &Lost, request_id: &str, (head, body): (&Parts, &mut Body)) -> Response {
    incoming::discard(head, body).await;
    answer::lost(lost, request_id)
}

/// Gives the answer to a page of another origin the headers that browsers look for.
async fn dress(gateway: &Gateway, visit: Visit<'_>, response: &mut Response) {
    for plane in &gateway.planes {
        plane.dress(visit, response).await;
    }
}

/// What tells whom a request is for, besides its operation.
struct Sender<'a> {
    scope: Option<CredentialScope<'a>>,
    host: HostHints<'a>,
}

impl<'a> Sender<'a> {
    fn of(head: &'a Parts, canonical_host: &'a str) -> Self {
        let scope = CredentialScope::of_request(&RequestView::of_parts(head));
        Sender { scope, host: host::hints(canonical_host) }
    }

    fn hints(&self) -> Hints<'_> {
        let signing_name = self.scope.as_ref().map(CredentialScope::service);
        Hints { signing_name, host_service: self.host.service }
    }

    fn path<'r>(&self, head: &'r Parts) -> Cow<'r, str> {
        path_with_bucket(head, self.hints().signing_name, &self.host)
    }
}

/// What the head of a request asks for, with the labels of its path, and whether they are the choice of the first service
/// that was asked.
fn understand<'p>(
    gateway: &Gateway,
    request: &Request,
    (sender, path): (&Sender<'_>, &'p str),
    form: Option<&Bytes>,
) -> Result<(Arc<Heading>, Labels<'p>, bool), Lost> {
    let form = form.map_or("", |form| std::str::from_utf8(form).unwrap_or_default());
    let route = gateway.routes.find(&request.head, path, form, sender.hints())?;
    let world_id = world_id(&request.head, &sender.host);
    let heading = Heading::of(request, world_id.as_deref(), &route, (sender.scope.as_ref(), &sender.host));
    Ok((Arc::new(heading), route.labels, route.is_first_choice))
}

fn finish(heading: &Heading, result: Result<Streamed, ApiError>, request_id: &Text) -> Response {
    let Heading { protocol, operation, .. } = *heading;
    match result {
        Ok(streamed) => answer::success(protocol, operation, streamed, request_id),
        Err(error) => {
            tracing::debug!(
                request_id = &**request_id,
                service = operation.service().name(),
                operation = operation.name(),
                "{error}"
            );
            let error = answer::denial(protocol, operation.service(), error);
            answer::failure(protocol, operation.service(), &error, request_id)
        }
    }
}

/// A request on its way, without its body.
struct Arrival<'a> {
    head: &'a Parts,
    /// Path with the bucket in it.
    path: &'a str,
    heading: &'a Heading,
    /// Whether its connection has sent such a head before.
    is_recalled: bool,
    labels: Labels<'a>,
    request_id: &'a Text,
}

impl Arrival<'_> {
    fn call(&self, input: Record, caller: Arc<Caller>) -> Call {
        Call {
            operation: self.heading.operation,
            input,
            caller,
            region: self.heading.region.clone(),
            request_id: self.request_id.clone(),
            origin: self.heading.origin(self.head),
            via: Via::default(),
        }
    }
}

/// From a body to a valid input and its caller. AWS looks at the signature first.
fn prepare(
    world: &World,
    arrival: &Arrival<'_>,
    body: Bytes,
) -> Result<(Record, Arc<Caller>, BodyCheck), ApiError> {
    let Heading { protocol, operation, .. } = *arrival.heading;
    if arrival.heading.is_s3 {
        s3_request::check_headers(&arrival.head.headers)?;
    }
    let (caller, check) = identify(world, arrival, &body)?;
    // The frames of a body that is not here are undone where it is read.
    let (body, check) = match arrival.heading.streams_past {
        true => (body, check),
        false => {
            let body = unframed(arrival, body, check)
                .map_err(|error| answer::undecodable(protocol, operation.service(), &error))?;
            if arrival.heading.is_s3 {
                checksum::check(operation, &arrival.head.headers, &body)?;
                s3_request::check_document(operation, &body)?;
            }
            (body, BodyCheck::None)
        }
    };
    let headers = match arrival.heading.is_s3 {
        true => checksum::naming_trailer(presigned::headers(arrival.head)),
        false => Cow::Borrowed(&arrival.head.headers),
    };
    let request = HttpRequest {
        method: &arrival.head.method,
        path: arrival.path,
        query: arrival.head.uri.query().unwrap_or_default(),
        headers: &headers,
        body,
    };
    let mut input = decode_request(protocol, operation, &arrival.labels, &request)
        .map_err(|error| error.to_api_error(protocol))?;
    if protocol == Protocol::Query && operation.service().name() == "sqs" {
        name_queue_by_path(&mut input, arrival);
    }
    let validation =
        world.services().of_model(operation.service()).map_or(Validation::STANDARD, |s| s.validation);
    validation.check(protocol, &input)?;
    Ok((input, caller, check))
}

/// Who is calling, and what remains to be checked of the body.
fn identify(
    world: &World,
    arrival: &Arrival<'_>,
    body: &Bytes,
) -> Result<(Arc<Caller>, BodyCheck), ApiError> {
    let Heading { protocol, operation, streams_past, stranger, .. } = arrival.heading;
    let id = stranger.as_ref().and_then(|stranger| stranger.access_key_id.as_deref());
    let keys = Asked { id, issued: id.and_then(|id| world.keys().lookup(id)), all: world.keys() };
    if let Some(stranger) = stranger.as_ref().filter(|_| keys.may_pass_unverified(world)) {
        return Ok((Arc::clone(stranger), BodyCheck::None));
    }
    let service = operation.service();
    let view = RequestView::of_parts(arrival.head);
    let presented = arrival.heading.presented(&view);
    let claimed = match &presented {
        Presented::Signed(_) => None,
        _ => CredentialScope::of_request(&view),
    };
    let signed_for = match &presented {
        Presented::Signed(signature) => signature.credential.service(),
        _ => claimed.as_ref().map_or("", CredentialScope::service),
    };
    // A signing name beside the service's own is as good as it.
    let expected = match canonical_signing_name(signed_for) == service.signing_name() {
        true => signed_for,
        false => service.signing_name(),
    };
    let context = Context {
        mode: world.settings().auth,
        operation: match operation.is_unsigned() {
            true => OperationAuth::None,
            false if arrival.heading.is_s3 => OperationAuth::AnonymousAllowed,
            false => OperationAuth::Signed,
        },
        expected: Expected { service: expected, region: None },
        keys: &keys,
        signing_keys: world.signing_keys(),
        now: world.clock().now().secs(),
    };
    let payload = match streams_past {
        true => Payload::Streamed,
        false => Payload::Bytes(body),
    };
    // Version 2 signs the bucket as a part of the path, wherever the request names it.
    let view = match presented {
        Presented::SignatureVersion2 { .. } => RequestView { path: arrival.path, ..view },
        _ => view,
    };
    match authenticate(&context, &presented, &view, payload) {
        Ok(authenticated) => {
            if arrival.is_recalled {
                arrival.heading.keep_signature(&view, &presented);
            }
            if let Some(refusal) = authenticated.overruled {
                tracing::warn!(
                    request_id = &**arrival.request_id,
                    "strict authentication would refuse: {refusal:?}"
                );
            }
            Ok((authenticated.caller, authenticated.body))
        }
        Err(refusal) => Err(answer::refused(*protocol, service, &refusal)),
    }
}

/// The issued keys, of which the one that a request names has been asked for.
struct Asked<'a> {
    id: Option<&'a str>,
    issued: Option<Arc<IssuedKey>>,
    all: &'a dyn Keys,
}

impl Asked<'_> {
    /// Whether a key that this cloud has not issued acts for the account that it names, whatever its signature.
    fn may_pass_unverified(&self, world: &World) -> bool {
        world.settings().auth == AuthMode::Permissive && self.id.is_some() && self.issued.is_none()
    }
}

impl Keys for Asked<'_> {
    fn lookup(&self, access_key_id: &str) -> Option<Arc<IssuedKey>> {
        match self.id == Some(access_key_id) {
            true => self.issued.clone(),
            false => self.all.lookup(access_key_id),
        }
    }
}

fn unframed(arrival: &Arrival<'_>, body: Bytes, check: BodyCheck) -> Result<Bytes, payload::PayloadError> {
    if !arrival.heading.is_framed {
        return Ok(body);
    }
    payload::unchunk(&arrival.head.headers, body, check, MOST_BUFFERED)
}

/// In SQS's query protocol the queue is named by the URL that is called.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>
fn name_queue_by_path(input: &mut Record, arrival: &Arrival<'_>) {
    let path = arrival.head.uri.path();
    if path.len() > 1 && input.by_name("QueueUrl") == Some(&Value::Null) {
        input.set_by_name(
            "QueueUrl",
            Value::String(Text::from(format!("http://{}{path}", arrival.heading.host()))),
        );
    }
}

fn is_form(head: &Parts) -> bool {
    let form = b"application/x-www-form-urlencoded";
    head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(form))
        && !head.headers.contains_key("x-amz-target")
}

/// The path, with the bucket in front that the host name has. An account in front of the host is no bucket, and the
/// stage in front of an API's connections is no part of the operation's path:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>
fn path_with_bucket<'r>(head: &'r Parts, signing_name: Option<&str>, host: &HostHints<'_>) -> Cow<'r, str> {
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
