//! Receiving: short and long polls, and how a message reads.

use virga_api::sqs as api;
use virga_api::sqs::message_system_attribute_name as system;
use virga_kit::{Ctx, Waited};
use virga_model::view::List;
use virga_store::Write;

use crate::attempt;
use crate::delivery::{self, Delivered, Reception, now, seconds, time};
use crate::error::Error;
use crate::records::Attribute;
use crate::rules::attribute_filter::wants_attribute;
use crate::rules::receive as rules;
use crate::send::sequence_number;
use crate::shown::{Shown, ShownMessage};
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
    let mut messages = Shown::default();
    for mut delivered in delivered {
        let text = encryption::text(ctx, txn, &at, &mut delivered.message)?;
        messages.push(&ShownMessage {
            delivered: &delivered,
            text: &text,
            system_attributes: &system_attributes(&delivered, &wanted, fifo),
            attributes: &wanted.attributes_of(&delivered),
        });
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

    /// Those message attributes that are wanted, in the order of their names.
    fn attributes_of<'d>(&self, delivered: &'d Delivered) -> Vec<&'d Attribute> {
        let wants =
            |attribute: &&Attribute| wants_attribute(self.attributes.iter().copied(), &attribute.name);
        delivered.message.attributes.iter().filter(wants).collect()
    }
}

fn system_attributes(delivered: &Delivered, wanted: &Wanted<'_>, fifo: bool) -> Vec<(&'static str, String)> {
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
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}
