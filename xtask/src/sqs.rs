//! The SQS calls that the load and crash runs make, as bytes of AWS JSON requests.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::http::{self, Client};

/// The authorization of a key that the cloud never issued: it acts as the root user, and nothing is verified.
pub(crate) const UNKNOWN_KEY: &str = "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/sqs/aws4_request, \
                           SignedHeaders=host;x-amz-date, Signature=\
                           0000000000000000000000000000000000000000000000000000000000000000";

/// The bytes of a request for an operation.
pub(crate) fn request(operation: &str, input: &Value) -> Vec<u8> {
    let target = format!("AmazonSQS.{operation}");
    let headers = [
        ("X-Amz-Target", target.as_str()),
        ("Content-Type", "application/x-amz-json-1.0"),
        ("X-Amz-Date", "20200101T000000Z"),
        ("Authorization", UNKNOWN_KEY),
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

/// Creates a queue and returns its URL.
pub(crate) fn create_queue(client: &mut Client, name: &str) -> Result<String> {
    let answer = call(client, "CreateQueue", &json!({ "QueueName": name }))?;
    Ok(answer["QueueUrl"].as_str().context("CreateQueue answered without a QueueUrl")?.to_owned())
}

/// A request that sends one message.
pub(crate) fn send_message(queue_url: &str, body: &str) -> Vec<u8> {
    request("SendMessage", &json!({ "QueueUrl": queue_url, "MessageBody": body }))
}

/// A request that receives one message.
pub(crate) fn receive_message(queue_url: &str) -> Vec<u8> {
    request("ReceiveMessage", &json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": 1 }))
}

/// A request that sends ten copies of a message.
pub(crate) fn send_message_batch(queue_url: &str, body: &str) -> Vec<u8> {
    let entries: Vec<Value> =
        (0..10).map(|id| json!({ "Id": id.to_string(), "MessageBody": body })).collect();
    request("SendMessageBatch", &json!({ "QueueUrl": queue_url, "Entries": entries }))
}

/// The input that deletes received messages, given with their receipt handles.
pub(crate) fn delete_message_batch(queue_url: &str, messages: &[(String, String)]) -> Value {
    let entries: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(id, (_, handle))| json!({ "Id": id.to_string(), "ReceiptHandle": handle }))
        .collect();
    json!({ "QueueUrl": queue_url, "Entries": entries })
}

/// Bodies and receipt handles of the messages in an answer to ReceiveMessage.
pub(crate) fn messages(answer: &Value) -> Result<Vec<(String, String)>> {
    let messages = answer["Messages"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |message: &Value, member: &str| message[member].as_str().map(ToOwned::to_owned);
    messages
        .iter()
        .map(|message| Some((text(message, "Body")?, text(message, "ReceiptHandle")?)))
        .collect::<Option<_>>()
        .with_context(|| format!("a message without body or receipt handle: {answer}"))
}
