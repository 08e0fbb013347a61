//! `ReceiveRequestAttemptId`: a receive from a FIFO queue whose answer was lost can be asked for again.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html>

use virga_kit::Ctx;
use virga_store::{Direction, Reader as _, Write};

use crate::delivery::{Delivered, QueueAt, Reception, seconds};
use crate::error::Error;
use crate::records::{Attempt, Line};
use crate::rules::content;
use crate::{fifo, keys, workers};

/// How long an attempt can be repeated.
const INTERVAL_SECONDS: u32 = 300;
/// Attempts that are over and that a receive removes on its way.
const REMOVED_BY_RECEIVE: usize = 2;

/// Receives, or repeats an earlier receive with the same attempt id when none of its messages has changed.
pub(crate) fn receive(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
    attempt_id: Option<&str>,
) -> Result<Vec<Delivered>, Error> {
    // A standard queue has no use for the id and takes no notice of it.
    let Some(id) = attempt_id.filter(|_| at.queue.fifo.is_some()) else {
        return at.receive(ctx, txn, reception);
    };
    content::check_id("ReceiveRequestAttemptId", id)?;
    let repeated = repeat(txn, at, reception, id)?;
    let delivered = if repeated.is_empty() { at.receive(ctx, txn, reception)? } else { repeated };
    if !delivered.is_empty() && reception.visibility_seconds > 0 {
        workers::arm_release(ctx, txn, at, reception.due())?;
        remember(txn, at, reception, id, &delivered)?;
    }
    Ok(delivered)
}

/// The messages of the earlier receive, hidden anew; nothing when there was none or one of them has changed.
fn repeat(
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
    id: &str,
) -> Result<Vec<Delivered>, Error> {
    let content = at.queue.content;
    let since = reception.now - seconds(INTERVAL_SECONDS);
    let Some(attempt) = txn.get(&keys::attempt(content, id))?.filter(|attempt| attempt.at > since) else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::with_capacity(attempt.messages.len());
    for (place, count, due) in attempt.messages {
        let unchanged = |line: &Line| {
            line.receives.count == count && line.hidden_until == Some(due) && due > reception.now
        };
        match txn.get(&keys::line(content, place))?.filter(unchanged) {
            Some(line) => lines.push((place, line)),
            None => return Ok(Vec::new()),
        }
    }
    let mut delivered = Vec::with_capacity(lines.len());
    if reception.visibility_seconds > 0 {
        for line in lines {
            delivered.extend(fifo::hide_again(txn, at, line, reception)?);
        }
    }
    Ok(delivered)
}

fn remember(
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
    id: &str,
    delivered: &[Delivered],
) -> Result<(), Error> {
    let content = at.queue.content;
    let messages = delivered
        .iter()
        .map(|delivered| (delivered.place, delivered.receives.count, reception.due()))
        .collect();
    txn.put(&keys::attempt(content, id), &Attempt { at: reception.now, messages })?;
    txn.put(&keys::attempt_age(content, reception.now, id), &())?;
    let over = keys::attempt_ages(content).until(reception.now - seconds(INTERVAL_SECONDS));
    for (key, ()) in txn.snapshot_scan(&over, Direction::Forward, REMOVED_BY_RECEIVE)? {
        let (_, time, id): (u64, i64, String) = key.parts()?;
        txn.delete(&key)?;
        let key = keys::attempt(content, &id);
        if txn.get(&key)?.is_some_and(|attempt| attempt.at == time) {
            txn.delete(&key)?;
        }
    }
    Ok(())
}
