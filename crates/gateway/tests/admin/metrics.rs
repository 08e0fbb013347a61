//! Metrics.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn calls_errors_and_times_are_counted_by_operation_and_world() {
    let server = Server::start();
    server.post("worlds", json!({ "id": "side" })).await.ok();
    server.create_queue("main", "one").await.ok();
    server.create_queue("main", "refused").await;
    server.queues("side").await;
    let answer = server.get("metrics").await;
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4\r\n"));
    let create = r#"{world="main",service="sqs",operation="CreateQueue""#;
    for line in [
        format!("virga_calls_total{create}}} 2"),
        format!("virga_call_errors_total{create},fault=\"client\"}} 1"),
        format!("virga_call_errors_total{create},fault=\"server\"}} 0"),
        format!("virga_call_duration_seconds_count{create}}} 2"),
        r#"virga_calls_total{world="side",service="sqs",operation="ListQueues"} 1"#.to_owned(),
        "virga_worlds 2".to_owned(),
    ] {
        assert!(answer.text().lines().any(|found| found == line), "{line} in {}", answer.text());
    }
    for name in ["virga_uptime_seconds ", "virga_build_info{version=", "# TYPE virga_calls_total counter"] {
        assert!(answer.text().contains(name), "{name}");
    }
}
