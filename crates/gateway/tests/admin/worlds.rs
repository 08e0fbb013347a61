//! Worlds: forked, empty, addressed, reset and dropped.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_fork_begins_alike_and_goes_its_own_way() {
    let server = Server::start();
    server.create_queue("main", "one").await.ok();
    let answer = server.post("worlds", json!({})).await;
    assert_eq!(answer.status, 201);
    let world = answer.ok();
    let id = world["id"].as_str().unwrap();
    server.create_queue(id, "two").await.ok();
    assert_eq!((server.queues("main").await, server.queues(id).await), (1, 2));
    let head = format!("POST /_virga/worlds HTTP/1.1\r\nhost: {id}.world.localhost:1234");
    let second = server.send(&head, b"").await.ok();
    assert_eq!(server.queues(second["id"].as_str().unwrap()).await, 2);
}

#[tokio::test]
async fn the_endpoint_of_a_world_leads_to_it() {
    let server = Server::start();
    let head = "POST /_virga/worlds HTTP/1.1\r\nhost: localhost:8123\r\ncontent-type: application/json";
    let world = server.send(head, br#"{"from":"empty","id":"my-test"}"#).await.ok();
    assert_eq!(world["endpoint"], "http://my-test.world.localhost:8123");
    server.post("worlds", json!({ "from": "my-test", "id": "its-fork" })).await.ok();
    let shown = server.send("GET /_virga/worlds/my-test HTTP/1.1\r\nhost: 127.0.0.1:4", b"").await.ok();
    assert_eq!(shown["endpoint"], "http://my-test.world.localhost:4");
    let worlds = server.get("worlds").await.ok();
    let ids: Vec<_> = worlds["worlds"].as_array().unwrap().iter().map(|world| &world["id"]).collect();
    assert_eq!(ids, ["main", "its-fork", "my-test"]);
}

#[tokio::test]
async fn a_reset_world_is_empty_and_the_others_are_not() {
    let server = Server::start();
    server.create_queue("main", "one").await.ok();
    server.post("worlds", json!({ "id": "side" })).await.ok();
    server.post("clock/set", json!({ "time": "2040-01-01" })).await.ok();
    server.post("reset", json!({})).await.ok();
    assert_eq!((server.queues("main").await, server.queues("side").await), (0, 1));
    assert_eq!(server.get("clock").await.ok()["offset_seconds"], 0.0);
}

#[tokio::test]
async fn a_dropped_world_is_gone() {
    let server = Server::start();
    server.post("worlds", json!({ "from": "empty", "id": "side" })).await.ok();
    assert_eq!(server.call("DELETE", "worlds/side", json!({})).await.status, 200);
    assert_eq!(server.call("DELETE", "worlds/side", json!({})).await.error().0, 404);
    assert_eq!(server.get("worlds/side").await.error().0, 404);
    assert_eq!(server.create_queue("side", "one").await.status, 404);
    assert_eq!(server.call("DELETE", "worlds/main", json!({})).await.error(), (409, "Conflict".to_owned()));
}

#[tokio::test]
async fn ids_are_labels_of_host_names_and_belong_to_one_world() {
    let server = Server::start();
    for id in ["", "-a", "a-", "A", "a.b", "ä", &"a".repeat(64)] {
        assert_eq!(server.post("worlds", json!({ "id": id })).await.error().0, 400, "{id}");
    }
    server.post("worlds", json!({ "id": "side" })).await.ok();
    for id in ["side", "main"] {
        assert_eq!(server.post("worlds", json!({ "id": id })).await.error(), (409, "Conflict".to_owned()));
    }
    assert_eq!(server.post("worlds", json!({ "from": "nothing" })).await.error().0, 404);
}

#[tokio::test]
async fn the_number_of_worlds_is_limited() {
    let server = Server::start();
    let main = server.cloud.world(None).unwrap();
    while server.cloud.fork(&main, None).is_ok() {}
    assert_eq!(server.cloud.worlds().len(), 257);
    assert_eq!(server.post("worlds", json!({})).await.error(), (429, "TooManyWorlds".to_owned()));
    let id = server.cloud.worlds()[1].id().to_owned();
    server.call("DELETE", &format!("worlds/{id}"), json!({})).await.ok();
    server.post("worlds", json!({})).await.ok();
}
