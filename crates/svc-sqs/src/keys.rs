//! Every key space of SQS, and why its keys are as they are.
//!
//! Queues are found by account, region and name. Everything inside a queue is keyed by its *content id*, a random
//! number that purging replaces: so purging and recreating a queue are instant, never show old messages, and leave the
//! removal of the old content to a sweeper. Prefixes are short, because they are compared often.
//!
//! A message is two records. The *message* itself (body, attributes) is written once, when it is sent, under
//! `(content, order, tie)`: order is the time of sending in microseconds (so the oldest messages of a queue, those that
//! retention ends first, are its first keys), tie a random number. Standard queues have a few shards, whose number stands above
//! the time: each of the threads that serve calls writes to a shard of its own, and so to records that no other processor
//! has written last. The *place* of a message is small and moves:
//!
//! - Standard queues: [`visible`] under `(content, lane, order, tie)`, or [`hidden`] under `(content, due, order, tie)`
//!   while it is in flight or delayed; due, too, has the shard above it. Lanes are the shards, for messages without a
//!   group, and one per group (by hash) above them. A receiver looks at a few messages of the lane of its thread, or of one
//!   that follows, and takes one, so that two receivers rarely meet; sending writes new keys only and never
//!   conflicts. A receipt handle carries the due time, so that deleting finds the place with one look-up; when the
//!   visibility timeout was changed since, [`moved`] tells.
//! - FIFO queues: [`line()`] under `(content, group, order)` holds every message of a group in order, with its state;
//!   [`ready`] the groups whose first message can be received, by the age of that message; [`fifo_due`] what is hidden
//!   until when; [`group`] the rest of what is known of a group. Groups are keyed by a 64-bit hash of their id, which is
//!   also the tie of their messages' keys.
//!
//! Counts are counters, of messages by shard ([`counts`]) and of delayed ones, which transactions add to without reading.

use std::cmp::Ordering;

use virga_store::{Counter, Fault, Key, Range, Space};

use crate::records::{
    Armed, Attempt, CurrentDataKey, DataKey, Deduplication, DeletedQueue, Details, Group, Hidden, Line,
    Message, MoveTask, OwnedKey, Place, Queue, Tags, Visible,
};
use crate::rules::QueueAddress;

static QUEUES: Space<Queue> = Space::new("sqs.queue");
static DETAILS: Space<Details> = Space::new("sqs.details");
static TAGS: Space<Tags> = Space::new("sqs.tags");
static DELETED: Space<DeletedQueue> = Space::new("sqs.deleted");
static SOURCES: Space<()> = Space::new("sqs.sources");
static EXPIRY: Space<Armed> = Space::new("sqs.e");
static DATA_KEYS: Space<DataKey> = Space::new("sqs.k");
static OWNED_KEY: Space<OwnedKey> = Space::new("sqs.owned-key");
static CURRENT_DATA_KEYS: Space<CurrentDataKey> = Space::new("sqs.ck");
static TASKS: Space<MoveTask> = Space::new("sqs.task");

static MESSAGES: Space<Message> = Space::new("sqs.m");
static COUNTS: Space<Counter> = Space::new("sqs.c");
static DELAYED: Space<Counter> = Space::new("sqs.cd");
static RELEASE: Space<Armed> = Space::new("sqs.r");

static VISIBLE: Space<Visible> = Space::new("sqs.v");
static HIDDEN: Space<Hidden> = Space::new("sqs.h");
static MOVED: Space<Armed> = Space::new("sqs.p");
static GROUP_LOAD: Space<Counter> = Space::new("sqs.gl");

static LINES: Space<Line> = Space::new("sqs.fl");
static READY: Space<()> = Space::new("sqs.fr");
static FIFO_DUE: Space<()> = Space::new("sqs.fd");
static GROUPS: Space<Group> = Space::new("sqs.fg");
static DEDUPLICATION: Space<Deduplication> = Space::new("sqs.dd");
static DEDUPLICATION_AGE: Space<()> = Space::new("sqs.da");
static ATTEMPTS: Space<Attempt> = Space::new("sqs.at");
static ATTEMPT_AGE: Space<()> = Space::new("sqs.aa");

/// A queue by its address.
pub(crate) fn queue(at: QueueAddress<'_>) -> Key<Queue> {
    QUEUES.key((at.account, at.region, at.name))
}

/// The queues of an account and region, by name.
pub(crate) fn queues(account: &str, region: &str) -> Range<Queue> {
    QUEUES.prefix((account, region))
}

/// The rarely needed part of a queue, by its id.
pub(crate) fn details(queue: &Queue) -> Key<Details> {
    DETAILS.key(queue.id)
}

/// The key that SQS owns.
pub(crate) fn owned_key() -> Key<OwnedKey> {
    OWNED_KEY.key(())
}

/// A data key, by its id.
pub(crate) fn data_key(id: u64) -> Key<DataKey> {
    DATA_KEYS.key(id)
}

/// The data key that a queue uses at present.
pub(crate) fn current_data_key(queue: &Queue) -> Key<CurrentDataKey> {
    CURRENT_DATA_KEYS.key(queue.id)
}

/// The tags of a queue.
pub(crate) fn tags(queue: &Queue) -> Key<Tags> {
    TAGS.key(queue.id)
}

/// What is remembered of a deleted queue.
pub(crate) fn deleted(at: QueueAddress<'_>) -> Key<DeletedQueue> {
    DELETED.key((at.account, at.region, at.name))
}

/// That `source` has `target` as its dead-letter queue.
pub(crate) fn source(target: QueueAddress<'_>, source: QueueAddress<'_>) -> Key<()> {
    SOURCES.key((target.account, target.region, target.name, source.account, source.name))
}

/// The queues that have `target` as their dead-letter queue.
pub(crate) fn sources(target: QueueAddress<'_>) -> Range<()> {
    SOURCES.prefix((target.account, target.region, target.name))
}

/// A move task of a source queue.
pub(crate) fn task(at: QueueAddress<'_>, started: i64, id: &str) -> Key<MoveTask> {
    TASKS.key((at.account, at.region, at.name, started, id))
}

/// The move tasks of a source queue, oldest first.
pub(crate) fn tasks(at: QueueAddress<'_>) -> Range<MoveTask> {
    TASKS.prefix((at.account, at.region, at.name))
}

/// A message.
pub(crate) fn message(content: u64, place: Place) -> Key<Message> {
    MESSAGES.key((content, place.order, place.tie))
}

/// The messages of a shard of a queue, oldest first, behind a place in the order of all shards.
pub(crate) fn messages(content: u64, shard: u64, after: Option<Place>) -> Range<Message> {
    let all = MESSAGES.prefix(content).through(Place::in_shard(shard, Place::LATEST, 0).order);
    let Some(after) = after else { return all.from(Place::in_shard(shard, 0, 0).order) };
    let sent = Place::in_shard(shard, after.sent(), 0).order;
    match shard.cmp(&after.shard()) {
        Ordering::Less => all.after(sent),
        Ordering::Equal => all.after((sent, after.tie)),
        Ordering::Greater => all.from(sent),
    }
}

/// Messages of a shard and those of them in flight, packed ([`crate::records::Counts`]): each shard has its own, so that
/// processors do not pass one to and fro. That of the first was the whole queue's in earlier versions; only the sums count.
pub(crate) fn counts(content: u64, shard: u64) -> Key<Counter> {
    match shard {
        0 => COUNTS.key(content),
        shard => COUNTS.key((content, shard)),
    }
}

/// Messages that are delayed.
pub(crate) fn delayed(content: u64) -> Key<Counter> {
    DELAYED.key(content)
}

/// When the timer that releases hidden messages is due.
pub(crate) fn release(content: u64) -> Key<Armed> {
    RELEASE.key(content)
}

/// When the timer that removes old messages is due.
pub(crate) fn expiry(queue: &Queue) -> Key<Armed> {
    EXPIRY.key(queue.id)
}

/// The place of a visible message of a standard queue.
pub(crate) fn visible(content: u64, lane: u32, place: Place) -> Key<Visible> {
    VISIBLE.key((content, lane, place.order, place.tie))
}

/// The visible messages of a standard queue by lane and age.
pub(crate) fn all_visible(content: u64) -> Range<Visible> {
    VISIBLE.prefix(content)
}

/// The visible messages of a lane by age.
pub(crate) fn visible_in_lane(content: u64, lane: u32) -> Range<Visible> {
    VISIBLE.prefix((content, lane))
}

/// The place of a message of a standard queue that is in flight or delayed until `due`.
pub(crate) fn hidden(content: u64, due: i64, place: Place) -> Key<Hidden> {
    HIDDEN.key((content, Place::time_in_shard(place.shard(), due), place.order, place.tie))
}

/// The hidden messages of a shard of a standard queue by due time, as far as they are due before then.
pub(crate) fn hidden_until(content: u64, shard: u64, until: i64) -> Range<Hidden> {
    let time = |time| Place::time_in_shard(shard, time);
    HIDDEN.prefix(content).from(time(0)).until(time(until))
}

/// What is hidden, and until when.
pub(crate) fn of_hidden(key: &Key<Hidden>) -> Result<(Place, i64), Fault> {
    let (_, due, order, tie): (u64, i64, u64, u64) = key.parts()?;
    let place = Place { order, tie };
    Ok((place, due - Place::time_in_shard(place.shard(), 0)))
}

/// Where a hidden message is, when its due time is not the one in its receipt handle.
pub(crate) fn moved(content: u64, place: Place) -> Key<Armed> {
    MOVED.key((content, place.order, place.tie))
}

/// Messages in flight of one group of a standard queue.
pub(crate) fn group_load(content: u64, lane: u32) -> Key<Counter> {
    GROUP_LOAD.key((content, lane))
}

/// A message in the line of its group.
pub(crate) fn line(content: u64, place: Place) -> Key<Line> {
    LINES.key((content, place.tie, place.order))
}

/// The line of a group, in order.
pub(crate) fn group_line(content: u64, group: u64) -> Range<Line> {
    LINES.prefix((content, group))
}

/// That the first message of a group can be received.
pub(crate) fn ready(content: u64, place: Place) -> Key<()> {
    READY.key((content, place.order, place.tie))
}

/// The groups whose first message can be received, by the age of that message.
pub(crate) fn all_ready(content: u64) -> Range<()> {
    READY.prefix(content)
}

/// That a message of a FIFO queue is hidden until `due`.
pub(crate) fn fifo_due(content: u64, due: i64, place: Place) -> Key<()> {
    FIFO_DUE.key((content, due, place.order, place.tie))
}

/// The hidden messages of a FIFO queue by due time.
pub(crate) fn all_fifo_due(content: u64) -> Range<()> {
    FIFO_DUE.prefix(content)
}

/// A group of a FIFO queue.
pub(crate) fn group(content: u64, group: u64) -> Key<Group> {
    GROUPS.key((content, group))
}

/// What was sent with a deduplication id. The scope is a group, or 0 for the whole queue.
pub(crate) fn deduplication(content: u64, scope: u64, id: &str) -> Key<Deduplication> {
    DEDUPLICATION.key((content, scope, id))
}

/// That a deduplication id was used at a time.
pub(crate) fn deduplication_age(content: u64, at: i64, scope: u64, id: &str) -> Key<()> {
    DEDUPLICATION_AGE.key((content, at, scope, id))
}

/// The deduplication ids of a queue by age.
pub(crate) fn deduplication_ages(content: u64) -> Range<()> {
    DEDUPLICATION_AGE.prefix(content)
}

/// What was received with a receive request attempt id.
pub(crate) fn attempt(content: u64, id: &str) -> Key<Attempt> {
    ATTEMPTS.key((content, id))
}

/// That a receive request attempt id was used at a time.
pub(crate) fn attempt_age(content: u64, at: i64, id: &str) -> Key<()> {
    ATTEMPT_AGE.key((content, at, id))
}

/// The receive request attempt ids of a queue by age.
pub(crate) fn attempt_ages(content: u64) -> Range<()> {
    ATTEMPT_AGE.prefix(content)
}

/// Deletes up to `limit` records of a content id that no queue has any more. Whether nothing is left.
pub(crate) fn drop_content(txn: &mut virga_store::Write, content: u64, limit: usize) -> Result<bool, Fault> {
    let mut left = limit;
    macro_rules! sweep {
        ($($space:ident)*) => {$(
            left -= txn.delete_range(&$space.prefix(content), left)?;
            if left == 0 {
                return Ok(false);
            }
        )*};
    }
    sweep!(VISIBLE HIDDEN MOVED GROUP_LOAD LINES READY FIFO_DUE GROUPS DEDUPLICATION DEDUPLICATION_AGE ATTEMPTS);
    sweep!(ATTEMPT_AGE MESSAGES RELEASE COUNTS DELAYED);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: u64 = 7;

    fn is_within(range: &Range<Message>, place: Place) -> bool {
        let key = message(CONTENT, place);
        range.start() <= key.as_bytes() && key.as_bytes() < range.end()
    }

    #[test]
    fn a_walk_over_all_shards_goes_on_behind_a_place() {
        let place = Place::in_shard;
        let after = place(1, 50, 9);
        let passed = [place(0, 49, 20), place(0, 50, 20), place(1, 50, 9), place(1, 50, 8), place(2, 49, 1)];
        let to_come = [place(0, 51, 0), place(1, 50, 10), place(1, 51, 0), place(2, 50, 0), place(3, 50, 0)];
        let found = |place: Place| {
            let shards: Vec<u64> = (0..Place::SHARDS)
                .filter(|shard| is_within(&messages(CONTENT, *shard, Some(after)), place))
                .collect();
            assert!(shards.is_empty() || shards == [place.shard()], "{place:?} in {shards:?}");
            !shards.is_empty()
        };
        assert_eq!(passed.map(found), [false; 5]);
        assert_eq!(to_come.map(found), [true; 5]);
    }

    #[test]
    fn messages_of_earlier_versions_are_in_the_first_shard() {
        let place = Place { order: 1_700_000_000_000_000, tie: 3 };
        assert_eq!((place.shard(), place.sent()), (0, 1_700_000_000_000_000));
        assert_eq!(hidden(CONTENT, 5, place), HIDDEN.key((CONTENT, 5_i64, place.order, place.tie)));
    }

    #[test]
    fn what_is_hidden_is_found_by_shard_and_time() {
        let place = Place::in_shard(3, 1_700_000_000_000_000, 1);
        let key = hidden(CONTENT, 5, place);
        assert_eq!(of_hidden(&key).unwrap(), (place, 5));
        let within = |shard, until| {
            let range = hidden_until(CONTENT, shard, until);
            range.start() <= key.as_bytes() && key.as_bytes() < range.end()
        };
        assert_eq!([within(3, 5), within(3, 6), within(2, 6)], [false, true, false]);
    }
}
