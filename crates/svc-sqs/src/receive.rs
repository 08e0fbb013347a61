//! Receiving: short and long polls, and how a message reads.

use virga_api::sqs as api;
use virga_api::sqs::message_system_attribute_name as system;
use virga_kit::{Ctx, Waited};
use virga_model::Text;
use virga_model::view::List;
use virga_store::Write;

use crate::attempt;
use crate::delivery::{self, Delivered, Reception, now, seconds, time};
use crate::error::Error;
use crate::records::{Attribute, AttributeValue};
use crate::rules::attribute_filter::wants_attribute;
use crate::rules::{digest, receive as rules};
use crate::send::sequence_number;
use crate::{encryption, quota};

/// What a receiver wants to know of messages.
struct Wanted<'a> {
    system: Vec<&'a str>,
    attributes: Vec<&'a str>,
}

/// Receives messages, at once when there are some, else within the time that the caller or the queue waits.
pub(crate) fn receive_message(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ReceiveMessageRequest,
) -> Result<Waited<api::ReceiveMessageResult>, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let max = rules::max_number_of_messages(input.max_number_of_messages())?;
    let wait_seconds = rules::wait_time_seconds(input.wait_time_seconds(), at.queue.wait_time_seconds)?;
    let visibility_seconds =
        rules::visibility_timeout_seconds(input.visibility_timeout(), at.queue.visibility_timeout_seconds)?;
    let wanted = Wanted::new(input)?;
    let now = now(ctx);
    let reception = Reception { now, max, visibility_seconds };
    let delivered = attempt::receive(ctx, txn, &at, reception, input.receive_request_attempt_id())?;
    let deadline = ctx.started().micros() + seconds(wait_seconds);
    if delivered.is_empty() && now < deadline {
        let due = at.next_due(txn)?.filter(|due| *due > now);
        let until = due.map_or(deadline, |due| due.min(deadline));
        return Ok(Waited::Until { topic: at.topic(), at: time(until) });
    }
    // Counted with the answer: a waiting call runs several times.
    quota::check(ctx, &at, "ReceiveMessage")?;
    let fifo = at.queue.fifo.is_some();
    let mut messages: Vec<api::Message> = Vec::with_capacity(delivered.len());
    for mut delivered in delivered {
        let text = encryption::text(ctx, txn, &at, &mut delivered.message)?;
        messages.push(message(delivered, text, &wanted, fifo));
    }
    let messages = (!messages.is_empty()).then_some(messages);
    Ok(Waited::Ready(api::ReceiveMessageResult::new().with_messages(messages)))
}

impl<'a> Wanted<'a> {
    fn new(input: &'a api::ReceiveMessageRequest) -> Result<Self, Error> {
        let names = |names: Option<List<'a, &'a str>>| names.into_iter().flat_map(List::iter);
        let system: Vec<&str> =
            names(input.attribute_names()).chain(names(input.message_system_attribute_names())).collect();
        if let Some(unknown) = system.iter().find(|name| !system::ALL.contains(name)) {
            return Err(Error::unknown_attribute(unknown));
        }
        Ok(Wanted { system, attributes: names(input.message_attribute_names()).collect() })
    }

    fn wants(&self, name: &str) -> bool {
        self.system.iter().any(|wanted| *wanted == name || *wanted == system::ALL_)
    }
}

/// A message as the API shows it.
fn message(delivered: Delivered, text: String, wanted: &Wanted<'_>, fifo: bool) -> api::Message {
    let attributes = system_attributes(&delivered, wanted, fifo);
    let Delivered { handle, message, .. } = delivered;
    let shown: Vec<Attribute> = message
        .attributes
        .into_iter()
        .filter(|attribute| wants_attribute(wanted.attributes.iter().copied(), &attribute.name))
        .collect();
    let md5_of_attributes = digest::md5_of_attributes(&shown).map(digest::hex);
    let shown: Vec<(String, api::MessageAttributeValue)> = shown.into_iter().map(attribute_value).collect();
    api::Message::new()
        .with_message_id(message.id)
        .with_receipt_handle(handle.encode())
        .with_md5_of_body(digest::hex(message.md5))
        .with_body(text)
        .with_attributes((!attributes.is_empty()).then_some(attributes))
        .with_md5_of_message_attributes(md5_of_attributes)
        .with_message_attributes((!shown.is_empty()).then_some(shown))
}

fn attribute_value(attribute: Attribute) -> (String, api::MessageAttributeValue) {
    let value = api::MessageAttributeValue::new().with_data_type(attribute.data_type);
    let value = match attribute.value {
        AttributeValue::Text(text) => value.with_string_value(text),
        AttributeValue::Binary(bytes) => value.with_binary_value(bytes),
    };
    (attribute.name, value)
}

fn system_attributes(delivered: &Delivered, wanted: &Wanted<'_>, fifo: bool) -> Vec<(Text, Text)> {
    if wanted.system.is_empty() {
        return Vec::new();
    }
    let Delivered { place, message, receives, .. } = delivered;
    let millis = |micros: i64| micros.div_euclid(1000).to_string();
    let values = [
        (system::SENDER_ID, Some(message.sender_id.clone())),
        (system::SENT_TIMESTAMP, Some(millis(message.sent))),
        (system::APPROXIMATE_RECEIVE_COUNT, Some(receives.count.to_string())),
        (system::APPROXIMATE_FIRST_RECEIVE_TIMESTAMP, receives.first.map(millis)),
        (system::SEQUENCE_NUMBER, fifo.then(|| sequence_number(place.order))),
        (system::MESSAGE_DEDUPLICATION_ID, message.deduplication_id.clone()),
        (system::MESSAGE_GROUP_ID, message.group_id.clone()),
        (system::AWS_TRACE_HEADER, message.trace_header.clone()),
        (system::DEAD_LETTER_QUEUE_SOURCE_ARN, message.dead_letter_source_arn.clone()),
    ];
    values
        .into_iter()
        .filter(|(name, _)| wanted.wants(name))
        .filter_map(|(name, value)| Some((Text::from_static(name), Text::from(value?))))
        .collect()
}
