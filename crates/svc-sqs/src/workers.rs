//! What happens later: hidden messages become visible, old ones expire, the content of deleted and purged queues goes
//! away, move tasks move. All in batches, so that no transaction grows with a queue.

use serde::{Deserialize, Serialize};
use virga_kit::{Ctx, Failure, Timer, TimerHandler, TimerKind};
use virga_model::Timestamp;
use virga_store::{Direction, Reader as _, Write};

use crate::delivery::{self, QueueAt, now, seconds, time};
use crate::error::Error;
use crate::records::{Armed, Message, Place};
use crate::rules::QueueAddress;
use crate::{encryption, keys, move_task};

/// Records that one firing of a timer changes.
const BATCH: usize = 500;
/// Messages that one firing of a timer reads of each shard: a message may have a megabyte.
const READ_AT_ONCE: usize = 25;

const SERVICE: &str = "sqs";
const RELEASE: &str = "release";
const EXPIRE: &str = "expire";
const DROP: &str = "drop";
const DROP_DATA_KEY: &str = "drop-data-key";

/// The timers of SQS.
pub(crate) static TIMERS: &[TimerKind] = &[
    TimerKind { name: RELEASE, handler: TimerHandler::Transaction(release) },
    TimerKind { name: EXPIRE, handler: TimerHandler::Transaction(expire) },
    TimerKind { name: DROP, handler: TimerHandler::Transaction(drop_content) },
    TimerKind { name: DROP_DATA_KEY, handler: TimerHandler::Transaction(encryption::drop_data_key) },
    TimerKind { name: move_task::MOVE, handler: TimerHandler::Transaction(move_task::move_some) },
];

/// What a timer of a queue knows.
#[derive(Serialize, Deserialize)]
struct OfQueue {
    account: String,
    region: String,
    name: String,
    /// Id of the queue, or its content id where the timer is about that.
    id: u64,
    /// Where an interrupted sweep goes on.
    after: Option<Place>,
}

/// Sets a timer, in place of an earlier one of the same kind and id.
pub(crate) fn set<T: Serialize>(
    ctx: &Ctx,
    txn: &mut Write,
    kind: &'static str,
    id: String,
    due: i64,
    payload: &T,
) -> Result<(), Error> {
    Ok(ctx.schedule(txn, &Timer::new(SERVICE, kind, id, time(due), payload)?)?)
}

fn set_of_queue(
    ctx: &Ctx,
    txn: &mut Write,
    kind: &'static str,
    at: QueueAddress<'_>,
    (id, due): (u64, i64),
    after: Option<Place>,
) -> Result<(), Error> {
    let (account, region, name) = (at.account.to_owned(), at.region.to_owned(), at.name.to_owned());
    let payload = OfQueue { account, region, name, id, after };
    set(ctx, txn, kind, format!("{id:016x}"), due, &payload)
}

/// Sees to it that hidden messages are released at `due`, unless that happens earlier anyway.
pub(crate) fn arm_release(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, due: i64) -> Result<(), Error> {
    let key = keys::release(at.queue.content);
    if txn.recall(&key)?.is_some_and(|armed| armed.0 <= due) {
        return Ok(());
    }
    txn.put(&key, &Armed(due))?;
    set_of_queue(ctx, txn, RELEASE, at.at, (at.queue.content, due), None)
}

/// Releases what is due and sets the timer for what is not.
fn release(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfQueue = timer.read()?;
    let address = QueueAddress { account: &of.account, region: &of.region, name: &of.name };
    let Some(at) = delivery::find(txn, address)?.filter(|at| at.queue.content == of.id) else {
        return Ok(());
    };
    txn.delete(&keys::release(at.queue.content))?;
    at.release(ctx, txn, BATCH)?;
    if let Some(due) = at.next_due(txn)? {
        arm_release(ctx, txn, &at, due)?;
    }
    Ok(())
}

/// Sees to it that old messages expire at `due`, unless that is looked after earlier anyway.
///
/// Every queue always has this timer: for its oldest message, or, when it is empty, for a message that would be sent
/// now. So sending does not need to look.
pub(crate) fn arm_expiry(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, due: i64) -> Result<(), Error> {
    let key = keys::expiry(&at.queue);
    if txn.get(&key)?.is_some_and(|armed| armed.0 <= due) {
        return Ok(());
    }
    txn.put(&key, &Armed(due))?;
    set_of_queue(ctx, txn, EXPIRE, at.at, (at.queue.id, due), None)
}

/// Removes visible messages whose retention is over. Hidden ones are removed when they are released.
fn expire(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfQueue = timer.read()?;
    let address = QueueAddress { account: &of.account, region: &of.region, name: &of.name };
    let Some(at) = delivery::find(txn, address)?.filter(|at| at.queue.id == of.id) else { return Ok(()) };
    let now = now(ctx);
    let (rows, complete) = oldest(txn, &at, of.after)?;
    let mut last = of.after;
    let mut next = None;
    for (place, message) in rows {
        if at.expiry(&message) > now {
            next = Some(at.expiry(&message));
            break;
        }
        at.remove_visible(txn, place, &message)?;
        last = Some(place);
    }
    // What is hidden and expired stays behind: the sweep goes on after it.
    let (due, after) = match next {
        Some(due) => (due, None),
        None if complete => (now + seconds(at.queue.retention_seconds), None),
        None => (now, last),
    };
    txn.put(&keys::expiry(&at.queue), &Armed(due))?;
    Ok(set_of_queue(ctx, txn, EXPIRE, at.at, (at.queue.id, due), after)?)
}

/// Some of the oldest messages of a queue, whatever their state, and whether these are all. Those of all shards are in one
/// order: by time, then by shard.
pub(crate) fn oldest(
    txn: &Write,
    at: &QueueAt<'_>,
    after: Option<Place>,
) -> Result<(Vec<(Place, Message)>, bool), Error> {
    let mut found = Vec::new();
    let mut known_until: Option<(u64, Place)> = None;
    for shard in 0..Place::SHARDS {
        let range = keys::messages(at.queue.content, shard, after);
        let rows = txn.snapshot_scan(&range, Direction::Forward, READ_AT_ONCE)?;
        let there_may_be_more = rows.len() == READ_AT_ONCE;
        for (key, message) in rows {
            let (_, order, tie): (u64, u64, u64) = key.parts()?;
            let place = Place { order, tie };
            found.push(((place.sent(), place), message));
        }
        if let Some((last, _)) = found.last().filter(|_| there_may_be_more) {
            known_until = Some(known_until.map_or(*last, |known| known.min(*last)));
        }
    }
    found.retain(|(position, _)| known_until.is_none_or(|known| *position <= known));
    found.sort_unstable_by_key(|(position, _)| *position);
    Ok((found.into_iter().map(|((_, place), message)| (place, message)).collect(), known_until.is_none()))
}

/// Has the content of a purged or deleted queue removed.
pub(crate) fn drop_later(ctx: &Ctx, txn: &mut Write, content: u64) -> Result<(), Error> {
    ctx.unschedule(txn, SERVICE, RELEASE, &format!("{content:016x}"))?;
    set(ctx, txn, DROP, format!("{content:016x}"), now(ctx), &content)
}

/// Ends the timers of a queue that is deleted.
pub(crate) fn disarm(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>) -> Result<(), Error> {
    txn.delete(&keys::expiry(&at.queue))?;
    Ok(ctx.unschedule(txn, SERVICE, EXPIRE, &format!("{:016x}", at.queue.id))?)
}

/// Removes a data key at a time when no message can need it any more.
pub(crate) fn drop_data_key_at(ctx: &Ctx, txn: &mut Write, id: u64, due: Timestamp) -> Result<(), Error> {
    set(ctx, txn, DROP_DATA_KEY, format!("{id:016x}"), due.micros(), &id)
}

fn drop_content(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let content: u64 = timer.read()?;
    if !keys::drop_content(txn, content, BATCH)? {
        set(ctx, txn, DROP, timer.id.clone(), now(ctx), &content)?;
    }
    Ok(())
}
