//! What one connection and one request may cost, and how long they may take.

use std::sync::Arc;
use std::time::Duration;

use super::Tls;

/// What [`serve`](super::serve) needs to know besides the sockets and the handler.
#[derive(Clone)]
pub struct ServerConfig {
    /// Bounds on sizes, counts and waiting times.
    pub limits: Limits,
    /// The certificates of TLS connections; without it a TLS connection is closed at its first byte.
    pub tls: Option<Arc<Tls>>,
    /// How long requests in flight may take to finish once shutdown has begun. Default 10 s.
    pub grace: Duration,
    /// Threads that serve connections and nothing else. Default 0: connections share the runtime around the server.
    pub threads: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { limits: Limits::default(), tls: None, grace: Duration::from_secs(10), threads: 0 }
    }
}

/// Bounds on what clients may ask of the listener. The defaults fit AWS clients with room to spare.
///
/// The connection timeouts are watched in steps of a quarter of the shortest one, so they may take up to a quarter longer.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at the same time; a further one is answered with 503 and closed. Default 8192.
    pub max_connections: usize,
    /// Bytes of a request's line and headers together; more gives 431. Default 64 KiB.
    pub header_bytes: usize,
    /// Headers of one request; more gives 431. Default 100, the number that the HTTP/1.1 parser keeps on its stack:
    /// any other number costs two allocations per request.
    pub header_count: usize,
    /// Streams of one HTTP/2 connection that may be open at the same time. Default 256.
    pub concurrent_streams: u32,
    /// From the first byte of a connection to the end of its TLS handshake, and from the first byte of a request to the end
    /// of its headers. Default 30 s.
    pub header_read_timeout: Duration,
    /// How long a connection may wait for its next request. Default 120 s: longer than the pools of the AWS
    /// SDKs keep idle connections (60 s), so that it is the client who closes.
    pub keep_alive_timeout: Duration,
    /// How long a read of a request body may wait for the next bytes. Default 30 s.
    pub body_idle_timeout: Duration,
    /// How long a client may leave a response unread once the socket's buffers are full. Default 60 s.
    pub write_stall_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 8192,
            header_bytes: 64 * 1024,
            header_count: PARSER_HEADER_COUNT,
            concurrent_streams: 256,
            header_read_timeout: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(120),
            body_idle_timeout: Duration::from_secs(30),
            write_stall_timeout: Duration::from_secs(60),
        }
    }
}

/// How many headers hyper's HTTP/1.1 parser takes without allocating.
pub(super) const PARSER_HEADER_COUNT: usize = 100;

impl Limits {
    /// The step in which a connection's timeouts are watched.
    pub(super) fn watch_interval(&self) -> Duration {
        let shortest = self.header_read_timeout.min(self.keep_alive_timeout).min(self.write_stall_timeout);
        (shortest / 4).max(Duration::from_millis(1))
    }
}
