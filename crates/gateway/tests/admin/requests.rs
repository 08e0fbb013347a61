//! The recent calls: listed, filtered, explained, streamed.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::server::Server;

async fn operations(server: &Server, query: &str) -> Vec<String> {
    let answer = server.get(&format!("requests{query}")).await.ok();
    let requests = answer["requests"].as_array().unwrap();
    requests.iter().map(|request| request["operation"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn recent_calls_are_listed_newest_first_and_filtered() {
    let server = Server::start();
    server.create_queue("main", "one").await.ok();
    server.create_queue("main", "refused").await;
    server.queues("main").await;
    for (query, expected) in [
        ("", &["ListQueues", "CreateQueue", "CreateQueue"][..]),
        ("?limit=1", &["ListQueues"]),
        ("?operation=createqueue", &["CreateQueue", "CreateQueue"]),
        ("?service=sns", &[]),
        ("?status=4xx", &["CreateQueue"]),
        ("?status=200", &["ListQueues", "CreateQueue"]),
        ("?error=true", &["CreateQueue"]),
        ("?error=QueueNameExists", &["CreateQueue"]),
        ("?error=Other", &[]),
        ("?error=false&operation=CreateQueue", &["CreateQueue"]),
        ("?caller=000000000000&limit=1", &["ListQueues"]),
        ("?caller=test&limit=1", &["ListQueues"]),
        ("?caller=arn%3Aaws%3Aiam%3A%3A000000000000%3Aroot&limit=1", &["ListQueues"]),
        ("?caller=somebody", &[]),
        ("?since=2100-01-01", &[]),
        ("?since=2020-01-01&limit=1", &["ListQueues"]),
    ] {
        assert_eq!(operations(&server, query).await, expected, "{query}");
    }
    for query in ["?limit=many", "?status=many", "?since=then", "?unknown=1", "?limit=1&limit=2"] {
        assert_eq!(server.get(&format!("requests{query}")).await.error().0, 400, "{query}");
    }
}

#[tokio::test]
async fn one_call_is_shown_with_what_was_decided() {
    let server = Server::start();
    server.create_queue("main", "refused").await;
    let listed = server.get("requests").await.ok()["requests"][0].clone();
    let id = listed["request_id"].as_str().unwrap();
    let shown = server.get(&format!("requests/{id}")).await.ok();
    assert_eq!(shown["status"], 400);
    assert_eq!(shown["error"]["message"], "not this one");
    assert_eq!(shown["caller"]["access_key_id"], "test");
    assert_eq!(shown["region"], "eu-west-1");
    let access = &shown["accesses"][0];
    assert_eq!((&access["action"], &access["allowed"]), (&json!("sqs:CreateQueue"), &json!(true)));
    assert_eq!(access["resources"], json!(["arn:aws:sqs:eu-west-1:000000000000:q"]));
    assert!(access["reason"].is_string());
    assert_eq!(server.get("requests/none").await.error().0, 404);
}

#[tokio::test]
async fn a_tail_streams_calls_until_the_cloud_stops() {
    let server = Server::start();
    for path in ["requests/tail?operation=CreateQueue", "requests?tail=true&operation=CreateQueue"] {
        let stream = server.open(&format!("GET /_virga/{path} HTTP/1.1"), b"").await;
        let mut lines = BufReader::new(stream).lines();
        // The head is sent once the tail listens.
        while !lines.next_line().await.unwrap().unwrap().is_empty() {}
        server.queues("main").await;
        server.create_queue("main", "one").await.ok();
        let length = lines.next_line().await.unwrap().unwrap();
        let call = lines.next_line().await.unwrap().unwrap();
        assert_eq!(usize::from_str_radix(&length, 16).unwrap(), call.len() + 1);
        let call: Value = serde_json::from_str(&call).unwrap();
        assert_eq!((&call["operation"], &call["status"]), (&json!("CreateQueue"), &json!(200)));
        if path.contains("tail=true") {
            server.cloud.stop();
            while lines.next_line().await.unwrap().is_some() {}
        }
    }
}

#[tokio::test]
async fn a_world_has_its_own_log() {
    let server = Server::start();
    server.queues("main").await;
    server.post("worlds", json!({ "id": "side" })).await.ok();
    let answer = server.send("GET /_virga/requests HTTP/1.1\r\nx-virga-world: side", b"").await.ok();
    assert_eq!(answer["requests"], json!([]));
}
