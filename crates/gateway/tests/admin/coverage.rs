//! The coverage report.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn every_operation_of_every_model_is_counted() {
    let server = Server::start();
    let coverage = server.get("coverage").await.ok();
    let services = coverage["services"].as_array().unwrap();
    assert_eq!(services.len(), virga_model::services().len());
    let operations: usize = virga_model::services().map(virga_model::Service::operation_count).sum();
    let count = |name: &str| usize::try_from(coverage["totals"][name].as_u64().unwrap()).unwrap();
    assert_eq!((count("real"), count("partial")), (1, 1));
    assert_eq!(count("refused"), operations - 2);
}

#[tokio::test]
async fn an_operation_is_real_partial_or_refused() {
    let server = Server::start();
    let coverage = server.get("coverage?service=sqs").await.ok();
    let operations = coverage["services"][0]["operations"].as_array().unwrap();
    let find = |name: &str| operations.iter().find(|operation| operation["name"] == name).unwrap();
    assert_eq!(
        find("CreateQueue"),
        &json!({ "name": "CreateQueue", "status": "partial", "not_acted_on": ["tags"] })
    );
    assert_eq!(find("ListQueues"), &json!({ "name": "ListQueues", "status": "real" }));
    assert_eq!(find("SendMessage"), &json!({ "name": "SendMessage", "status": "refused" }));
}

#[tokio::test]
async fn what_a_newer_form_would_answer_is_refused_while_that_is_not_built() {
    let server = Server::start();
    let coverage = server.get("coverage?service=s3").await.ok();
    let operations = coverage["services"][0]["operations"].as_array().unwrap();
    let older = operations.iter().find(|operation| operation["name"] == "GetBucketLifecycle").unwrap();
    assert_eq!(older, &json!({ "name": "GetBucketLifecycle", "status": "refused" }));
}

#[tokio::test]
async fn the_report_is_a_document_too() {
    let server = Server::start();
    let answer = server.get("coverage?format=markdown").await;
    assert!(answer.head.contains("content-type: text/markdown"));
    assert!(answer.text().contains("| `CreateQueue` | partial | `tags` |"));
    assert!(answer.text().contains("| `sqs` | Amazon Simple Queue Service | 1 | 1 | 21 |"));
    assert_eq!(server.get("coverage?format=pdf").await.error().0, 400);
    assert_eq!(server.get("coverage?service=nothing").await.error().0, 404);
}
