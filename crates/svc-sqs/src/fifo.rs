//! FIFO queues: in order within a group, a group waits while one of its messages is in flight.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html>

use virga_kit::Ctx;
use virga_store::{Direction, Reader, Write};

use crate::delivery::{Delivered, QueueAt, RELEASED_BY_CALL, Reception, now, seconds};
use crate::error::Error;
use crate::records::{Counts, Group, Line, Message, Place, Receives};
use crate::rules::ReceiptHandle;
use crate::rules::digest::group_hash;
use crate::{dead_letter, keys, workers};

/// Groups beyond those needed that a receive looks at, in case some have nothing to give after all.
const SPREAD: usize = 10;

/// Puts a message at the end of its group. Its order.
pub(crate) fn send(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    message: &Message,
    delay_seconds: u32,
    receives: Receives,
) -> Result<u64, Error> {
    let content = at.queue.content;
    let tie = group_hash(message.group_id.as_deref().unwrap_or_default());
    let mut group = txn.get(&keys::group(content, tie))?.unwrap_or_default();
    let place = Place { order: ctx.sequence().max(group.last + 1), tie };
    txn.put_new(&keys::message(content, place), message)?;
    let hidden_until = (delay_seconds > 0).then(|| now(ctx) + seconds(delay_seconds));
    txn.put_new(&keys::line(content, place), &Line { receives, hidden_until, received: None })?;
    at.count(txn, place, Counts::MESSAGE)?;
    group.last = place.order;
    group.count += 1;
    match hidden_until {
        Some(due) => {
            txn.put_new(&keys::fifo_due(content, due, place), &())?;
            at.count_delayed(txn, 1)?;
            workers::arm_release(ctx, txn, at, due)?;
        }
        None if group.count == 1 => {
            txn.put(&keys::ready(content, place), &())?;
            group.ready = Some(place.order);
        }
        None => {}
    }
    txn.put(&keys::group(content, tie), &group)?;
    if group.ready.is_some() {
        ctx.wake(txn, at.topic());
    }
    Ok(place.order)
}

pub(crate) fn receive(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    reception: Reception,
) -> Result<Vec<Delivered>, Error> {
    let mut delivered = Vec::new();
    if at.is_at_limit(txn)? {
        return Ok(delivered);
    }
    let content = at.queue.content;
    let limit = reception.max + SPREAD;
    let mut rows = txn.snapshot_scan(&keys::all_ready(content), Direction::Forward, limit)?;
    if rows.is_empty() && at.release(ctx, txn, RELEASED_BY_CALL)? > 0 {
        rows = txn.snapshot_scan(&keys::all_ready(content), Direction::Forward, limit)?;
    }
    for (key, ()) in rows {
        let (_, _, group): (u64, u64, u64) = key.parts()?;
        take_group(ctx, txn, at, group, reception, &mut delivered)?;
        if delivered.len() == reception.max {
            break;
        }
    }
    if !delivered.is_empty() && reception.visibility_seconds > 0 {
        workers::arm_release(ctx, txn, at, reception.due())?;
    }
    Ok(delivered)
}

/// Takes messages from the front of a group until one is hidden: those behind it have to wait.
fn take_group(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    tie: u64,
    reception: Reception,
    delivered: &mut Vec<Delivered>,
) -> Result<(), Error> {
    let content = at.queue.content;
    let Some(mut group) = txn.get(&keys::group(content, tie))? else { return Ok(()) };
    let mut line = keys::group_line(content, tie);
    // Messages that are over or move to the dead-letter queue make place for those behind them.
    while delivered.len() < reception.max {
        let Some((key, state)) = txn.scan(&line, Direction::Forward, 1)?.pop() else { break };
        if state.hidden_until.is_some() {
            break;
        }
        let (_, tie, order): (u64, u64, u64) = key.parts()?;
        let place = Place { order, tie };
        line = line.after_key(&key);
        match take(ctx, txn, at, (place, state), reception)? {
            Some(taken) => delivered.push(taken),
            None => group.count -= 1,
        }
    }
    settle(txn, at, tie, group)
}

/// Takes a visible message and hides it. None when it has expired or goes to the dead-letter queue: then it has left
/// the line.
fn take(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    (place, line): (Place, Line),
    reception: Reception,
) -> Result<Option<Delivered>, Error> {
    let content = at.queue.content;
    let (key, body) = (keys::line(content, place), keys::message(content, place));
    let message = txn.snapshot_get(&body)?.filter(|message| at.expiry(message) > reception.now);
    let limit = at.queue.redrive.as_ref().map(|redrive| redrive.max_receive_count);
    let moves = limit.is_some_and(|limit| line.receives.here() >= limit);
    let message = match message {
        Some(message) if moves && dead_letter::bury(ctx, txn, at, (place, &message), line.receives)? => None,
        other => other,
    };
    let Some(message) = message else {
        txn.delete(&key)?;
        txn.delete(&body)?;
        at.count(txn, place, -Counts::MESSAGE)?;
        return Ok(None);
    };
    let receives = line.receives.again(reception.now);
    let hidden_until = (reception.visibility_seconds > 0).then(|| reception.due());
    txn.put(&key, &Line { receives, hidden_until, received: Some(reception.now) })?;
    if let Some(due) = hidden_until {
        txn.put(&keys::fifo_due(content, due, place), &())?;
        at.count(txn, place, Counts::IN_FLIGHT)?;
    }
    let handle = ReceiptHandle { queue: at.queue.id, place, lane: 0, due: 0, count: receives.count };
    Ok(Some(Delivered { place, handle, message, receives }))
}

/// Brings a group's entry among the ready in line with its first message, and stores the group.
fn settle(txn: &mut Write, at: &QueueAt<'_>, tie: u64, mut group: Group) -> Result<(), Error> {
    let content = at.queue.content;
    let head = txn.scan(&keys::group_line(content, tie), Direction::Forward, 1)?.pop();
    let ready = match head {
        Some((key, line)) if line.hidden_until.is_none() => Some(key.parts::<(u64, u64, u64)>()?.2),
        _ => None,
    };
    if ready != group.ready {
        if let Some(order) = group.ready {
            txn.delete(&keys::ready(content, Place { order, tie }))?;
        }
        if let Some(order) = ready {
            txn.put(&keys::ready(content, Place { order, tie }), &())?;
        }
        group.ready = ready;
    }
    let key = keys::group(content, tie);
    if group.count == 0 {
        txn.delete(&key)?;
    } else {
        txn.put(&key, &group)?;
    }
    Ok(())
}

/// The group of a message that is in the line.
fn group_of(txn: &Write, at: &QueueAt<'_>, tie: u64) -> Result<Group, Error> {
    let group = txn.get(&keys::group(at.queue.content, tie))?;
    Ok(group.ok_or_else(|| virga_store::Fault::new("a message of a FIFO queue has no group"))?)
}

/// The message of a handle while it is in flight by that very receive; none when it is gone.
fn in_flight(
    ctx: &Ctx,
    txn: &Write,
    at: &QueueAt<'_>,
    handle: ReceiptHandle,
    receipt_handle: &str,
) -> Result<Option<(i64, Line)>, Error> {
    let Some(line) = txn.get(&keys::line(at.queue.content, handle.place))? else { return Ok(None) };
    let due = line.hidden_until.filter(|due| *due > now(ctx) && line.receives.count == handle.count);
    match due {
        Some(due) => Ok(Some((due, line))),
        None => Err(Error::invalid_value(receipt_handle, "ReceiptHandle", "The receipt handle has expired.")),
    }
}

/// Deletes a message. Unlike in a standard queue, an expired handle is refused.
pub(crate) fn delete(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    handle: ReceiptHandle,
    receipt_handle: &str,
) -> Result<(), Error> {
    let Some((due, _)) = in_flight(ctx, txn, at, handle, receipt_handle)? else { return Ok(()) };
    let content = at.queue.content;
    txn.delete(&keys::fifo_due(content, due, handle.place))?;
    at.count(txn, handle.place, -Counts::IN_FLIGHT)?;
    remove(txn, at, handle.place)?;
    ctx.wake(txn, at.topic());
    Ok(())
}

/// Takes a message out of its line.
fn remove(txn: &mut Write, at: &QueueAt<'_>, place: Place) -> Result<(), Error> {
    let content = at.queue.content;
    let mut group = group_of(txn, at, place.tie)?;
    txn.delete(&keys::line(content, place))?;
    txn.delete(&keys::message(content, place))?;
    at.count(txn, place, -Counts::MESSAGE)?;
    group.count -= 1;
    settle(txn, at, place.tie, group)
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
    let Some((due, line)) = in_flight(ctx, txn, at, handle, receipt_handle)? else {
        let reason = "Message does not exist or is not available for visibility timeout change.";
        return Err(Error::invalid_value(receipt_handle, "ReceiptHandle", reason));
    };
    let new_due = now(ctx) + seconds(visibility_seconds);
    QueueAt::check_longest_visibility(line.received, new_due, visibility_seconds)?;
    txn.delete(&keys::fifo_due(content, due, place))?;
    if visibility_seconds > 0 {
        txn.put(&keys::line(content, place), &Line { hidden_until: Some(new_due), ..line })?;
        txn.put(&keys::fifo_due(content, new_due, place), &())?;
        return workers::arm_release(ctx, txn, at, new_due);
    }
    at.count(txn, place, -Counts::IN_FLIGHT)?;
    show(ctx, txn, at, place, line)
}

/// Lets a message that was hidden be received again, unless its retention is over.
fn show(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, place: Place, line: Line) -> Result<(), Error> {
    if at.is_expired(place, now(ctx)) {
        return remove(txn, at, place);
    }
    txn.put(&keys::line(at.queue.content, place), &Line { hidden_until: None, ..line })?;
    let group = group_of(txn, at, place.tie)?;
    settle(txn, at, place.tie, group)?;
    ctx.wake(txn, at.topic());
    Ok(())
}

pub(crate) fn release(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, limit: usize) -> Result<usize, Error> {
    let content = at.queue.content;
    let now = now(ctx);
    let rows = txn.snapshot_scan(&keys::all_fifo_due(content).until(now + 1), Direction::Forward, limit)?;
    for (key, ()) in &rows {
        let (_, _, order, tie): (u64, i64, u64, u64) = key.parts()?;
        let place = Place { order, tie };
        let line_key = keys::line(content, place);
        let (true, Some(line)) = (txn.contains(key)?, txn.get(&line_key)?) else { continue };
        txn.delete(key)?;
        match line.received {
            Some(_) => at.count(txn, place, -Counts::IN_FLIGHT)?,
            None => at.count_delayed(txn, -1)?,
        }
        show(ctx, txn, at, place, line)?;
    }
    Ok(rows.len())
}

pub(crate) fn remove_visible(txn: &mut Write, at: &QueueAt<'_>, place: Place) -> Result<bool, Error> {
    let line = txn.get(&keys::line(at.queue.content, place))?;
    let visible = line.is_some_and(|line| line.hidden_until.is_none());
    if visible {
        remove(txn, at, place)?;
    }
    Ok(visible)
}

/// The message of a place, hidden until a later time: for a receive that is asked for again.
pub(crate) fn hide_again(
    txn: &mut Write,
    at: &QueueAt<'_>,
    (place, line): (Place, Line),
    reception: Reception,
) -> Result<Option<Delivered>, Error> {
    let content = at.queue.content;
    let Some(message) = txn.get(&keys::message(content, place))? else { return Ok(None) };
    if let Some(due) = line.hidden_until {
        txn.delete(&keys::fifo_due(content, due, place))?;
    }
    let due = reception.due();
    txn.put(&keys::line(content, place), &Line { hidden_until: Some(due), ..line })?;
    txn.put(&keys::fifo_due(content, due, place), &())?;
    let handle = ReceiptHandle { queue: at.queue.id, place, lane: 0, due: 0, count: line.receives.count };
    Ok(Some(Delivered { place, handle, message, receives: line.receives }))
}
