//! A listener under test: serves a small handler on a free port, and clients that speak to it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use virga_gateway::http::{Handler, Limits, Request, Response, ResponseBody, ServerConfig, Tls, bind, serve};

/// What the test handler shares with the test.
#[derive(Default)]
pub(crate) struct Probe {
    /// `/wait` tells that it has begun.
    pub(crate) began: Notify,
    /// `/wait` answers when told.
    pub(crate) go_on: Notify,
    /// `/wait` tells that it was given up.
    pub(crate) given_up: Notify,
}

struct TellsWhenDropped<'a>(&'a Notify);

impl Drop for TellsWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// The largest body that `/echo` takes.
pub(crate) const ECHO_LIMIT: usize = 1000;

struct TestHandler(Arc<Probe>);

impl Handler for TestHandler {
    type Memory = ();

    async fn handle(&self, mut request: Request, _memory: &()) -> Response {
        match request.head.uri.path() {
            "/echo" => match request.body.collect(ECHO_LIMIT).await {
                Ok(bytes) => full(bytes),
                Err(error) => status(error.status().as_u16()),
            },
            "/secure" => full(request.secure.to_string()),
            "/pass" => full(format!("{:?}", request.head.headers.get("proxy-authorization"))),
            "/refuse" => status(403),
            "/panic" => panic!("as asked"),
            "/empty" => status(204),
            "/trailers" => {
                request.body.collect(ECHO_LIMIT).await.unwrap();
                full(format!("{:?}", request.body.trailers().and_then(|trailers| trailers.get("x-sum"))))
            }
            "/stream" => {
                let (sender, body) = ResponseBody::channel(1);
                tokio::spawn(async move {
                    for piece in ["one ", "two ", "three"] {
                        sender.send(Bytes::from_static(piece.as_bytes())).await;
                    }
                });
                Response::new(body)
            }
            "/big" => full(vec![b'x'; 64 << 20]),
            "/wait" => {
                let _guard = TellsWhenDropped(&self.0.given_up);
                self.0.began.notify_one();
                self.0.go_on.notified().await;
                full("waited")
            }
            path => full(path.to_owned()),
        }
    }

    fn answers_for(&self, host: &str) -> bool {
        host == "here.test"
    }
}

fn full(bytes: impl Into<Bytes>) -> Response {
    Response::new(ResponseBody::Full(bytes.into()))
}

fn status(code: u16) -> Response {
    http::Response::builder().status(code).body(ResponseBody::Empty).unwrap()
}

/// A running listener.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) probe: Arc<Probe>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

/// Limits whose timeouts a test can wait for.
pub(crate) fn short_timeouts() -> Limits {
    Limits {
        header_read_timeout: Duration::from_millis(100),
        keep_alive_timeout: Duration::from_millis(200),
        body_idle_timeout: Duration::from_millis(100),
        write_stall_timeout: Duration::from_millis(100),
        ..Limits::default()
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(ServerConfig::default())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::with(ServerConfig { limits, ..ServerConfig::default() })
    }

    pub(crate) fn with_tls(tls: &Arc<Tls>) -> Self {
        Self::with(ServerConfig { tls: Some(Arc::clone(tls)), ..ServerConfig::default() })
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let probe = Arc::new(Probe::default());
        let handler = Arc::new(TestHandler(Arc::clone(&probe)));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let task = tokio::spawn(serve(vec![listener], handler, config, shutdown));
        Self { address, probe, stop, task }
    }

    pub(crate) async fn connect(&self) -> Client<TcpStream> {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), read: Vec::new() }
    }

    /// Asks for shutdown; the returned task ends when the server has.
    pub(crate) fn stop(self) -> JoinHandle<io::Result<()>> {
        self.stop.send(()).unwrap();
        self.task
    }
}

/// A client that sees every byte.
pub(crate) struct Client<S> {
    pub(crate) stream: S,
    read: Vec<u8>,
}

/// A response as [`Client`] reads it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends a request without a body and reads its answer.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
        self.answer().await
    }

    /// Reads one answer: its head, and as much body as its `content-length` says.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            assert!(self.fill().await, "the body broke off");
        }
        let body = self.read.drain(..length).collect();
        let status = head[9..12].parse().unwrap();
        Answer { status, head, body }
    }

    /// Reads one answer's head, up to its empty line.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                return String::from_utf8(self.read.drain(..end + 4).collect()).unwrap();
            }
            assert!(self.fill().await, "the server closed without an answer");
        }
    }

    /// Reads what comes until the server closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        std::mem::take(&mut self.read)
    }

    async fn fill(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..read]);
        read > 0
    }
}

impl<S> From<S> for Client<S> {
    fn from(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }
}

/// The value of a header in an answer's head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
