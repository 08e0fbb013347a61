//! What SQS stores. Times are microseconds since the epoch by the world's clock.

mod earlier;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_store::stored;

use earlier::{MessageV1, MessageV2, QueueV1, QueueV2};

/// A queue: the part that every call needs. The rest is in [`Details`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// Tells this queue from others of its name, before and after it.
    pub(crate) id: u64,
    /// Prefix of everything inside the queue; purging draws a new one.
    pub(crate) content: u64,
    /// When it was created.
    pub(crate) created: i64,
    /// When its attributes were last changed.
    pub(crate) modified: i64,
    /// When it was last purged.
    pub(crate) purged: Option<i64>,
    /// `VisibilityTimeout`.
    pub(crate) visibility_timeout_seconds: u32,
    /// `DelaySeconds`.
    pub(crate) delay_seconds: u32,
    /// `MaximumMessageSize`.
    pub(crate) maximum_message_bytes: u32,
    /// `MessageRetentionPeriod`.
    pub(crate) retention_seconds: u32,
    /// `ReceiveMessageWaitTimeSeconds`.
    pub(crate) wait_time_seconds: u32,
    /// What only a FIFO queue has.
    pub(crate) fifo: Option<Fifo>,
    /// Where messages go that are received too often.
    pub(crate) redrive: Option<Redrive>,
    /// Whether a standard queue has ever had a message with a group, so that receiving has to be fair.
    pub(crate) has_groups: bool,
    /// With what bodies are sealed.
    pub(crate) sealing: Sealing,
}
stored!(Queue, 3, 2 => QueueV2, 1 => QueueV1);

/// What a call has to know of the encryption of a queue before it looks into the [`Details`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sealing {
    /// The details tell: a KMS key, or a queue of an earlier version.
    AsDetailsSay,
    /// With nothing.
    Nothing,
    /// With the key that SQS owns.
    OwnedKey,
}

/// What only a FIFO queue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct Fifo {
    /// `ContentBasedDeduplication`.
    pub(crate) content_based_deduplication: bool,
    /// `DeduplicationScope` is `messageGroup`, not `queue`.
    pub(crate) deduplicates_per_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`, not `perQueue`.
    pub(crate) throughput_per_group: bool,
}

/// `RedrivePolicy`, understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redrive {
    /// Account of the dead-letter queue, which is in the region of the source queue.
    pub(crate) account: String,
    /// Name of the dead-letter queue.
    pub(crate) name: String,
    /// `maxReceiveCount`.
    pub(crate) max_receive_count: u32,
}

/// The part of a queue that sending and receiving does not need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Details {
    /// `Policy`, as it was given.
    pub(crate) policy: Option<String>,
    /// `RedrivePolicy`, as it was given.
    pub(crate) redrive_policy: Option<String>,
    /// `RedriveAllowPolicy`, as it was given.
    pub(crate) redrive_allow_policy: Option<String>,
    /// `KmsMasterKeyId`.
    pub(crate) kms_master_key_id: Option<String>,
    /// `KmsDataKeyReusePeriodSeconds`.
    pub(crate) kms_data_key_reuse_seconds: Option<u32>,
    /// `SqsManagedSseEnabled`.
    pub(crate) sqs_managed_sse: bool,
}
stored!(Details, 1);

/// The tags of a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);
stored!(Tags, 1);

/// What is remembered of a deleted queue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeletedQueue {
    /// When it was deleted.
    pub(crate) at: i64,
}
stored!(DeletedQueue, 1);

/// What tells a message from the others of its queue, and orders it among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// When it was sent, in microseconds; a little later when several were sent at once. Standard queues: with the shard
    /// above that.
    pub(crate) order: u64,
    /// Standard queues: a random number. FIFO queues: the hash of the group.
    pub(crate) tie: u64,
}

impl Place {
    /// Shards of a queue. FIFO queues, and messages of earlier versions, are in the first.
    pub(crate) const SHARDS: u64 = 4;
    /// Bits of the time: 36,000 years.
    const TIME_BITS: u32 = 60;
    /// The last time that there is.
    pub(crate) const LATEST: u64 = (1 << Self::TIME_BITS) - 1;

    /// A place in one of the shards.
    pub(crate) fn in_shard(shard: u64, sent: u64, tie: u64) -> Self {
        Place { order: (shard << Self::TIME_BITS) | sent, tie }
    }

    /// The shard.
    pub(crate) fn shard(self) -> u64 {
        self.order >> Self::TIME_BITS
    }

    /// When the message was sent, in microseconds; a little later when several were sent at once.
    pub(crate) fn sent(self) -> u64 {
        self.order & Self::LATEST
    }

    /// A time in the keys of a shard: those of each shard follow each other.
    pub(crate) fn time_in_shard(shard: u64, time: i64) -> i64 {
        (shard << Self::TIME_BITS).cast_signed() + time
    }
}

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// `MessageId`.
    pub(crate) id: String,
    /// The text.
    pub(crate) body: Body,
    /// Of the text.
    pub(crate) md5: [u8; 16],
    /// Message attributes, by name.
    pub(crate) attributes: Vec<Attribute>,
    /// `SentTimestamp`.
    pub(crate) sent: i64,
    /// `SenderId`.
    pub(crate) sender_id: String,
    /// `AWSTraceHeader`.
    pub(crate) trace_header: Option<String>,
    /// `MessageGroupId`.
    pub(crate) group_id: Option<String>,
    /// `MessageDeduplicationId`.
    pub(crate) deduplication_id: Option<String>,
    /// `DeadLetterQueueSourceArn`.
    pub(crate) dead_letter_source_arn: Option<String>,
}
stored!(Message, 3, 2 => MessageV2, 1 => MessageV1);

/// The text of a message, as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// As it was sent.
    Plain(String),
    /// Sealed with a data key: the nonce, the encrypted text, its tag.
    Sealed {
        /// Which data key.
        data_key: u64,
        /// The bytes.
        bytes: Bytes,
    },
}

/// A data key of a KMS key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataKey {
    /// The key, sealed by KMS.
    pub(crate) wrapped: Vec<u8>,
    /// The ARN of the queue that it was made for: its encryption context.
    pub(crate) context: String,
}
stored!(DataKey, 1);

/// The data key that a queue uses at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CurrentDataKey {
    /// Which.
    pub(crate) id: u64,
    /// The KMS key that it was made with, as the queue names it.
    pub(crate) key_id: String,
    /// Until when it is used.
    pub(crate) until: i64,
}
stored!(CurrentDataKey, 1);

/// The key that SQS owns, for queues that are encrypted without KMS.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnedKey {
    /// What messages name it by.
    pub(crate) id: u64,
    /// 256 bits.
    pub(crate) key: Vec<u8>,
}
stored!(OwnedKey, 1);

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: String,
    /// `String`, `Number` or `Binary`, with the caller's own suffix.
    pub(crate) data_type: String,
    /// Its value.
    pub(crate) value: AttributeValue,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AttributeValue {
    /// Of a string or number.
    Text(String),
    /// Of a binary attribute.
    Binary(Vec<u8>),
}

/// How often a message was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct Receives {
    /// `ApproximateReceiveCount`, over all queues that it was in.
    pub(crate) count: u32,
    /// Of these, how many were in other queues, before it came here.
    pub(crate) before: u32,
    /// When it was first received.
    pub(crate) first: Option<i64>,
}

impl Receives {
    /// Once more, at this time.
    pub(crate) fn again(self, now: i64) -> Self {
        Receives { count: self.count.saturating_add(1), first: self.first.or(Some(now)), ..self }
    }

    /// How often it was received from the queue that it is in.
    pub(crate) fn here(self) -> u32 {
        self.count.saturating_sub(self.before)
    }
}

/// The state of a visible message of a standard queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct Visible {
    /// How often it was received.
    pub(crate) receives: Receives,
}
stored!(Visible, 1);

/// The state of a message of a standard queue that is in flight or delayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hidden {
    /// How often it was received.
    pub(crate) receives: Receives,
    /// When it was last received; none while it is delayed.
    pub(crate) received: Option<i64>,
    /// Where it becomes visible.
    pub(crate) lane: u32,
    /// Whether there is a record that says where it is.
    pub(crate) moved: bool,
}
stored!(Hidden, 1);

/// A point in time: a due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Armed(pub(crate) i64);
stored!(Armed, 1);

/// The state of a message of a FIFO queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// How often it was received.
    pub(crate) receives: Receives,
    /// Until when it is hidden; none when it can be received.
    pub(crate) hidden_until: Option<i64>,
    /// When it was last received; none while it is delayed.
    pub(crate) received: Option<i64>,
}
stored!(Line, 1);

/// A group of a FIFO queue that has messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct Group {
    /// Order of the newest message.
    pub(crate) last: u64,
    /// Messages, whatever their state.
    pub(crate) count: u64,
    /// Order of the first message, when that can be received: its entry among the ready.
    pub(crate) ready: Option<u64>,
}
stored!(Group, 1);

/// What was sent with a deduplication id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deduplication {
    /// When.
    pub(crate) at: i64,
    /// `MessageId` of what was sent.
    pub(crate) message_id: String,
    /// Its order.
    pub(crate) order: u64,
}
stored!(Deduplication, 1);

/// What was received with a receive request attempt id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// When.
    pub(crate) at: i64,
    /// The messages, with the receive count and due time that the receive left.
    pub(crate) messages: Vec<(Place, u32, i64)>,
}
stored!(Attempt, 1);

/// A message move task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MoveTask {
    /// Where it stands.
    pub(crate) status: TaskStatus,
    /// `DestinationArn`; none moves every message back where it came from.
    pub(crate) destination_arn: Option<String>,
    /// `MaxNumberOfMessagesPerSecond`.
    pub(crate) messages_per_second: Option<u32>,
    /// Messages in the source queue when it was started.
    pub(crate) to_move: u64,
    /// Messages moved.
    pub(crate) moved: u64,
    /// Why it failed.
    pub(crate) failure: Option<String>,
}
stored!(MoveTask, 1);

/// Where a move task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskStatus {
    /// `RUNNING`.
    Running,
    /// `COMPLETED`.
    Completed,
    /// `CANCELLED`.
    Cancelled,
    /// `FAILED`.
    Failed,
}

/// Messages of a queue and how many of them are in flight, packed into one counter so that every call adds once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts(pub(crate) i64);

impl Counts {
    /// Bits of the number of messages: 10^12 of them. What is left holds 8 million in flight.
    const TOTAL_BITS: u32 = 40;
    /// One message more.
    pub(crate) const MESSAGE: i64 = 1;
    /// One message more in flight.
    pub(crate) const IN_FLIGHT: i64 = 1 << Self::TOTAL_BITS;

    /// All messages.
    pub(crate) fn total(self) -> i64 {
        self.0 & (Self::IN_FLIGHT - 1)
    }

    /// Messages in flight.
    pub(crate) fn in_flight(self) -> i64 {
        self.0 >> Self::TOTAL_BITS
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use virga_store::Stored;

    use super::*;

    #[test]
    fn both_counts_change_by_one_addition() {
        let counts = Counts(5 * Counts::MESSAGE + 3 * Counts::IN_FLIGHT);
        assert_eq!((counts.total(), counts.in_flight()), (5, 3));
        let counts = Counts(counts.0 - Counts::MESSAGE - Counts::IN_FLIGHT);
        assert_eq!((counts.total(), counts.in_flight()), (4, 2));
    }

    /// A record of version 1, as it was written, opens for ever.
    fn check<T: Stored + PartialEq + Debug>(fixture: &str, expected: &T) {
        let body = hex::decode(fixture).unwrap();
        assert_eq!(&T::decode(1, &body).unwrap(), expected, "of {fixture}");
        if T::VERSION == 1 {
            let mut written = Vec::new();
            expected.encode(&mut written).unwrap();
            assert_eq!(hex::encode(written), fixture, "a change of fields needs a new version");
        }
    }

    #[test]
    fn stored_queues_of_version_1_open() {
        let text = |text: &str| text.to_owned();
        check(
            "01020608010a1e0080083c140101000001016101640300",
            &Queue {
                id: 1,
                content: 2,
                created: 3,
                modified: 4,
                purged: Some(5),
                visibility_timeout_seconds: 30,
                delay_seconds: 0,
                maximum_message_bytes: 1024,
                retention_seconds: 60,
                wait_time_seconds: 20,
                fifo: Some(Fifo { content_based_deduplication: true, ..Fifo::default() }),
                redrive: Some(Redrive { account: text("a"), name: text("d"), max_receive_count: 3 }),
                has_groups: false,
                sealing: Sealing::AsDetailsSay,
            },
        );
        check(
            "0101700001017201016b01ac0200",
            &Details {
                policy: Some(text("p")),
                redrive_policy: None,
                redrive_allow_policy: Some(text("r")),
                kms_master_key_id: Some(text("k")),
                kms_data_key_reuse_seconds: Some(300),
                sqs_managed_sse: false,
            },
        );
        check("01016b0176", &Tags(BTreeMap::from([(text("k"), text("v"))])));
        check("02", &DeletedQueue { at: 1 });
    }

    /// A sealed body of version 2 was in Base64.
    #[test]
    fn stored_messages_of_version_2_open() {
        let check = |fixture: &str, expected| {
            let body = hex::decode(fixture).unwrap();
            assert_eq!(Message::decode(2, &body).unwrap().body, expected, "of {fixture}");
        };
        let md5 = "09".repeat(16);
        let rest = "00".repeat(7);
        check(&format!("01690162{md5}{rest}00"), Body::Plain("b".to_owned()));
        let sealed = Body::Sealed { data_key: 5, bytes: Bytes::from_static(&[1, 2, 3]) };
        check(&format!("01690441514944{md5}{rest}0105"), sealed);
    }

    /// A queue of version 2 told of KMS keys only.
    #[test]
    fn stored_queues_of_version_2_open() {
        for flag in ["00", "01"] {
            let body = hex::decode(format!("01020608001e0080083c14000000{flag}")).unwrap();
            let queue = Queue::decode(2, &body).unwrap();
            assert_eq!((queue.id, queue.content, queue.sealing), (1, 2, Sealing::AsDetailsSay));
        }
    }

    #[test]
    fn stored_messages_of_version_1_open() {
        let text = |text: &str| text.to_owned();
        let receives = Receives { count: 2, before: 1, first: Some(7) };
        let place = Place { order: 1, tie: 2 };
        check(
            "016901620909090909090909090909090909090902016e0174000176016d01740101ff0201730101680001016400",
            &Message {
                id: text("i"),
                body: Body::Plain(text("b")),
                md5: [9; 16],
                attributes: vec![
                    Attribute {
                        name: text("n"),
                        data_type: text("t"),
                        value: AttributeValue::Text(text("v")),
                    },
                    Attribute {
                        name: text("m"),
                        data_type: text("t"),
                        value: AttributeValue::Binary(vec![255]),
                    },
                ],
                sent: 1,
                sender_id: text("s"),
                trace_header: Some(text("h")),
                group_id: None,
                deduplication_id: Some(text("d")),
                dead_letter_source_arn: None,
            },
        );
        check("0201010e", &Visible { receives });
        check("0201010e01060401", &Hidden { receives, received: Some(3), lane: 4, moved: true });
        check("01", &Armed(-1));
        check("0201010e000106", &Line { receives, hidden_until: None, received: Some(3) });
        check("01020103", &Group { last: 1, count: 2, ready: Some(3) });
        check("02016902", &Deduplication { at: 1, message_id: text("i"), order: 2 });
        check("020101020308", &Attempt { at: 1, messages: vec![(place, 3, 4)] });
        check(
            "020001f4030a03010166",
            &MoveTask {
                status: TaskStatus::Cancelled,
                destination_arn: None,
                messages_per_second: Some(500),
                to_move: 10,
                moved: 3,
                failure: Some(text("f")),
            },
        );
    }
}
