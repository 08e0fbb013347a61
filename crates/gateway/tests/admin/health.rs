//! Health pages.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn health_names_the_services_that_are_built() {
    let server = Server::start();
    let health = server.get("health").await.ok();
    assert_eq!((&health["status"], &health["services"]), (&json!("running"), &json!({ "sqs": "running" })));
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn tools_for_localstack_find_its_health_page() {
    let server = Server::start();
    let health = server.send("GET /_localstack/health HTTP/1.1", b"").await.ok();
    assert_eq!(health["services"]["sqs"], "running");
    assert!(health["version"].is_string() && health["edition"].is_string());
}

#[tokio::test]
async fn the_authority_of_the_https_side_is_shown() {
    let server = Server::start();
    let answer = server.get("ca.pem").await;
    let pem = String::from_utf8(answer.body.clone()).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    assert_eq!(server.get("ca.pem").await.body, answer.body);
}

#[tokio::test]
async fn unknown_pages_and_methods_are_refused() {
    let server = Server::start();
    assert_eq!(server.get("nothing").await.error(), (404, "NotFound".to_owned()));
    assert_eq!(server.get("").await.error(), (404, "NotFound".to_owned()));
    let refused = server.call("DELETE", "clock", json!({})).await;
    assert_eq!(refused.error(), (405, "MethodNotAllowed".to_owned()));
    assert!(refused.head.contains("allow: GET, PUT, POST\r\n"));
    let head = server.send("GET /_virga/clock HTTP/1.1\r\nx-virga-world: nowhere", b"").await;
    assert_eq!(head.error(), (404, "NotFound".to_owned()));
}
