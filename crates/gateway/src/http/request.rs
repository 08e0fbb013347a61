//! A request as the listener hands it on, and the handler that takes it.

use std::net::SocketAddr;

use super::{Body, RequestId, Response};

/// One HTTP request: its head is parsed, its body still arrives.
pub struct Request {
    /// The id of this request, in the log and in the response's request-id header.
    pub id: RequestId,
    /// Method, URI, version and headers.
    pub head: http::request::Parts,
    /// The body; empty for a request without one.
    pub body: Body,
    /// The client's end of the connection.
    pub peer: SocketAddr,
    /// Whether the connection is encrypted (`https`).
    pub secure: bool,
    /// The version of TLS that was agreed on.
    pub tls_version: Option<rustls::ProtocolVersion>,
    /// And the suite of ciphers.
    pub cipher_suite: Option<rustls::CipherSuite>,
}

/// Answers requests. Statically dispatched: a request costs no allocation on the way to the handler.
pub trait Handler: Send + Sync + 'static {
    /// What it remembers of a connection from one request to the next. HTTP/2 has several requests under way at a time.
    type Memory: Default + Send + Sync + 'static;

    /// Answers one request. A panic inside the future gives a 500 for this request and leaves the connection open.
    ///
    /// Dropping the future is how a client's disconnect is told: it can happen at every await.
    fn handle(&self, request: Request, memory: &Self::Memory) -> impl Future<Output = Response> + Send;

    /// Whether requests for this host (a name or an address, without its port) are answered when a client takes this
    /// server for its HTTP or HTTPS proxy. Those for others are refused.
    fn answers_for(&self, host: &str) -> bool;
}
