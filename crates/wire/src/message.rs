//! Requests and answers as this crate sees them: parsed HTTP, without sockets.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use smallvec::SmallVec;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct HttpRequest<'a> {
    /// Method.
    pub method: &'a Method,
    /// Path as sent, percent-encoding kept.
    pub path: &'a str,
    /// Query as sent, without the question mark.
    pub query: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The whole body. Empty when the input's payload is streamed: then the caller keeps the stream and the payload
    /// member becomes [`virga_model::Value::Stream`].
    pub body: Bytes,
}

/// The labels of a URI template that routing has found, percent-decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels<'a>(SmallVec<[(&'static str, Cow<'a, str>); 4]>);

impl<'a> Labels<'a> {
    /// No labels.
    pub fn new() -> Self {
        Labels::default()
    }

    /// Adds a label under its name in the template.
    pub fn push(&mut self, name: &'static str, value: impl Into<Cow<'a, str>>) {
        self.0.push((name, value.into()));
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All labels in the order of the template.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }

    /// Forgets the labels from the one with this number on.
    pub fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Bytes(Bytes),
    /// The payload member is streamed: the caller attaches the stream.
    Stream,
    /// An event stream: the caller frames its events with [`crate::event_stream`].
    EventStream,
}

impl Body {
    /// The bytes of a body that is not streamed; empty for one that is.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Body::Bytes(bytes) => bytes,
            Body::Stream | Body::EventStream => &[],
        }
    }
}

/// An answer, ready to be sent.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers. Lengths, dates and the like are the server's.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
}

impl HttpResponse {
    /// An answer with a body of this content type and no other header.
    pub(crate) fn new(status: u16, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(http::header::CONTENT_TYPE, content_type);
        HttpResponse { status, headers, body: Body::Bytes(body.into()) }
    }

    /// Adds a header, unless the value can't be one.
    pub(crate) fn set(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

/// A request that a client would send.
#[derive(Debug, Clone)]
pub struct ClientRequest {
    /// Method.
    pub method: Method,
    /// Path and query, percent-encoded.
    pub path_and_query: String,
    /// Headers, without those of the connection and the signature.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// What comes before the host name, labels filled in.
    pub host_prefix: Option<String>,
}
