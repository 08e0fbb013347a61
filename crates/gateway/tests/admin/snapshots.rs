//! Snapshots: streamed, and kept in the data folder.

use serde_json::json;

use crate::server::Server;

const UPLOAD: &str = "POST /_virga/snapshot/load HTTP/1.1\r\ncontent-type: application/octet-stream";

#[tokio::test]
async fn a_streamed_archive_brings_the_state_back() {
    let server = Server::start();
    server.call("PUT", "clock", json!({ "mode": "frozen", "now": "2030-01-01T00:00:00Z" })).await.ok();
    server.create_queue("main", "one").await.ok();
    let archive = server.post("snapshot/save", json!({})).await;
    assert_eq!(archive.status, 200);
    assert!(archive.head.contains("content-disposition: attachment; filename=\"main.virga\"\r\n"));
    server.post("reset", json!({})).await.ok();
    assert_eq!(server.queues("main").await, 0);
    server.send(UPLOAD, &archive.body).await.ok();
    assert_eq!(server.queues("main").await, 1);
    assert_eq!(server.get("clock").await.ok()["now"], "2030-01-01T00:00:00Z");
    // Timers are part of the state.
    server.post("clock/advance", json!({ "duration": "1h" })).await.ok();
    assert_eq!(server.queues("main").await, 0);
}

#[tokio::test]
async fn a_broken_archive_changes_nothing() {
    let server = Server::start();
    server.create_queue("main", "one").await.ok();
    let archive = server.post("snapshot/save", json!({})).await.body;
    server.create_queue("main", "two").await.ok();
    let mut damaged = archive.clone();
    damaged[40] ^= 1;
    for broken in [&b"rubbish"[..], &archive[..archive.len() - 1], &damaged] {
        assert_eq!(server.send(UPLOAD, broken).await.error().0, 400);
        assert_eq!(server.queues("main").await, 2);
    }
}

#[tokio::test]
async fn a_named_archive_stays_in_the_data_folder() {
    let server = Server::with_folder();
    assert_eq!(server.get("snapshot").await.ok()["snapshots"], json!([]));
    server.create_queue("main", "one").await.ok();
    server.post("snapshot/save", json!({ "name": "before.virga" })).await.ok();
    let length = std::fs::metadata(server.folder().join("snapshots/before.virga")).unwrap().len();
    let snapshots = server.get("snapshot").await.ok();
    assert_eq!(snapshots["snapshots"], json!([{ "name": "before.virga", "bytes": length }]));
    server.post("reset", json!({})).await.ok();
    server.post("snapshot/load", json!({ "name": "before.virga" })).await.ok();
    assert_eq!(server.queues("main").await, 1);
    assert_eq!(server.post("snapshot/load", json!({ "name": "after.virga" })).await.error().0, 404);
}

#[tokio::test]
async fn a_name_is_no_path() {
    let server = Server::with_folder();
    for name in ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\\b", ".hidden", "a\0b", "x.draft"] {
        for page in ["snapshot/save", "snapshot/load"] {
            assert_eq!(server.post(page, json!({ "name": name })).await.error().0, 400, "{page} {name}");
        }
    }
}

#[tokio::test]
async fn a_cloud_without_a_folder_keeps_no_archives() {
    let server = Server::start();
    let refused = server.post("snapshot/save", json!({ "name": "x" })).await;
    assert_eq!(refused.error(), (409, "Conflict".to_owned()));
    assert_eq!(server.post("snapshot/load", json!({})).await.error().0, 400);
}
