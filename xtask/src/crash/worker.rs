//! One connection that sends, receives and deletes until the subject is gone, and writes down what it attempted
//! and what was acknowledged.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::ledger::Ledger;
use crate::{http::Client, sqs};

/// How long a received message stays invisible: longer than a subject lives under load.
pub(crate) const VISIBILITY_SECONDS: u64 = 600;

/// One writer.
pub(crate) struct Worker {
    number: usize,
    random: fastrand::Rng,
    standard: String,
    fifo: String,
    /// Makes bodies unique, and gives FIFO messages their order.
    sequence: u64,
    ledger: Ledger,
}

impl Worker {
    pub(crate) fn new(number: usize, random: fastrand::Rng, standard: &str, fifo: &str) -> Self {
        Self {
            number,
            random,
            standard: standard.to_owned(),
            fifo: fifo.to_owned(),
            sequence: 0,
            ledger: Ledger::default(),
        }
    }

    /// Works until the connection breaks. An error answer is an error: only the kill may end the work.
    pub(crate) fn run_until_killed(mut self, address: SocketAddr) -> Result<Ledger> {
        let Ok(mut client) = Client::connect(address) else { return Ok(self.ledger) };
        loop {
            let alive = match self.random.u8(0..10) {
                0..4 => self.send(&mut client)?,
                4..6 => self.send_batch(&mut client)?,
                6..8 => self.receive_and_delete(&mut client)?,
                _ => self.send_fifo(&mut client)?,
            };
            if !alive {
                return Ok(self.ledger);
            }
        }
    }

    fn send(&mut self, client: &mut Client) -> Result<bool> {
        let body = self.next_body("single");
        self.ledger.attempt_send(std::slice::from_ref(&body));
        let input = json!({ "QueueUrl": self.standard, "MessageBody": body });
        let Some(_) = call(client, "SendMessage", &input)? else { return Ok(false) };
        self.ledger.acknowledge_send(&[body]);
        Ok(true)
    }

    fn send_batch(&mut self, client: &mut Client) -> Result<bool> {
        let batch = self.next_body("batch");
        let bodies: Vec<String> = (0..self.random.usize(2..=10)).map(|id| format!("{batch}-{id}")).collect();
        self.ledger.attempt_send(&bodies);
        let entries: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(id, body)| json!({ "Id": id.to_string(), "MessageBody": body }))
            .collect();
        let input = json!({ "QueueUrl": self.standard, "Entries": entries });
        let Some(answer) = call(client, "SendMessageBatch", &input)? else { return Ok(false) };
        if answer["Successful"].as_array().map(Vec::len) != Some(bodies.len()) {
            bail!("SendMessageBatch did not take every entry: {answer}");
        }
        self.ledger.acknowledge_send(&bodies);
        Ok(true)
    }

    fn send_fifo(&mut self, client: &mut Client) -> Result<bool> {
        let body = self.next_body("fifo");
        self.ledger.attempt_fifo(&body);
        let input = json!({
            "QueueUrl": self.fifo,
            "MessageBody": body,
            "MessageGroupId": self.number.to_string(),
            "MessageDeduplicationId": body,
        });
        let Some(_) = call(client, "SendMessage", &input)? else { return Ok(false) };
        self.ledger.acknowledge_fifo(&body);
        Ok(true)
    }

    fn receive_and_delete(&mut self, client: &mut Client) -> Result<bool> {
        let most = self.random.u8(1..=10);
        let input = json!({
            "QueueUrl": self.standard,
            "MaxNumberOfMessages": most,
            "VisibilityTimeout": VISIBILITY_SECONDS,
        });
        let Some(answer) = call(client, "ReceiveMessage", &input)? else { return Ok(false) };
        let messages: Vec<(String, String)> = sqs::messages(&answer)?;
        let bodies: Vec<String> = messages.iter().map(|(body, _)| body.clone()).collect();
        self.ledger.receive(&bodies);
        // Some stay in flight: the crash must not lose those either.
        if messages.is_empty() || self.random.u8(0..4) == 0 {
            return Ok(true);
        }
        self.ledger.attempt_delete(&bodies);
        let answer = if let [(_, handle)] = messages.as_slice() {
            call(client, "DeleteMessage", &json!({ "QueueUrl": self.standard, "ReceiptHandle": handle }))?
        } else {
            call(client, "DeleteMessageBatch", &sqs::delete_message_batch(&self.standard, &messages))?
        };
        let Some(_) = answer else { return Ok(false) };
        self.ledger.acknowledge_delete(&bodies);
        Ok(true)
    }

    fn next_body(&mut self, kind: &str) -> String {
        self.sequence += 1;
        format!("{kind}-{}-{:08}", self.number, self.sequence)
    }
}

/// Calls an operation; nothing when the connection broke before the answer was whole.
fn call(client: &mut Client, operation: &str, input: &Value) -> Result<Option<Value>> {
    let Ok(answer) = client.send(&sqs::request(operation, input)) else { return Ok(None) };
    answer.json().map(Some)
}
