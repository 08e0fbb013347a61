//! Standard queues: at least once, in about the order of arrival. How places are keyed is told in `keys`.

use virga_kit::Ctx;
use virga_store::{Direction, Encoded, Key, Range, Reader, Write};

use crate::delivery::{Delivered, QueueAt, RELEASED_BY_CALL, Reception, Room, now, seconds};
use crate::error::Error;
use crate::records::{Armed, Counts, Hidden, Message, Place, Receives, Visible};
use crate::rules::ReceiptHandle;
use crate::rules::digest::group_hash;
use crate::{dead_letter, keys, workers};

/// Lanes of messages without a group: one for each shard.
#[expect(clippy::cast_possible_truncation, reason = "shards are few")]
const LANES: u32 = Place::SHARDS as u32;
/// One in so many receivers begins with another lane than that of its thread, so that no lane waits for ever.
const ELSEWHERE_ONE_IN: usize = 32;
/// Messages looked at beyond those asked for, so that two receivers rarely pick the same.
const SPREAD: usize = 3;
/// Groups that a receiver looks at before it serves the one with the fewest messages in flight.
const GROUPS_COMPARED: usize = 3;
/// One in so many messages of a fair queue is chosen without regard to how busy its group is.
const UNFAIR_ONE_IN: usize = 8;
/// Messages that one receive may discard or move to the dead-letter queue before it answers.
const MOST_LOOKED_AT: usize = 100;

/// A visible message found by a receiver: its lane and place.
type Candidate = (u32, Place);

/// A visible message that a receiver may take.
struct Found {
    lane: u32,
    place: Place,
    state: Visible,
    message: Option<Encoded<Message>>,
}

/// Messages that a receiver may take, none in place of one that has gone meanwhile.
struct AllFound {
    messages: Vec<Option<Found>>,
    /// Whether the counts of messages in flight have to be leveled.
    crowded: bool,
}

/// The lane of a message: one of the shards, or that of its group.
fn lane(place: Place, message: &Message) -> u32 {
    match &message.group_id {
        None => u32::try_from(place.tie % u64::from(LANES)).expect("a remainder is small"),
        Some(group) => u32::try_from(group_hash(group) >> 32).expect("half of a number").max(LANES),
    }
}

/// A place for a new message, in the shard of this thread.
fn new_place(ctx: &Ctx) -> Place {
    let shard = u64::from(lane_of_thread(ctx));
    // The lane of a message follows from its tie.
    let tie = ctx.random() / Place::SHARDS * Place::SHARDS + shard;
    Place::in_shard(shard, ctx.sequence(), tie)
}

pub(crate) fn send(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    message: &Message,
    delay_seconds: u32,
) -> Result<u64, Error> {
    let place = new_place(ctx);
    let content = at.queue.content;
    if delay_seconds == 0 {
        arrive(ctx, txn, at, (place, message), Receives::default())?;
        return Ok(place.order);
    }
    note_groups(txn, at, message)?;
    txn.put_new(&keys::message(content, place), message)?;
    let due = now(ctx) + seconds(delay_seconds);
    let lane = lane(place, message);
    let hidden = Hidden { receives: Receives::default(), received: None, lane, moved: false };
    txn.put_new(&keys::hidden(content, due, place), &hidden)?;
    at.count(txn, place, Counts::MESSAGE)?;
    at.count_delayed(txn, 1)?;
    workers::arm_release(ctx, txn, at, due)?;
    Ok(place.order)
}

/// Puts a message into the queue, visible at once: a new one, or one from another queue.
pub(crate) fn arrive(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    (place, message): (Place, &Message),
    receives: Receives,
) -> Result<(), Error> {
    note_groups(txn, at, message)?;
    let content = at.queue.content;
    txn.put_new(&keys::message(content, place), message)?;
    txn.put_new(&keys::visible(content, lane(place, message), place), &Visible { receives })?;
    at.count(txn, place, Counts::MESSAGE)?;
    ctx.wake(txn, at.topic());
    Ok(())
}

/// Remembers that the queue has groups: from the first such message on, receiving is fair.
fn note_groups(txn: &mut Write, at: &QueueAt<'_>, message: &Message) -> Result<(), Error> {
    if message.group_id.is_none() || at.queue.has_groups {
        return Ok(());
    }
    let key = keys::queue(at.at);
    if let Some(mut queue) = txn.get(&key)?
        && !queue.has_groups
    {
        queue.has_groups = true;
        txn.put(&key, &queue)?;
    }
    Ok(())
}

pub(crate) fn receive(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
) -> Result<Vec<Delivered>, Error> {
    let mut delivered = Vec::with_capacity(reception.max);
    let mut looked_at = 0;
    let mut released = false;
    let mut crowded = false;
    let mut armed = None;
    while delivered.len() < reception.max && looked_at < MOST_LOOKED_AT {
        let found = txn.at_once(|txn| {
            armed = txn.recall(&keys::release(at.queue.content))?;
            found(ctx, txn, at, (delivered.len(), reception.max - delivered.len()))
        })?;
        crowded |= found.crowded;
        let found = found.messages;
        looked_at += found.len();
        if found.is_empty() {
            if released || at.release(ctx, txn, RELEASED_BY_CALL)? == 0 {
                break;
            }
            released = true;
        }
        for candidate in found.into_iter().flatten() {
            delivered.extend(take(ctx, txn, at, reception, candidate)?);
        }
    }
    hide(txn, at, reception, &delivered)?;
    if crowded {
        at.level(txn)?;
    }
    if reception.visibility_seconds > 0
        && !delivered.is_empty()
        && armed.is_none_or(|armed| armed.0 > reception.due())
    {
        workers::arm_release(ctx, txn, at, reception.due())?;
    }
    Ok(delivered)
}

/// Visible messages for a receiver, as far as they are there still. Some were taken by this call already.
fn found(
    ctx: &Ctx,
    txn: &Write,
    at: &QueueAt<'_>,
    (taken, wanted): (usize, usize),
) -> Result<AllFound, Error> {
    let content = at.queue.content;
    let found = |(lane, place): Candidate, state| {
        let message = txn.snapshot_find_in_order(&keys::message(content, place))?;
        Ok::<_, Error>(Some(Found { lane, place, state, message }))
    };
    if !at.queue.has_groups && ctx.random_below(ELSEWHERE_ONE_IN) > 0 {
        let own = own_visible(ctx, txn, at, wanted)?;
        if own.len() == wanted {
            let candidates = own.iter().map(|(key, _)| candidate(key)).collect::<Result<Vec<_>, _>>()?;
            let room = room(txn, at, &candidates, taken)?;
            let states = own.into_iter().map(|(_, state)| state);
            let messages = candidates.into_iter().zip(states).take(room.messages);
            let messages =
                messages.map(|(candidate, state)| found(candidate, state)).collect::<Result<_, _>>()?;
            return Ok(AllFound { messages, crowded: room.crowded });
        }
    }
    let candidates = candidates(ctx, txn, at, wanted)?;
    let room = room(txn, at, &candidates, taken)?;
    let messages = candidates.into_iter().take(room.messages).map(|(lane, place)| {
        // The candidates were read without a trace; another receiver that takes this one conflicts from here on.
        let Some(state) = txn.get(&keys::visible(content, lane, place))? else { return Ok(None) };
        found((lane, place), state)
    });
    Ok(AllFound { messages: messages.collect::<Result<_, _>>()?, crowded: room.crowded })
}

/// What the limit of messages in flight leaves of the candidates, each of whose shards may be near its part.
fn room(txn: &Write, at: &QueueAt<'_>, candidates: &[Candidate], taken: usize) -> Result<Room, Error> {
    let mut room = Room { messages: candidates.len(), crowded: false };
    let mut shard = None;
    for (_, place) in candidates {
        if shard.replace(place.shard()) != Some(place.shard()) {
            let part = at.room(txn, *place, taken, candidates.len())?;
            room.messages = room.messages.min(part.messages);
            room.crowded |= part.crowded;
        }
    }
    let is_full = taken == 0
        && match candidates {
            [] => at.is_at_limit(txn)?,
            _ => room.messages == 0,
        };
    if is_full {
        let reason = "The maximum number of in flight messages is reached.".to_owned();
        return Err(Error::OverLimit { reason });
    }
    Ok(room)
}

/// A few visible messages to choose from, not more than `wanted`.
fn candidates(ctx: &Ctx, txn: &Write, at: &QueueAt<'_>, wanted: usize) -> Result<Vec<Candidate>, Error> {
    if at.queue.has_groups {
        return Ok(fair_candidate(ctx, txn, at)?.into_iter().collect());
    }
    let all = keys::all_visible(at.queue.content);
    let start = u32::try_from(ctx.random_below(LANES as usize)).expect("lanes are few");
    let limit = wanted + SPREAD;
    let mut found = txn.snapshot_scan_keys(&all.clone().from(start), Direction::Forward, limit)?;
    if found.len() < wanted && start > 0 {
        found.extend(txn.snapshot_scan_keys(&all.until(start), Direction::Forward, limit - found.len())?);
    }
    let skipped = ctx.random_below(found.len().saturating_sub(wanted) + 1);
    found.iter().skip(skipped).take(wanted).map(candidate).collect()
}

/// The oldest messages in the lane of this thread. Threads that share a lane take one message behind the other.
fn own_visible(
    ctx: &Ctx,
    txn: &Write,
    at: &QueueAt<'_>,
    wanted: usize,
) -> Result<Vec<(Key<Visible>, Visible)>, Error> {
    let behind = (ctx.thread() / LANES as usize).min(SPREAD);
    Ok(txn.pick(&keys::visible_in_lane(at.queue.content, lane_of_thread(ctx)), behind, wanted)?)
}

/// The lane that a thread sends to and receives from first.
fn lane_of_thread(ctx: &Ctx) -> u32 {
    u32::try_from(ctx.thread() % LANES as usize).expect("lanes are few")
}

/// The oldest message of the least busy of a few groups, so that a group with many messages in flight does not hold
/// up the others. Messages without a group count as a group that is never busy. Now and then the first group found is
/// served, busy or not, so that no group waits for ever.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>
fn fair_candidate(ctx: &Ctx, txn: &Write, at: &QueueAt<'_>) -> Result<Option<Candidate>, Error> {
    let content = at.queue.content;
    let all = keys::all_visible(content);
    let first = |range: &Range<Visible>| -> Result<Option<Candidate>, Error> {
        txn.snapshot_scan_keys(range, Direction::Forward, 1)?.first().map(candidate).transpose()
    };
    let mut found = Vec::with_capacity(GROUPS_COMPARED + 1);
    let random = u32::try_from(ctx.random() >> 32).expect("half of a number");
    let start = all.clone().from(random % LANES);
    let ungrouped =
        first(&start.until(LANES))?.map_or_else(|| first(&all.clone().until(LANES)), |row| Ok(Some(row)))?;
    found.extend(ungrouped.map(|candidate| (0, candidate)));
    // Groups that follow each other: one that is close behind another is found as often as all.
    let mut range = all.clone().from(random.max(LANES));
    for _ in 0..GROUPS_COMPARED {
        let next = first(&range)?.map_or_else(|| first(&all.clone().from(LANES)), |row| Ok(Some(row)))?;
        let Some(next) = next.filter(|next| found.iter().all(|(_, earlier)| earlier.0 != next.0)) else {
            break;
        };
        range = all.clone().after(next.0);
        found.push((txn.snapshot_counter(&keys::group_load(content, next.0))?, next));
    }
    let served = match ctx.random_below(UNFAIR_ONE_IN) {
        0 => ctx.random_below(found.len()),
        _ => (0..found.len()).min_by_key(|index| (found[*index].0, ctx.random())).unwrap_or_default(),
    };
    Ok(found.into_iter().nth(served).map(|(_, candidate)| candidate))
}

fn candidate(key: &Key<Visible>) -> Result<Candidate, Error> {
    let (_, lane, order, tie): (u64, u32, u64, u64) = key.parts()?;
    Ok((lane, Place { order, tie }))
}

/// Takes a visible message out of its lane. None when it has expired or goes to the dead-letter queue instead.
fn take(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
    Found { lane, place, state, message }: Found,
) -> Result<Option<Delivered>, Error> {
    let content = at.queue.content;
    txn.delete(&keys::visible(content, lane, place))?;
    let body = keys::message(content, place);
    let message = message.map(|message| message.decode()).transpose()?;
    let Some(message) = message.filter(|message| at.expiry(message) > reception.now) else {
        txn.delete(&body)?;
        at.count(txn, place, -Counts::MESSAGE)?;
        return Ok(None);
    };
    let moves =
        at.queue.redrive.as_ref().is_some_and(|redrive| state.receives.here() >= redrive.max_receive_count);
    if moves && dead_letter::bury(ctx, txn, at, (place, &message), state.receives)? {
        txn.delete(&body)?;
        at.count(txn, place, -Counts::MESSAGE)?;
        return Ok(None);
    }
    let receives = state.receives.again(reception.now);
    let handle =
        ReceiptHandle { queue: at.queue.id, place, lane, due: reception.due(), count: receives.count };
    Ok(Some(Delivered { place, handle, message, receives }))
}

/// Hides what was taken; without a visibility timeout it is visible again.
fn hide(
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
    delivered: &[Delivered],
) -> Result<(), Error> {
    let (content, due) = (at.queue.content, reception.due());
    if delivered.is_empty() {
        return Ok(());
    }
    for Delivered { place, handle, receives, .. } in delivered {
        if reception.visibility_seconds == 0 {
            txn.put(&keys::visible(content, handle.lane, *place), &Visible { receives: *receives })?;
            continue;
        }
        let hidden =
            Hidden { receives: *receives, received: Some(reception.now), lane: handle.lane, moved: false };
        txn.put_new(&keys::hidden(content, due, *place), &hidden)?;
        load_group(txn, content, handle.lane, 1)?;
        at.count(txn, *place, Counts::IN_FLIGHT)?;
    }
    Ok(())
}

/// Counts the messages in flight of a group.
fn load_group(txn: &mut Write, content: u64, lane: u32, delta: i64) -> Result<(), Error> {
    if lane >= LANES {
        txn.add(&keys::group_load(content, lane), delta)?;
    }
    Ok(())
}

/// Where a message is that a receipt handle names.
enum Located {
    /// In flight until then.
    InFlight(i64, Hidden),
    /// Visible again, and not received since.
    Visible,
    /// Received again, or gone: the handle has no power any more.
    Gone,
}

/// Looks where the handle says, then where a changed timeout has put the message, then among the visible.
fn locate(txn: &Write, at: &QueueAt<'_>, handle: ReceiptHandle) -> Result<Located, Error> {
    let (content, place) = (at.queue.content, handle.place);
    let current = |hidden: &Hidden| hidden.receives.count == handle.count;
    if let Some(hidden) = txn.get(&keys::hidden(content, handle.due, place))?.filter(current) {
        return Ok(Located::InFlight(handle.due, hidden));
    }
    if let Some(Armed(due)) = txn.get(&keys::moved(content, place))?
        && let Some(hidden) = txn.get(&keys::hidden(content, due, place))?.filter(current)
    {
        return Ok(Located::InFlight(due, hidden));
    }
    let visible = txn.get(&keys::visible(content, handle.lane, place))?;
    Ok(match visible.is_some_and(|visible| visible.receives.count == handle.count) {
        true => Located::Visible,
        false => Located::Gone,
    })
}

/// Takes a message out of the hidden.
fn unhide(txn: &mut Write, at: &QueueAt<'_>, place: Place, due: i64, hidden: &Hidden) -> Result<(), Error> {
    let content = at.queue.content;
    txn.delete(&keys::hidden(content, due, place))?;
    if hidden.moved {
        txn.delete(&keys::moved(content, place))?;
    }
    if hidden.received.is_some() {
        load_group(txn, content, hidden.lane, -1)?;
    }
    Ok(())
}

/// Deletes a message. A stale handle succeeds and deletes nothing; one that has merely expired still deletes.
pub(crate) fn delete(txn: &mut Write, at: &QueueAt<'_>, handle: ReceiptHandle) -> Result<(), Error> {
    let (content, place) = (at.queue.content, handle.place);
    let delta = match locate(txn, at, handle)? {
        Located::InFlight(due, hidden) => {
            unhide(txn, at, place, due, &hidden)?;
            -Counts::MESSAGE - Counts::IN_FLIGHT
        }
        Located::Visible => {
            txn.delete(&keys::visible(content, handle.lane, place))?;
            -Counts::MESSAGE
        }
        Located::Gone => return Ok(()),
    };
    txn.delete(&keys::message(content, place))?;
    at.count(txn, place, delta)
}

pub(crate) fn change_visibility(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    handle: ReceiptHandle,
    receipt_handle: &str,
    visibility_seconds: u32,
) -> Result<(), Error> {
    let (content, place) = (at.queue.content, handle.place);
    let now = now(ctx);
    let (due, hidden) = match locate(txn, at, handle)? {
        // A message whose timeout is over has none to change; AWS says nothing about it.
        Located::Visible => return Ok(()),
        Located::InFlight(due, _) if due <= now => return Ok(()),
        Located::Gone => {
            let reason = "Message does not exist or is not available for visibility timeout change.";
            return Err(Error::invalid_value(receipt_handle, "ReceiptHandle", reason));
        }
        Located::InFlight(due, hidden) => (due, hidden),
    };
    let new_due = now + seconds(visibility_seconds);
    QueueAt::check_longest_visibility(hidden.received, new_due, visibility_seconds)?;
    if visibility_seconds == 0 {
        unhide(txn, at, place, due, &hidden)?;
        show(ctx, txn, at, place, &hidden)?;
        return at.count(txn, place, -Counts::IN_FLIGHT);
    }
    if new_due != due {
        txn.delete(&keys::hidden(content, due, place))?;
        txn.put(&keys::hidden(content, new_due, place), &Hidden { moved: true, ..hidden })?;
        txn.put(&keys::moved(content, place), &Armed(new_due))?;
        workers::arm_release(ctx, txn, at, new_due)?;
    }
    Ok(())
}

/// Puts a message that was hidden into its lane, unless its retention is over.
fn show(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, place: Place, hidden: &Hidden) -> Result<(), Error> {
    if at.is_expired(place, now(ctx)) {
        txn.delete(&keys::message(at.queue.content, place))?;
        return at.count(txn, place, -Counts::MESSAGE);
    }
    let visible = Visible { receives: hidden.receives };
    txn.put(&keys::visible(at.queue.content, hidden.lane, place), &visible)?;
    ctx.wake(txn, at.topic());
    Ok(())
}

pub(crate) fn release(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, limit: usize) -> Result<usize, Error> {
    let content = at.queue.content;
    let now = now(ctx);
    let mut rows = Vec::new();
    for shard in 0..Place::SHARDS {
        let due = keys::hidden_until(content, shard, now + 1);
        rows.extend(txn.snapshot_scan(&due, Direction::Forward, limit - rows.len())?);
    }
    let mut delayed = 0;
    for (key, hidden) in &rows {
        // Notes the read: whoever deletes or hides it at the same time conflicts.
        if !txn.contains(key)? {
            continue;
        }
        let (place, due) = keys::of_hidden(key)?;
        unhide(txn, at, place, due, hidden)?;
        match hidden.received {
            Some(_) => at.count(txn, place, -Counts::IN_FLIGHT)?,
            None => delayed -= 1,
        }
        show(ctx, txn, at, place, hidden)?;
    }
    if delayed != 0 {
        at.count_delayed(txn, delayed)?;
    }
    Ok(rows.len())
}

/// When the next hidden message becomes visible.
pub(crate) fn next_due(txn: &Write, content: u64) -> Result<Option<i64>, Error> {
    let mut next = None;
    for shard in 0..Place::SHARDS {
        let all = keys::hidden_until(content, shard, i64::try_from(Place::LATEST).expect("60 bits"));
        for key in txn.snapshot_scan_keys(&all, Direction::Forward, 1)? {
            let (_, due) = keys::of_hidden(&key)?;
            next = Some(next.map_or(due, |next: i64| next.min(due)));
        }
    }
    Ok(next)
}

pub(crate) fn remove_visible(
    txn: &mut Write,
    at: &QueueAt<'_>,
    place: Place,
    message: &Message,
) -> Result<bool, Error> {
    let content = at.queue.content;
    let key = keys::visible(content, lane(place, message), place);
    if !txn.contains(&key)? {
        return Ok(false);
    }
    txn.delete(&key)?;
    txn.delete(&keys::message(content, place))?;
    at.count(txn, place, -Counts::MESSAGE)?;
    Ok(true)
}
