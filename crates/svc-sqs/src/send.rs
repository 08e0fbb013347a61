//! Sending: one message or a batch.

use virga_api::sqs as api;
use virga_kit::Ctx;
use virga_model::view::Entries;
use virga_store::Write;

use crate::batch::Outcome;
use crate::deduplication::{self, Earlier};
use crate::delivery::{self, QueueAt, now};
use crate::error::Error;
use crate::records::{Attribute, Message};
use crate::rules::batch::check_ids;
use crate::rules::{content, digest, message_attributes};
use crate::{encryption, quota};

/// What a sender gives, of a single message and of an entry of a batch alike.
struct Draft<'a> {
    body: &'a str,
    delay_seconds: Option<i32>,
    attributes: Option<Entries<'a, &'a api::MessageAttributeValue>>,
    system_attributes: Option<Entries<'a, &'a api::MessageSystemAttributeValue>>,
    deduplication_id: Option<&'a str>,
    group_id: Option<&'a str>,
}

/// What a sender is told.
struct Receipt {
    message_id: String,
    md5_of_body: String,
    md5_of_attributes: Option<String>,
    md5_of_system_attributes: Option<String>,
    sequence_number: Option<String>,
}

/// Sends a message.
pub(crate) fn send_message(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SendMessageRequest,
) -> Result<api::SendMessageResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let draft = Draft {
        body: input.message_body(),
        delay_seconds: input.delay_seconds(),
        attributes: input.message_attributes(),
        system_attributes: input.message_system_attributes(),
        deduplication_id: input.message_deduplication_id(),
        group_id: input.message_group_id(),
    };
    require_ids(&at, &draft)?;
    quota::check(ctx, &at, "SendMessage")?;
    let receipt = send(ctx, txn, &at, &draft, false)?;
    Ok(api::SendMessageResult::new()
        .with_message_id(receipt.message_id)
        .with_md5_of_message_body(receipt.md5_of_body)
        .with_md5_of_message_attributes(receipt.md5_of_attributes)
        .with_md5_of_message_system_attributes(receipt.md5_of_system_attributes)
        .with_sequence_number(receipt.sequence_number))
}

/// Sends up to ten messages; each succeeds or fails for itself.
pub(crate) fn send_message_batch(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SendMessageBatchRequest,
) -> Result<api::SendMessageBatchResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let entries: Vec<&api::SendMessageBatchRequestEntry> = input.entries().iter().collect();
    check_ids(entries.iter().map(|entry| entry.id()), "SendMessageBatchRequestEntry")?;
    let drafts: Vec<Draft<'_>> = entries.iter().map(|entry| Draft::of_entry(entry)).collect();
    let length: usize = drafts.iter().map(Draft::size).sum();
    if length > content::LONGEST_BATCH_BYTES {
        return Err(Error::BatchRequestTooLong { limit: content::LONGEST_BATCH_BYTES, length });
    }
    for draft in &drafts {
        require_ids(&at, draft).map_err(|error| match error {
            // In a batch, AWS gives the missing parameter another code.
            Error::MissingParameter { parameter } => Error::InvalidParameterValue {
                reason: format!("The request must contain the parameter {parameter}."),
            },
            other => other,
        })?;
    }
    quota::check(ctx, &at, "SendMessage")?;
    let mut outcome = Outcome::default();
    for (entry, draft) in entries.iter().zip(&drafts) {
        outcome.add(entry.id(), send(ctx, txn, &at, draft, true), |id, receipt| {
            api::SendMessageBatchResultEntry::new()
                .with_id(id)
                .with_message_id(receipt.message_id)
                .with_md5_of_message_body(receipt.md5_of_body)
                .with_md5_of_message_attributes(receipt.md5_of_attributes)
                .with_md5_of_message_system_attributes(receipt.md5_of_system_attributes)
                .with_sequence_number(receipt.sequence_number)
        })?;
    }
    let (successful, failed) = outcome.into_lists();
    Ok(api::SendMessageBatchResult::new().with_successful(successful).with_failed(failed))
}

impl<'a> Draft<'a> {
    fn of_entry(entry: &'a api::SendMessageBatchRequestEntry) -> Self {
        Draft {
            body: entry.message_body(),
            delay_seconds: entry.delay_seconds(),
            attributes: entry.message_attributes(),
            system_attributes: entry.message_system_attributes(),
            deduplication_id: entry.message_deduplication_id(),
            group_id: entry.message_group_id(),
        }
    }

    /// Bytes that count towards the size of a batch; nothing is checked yet.
    fn size(&self) -> usize {
        let attributes = self.attributes.into_iter().flat_map(Entries::iter).map(|(name, value)| {
            let text = value.string_value().map_or(0, str::len);
            name.len() + value.data_type().len() + text + value.binary_value().map_or(0, bytes::Bytes::len)
        });
        self.body.len() + attributes.sum::<usize>()
    }
}

/// Refuses a message without the ids that its queue needs, and with ids that it does not take.
fn require_ids(at: &QueueAt<'_>, draft: &Draft<'_>) -> Result<(), Error> {
    if let Some(id) = draft.group_id {
        content::check_id("MessageGroupId", id)?;
    }
    let Some(fifo) = at.queue.fifo else {
        return match draft.deduplication_id {
            None => Ok(()),
            Some(id) => Err(Error::invalid_value(
                id,
                "MessageDeduplicationId",
                "The request include parameter that is not valid for this queue type.",
            )),
        };
    };
    if draft.group_id.is_none() {
        return Err(Error::MissingParameter { parameter: "MessageGroupId".into() });
    }
    match draft.deduplication_id {
        Some(id) => content::check_id("MessageDeduplicationId", id),
        None if fifo.content_based_deduplication => Ok(()),
        None => Err(Error::InvalidParameterValue {
            reason:
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                     provided explicitly"
                    .to_owned(),
        }),
    }
}

/// Checks a message and puts it into the queue, unless a FIFO queue has seen it already.
fn send(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    draft: &Draft<'_>,
    in_batch: bool,
) -> Result<Receipt, Error> {
    let fifo = at.queue.fifo.is_some();
    quota::check_group(ctx, at, draft.group_id)?;
    content::check_body(draft.body)?;
    let attributes = message_attributes::read(draft.attributes)?;
    let trace_header = message_attributes::trace_header(draft.system_attributes)?;
    content::check_size(content::size(draft.body, &attributes), at.queue.maximum_message_bytes, in_batch)?;
    let delay_seconds = content::delay(draft.delay_seconds, at.queue.delay_seconds, fifo)?;
    let md5 = digest::md5(draft.body);
    let deduplication_id = fifo.then(|| match draft.deduplication_id {
        Some(id) => id.to_owned(),
        None => digest::content_deduplication_id(draft.body),
    });
    let mut receipt = Receipt {
        message_id: String::new(),
        md5_of_body: digest::hex(md5),
        md5_of_attributes: hex_md5(&attributes),
        md5_of_system_attributes: trace_header
            .as_deref()
            .and_then(|header| hex_md5(&[message_attributes::trace_header_attribute(header)])),
        sequence_number: None,
    };
    let ids = deduplication_id.as_deref().zip(draft.group_id);
    if let Some((id, group)) = ids
        && let Some(Earlier { message_id, order }) = deduplication::find(ctx, txn, at, id, group)?
    {
        receipt.message_id = message_id;
        receipt.sequence_number = Some(sequence_number(order));
        return Ok(receipt);
    }
    let message = Message {
        id: ctx.uuid(),
        body: encryption::sealed(ctx, txn, at, draft.body, md5)?,
        md5,
        attributes,
        sent: now(ctx),
        sender_id: ctx.caller().user_id(),
        trace_header,
        group_id: draft.group_id.map(str::to_owned),
        deduplication_id: deduplication_id.clone(),
        dead_letter_source_arn: None,
    };
    let order = at.send(ctx, txn, &message, delay_seconds)?;
    receipt.message_id = message.id;
    if let Some((id, group)) = ids {
        receipt.sequence_number = Some(sequence_number(order));
        let earlier = Earlier { message_id: receipt.message_id.clone(), order };
        deduplication::remember(ctx, txn, at, (id, group), earlier)?;
    }
    Ok(receipt)
}

fn hex_md5(attributes: &[Attribute]) -> Option<String> {
    digest::md5_of_attributes(attributes).map(digest::hex)
}

/// `SequenceNumber`: twenty digits that grow within a group.
pub(crate) fn sequence_number(order: u64) -> String {
    const BASE: u128 = 18_000_000_000_000_000_000;
    (BASE + u128::from(order) * 256).to_string()
}

#[cfg(test)]
mod tests {
    use super::sequence_number;

    #[test]
    fn sequence_numbers_have_twenty_digits_and_grow() {
        let early = sequence_number(0);
        let late = sequence_number(4_000_000_000_000_000);
        assert_eq!((early.len(), late.len()), (20, 20));
        assert!(early < late && sequence_number(1) < sequence_number(2));
    }
}
