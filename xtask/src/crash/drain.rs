//! Takes everything out of a queue, and checks on the way that the queue counts its messages right.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::{http::Client, sqs};

/// A receive asks some shards of a standard queue, so one empty answer says little. So many in a row say enough.
const EMPTY_ANSWERS: usize = 100;
/// Longer than a drain takes: nothing is received twice.
const VISIBILITY_SECONDS: u64 = 43_200;

/// The bodies of all messages in a standard queue.
pub(crate) fn standard(client: &mut Client, queue_url: &str) -> Result<Vec<String>> {
    let counted = visible_messages(client, queue_url)?;
    let input =
        json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": VISIBILITY_SECONDS });
    let mut bodies = Vec::new();
    let mut empty = 0;
    while empty < EMPTY_ANSWERS {
        let messages = sqs::messages(&sqs::call(client, "ReceiveMessage", &input)?)?;
        empty = if messages.is_empty() { empty + 1 } else { 0 };
        bodies.extend(messages.into_iter().map(|(body, _)| body));
    }
    ensure!(bodies.len() == counted, "the queue counts {counted} messages and holds {}", bodies.len());
    Ok(bodies)
}

/// The bodies of all messages in a FIFO queue, in the order they came. A group gives out no more while one of its
/// messages is in flight, so each is deleted before the next receive.
pub(crate) fn fifo(client: &mut Client, queue_url: &str) -> Result<Vec<String>> {
    let counted = visible_messages(client, queue_url)?;
    let input =
        json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": VISIBILITY_SECONDS });
    let mut bodies = Vec::new();
    loop {
        let messages = sqs::messages(&sqs::call(client, "ReceiveMessage", &input)?)?;
        if messages.is_empty() {
            break;
        }
        sqs::call(client, "DeleteMessageBatch", &sqs::delete_message_batch(queue_url, &messages))?;
        bodies.extend(messages.into_iter().map(|(body, _)| body));
    }
    ensure!(bodies.len() == counted, "the FIFO queue counts {counted} messages and holds {}", bodies.len());
    Ok(bodies)
}

fn visible_messages(client: &mut Client, queue_url: &str) -> Result<usize> {
    let input = json!({ "QueueUrl": queue_url, "AttributeNames": ["ApproximateNumberOfMessages"] });
    let answer = sqs::call(client, "GetQueueAttributes", &input)?;
    let count =
        answer["Attributes"]["ApproximateNumberOfMessages"].as_str().context("no number of messages")?;
    Ok(count.parse()?)
}
