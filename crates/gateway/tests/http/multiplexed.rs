//! HTTP/2 with prior knowledge: streams side by side on one connection.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use virga_gateway::http::Limits;

use crate::server::{ECHO_LIMIT, Server, short_timeouts};

/// Opens an HTTP/2 connection over `stream`.
pub(crate) async fn http2<S>(stream: S) -> SendRequest<Full<Bytes>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    path: &str,
    body: impl Into<Bytes>,
) -> hyper::Result<(u16, Bytes)> {
    let uri = format!("http://localhost{path}");
    let request = http::Request::post(uri).body(Full::new(body.into())).unwrap();
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

async fn connect(server: &Server) -> SendRequest<Full<Bytes>> {
    http2(TcpStream::connect(server.address).await.unwrap()).await
}

#[tokio::test]
async fn http2_and_http1_share_the_port() {
    let server = Server::start();
    let mut new = connect(&server).await;
    let mut old = server.connect().await;
    assert_eq!(send(&mut new, "/new", "").await.unwrap(), (200, "/new".into()));
    assert_eq!(old.get("/old").await.body, b"/old");
    assert_eq!(send(&mut new, "/echo", "hello").await.unwrap(), (200, "hello".into()));
}

#[tokio::test]
async fn a_waiting_stream_does_not_hold_up_its_neighbours() {
    let server = Server::start();
    let mut sender = connect(&server).await;
    let mut waiting = sender.clone();
    let waiting = tokio::spawn(async move { send(&mut waiting, "/wait", "").await });
    server.probe.began.notified().await;
    for path in ["/a", "/b"] {
        assert_eq!(send(&mut sender, path, "").await.unwrap().1, path);
    }
    server.probe.go_on.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap().1, "waited");
}

#[tokio::test]
async fn a_panic_costs_one_stream() {
    let server = Server::start();
    let mut sender = connect(&server).await;
    assert_eq!(send(&mut sender, "/panic", "").await.unwrap().0, 500);
    assert_eq!(send(&mut sender, "/next", "").await.unwrap().0, 200);
}

#[tokio::test]
async fn an_oversized_body_is_refused() {
    let server = Server::start();
    let mut sender = connect(&server).await;
    assert_eq!(send(&mut sender, "/echo", vec![b'x'; ECHO_LIMIT + 1]).await.unwrap().0, 413);
    assert_eq!(send(&mut sender, "/echo", vec![b'x'; ECHO_LIMIT]).await.unwrap().0, 200);
}

#[tokio::test]
async fn headers_are_counted_here_too() {
    let server = Server::with_limits(Limits { header_count: 3, ..Limits::default() });
    let mut sender = connect(&server).await;
    let mut request = http::Request::get("http://localhost/").body(Full::default()).unwrap();
    for name in ["a", "b", "c", "d"] {
        request.headers_mut().insert(name, http::HeaderValue::from_static("1"));
    }
    assert_eq!(sender.send_request(request).await.unwrap().status(), 431);
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_timeout() {
    let server = Server::with_limits(short_timeouts());
    let mut sender = connect(&server).await;
    assert_eq!(send(&mut sender, "/once", "").await.unwrap().0, 200);
    let mut other = server.connect().await;
    other.get("/once").await;
    other.rest().await;
    while sender.ready().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(sender.is_closed());
}

#[tokio::test]
async fn shutdown_finishes_open_streams() {
    let server = Server::start();
    let probe = Arc::clone(&server.probe);
    let mut sender = connect(&server).await;
    let waiting = tokio::spawn(async move { send(&mut sender, "/wait", "").await });
    probe.began.notified().await;
    let stopped = server.stop();
    probe.go_on.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap().1, "waited");
    stopped.await.unwrap().unwrap();
}
