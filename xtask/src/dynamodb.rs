//! The DynamoDB calls that the load runs make, as bytes of AWS JSON requests.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::http::{self, Client};
use crate::sqs::UNKNOWN_KEY;

/// The bytes of a request for an operation.
pub(crate) fn request(operation: &str, input: &Value) -> Vec<u8> {
    request_to("DynamoDB_20120810", operation, input)
}

fn request_to(service: &str, operation: &str, input: &Value) -> Vec<u8> {
    let target = format!("{service}.{operation}");
    let authorization = UNKNOWN_KEY.replace("/sqs/", "/dynamodb/");
    let headers = [
        ("X-Amz-Target", target.as_str()),
        ("Content-Type", "application/x-amz-json-1.0"),
        ("X-Amz-Date", "20200101T000000Z"),
        ("Authorization", authorization.as_str()),
    ];
    http::request("POST", "/", &headers, input.to_string().as_bytes())
}

/// Calls an operation; an error answer is an error.
pub(crate) fn call(client: &mut Client, operation: &str, input: &Value) -> Result<Value> {
    client
        .send(&request(operation, input))
        .and_then(|answer| answer.json())
        .with_context(|| operation.to_owned())
}

/// Calls an operation of DynamoDB Streams; an error answer is an error.
pub(crate) fn call_streams(client: &mut Client, operation: &str, input: &Value) -> Result<Value> {
    client
        .send(&request_to("DynamoDBStreams_20120810", operation, input))
        .and_then(|answer| answer.json())
        .with_context(|| operation.to_owned())
}

/// Creates an on-demand table with partition key `a`, sort key `b` and whatever else is given.
pub(crate) fn create_table(client: &mut Client, name: &str, more: &Value) -> Result<()> {
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let mut input = json!({
        "TableName": name,
        "AttributeDefinitions": [attribute("a"), attribute("b")],
        "KeySchema": [key("a", "HASH"), key("b", "RANGE")],
        "BillingMode": "PAY_PER_REQUEST",
    });
    if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
        input.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    call(client, "CreateTable", &input).map(|_| ())
}

/// An item of about `bytes` with its key.
pub(crate) fn item(a: usize, b: usize, bytes: usize) -> Value {
    json!({
        "a": { "S": format!("partition-{a:06}") },
        "b": { "S": format!("sort-{b:06}") },
        "n": { "N": "1" },
        "text": { "S": "x".repeat(bytes.saturating_sub(40)) },
    })
}

/// The key of [`item`].
pub(crate) fn key(a: usize, b: usize) -> Value {
    json!({ "a": { "S": format!("partition-{a:06}") }, "b": { "S": format!("sort-{b:06}") } })
}
