//! The layouts of earlier versions, from which records are migrated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{Attribute, Body, Fifo, Message, Queue, Redrive, Sealing};

/// A queue before it could be encrypted.
#[derive(Serialize, Deserialize)]
pub(super) struct QueueV1 {
    id: u64,
    content: u64,
    created: i64,
    modified: i64,
    purged: Option<i64>,
    visibility_timeout_seconds: u32,
    delay_seconds: u32,
    maximum_message_bytes: u32,
    retention_seconds: u32,
    wait_time_seconds: u32,
    fifo: Option<Fifo>,
    redrive: Option<Redrive>,
    has_groups: bool,
}

impl From<QueueV1> for Queue {
    fn from(old: QueueV1) -> Self {
        Queue {
            id: old.id,
            content: old.content,
            created: old.created,
            modified: old.modified,
            purged: old.purged,
            visibility_timeout_seconds: old.visibility_timeout_seconds,
            delay_seconds: old.delay_seconds,
            maximum_message_bytes: old.maximum_message_bytes,
            retention_seconds: old.retention_seconds,
            wait_time_seconds: old.wait_time_seconds,
            fifo: old.fifo,
            redrive: old.redrive,
            has_groups: old.has_groups,
            sealing: Sealing::AsDetailsSay,
        }
    }
}

/// A queue before it told with what it is encrypted; the flag was for KMS keys alone.
#[derive(Serialize, Deserialize)]
pub(super) struct QueueV2 {
    before: QueueV1,
    is_encrypted: bool,
}

impl From<QueueV2> for Queue {
    fn from(old: QueueV2) -> Self {
        old.before.into()
    }
}

/// A message before it could be sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct MessageV1 {
    id: String,
    body: String,
    md5: [u8; 16],
    attributes: Vec<Attribute>,
    sent: i64,
    sender_id: String,
    trace_header: Option<String>,
    group_id: Option<String>,
    deduplication_id: Option<String>,
    dead_letter_source_arn: Option<String>,
}

impl From<MessageV1> for Message {
    fn from(old: MessageV1) -> Self {
        Message {
            id: old.id,
            body: Body::Plain(old.body),
            md5: old.md5,
            attributes: old.attributes,
            sent: old.sent,
            sender_id: old.sender_id,
            trace_header: old.trace_header,
            group_id: old.group_id,
            deduplication_id: old.deduplication_id,
            dead_letter_source_arn: old.dead_letter_source_arn,
        }
    }
}

/// A message whose body was in Base64 when it was sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct MessageV2 {
    before: MessageV1,
    data_key: Option<u64>,
}

impl From<MessageV2> for Message {
    fn from(old: MessageV2) -> Self {
        let body = match old.data_key {
            None => Body::Plain(old.before.body.clone()),
            // What is no Base64 is damaged, and opens no better empty.
            Some(data_key) => {
                let bytes = STANDARD_NO_PAD.decode(&old.before.body).unwrap_or_default().into();
                Body::Sealed { data_key, bytes }
            }
        };
        Message { body, ..old.before.into() }
    }
}
