//! Access keys of root users.

use serde_json::json;
use virga_iam::{Keys as _, Principal};

use crate::server::Server;

#[tokio::test]
async fn an_issued_key_is_known_with_its_secret_and_account() {
    let server = Server::start();
    let issued = server.post("keys", json!({ "account": "123456789012" })).await.ok();
    let (id, secret) =
        (issued["access_key_id"].as_str().unwrap(), issued["secret_access_key"].as_str().unwrap());
    assert!(id.starts_with("AKIA") && id.len() == 20 && secret.len() == 40, "{issued}");
    let key = server.cloud.world(None).unwrap().keys().lookup(id).unwrap();
    assert_eq!(key.secret_access_key, secret);
    assert_eq!(key.caller.account.as_str(), "123456789012");
    assert_eq!(key.caller.principal, Principal::Root);
    let other = server.post("keys", json!({})).await.ok();
    assert_eq!(other["account"], "000000000000");
    assert_ne!(other["access_key_id"], issued["access_key_id"]);
}

#[tokio::test]
async fn an_account_has_twelve_digits_and_secrets_are_told_once() {
    let server = Server::start();
    for account in ["", "123", "12345678901x"] {
        assert_eq!(server.post("keys", json!({ "account": account })).await.error().0, 400);
    }
    assert_eq!(server.get("keys").await.error(), (405, "MethodNotAllowed".to_owned()));
}
