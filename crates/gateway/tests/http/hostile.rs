//! Clients that send garbage, half a request, too much, or nothing: they are cut off, and nobody else notices.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use virga_gateway::http::Limits;

use crate::server::{Server, short_timeouts};

#[tokio::test]
async fn garbage_is_answered_with_400_and_closed() {
    let server = Server::start();
    let mut neighbour = server.connect().await;
    for garbage in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "PRIVATE / HTTP/1.1 x\r\n\r\n", "hello there\r\n\r\n"]
    {
        let mut client = server.connect().await;
        client.send(garbage).await;
        assert_eq!(client.answer().await.status, 400, "{garbage:?}");
        assert!(client.rest().await.is_empty());
    }
    assert_eq!(neighbour.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn a_false_http2_preface_is_cut_off() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\nnothing that HTTP/2 knows").await;
    client.rest().await;
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn ten_thousand_headers_are_refused_with_431() {
    let server = Server::start();
    let headers: String = (0..10_000).map(|n| format!("x-header-{n}: {n}\r\n")).collect();
    let mut client = server.connect().await;
    client.send(format!("GET / HTTP/1.1\r\n{headers}\r\n")).await;
    assert_eq!(client.answer().await.status, 431);
    assert!(client.rest().await.is_empty());
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn header_bytes_and_count_are_limited() {
    let limits = Limits { header_bytes: 1000, header_count: 3, ..Limits::default() };
    let server = Server::with_limits(limits);
    let cases = [
        ("a: 1\r\nb: 2\r\nc: 3\r\n".to_owned(), 200),
        ("a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n".to_owned(), 431),
        (format!("a: {}\r\n", "x".repeat(900)), 200),
        (format!("a: {}\r\n", "x".repeat(1000)), 431),
    ];
    for (headers, status) in cases {
        let mut client = server.connect().await;
        client.send(format!("GET / HTTP/1.1\r\n{headers}\r\n")).await;
        assert_eq!(client.answer().await.status, status, "{headers}");
    }
}

#[tokio::test]
async fn a_uri_beyond_the_limits_is_refused() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000))).await;
    assert_eq!(client.answer().await.status, 431);
}

#[tokio::test]
async fn half_a_request_is_cut_off_after_the_timeout() {
    let server = Server::with_limits(short_timeouts());
    for beginning in ["", "P", "PRI", "GET / HTTP/1.1\r\nhost: a", "\x16\x03\x01"] {
        let mut client = server.connect().await;
        client.send(beginning).await;
        assert!(client.rest().await.is_empty(), "{beginning:?}");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_after_the_timeout() {
    let server = Server::with_limits(short_timeouts());
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\n").await;
    let mut drip = tokio::time::interval(Duration::from_millis(10));
    let mut drops = 0;
    while client.stream.write_all(b"a: b\r\n").await.is_ok() {
        drip.tick().await;
        drops += 1;
        assert!(drops < 500, "the server keeps listening");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_timeout() {
    let server = Server::with_limits(short_timeouts());
    let mut client = server.connect().await;
    client.get("/once").await;
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_with_408() {
    let server = Server::with_limits(short_timeouts());
    let mut client = server.connect().await;
    client.send("PUT /echo HTTP/1.1\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert_eq!(client.answer().await.status, 408);
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn a_slow_handler_is_not_a_slow_client() {
    let server = Server::with_limits(short_timeouts());
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\n\r\n").await;
    server.probe.began.notified().await;
    // Other clients time out meanwhile: that much time has passed.
    let mut other = server.connect().await;
    other.get("/once").await;
    other.rest().await;
    server.probe.go_on.notify_one();
    assert_eq!(client.answer().await.body, b"waited");
}

#[tokio::test]
async fn a_response_that_nobody_reads_is_given_up() {
    let server = Server::with_limits(short_timeouts());
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    // Another client that is idle for longer than a write may stall stands for the time that passes.
    let mut other = server.connect().await;
    other.get("/once").await;
    other.rest().await;
    let received = client.rest().await.len();
    assert!(received < 64 << 20, "{received} bytes");
}

#[tokio::test]
async fn a_connection_over_the_cap_is_told_so() {
    let server = Server::with_limits(Limits { max_connections: 2, ..Limits::default() });
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    assert_eq!(first.get("/1").await.status, 200);
    assert_eq!(second.get("/2").await.status, 200);
    let mut third = server.connect().await;
    assert_eq!(third.answer().await.status, 503);
    first.send("GET /last HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    first.rest().await;
    drop(first);
    // The server takes the closed connection off its account a moment after the client sees it closed.
    loop {
        let mut fourth = server.connect().await;
        if fourth.get("/4").await.status == 200 {
            break;
        }
    }
    assert_eq!(second.get("/still").await.status, 200);
}
