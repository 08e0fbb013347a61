//! The listener as a client's proxy: tunnels to hosts that it answers for, and to no other.

use std::sync::Arc;

use virga_gateway::http::{Limits, Tls};

use crate::encrypted::encrypt;
use crate::server::{Client, Server, short_timeouts};

const CONNECT: &str = "CONNECT here.test:443 HTTP/1.1\r\nHost: here.test:443\r\n";

#[tokio::test]
async fn a_tunnel_leads_back_here_through_tls() {
    let tls = Arc::new(Tls::ephemeral());
    let server = Server::with_tls(&tls);
    for (alpn, name) in [(&[][..], "here.test"), (&["http/1.1"][..], "other.test")] {
        let mut client = server.connect().await;
        client.send(format!("{CONNECT}\r\n")).await;
        assert_eq!(client.head().await, "HTTP/1.1 200 Connection Established\r\n\r\n");
        let mut client = Client::from(encrypt(client.stream, &tls, name, alpn).await.unwrap());
        assert_eq!(client.get("/secure").await.body, b"true");
        assert_eq!(client.get("/pass").await.body, b"None");
        assert_eq!(client.get("/again").await.body, b"/again");
    }
}

#[tokio::test]
async fn a_tunnel_may_carry_plain_http() {
    let server = Server::start();
    let mut client = server.connect().await;
    // The first bytes come one by one.
    for byte in "CONN".bytes() {
        client.send([byte]).await;
    }
    client.send("ECT here.test:80 HTTP/1.1\r\n").await;
    client.send("\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    assert_eq!(client.get("/secure").await.body, b"false");
}

#[tokio::test]
async fn what_a_client_said_of_itself_holds_for_all_requests_of_its_tunnel() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send(format!("{CONNECT}Proxy-Authorization: Basic dzE6\r\n\r\n")).await;
    client.head().await;
    for _ in 0..2 {
        assert_eq!(client.get("/pass").await.body, br#"Some("Basic dzE6")"#);
    }
}

#[tokio::test]
async fn there_is_no_way_to_other_hosts() {
    let server = Server::start();
    let mut client = server.connect().await;
    client.send("CONNECT example.com:443 HTTP/1.1\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 403);
    assert!(String::from_utf8(answer.body).unwrap().contains("no way to example.com"));
    assert!(client.rest().await.is_empty());

    let mut client = server.connect().await;
    client.send("GET http://example.com/a HTTP/1.1\r\nHost: example.com\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 403);
    client.send("GET http://here.test/a HTTP/1.1\r\nHost: here.test\r\n\r\n").await;
    assert_eq!(client.answer().await.body, b"/a");
}

#[tokio::test]
async fn what_is_no_request_for_a_tunnel_is_refused() {
    let server = Server::with_limits(Limits { header_bytes: 8192, ..Limits::default() });
    let long = format!("CONNECT here.test:443 HTTP/1.1\r\nx: {}", "x".repeat(8192));
    for (head, status) in
        [("CONNECT / HTTP/1.1\r\n\r\n", 400), ("CONNECT here.test HTTP/1.1\r\n\r\n", 400), (&long, 431)]
    {
        let mut client = server.connect().await;
        client.send(head).await;
        assert_eq!(client.answer().await.status, status, "{}", &head[..20]);
    }
    let mut client = server.connect().await;
    client.send("CONN").await;
    drop(client);
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_is_cut_off() {
    let server = Server::with_limits(short_timeouts());
    for head in ["CONN", "CONNECT here.test:443 HTTP/1.1\r\n"] {
        let mut client = server.connect().await;
        client.send(head).await;
        assert!(client.rest().await.is_empty());
    }
    let mut client = server.connect().await;
    client.send(format!("{CONNECT}\r\n")).await;
    client.head().await;
    assert!(client.rest().await.is_empty(), "a tunnel that nothing comes through");
}
