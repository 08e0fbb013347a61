//! What is done with receipt handles: deleting messages and changing their visibility, one or a batch.

use virga_api::Nothing;
use virga_api::sqs as api;
use virga_kit::Ctx;
use virga_store::Write;

use crate::batch::Outcome;
use crate::delivery;
use crate::error::Error;
use crate::quota;
use crate::rules::batch::check_ids;
use crate::rules::receive::visibility_timeout_seconds;

/// Deletes a message.
pub(crate) fn delete_message(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteMessageRequest,
) -> Result<Nothing, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    quota::check(ctx, &at, "DeleteMessage")?;
    at.delete(ctx, txn, input.receipt_handle())?;
    Ok(Nothing::new())
}

/// Deletes up to ten messages.
pub(crate) fn delete_message_batch(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteMessageBatchRequest,
) -> Result<api::DeleteMessageBatchResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    quota::check(ctx, &at, "DeleteMessage")?;
    let entries: Vec<&api::DeleteMessageBatchRequestEntry> = input.entries().iter().collect();
    check_ids(entries.iter().map(|entry| entry.id()), "DeleteMessageBatchRequestEntry")?;
    let mut outcome = Outcome::default();
    for entry in entries {
        outcome.add(entry.id(), at.delete(ctx, txn, entry.receipt_handle()), |id, ()| {
            api::DeleteMessageBatchResultEntry::new().with_id(id)
        })?;
    }
    let (successful, failed) = outcome.into_lists();
    Ok(api::DeleteMessageBatchResult::new().with_successful(successful).with_failed(failed))
}

/// Hides a message in flight for another time, or shows it.
pub(crate) fn change_message_visibility(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ChangeMessageVisibilityRequest,
) -> Result<Nothing, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    quota::check(ctx, &at, "ChangeMessageVisibility")?;
    let seconds =
        visibility_timeout_seconds(Some(input.visibility_timeout()), at.queue.visibility_timeout_seconds)?;
    at.change_visibility(ctx, txn, input.receipt_handle(), seconds)?;
    Ok(Nothing::new())
}

/// Changes the visibility of up to ten messages. Without a timeout, an entry takes the queue's.
pub(crate) fn change_message_visibility_batch(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ChangeMessageVisibilityBatchRequest,
) -> Result<api::ChangeMessageVisibilityBatchResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    quota::check(ctx, &at, "ChangeMessageVisibility")?;
    let entries: Vec<&api::ChangeMessageVisibilityBatchRequestEntry> = input.entries().iter().collect();
    check_ids(entries.iter().map(|entry| entry.id()), "ChangeMessageVisibilityBatchRequestEntry")?;
    let mut outcome = Outcome::default();
    for entry in entries {
        let seconds =
            visibility_timeout_seconds(entry.visibility_timeout(), at.queue.visibility_timeout_seconds);
        let result =
            seconds.and_then(|seconds| at.change_visibility(ctx, txn, entry.receipt_handle(), seconds));
        outcome.add(entry.id(), result, |id, ()| {
            api::ChangeMessageVisibilityBatchResultEntry::new().with_id(id)
        })?;
    }
    let (successful, failed) = outcome.into_lists();
    Ok(api::ChangeMessageVisibilityBatchResult::new().with_successful(successful).with_failed(failed))
}
