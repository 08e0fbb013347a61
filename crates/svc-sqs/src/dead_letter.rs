//! Dead-letter queues: where messages go that are received too often, and which queues send theirs there.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>

use virga_api::sqs as api;
use virga_kit::Ctx;
use virga_store::{Direction, Read, Reader as _, Write};

use crate::delivery::{self, QueueAt};
use crate::error::Error;
use crate::records::{Message, Place, Receives};
use crate::rules::QueueAddress;
use crate::{encryption, fifo, keys, page, standard, workers};

/// Puts a message that was received too often into the dead-letter queue of its queue. False when that queue is not
/// there: then the message stays and is delivered once more.
///
/// A standard queue keeps the time of sending, so that retention goes on; a FIFO queue counts from now on, and the
/// message's id becomes its deduplication id.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html>
pub(crate) fn bury(
    ctx: &Ctx,
    txn: &mut Write,
    source: &QueueAt<'_>,
    (place, message): (Place, &Message),
    receives: Receives,
) -> Result<bool, Error> {
    let Some(redrive) = &source.queue.redrive else { return Ok(false) };
    let at = QueueAddress { account: &redrive.account, region: source.at.region, name: &redrive.name };
    let Some(target) =
        delivery::find(txn, at)?.filter(|target| target.queue.fifo.is_some() == source.queue.fifo.is_some())
    else {
        return Ok(false);
    };
    let receives = Receives { before: receives.count, ..receives };
    let mut message = Message { dead_letter_source_arn: Some(source.at.arn()), ..message.clone() };
    if target.queue.fifo.is_some() {
        message.deduplication_id = Some(message.id.clone());
        message.sent = delivery::now(ctx);
        encryption::keep(ctx, txn, &message)?;
        fifo::send(ctx, txn, &target, &message, 0, receives)?;
    } else {
        standard::arrive(ctx, txn, &target, (place, &message), receives)?;
        workers::arm_expiry(ctx, txn, &target, target.expiry(&message))?;
    }
    Ok(true)
}

/// Lists the queues that have this one as their dead-letter queue.
pub(crate) fn list_dead_letter_source_queues(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListDeadLetterSourceQueuesRequest,
) -> Result<api::ListDeadLetterSourceQueuesResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?.at;
    let page = page::Page::new(input.max_results(), input.next_token())?;
    let mut range = keys::sources(at);
    if let Some((account, name)) = page.after.as_ref().and_then(|token| token.split_once('/')) {
        range = range.after((account, name));
    }
    let rows = txn.scan_keys(&range, Direction::Forward, page.limit + 1)?;
    let parts = rows
        .iter()
        .map(virga_store::Key::parts)
        .collect::<Result<Vec<(String, String, String, String, String)>, _>>()?;
    let (shown, next_token) = page.cut(&parts, |(_, _, _, account, name)| format!("{account}/{name}"));
    let urls = shown
        .iter()
        .map(|(_, region, _, account, name)| crate::queue::url(ctx, QueueAddress { account, region, name }));
    Ok(api::ListDeadLetterSourceQueuesResult::new()
        .with_queue_urls(urls.collect::<Vec<_>>())
        .with_next_token(next_token))
}
