//! Request bodies without frames: declared, unsigned, refused early, broken off.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use virga_iam::Algorithm;
use virga_iam::sign::Body;

use crate::client::{Server, answer};

fn length(bytes: usize) -> [(&'static str, String); 1] {
    [("content-length", bytes.to_string())]
}

#[tokio::test]
async fn a_body_is_streamed_into_the_operation() {
    let server = Server::start();
    let body = vec![b'a'; 300_000];
    let signed = server.sign(Algorithm::V4, ("PUT", "/b/k"), &length(body.len()), Body::Bytes(&body));
    let put = server.send(&signed.head, &body).await;
    assert_eq!((put.status, put.header("etag")), (200, Some("\"300000\"")), "{put:?}");
    let got = server.get("/b/k").await;
    assert_eq!((got.status, got.header("content-length")), (200, Some("300000")));
    assert!(got.body == body);
}

#[tokio::test]
async fn a_body_that_is_not_the_declared_one_is_refused_at_its_end() {
    let server = Server::start();
    let signed = server.sign(Algorithm::V4, ("PUT", "/b/k"), &length(3), Body::Bytes(b"abc"));
    let put = server.send(&signed.head, b"abd").await;
    assert_eq!((put.status, put.code()), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(server.get("/b/k").await.code(), "NoSuchKey");
}

#[tokio::test]
async fn a_declared_hash_counts_also_for_callers_whose_signature_is_not_verified() {
    let server = Server::start();
    let head = format!(
        "PUT /b/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\nx-amz-content-sha256: {}\r\nauthorization: \
         AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={}\r\n",
        "0".repeat(64),
        "0".repeat(64)
    );
    assert_eq!(server.send(&head, b"abc").await.code(), "XAmzContentSHA256Mismatch");
}

#[tokio::test]
async fn an_unsigned_payload_is_taken_as_it_comes() {
    let server = Server::start();
    let signed = server.sign(Algorithm::V4, ("PUT", "/b/k"), &length(3), Body::Declared("UNSIGNED-PAYLOAD"));
    assert_eq!(server.send(&signed.head, b"xyz").await.status, 200);
    assert_eq!(server.get("/b/k").await.text(), "xyz");
}

#[tokio::test]
async fn an_early_error_costs_no_upload() {
    let server = Server::start();
    let headers = [("content-length", "1000000".to_owned()), ("expect", "100-continue".to_owned())];
    let signed =
        server.sign(Algorithm::V4, ("PUT", "/b/refused"), &headers, Body::Declared("UNSIGNED-PAYLOAD"));
    let mut stream = server.connect().await;
    stream.write_all(format!("{}\r\n", signed.head).as_bytes()).await.unwrap();
    let refused = answer(&mut stream).await;
    assert_eq!((refused.status, refused.code()), (400, "Refused"));
}

#[tokio::test]
async fn a_client_that_asks_is_told_to_continue() {
    let server = Server::start();
    let headers = [("content-length", "3".to_owned()), ("expect", "100-continue".to_owned())];
    let signed = server.sign(Algorithm::V4, ("PUT", "/b/k"), &headers, Body::Declared("UNSIGNED-PAYLOAD"));
    let mut stream = server.connect().await;
    stream.write_all(format!("{}connection: close\r\n\r\n", signed.head).as_bytes()).await.unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").await.unwrap();
    assert_eq!(answer(&mut stream).await.status, 200);
}

#[tokio::test]
async fn a_short_body_that_nobody_wanted_leaves_the_connection_open() {
    let server = Server::start();
    let body = vec![b'a'; 10_000];
    let path = ("PUT", "/b/refused");
    let signed = server.sign(Algorithm::V4, path, &length(body.len()), Body::Declared("UNSIGNED-PAYLOAD"));
    let mut stream = server.connect().await;
    for end in ["", "connection: close\r\n"] {
        stream.write_all(format!("{}{end}\r\n", signed.head).as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
    }
    let both = answer(&mut stream).await;
    assert_eq!(both.text().matches("<Code>Refused</Code>").count(), 2, "{both:?}");
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let server = Server::start();
    let signed = server.sign(Algorithm::V4, ("PUT", "/b/k"), &length(10), Body::Declared("UNSIGNED-PAYLOAD"));
    let mut stream = server.connect().await;
    stream.write_all(format!("{}connection: close\r\n\r\nabc", signed.head).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut read = Vec::new();
    drop(stream.read_to_end(&mut read).await);
    assert!(!String::from_utf8_lossy(&read).contains(" 200 "), "{read:?}");
    assert_eq!(server.get("/b/k").await.code(), "NoSuchKey");
}
