//! Exactly-once sending to FIFO queues: a deduplication id counts for five minutes.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html>

use virga_kit::Ctx;
use virga_store::{Direction, Reader as _, Write};

use crate::delivery::{QueueAt, now, seconds};
use crate::error::Error;
use crate::keys;
use crate::records::Deduplication;
use crate::rules::digest::group_hash;

/// How long an id counts.
const INTERVAL_SECONDS: u32 = 300;
/// Ids that are over and that a send removes on its way: more than it adds, so that they do not pile up.
const REMOVED_BY_SEND: usize = 2;
/// The scope of ids that count for the whole queue.
const WHOLE_QUEUE: u64 = 0;

/// What was sent with an id before.
pub(crate) struct Earlier {
    /// Its `MessageId`.
    pub(crate) message_id: String,
    /// Its order, from which the sequence number comes.
    pub(crate) order: u64,
}

/// What was sent with this id within the interval. Ids that were used while they counted for the whole queue go on
/// doing so when the scope is changed to the group.
pub(crate) fn find(
    ctx: &Ctx,
    txn: &Write,
    at: &QueueAt<'_>,
    id: &str,
    group: &str,
) -> Result<Option<Earlier>, Error> {
    let since = now(ctx) - seconds(INTERVAL_SECONDS);
    for scope in [scope(at, group), WHOLE_QUEUE] {
        let found = txn.get(&keys::deduplication(at.queue.content, scope, id))?;
        if let Some(found) = found.filter(|found| found.at > since) {
            return Ok(Some(Earlier { message_id: found.message_id, order: found.order }));
        }
        if scope == WHOLE_QUEUE {
            break;
        }
    }
    Ok(None)
}

/// Remembers what was sent with an id, and forgets some that are over.
pub(crate) fn remember(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    (id, group): (&str, &str),
    earlier: Earlier,
) -> Result<(), Error> {
    let content = at.queue.content;
    let now = now(ctx);
    let scope = scope(at, group);
    let Earlier { message_id, order } = earlier;
    txn.put(&keys::deduplication(content, scope, id), &Deduplication { at: now, message_id, order })?;
    txn.put(&keys::deduplication_age(content, now, scope, id), &())?;
    let over = keys::deduplication_ages(content).until(now - seconds(INTERVAL_SECONDS));
    for (key, ()) in txn.snapshot_scan(&over, Direction::Forward, REMOVED_BY_SEND)? {
        let (_, time, scope, id): (u64, i64, u64, String) = key.parts()?;
        txn.delete(&key)?;
        let key = keys::deduplication(content, scope, &id);
        // The id may have been used again since.
        if txn.get(&key)?.is_some_and(|found| found.at == time) {
            txn.delete(&key)?;
        }
    }
    Ok(())
}

fn scope(at: &QueueAt<'_>, group: &str) -> u64 {
    let per_group = at.queue.fifo.is_some_and(|fifo| fifo.deduplicates_per_group);
    if per_group { group_hash(group) } else { WHOLE_QUEUE }
}
