//! Who may use the admin API.

use std::net::SocketAddr;

use serde_json::json;
use virga_gateway::admin;
use virga_gateway::cloud::Exposure;
use virga_gateway::http::{Body, Request, RequestId};

use crate::server::{Server, cloud};

#[tokio::test]
async fn web_pages_of_other_sites_are_refused() {
    let server = Server::start();
    for headers in [
        "host: localhost:1\r\norigin: http://example.com",
        "host: localhost:1\r\norigin: https://localhost:1",
        "host: localhost:1\r\norigin: http://localhost:2",
        "host: localhost:1\r\norigin: null",
        "host: localhost:1\r\nsec-fetch-site: cross-site",
        "host: localhost:1\r\nsec-fetch-site: same-site",
        // The page's own name was made to point here.
        "host: example.com\r\norigin: http://example.com\r\nsec-fetch-site: same-origin",
        "host: example.com",
    ] {
        let refused = server.send(&format!("POST /_virga/reset HTTP/1.1\r\n{headers}"), b"").await;
        assert_eq!(refused.error(), (403, "Forbidden".to_owned()), "{headers}");
    }
    for headers in [
        "host: localhost:1\r\norigin: http://localhost:1\r\nsec-fetch-site: same-origin",
        "host: 127.0.0.1",
        "host: w.example.localhost:1",
    ] {
        server.send(&format!("POST /_virga/reset HTTP/1.1\r\n{headers}"), b"").await.ok();
    }
}

#[tokio::test]
async fn a_body_that_a_form_can_send_is_refused() {
    let server = Server::start();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        let head = format!("POST /_virga/clock/advance HTTP/1.1\r\ncontent-type: {content_type}");
        let refused = server.send(&head, br#"{"seconds":1}"#).await;
        assert_eq!(refused.error(), (415, "UnsupportedMediaType".to_owned()), "{content_type}");
    }
    let without = server.send("POST /_virga/clock/advance HTTP/1.1", br#"{"seconds":1}"#).await;
    assert_eq!(without.error().0, 415);
    let head = "POST /_virga/clock/advance HTTP/1.1\r\ncontent-type: application/json; charset=utf-8";
    server.send(head, br#"{"seconds":1}"#).await.ok();
}

#[tokio::test]
async fn bodies_are_limited() {
    let server = Server::start();
    let long = json!({ "name": "x".repeat(2 << 20) });
    assert_eq!(server.post("snapshot/save", long).await.error().0, 413);
}

/// Status of a request that a peer sends to a cloud that is exposed in this way.
async fn status(exposure: Exposure, peer: &str, path: &str) -> u16 {
    let cloud = cloud(exposure, None);
    let (head, ()) = http::Request::get(path).header("host", "virga.example").body(()).unwrap().into_parts();
    let peer = SocketAddr::new(peer.parse().unwrap(), 50_000);
    let request = Request {
        id: RequestId::fresh(),
        head,
        body: Body::from_bytes(""),
        peer,
        secure: false,
        tls_version: None,
        cipher_suite: None,
    };
    let world = cloud.world(None).unwrap();
    admin::handle(&cloud, &world, request).await.status().as_u16()
}

#[tokio::test]
async fn on_a_network_the_admin_api_serves_this_machine_only() {
    for (exposure, peer, expected) in [
        (Exposure::Network, "192.0.2.1", 403),
        (Exposure::Network, "127.0.0.1", 200),
        (Exposure::Network, "::ffff:127.0.0.1", 200),
        (Exposure::TrustedNetwork, "192.0.2.1", 200),
    ] {
        assert_eq!(status(exposure, peer, "/_virga/clock").await, expected, "{exposure:?} {peer}");
        assert_eq!(status(exposure, peer, "/_virga/health").await, 200);
    }
}
