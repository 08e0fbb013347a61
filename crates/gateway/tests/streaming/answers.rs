//! Bodies of answers: with and without a known length, parts, failures on the way.

use crate::client::Server;

#[tokio::test]
async fn a_body_of_unknown_length_comes_in_chunks() {
    let server = Server::start();
    let got = server.get("/b/unknown-length").await;
    assert_eq!((got.status, got.header("transfer-encoding")), (200, Some("chunked")));
    assert_eq!(got.text(), "1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_range_makes_a_partial_answer() {
    let server = Server::start();
    let got = server.get("/b/part").await;
    assert_eq!((got.status, got.header("content-range"), got.text()), (206, Some("bytes 1-3/10"), "xxx"));
}

#[tokio::test]
async fn a_body_that_fails_on_its_way_breaks_off() {
    let server = Server::start();
    for key in ["short", "failing"] {
        let got = server.get(&format!("/b/{key}")).await;
        let promised = got.header("content-length").map(|length| length.parse::<usize>().unwrap());
        assert!(promised.is_none_or(|promised| got.body.len() < promised), "{got:?}");
    }
    let long = server.get("/b/long").await;
    assert!(long.body.len() <= 1, "{long:?}");
}

#[tokio::test]
async fn head_tells_the_length_and_errors_have_no_body() {
    let server = Server::start();
    let body = [b'a'; 5];
    let headers = [("content-length", "5".to_owned())];
    let signed =
        server.sign(virga_iam::Algorithm::V4, ("PUT", "/b/k"), &headers, virga_iam::sign::Body::Bytes(&body));
    assert_eq!(server.send(&signed.head, &body).await.status, 200);
    let head = server.request("HEAD", "/b/k").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("5"), 0));
    let missing = server.request("HEAD", "/b/missing").await;
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}
