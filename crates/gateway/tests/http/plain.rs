//! HTTP/1.1 in the clear: requests, connections, bodies.

use crate::server::{ECHO_LIMIT, Server, header};

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = Server::start();
    let mut client = server.connect().await;
    for path in ["/a", "/b", "/c"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.body), (200, path.as_bytes().to_vec()));
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut client = server.connect().await;
    let requests: String = (0..50).map(|n| format!("GET /{n} HTTP/1.1\r\nhost: a\r\n\r\n")).collect();
    client.send(requests).await;
    for n in 0..50 {
        assert_eq!(client.answer().await.body, format!("/{n}").into_bytes());
    }
}

#[tokio::test]
async fn a_request_that_asks_for_it_closes_the_connection() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("GET /last HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert_eq!(client.answer().await.body, b"/last");
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn a_body_in_any_framing_is_collected() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\ncontent-length: 5\r\n\r\nhel").await;
    client.send("lo").await;
    assert_eq!(client.answer().await.body, b"hello");
    client
        .send("POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.body, b"hello");
    client.send("POST /echo HTTP/1.1\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(client.answer().await.body, b"");
}

#[tokio::test]
async fn trailers_of_a_chunked_body_are_kept() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("POST /trailers HTTP/1.1\r\nte: trailers\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.send("2\r\nhi\r\n0\r\nx-sum: 42\r\n\r\n").await;
    assert_eq!(client.answer().await.body, br#"Some("42")"#);
}

#[tokio::test]
async fn an_announced_body_over_the_limit_is_refused_and_the_client_hears_it() {
    let server = Server::start();
    let mut client = server.connect().await;
    let length = 4 << 20;
    client.send(format!("POST /echo HTTP/1.1\r\ncontent-length: {length}\r\n\r\n")).await;
    client.send(vec![b'x'; length]).await;
    assert_eq!(client.answer().await.status, 413);
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn a_chunked_body_over_the_limit_is_refused_and_the_client_hears_it() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for _ in 0..5000 {
        client.send(format!("{:x}\r\n{}\r\n", ECHO_LIMIT, "x".repeat(ECHO_LIMIT))).await;
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn a_streamed_response_arrives_whole() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("GET /stream HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    let head = client.head().await;
    assert_eq!(header(&head, "transfer-encoding"), Some("chunked"));
    let body = String::from_utf8(client.rest().await).unwrap();
    assert_eq!(body, "4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_head_request_gets_the_length_without_the_body() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("HEAD /seven HTTP/1.1\r\n\r\n").await;
    assert_eq!(header(&client.head().await, "content-length"), Some("6"));
    assert_eq!(client.get("/next").await.body, b"/next");
}

#[tokio::test]
async fn no_content_has_no_body_and_no_length() {
    let server = Server::start();
    let mut client = server.connect().await;
    let answer = client.get("/empty").await;
    assert_eq!((answer.status, header(&answer.head, "content-length")), (204, None));
    assert_eq!(client.get("/next").await.body, b"/next");
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let server = Server::start();
    let mut client = server.connect().await;
    let answer = client.get("/panic").await;
    assert_eq!(answer.status, 500);
    assert_eq!(header(&answer.head, "x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(client.get("/next").await.body, b"/next");
}

#[tokio::test]
async fn a_client_that_expects_100_continue_gets_it_when_its_body_is_read() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("PUT /echo HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 100 "));
    client.send("hello").await;
    assert_eq!(client.answer().await.body, b"hello");
}

#[tokio::test]
async fn a_client_that_expects_100_continue_is_refused_without_it() {
    let server = Server::start();
    let refused = [("/refuse", 5, 403), ("/echo", ECHO_LIMIT + 1, 413)];
    for (path, length, status) in refused {
        let mut client = server.connect().await;
        client
            .send(format!("PUT {path} HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"))
            .await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status);
        // The body may come or not: the connection is of no use any more, and the client has to know.
        assert_eq!(header(&answer.head, "connection"), Some("close"));
    }
}

#[tokio::test]
async fn a_client_that_leaves_gives_its_request_up() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\n\r\n").await;
    server.probe.began.notified().await;
    drop(client);
    server.probe.given_up.notified().await;
    assert_eq!(server.connect().await.get("/next").await.body, b"/next");
}
