//! The states of a message and the moves between them, for either kind of queue: what handlers and workers share.
//!
//! A message is sent, hidden while it is delayed or in flight, visible, and finally gone: deleted, expired or moved to
//! another queue. How each kind of queue keeps these states is in `standard` and `fifo`.

use std::sync::Arc;

use virga_kit::{Ctx, Topic};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader, Write};

use crate::error::Error;
use crate::records::{Counts, Message, Place, Queue, Receives};
use crate::rules::queue_attributes::Numbers;
use crate::rules::{QueueAddress, QueueReference, ReceiptHandle, in_flight};
use crate::{fifo, keys, standard};

/// Messages that a call releases on its way; timers release the rest.
pub(crate) const RELEASED_BY_CALL: usize = 100;
/// Due messages that a count looks at; timers keep their number far below.
const DUE_LOOKED_AT: usize = 1000;

/// A queue and where it is.
#[derive(Debug, Clone)]
pub(crate) struct QueueAt<'a> {
    /// Where it is.
    pub(crate) at: QueueAddress<'a>,
    /// The queue.
    pub(crate) queue: Arc<Queue>,
}

/// What a receiver asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reception {
    /// The time.
    pub(crate) now: i64,
    /// Messages at most.
    pub(crate) max: usize,
    /// How long they stay hidden.
    pub(crate) visibility_seconds: u32,
}

impl Reception {
    /// When the messages become visible again.
    pub(crate) fn due(self) -> i64 {
        self.now + seconds(self.visibility_seconds)
    }
}

/// A message on its way to a receiver.
#[derive(Debug)]
pub(crate) struct Delivered {
    /// Which message.
    pub(crate) place: Place,
    /// What to delete it with.
    pub(crate) handle: ReceiptHandle,
    /// The message.
    pub(crate) message: Message,
    /// How often it was received, this time included.
    pub(crate) receives: Receives,
}

/// What the limit of messages in flight leaves to a receive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Messages that may be taken.
    pub(crate) messages: usize,
    /// Whether their shard takes more than its part, so that the counts have to be leveled.
    pub(crate) crowded: bool,
}

/// Finds the queue that a URL names.
pub(crate) fn open<'a>(ctx: &'a Ctx, txn: &impl Reader, queue_url: &'a str) -> Result<QueueAt<'a>, Error> {
    let at = address(ctx, queue_url)?;
    let queue = txn.recall(&keys::queue(at))?.ok_or(Error::QueueDoesNotExist)?;
    Ok(QueueAt { at, queue })
}

/// Where the queue of a URL would be.
pub(crate) fn address<'a>(ctx: &'a Ctx, queue_url: &'a str) -> Result<QueueAddress<'a>, Error> {
    let reference = QueueReference::parse(queue_url)
        .ok_or_else(|| Error::InvalidAddress { url: queue_url.to_owned() })?;
    let account = reference.account.unwrap_or(ctx.account());
    Ok(QueueAddress { account, region: ctx.region(), name: reference.name })
}

/// Finds the queue at an address.
pub(crate) fn find<'a>(txn: &impl Reader, at: QueueAddress<'a>) -> Result<Option<QueueAt<'a>>, Error> {
    Ok(txn.recall(&keys::queue(at))?.map(|queue| QueueAt { at, queue }))
}

/// The time in microseconds.
pub(crate) fn now(ctx: &Ctx) -> i64 {
    ctx.now().micros()
}

/// Seconds in microseconds.
pub(crate) fn seconds(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000_000
}

impl QueueAt<'_> {
    /// What long polls of the queue listen to.
    pub(crate) fn topic(&self) -> Topic {
        Topic::of(self.queue.id)
    }

    /// When retention is over for a message.
    pub(crate) fn expiry(&self, message: &Message) -> i64 {
        message.sent + seconds(self.queue.retention_seconds)
    }

    /// Whether retention is over for a message, as far as its place tells. Places of messages sent at the same time are
    /// microseconds apart, so that whole seconds are compared: the message may go a moment early.
    pub(crate) fn is_expired(&self, place: Place, now: i64) -> bool {
        let sent = place.sent().cast_signed();
        sent - sent % seconds(1) + seconds(self.queue.retention_seconds) <= now
    }

    /// Adds to the number of messages and of messages in flight: those of the shard of this place.
    pub(crate) fn count(&self, txn: &mut Write, place: Place, delta: i64) -> Result<(), Error> {
        Ok(txn.add(&keys::counts(self.queue.content, place.shard()), delta)?)
    }

    /// Adds to the number of delayed messages.
    pub(crate) fn count_delayed(&self, txn: &mut Write, delta: i64) -> Result<(), Error> {
        Ok(txn.add(&keys::delayed(self.queue.content), delta)?)
    }

    /// Messages of a standard queue that may be taken now, of so many wanted, where the next one is in the shard of this
    /// place. Some were taken by this call already.
    pub(crate) fn room(&self, txn: &Write, next: Place, taken: usize, wanted: usize) -> Result<Room, Error> {
        let own = Counts(txn.snapshot_counter(&keys::counts(self.queue.content, next.shard()))?);
        if in_flight::has_room(own.in_flight(), taken + wanted, Place::SHARDS) {
            return Ok(Room { messages: wanted, crowded: false });
        }
        let sum: i64 = self.in_flight_by_shard(txn)?.iter().sum();
        let messages = in_flight::room(sum, taken + wanted).saturating_sub(taken);
        Ok(Room { messages, crowded: true })
    }

    /// Whether the queue may not have more messages in flight.
    pub(crate) fn is_at_limit(&self, txn: &Write) -> Result<bool, Error> {
        let sum: i64 = self.in_flight_by_shard(txn)?.iter().sum();
        Ok(in_flight::room(sum, 1) == 0)
    }

    /// Spreads the number of messages in flight evenly over the shards.
    pub(crate) fn level(&self, txn: &mut Write) -> Result<(), Error> {
        let counts = self.in_flight_by_shard(txn)?;
        for (shard, change) in self.shards().zip(in_flight::leveling(&counts)) {
            txn.add(&keys::counts(self.queue.content, shard), change * Counts::IN_FLIGHT)?;
        }
        Ok(())
    }

    fn in_flight_by_shard(&self, txn: &Write) -> Result<Vec<i64>, Error> {
        let count = |shard| txn.snapshot_counter(&keys::counts(self.queue.content, shard));
        let counts = self.shards().map(|shard| Ok(Counts(count(shard)?).in_flight()));
        counts.collect()
    }

    /// The shards that messages are counted by.
    fn shards(&self) -> std::ops::Range<u64> {
        0..if self.queue.fifo.is_some() { 1 } else { Place::SHARDS }
    }

    /// Puts a new message into the queue. Its order.
    pub(crate) fn send(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        message: &Message,
        delay_seconds: u32,
    ) -> Result<u64, Error> {
        match self.queue.fifo {
            None => standard::send(ctx, txn, self, message, delay_seconds),
            Some(_) => fifo::send(ctx, txn, self, message, delay_seconds, Receives::default()),
        }
    }

    /// Takes visible messages and hides them.
    pub(crate) fn receive(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        reception: Reception,
    ) -> Result<Vec<Delivered>, Error> {
        match self.queue.fifo {
            None => standard::receive(ctx, txn, self, reception),
            Some(_) => fifo::receive(ctx, txn, self, reception),
        }
    }

    /// Deletes the message of a receipt handle.
    pub(crate) fn delete(&self, ctx: &Ctx, txn: &mut Write, receipt_handle: &str) -> Result<(), Error> {
        let handle = ReceiptHandle::decode(receipt_handle, self.queue.id)?;
        match self.queue.fifo {
            None => standard::delete(txn, self, handle),
            Some(_) => fifo::delete(ctx, txn, self, handle, receipt_handle),
        }
    }

    /// Hides the message of a receipt handle for this long from now on; 0 shows it at once.
    pub(crate) fn change_visibility(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        receipt_handle: &str,
        visibility_seconds: u32,
    ) -> Result<(), Error> {
        let handle = ReceiptHandle::decode(receipt_handle, self.queue.id)?;
        match self.queue.fifo {
            None => standard::change_visibility(ctx, txn, self, handle, receipt_handle, visibility_seconds),
            Some(_) => fifo::change_visibility(ctx, txn, self, handle, receipt_handle, visibility_seconds),
        }
    }

    /// Makes hidden messages visible whose time has come, at most `limit`. How many it looked at.
    pub(crate) fn release(&self, ctx: &Ctx, txn: &mut Write, limit: usize) -> Result<usize, Error> {
        match self.queue.fifo {
            None => standard::release(ctx, txn, self, limit),
            Some(_) => fifo::release(ctx, txn, self, limit),
        }
    }

    /// Removes a message whose retention is over or that moves elsewhere, unless it is hidden. Whether it was removed.
    pub(crate) fn remove_visible(
        &self,
        txn: &mut Write,
        place: Place,
        message: &Message,
    ) -> Result<bool, Error> {
        match self.queue.fifo {
            None => standard::remove_visible(txn, self, place, message),
            Some(_) => fifo::remove_visible(txn, self, place),
        }
    }

    /// When the next hidden message becomes visible.
    pub(crate) fn next_due(&self, txn: &Write) -> Result<Option<i64>, Error> {
        let content = self.queue.content;
        if self.queue.fifo.is_none() {
            return standard::next_due(txn, content);
        }
        let row = txn.snapshot_scan_keys(&keys::all_fifo_due(content), Direction::Forward, 1)?.pop();
        let due = row.map(|key| key.parts::<(u64, i64, u64, u64)>());
        Ok(due.transpose()?.map(|(_, due, _, _)| due))
    }

    /// The numbers of messages by state, right at this time even when the timers are a moment late.
    pub(crate) fn numbers(&self, txn: &impl Reader, now: i64) -> Result<Numbers, Error> {
        let content = self.queue.content;
        let count = |shard| txn.counter(&keys::counts(content, shard));
        let counts = Counts(self.shards().map(count).sum::<Result<i64, Fault>>()?);
        let delayed = txn.counter(&keys::delayed(content))?;
        if counts.in_flight() == 0 && delayed == 0 {
            return Ok(Numbers::new(counts, 0, 0, 0));
        }
        let (mut due_in_flight, mut due_delayed) = (0, 0);
        let mut due = |received: bool| if received { due_in_flight += 1 } else { due_delayed += 1 };
        match self.queue.fifo {
            None => {
                for shard in 0..Place::SHARDS {
                    let range = keys::hidden_until(content, shard, now + 1);
                    let rows = txn.scan(&range, Direction::Forward, DUE_LOOKED_AT)?;
                    rows.iter().for_each(|(_, hidden)| due(hidden.received.is_some()));
                }
            }
            Some(_) => {
                let range = keys::all_fifo_due(content).until(now + 1);
                for (key, ()) in txn.scan(&range, Direction::Forward, DUE_LOOKED_AT)? {
                    let (_, _, order, tie): (u64, i64, u64, u64) = key.parts()?;
                    let line = txn.get(&keys::line(content, Place { order, tie }))?;
                    due(line.is_some_and(|line| line.received.is_some()));
                }
            }
        }
        Ok(Numbers::new(counts, delayed, due_in_flight, due_delayed))
    }

    /// Refuses a visibility timeout that would keep a message hidden for more than twelve hours after its receive.
    pub(crate) fn check_longest_visibility(
        received: Option<i64>,
        due: i64,
        visibility_seconds: u32,
    ) -> Result<(), Error> {
        let longest = crate::rules::receive::LONGEST_VISIBILITY_SECONDS;
        let limit = received.map(|received| received + i64::from(longest) * 1_000_000);
        if limit.is_none_or(|limit| due <= limit) {
            return Ok(());
        }
        let reason =
            format!("Total VisibilityTimeout for the message is beyond the limit [{longest} seconds]");
        Err(Error::invalid_value(visibility_seconds, "VisibilityTimeout", reason))
    }
}

/// A point in time from its microseconds.
pub(crate) fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}
