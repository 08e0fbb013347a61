//! Durable timers: everything that happens later, and every effect outside the transaction that caused it.
//!
//! A timer is a record keyed by its due time. Its kind says what it does: a transaction that fires and removes it at
//! once, or a delivery (the outbox), which runs outside a transaction, is removed once it has succeeded, and is put
//! off when it fails: at least once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Key, Reader, Space, Write, stored};

use crate::{Ctx, Failure};

/// A timer of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Name of the service's model.
    pub service: &'static str,
    /// One of the service's [`TimerKind`]s.
    pub kind: &'static str,
    /// Tells it from others of its kind; a later timer of the same kind and id replaces it.
    pub id: String,
    /// When it is due.
    pub due: Timestamp,
    /// What its handler needs to know.
    pub payload: Vec<u8>,
    /// How often it has failed; 0 for a new one.
    pub attempts: u32,
}

impl Timer {
    /// A timer that has not failed yet, whose handler reads `payload` back with [`Timer::read`].
    ///
    /// # Errors
    /// When the payload's serializer fails.
    pub fn new<T: Serialize>(
        service: &'static str,
        kind: &'static str,
        id: String,
        due: Timestamp,
        payload: &T,
    ) -> Result<Self, Fault> {
        let payload = postcard::to_allocvec(payload).map_err(|error| {
            Fault::with_source(format!("the timer {kind} of {service} can't be written"), error)
        })?;
        Ok(Timer { service, kind, id, due, payload, attempts: 0 })
    }

    /// What it was set with.
    ///
    /// # Errors
    /// When the payload is not one of this type.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Result<T, Fault> {
        postcard::from_bytes(&self.payload).map_err(|error| {
            Fault::with_source(format!("the timer {} of {} is damaged", self.kind, self.service), error)
        })
    }
}

/// What the timers of one kind do.
pub struct TimerKind {
    /// Name, unique in the service.
    pub name: &'static str,
    /// What to do.
    pub handler: TimerHandler,
}

/// How a timer fires.
#[derive(Clone, Copy)]
pub enum TimerHandler {
    /// In the transaction that removes the timer.
    Transaction(fn(&Ctx, &mut Write, &Timer) -> Result<(), Failure>),
    /// Outside a transaction, at least once.
    Delivery(fn(Ctx, Timer) -> Delivering),
}

/// A delivery under way.
pub type Delivering = Pin<Box<dyn Future<Output = Result<(), DeliveryFailure>> + Send>>;

/// A delivery that failed.
#[derive(Debug, Clone)]
pub enum DeliveryFailure {
    /// Try again after this time of the world's clock.
    Retry(Duration),
    /// It can't succeed; the timer is removed. The handler has dealt with the rest (dead letters).
    GiveUp,
}

/// A timer as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredTimer {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) attempts: u32,
}
stored!(StoredTimer, 1);

/// When a timer is due, by its name.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Due(i64);
stored!(Due, 1);

/// Timers in the order in which they are due: (due microseconds, service, kind, id).
static TIMERS: Space<StoredTimer> = Space::new("kit.timer");
/// Due times by (service, kind, id).
static DUE: Space<Due> = Space::new("kit.timer-due");

/// A timer found in the store.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) key: Key<StoredTimer>,
    pub(crate) due: Timestamp,
    pub(crate) service: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) timer: StoredTimer,
}

/// Sets a timer for the caller's account and region.
pub(crate) fn set(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Fault> {
    let stored = StoredTimer {
        account: ctx.account().to_owned(),
        region: ctx.region().to_owned(),
        payload: timer.payload.clone(),
        attempts: timer.attempts,
    };
    put(txn, (timer.service, timer.kind, &timer.id), timer.due, &stored)?;
    let world = Arc::clone(ctx.world());
    txn.on_commit(move || world.timers_changed());
    Ok(())
}

fn put(
    txn: &mut Write,
    (service, kind, id): (&str, &str, &str),
    due: Timestamp,
    stored: &StoredTimer,
) -> Result<(), Fault> {
    cancel(txn, service, kind, id)?;
    txn.put(&TIMERS.key((due.micros(), service, kind, id)), stored)?;
    txn.put(&DUE.key((service, kind, id)), &Due(due.micros()))
}

/// Removes a timer by its name.
pub(crate) fn cancel(txn: &mut Write, service: &str, kind: &str, id: &str) -> Result<(), Fault> {
    let name = DUE.key((service, kind, id));
    if let Some(Due(due)) = txn.get(&name)? {
        txn.delete(&TIMERS.key((due, service, kind, id)))?;
        txn.delete(&name)?;
    }
    Ok(())
}

/// The first timers in the order in which they are due.
pub(crate) fn first(reader: &impl Reader, limit: usize) -> Result<Vec<Found>, Fault> {
    let rows = reader.scan(&TIMERS.all(), Direction::Forward, limit)?;
    rows.into_iter()
        .map(|(key, timer)| {
            let (due, service, kind, id): (i64, String, String, String) = key.parts()?;
            Ok(Found { key, due: Timestamp::from_micros(due), service, kind, id, timer })
        })
        .collect()
}

impl Found {
    /// Whether it is still there as it was found; says so to the transaction, so that no other fires it too.
    pub(crate) fn claim(&self, txn: &mut Write) -> Result<bool, Fault> {
        let there = txn.contains(&self.key)?;
        if there {
            cancel(txn, &self.service, &self.kind, &self.id)?;
        }
        Ok(there)
    }

    /// Puts it off to another time, as failed once more.
    pub(crate) fn put_off(&self, txn: &mut Write, due: Timestamp) -> Result<(), Fault> {
        if !txn.contains(&self.key)? {
            return Ok(());
        }
        let timer = StoredTimer { attempts: self.timer.attempts.saturating_add(1), ..self.timer.clone() };
        put(txn, (&self.service, &self.kind, &self.id), due, &timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_reads_what_it_was_set_with() {
        let due = Timestamp::from_secs(1);
        let timer = Timer::new("sqs", "drop", "7".to_owned(), due, &("queue", 7_u64)).unwrap();
        assert_eq!(timer.payload, *b"\x05queue\x07", "other releases read these bytes");
        assert_eq!(timer.read::<(String, u64)>().unwrap(), ("queue".to_owned(), 7));
        let fault = timer.read::<(u64, String)>().unwrap_err();
        assert!(fault.to_string().starts_with("the timer drop of sqs is damaged"), "{fault}");
    }
}
