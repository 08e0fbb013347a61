//! One request's way into the handler and back: the limits that the protocol leaves to us, panics, and bodies that
//! must not be sent.

use std::any::Any;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;

use super::activity::Activity;
use super::response::Outgoing;
use super::{Body, Handler, Limits, Request, RequestId, Response, ResponseBody, tunnel};

/// What the requests of one connection have in common.
pub(super) struct Origin {
    pub(super) activity: Arc<Activity>,
    pub(super) peer: SocketAddr,
    pub(super) secure: bool,
    pub(super) tls_version: Option<rustls::ProtocolVersion>,
    pub(super) cipher_suite: Option<rustls::CipherSuite>,
    /// What the client said of itself (`Proxy-Authorization`) when it asked for the tunnel.
    pub(super) pass: Option<HeaderValue>,
    pub(super) limits: Limits,
}

/// Counts a request as in flight until its response takes over.
struct InFlight<'a> {
    activity: &'a Arc<Activity>,
    handed_over: bool,
}

impl InFlight<'_> {
    fn hand_over(mut self, body: ResponseBody) -> Outgoing {
        self.handed_over = true;
        Outgoing::new(body, self.activity)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if !self.handed_over {
            self.activity.request_ended();
        }
    }
}

/// Answers one request through `handler`.
pub(super) async fn dispatch<H: Handler>(
    handler: &H,
    memory: &H::Memory,
    origin: &Origin,
    request: http::Request<Incoming>,
) -> Result<http::Response<Outgoing>, Infallible> {
    origin.activity.request_started();
    let in_flight = InFlight { activity: &origin.activity, handed_over: false };
    let (mut head, incoming) = request.into_parts();
    let is_head = head.method == Method::HEAD;
    let is_one_at_a_time = head.version < Version::HTTP_2;
    let waits_for_nothing = incoming.is_end_stream() && waits_for_leave(&head);
    if let Some(pass) = &origin.pass {
        head.headers.insert(PROXY_AUTHORIZATION, pass.clone());
    }
    let response = if head.headers.len() > origin.limits.header_count {
        refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else if let Some(host) = host_of_a_proxy(&head).filter(|host| !handler.answers_for(host)) {
        tunnel::no_way_to(host)
    } else {
        let id = RequestId::fresh();
        let request = Request {
            id,
            head,
            body: Body::from_network(incoming, origin.limits.body_idle_timeout, &origin.activity),
            peer: origin.peer,
            secure: origin.secure,
            tls_version: origin.tls_version,
            cipher_suite: origin.cipher_suite,
        };
        // Made and pinned here: every further layer of `async` would copy the request once more.
        let handling = pin!(handler.handle(request, memory));
        contain_panic(handling, id).await
    };
    let (mut head, mut body) = response.into_parts();
    if is_head || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        drop_body(&mut head, &mut body, is_head);
    }
    // A connection that ends is told of: a client that does not know sends its next request into it.
    if waits_for_nothing || (is_one_at_a_time && origin.activity.has_unread_body()) {
        head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(http::Response::from_parts(head, in_flight.hand_over(body)))
}

/// Whether the client asks for leave to send a body. One without a byte needs none, and is answered at once; botocore
/// takes that for the answer to the next request of the connection as well, so that there must not be any.
fn waits_for_leave(head: &http::request::Parts) -> bool {
    matches!(head.method, Method::PUT | Method::POST)
        && head.version < Version::HTTP_2
        && head.headers.contains_key(EXPECT)
}

/// The host that a client means which takes this server for its HTTP proxy: only then it sends a whole URI
/// (RFC 9112, 3.2.2). HTTP/2 knows no other.
fn host_of_a_proxy(head: &http::request::Parts) -> Option<&str> {
    head.uri.host().filter(|_| head.version < Version::HTTP_2)
}

/// Polls a handler's future where it lies; a panic ends its request with a 500 and nothing else.
fn contain_panic<F>(mut handling: Pin<&mut F>, id: RequestId) -> impl Future<Output = Response>
where
    F: Future<Output = Response>,
{
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| handling.as_mut().poll(context))).unwrap_or_else(|panic| {
            let reason = panic_message(&*panic);
            tracing::error!(request_id = %id, reason, "the handler of a request panicked");
            Poll::Ready(panicked(id))
        })
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    if let Some(message) = panic.downcast_ref::<&'static str>() {
        message
    } else if let Some(message) = panic.downcast_ref::<String>() {
        message
    } else {
        "a panic without a message"
    }
}

/// The last resort. Errors that a caller should understand are made by the handler, in the caller's protocol.
fn panicked(id: RequestId) -> Response {
    let mut response = Response::new(ResponseBody::Full(Bytes::from_static(
        br#"{"__type":"InternalFailure","message":"The request processing has failed because of an unknown error."}"#,
    )));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    headers.insert(HeaderName::from_static("x-amzn-requestid"), id.to_header_value());
    response
}

fn refusal(status: StatusCode) -> Response {
    let mut response = Response::new(ResponseBody::Empty);
    *response.status_mut() = status;
    response
}

/// A response to HEAD tells the length that GET would have sent; 204 and 304 have no body to tell of.
fn drop_body(head: &mut http::response::Parts, body: &mut ResponseBody, is_head: bool) {
    let length = body.size_hint().exact().filter(|length| is_head && *length > 0);
    if let Some(length) = length {
        head.headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    *body = ResponseBody::Empty;
}
