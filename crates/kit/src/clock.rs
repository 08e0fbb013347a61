//! The one clock of a world: real time plus an offset, or frozen.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use virga_model::Timestamp;
use virga_store::{Fault, Reader as _, Space, Store, stored};

/// How the clock stands; kept in the store, so that a restart goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ClockState {
    /// Microseconds that the world is ahead of real time.
    pub offset_micros: i64,
    /// The time at which the clock stands still, in microseconds since the epoch.
    pub frozen_micros: Option<i64>,
}
stored!(ClockState, 1);

static CLOCK: Space<ClockState> = Space::new("kit.clock");

/// Stands for "not frozen".
const RUNNING: i64 = i64::MIN;

/// A world's clock. Reading it takes no lock.
#[derive(Debug)]
pub struct Clock {
    offset_micros: AtomicI64,
    frozen_micros: AtomicI64,
    changed: Notify,
}

impl Clock {
    /// The clock as the store remembers it; real time when it remembers nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(store: &Store) -> Result<Self, Fault> {
        let state = store.read()?.get(&CLOCK.key(()))?.unwrap_or_default();
        Ok(Clock {
            offset_micros: AtomicI64::new(state.offset_micros),
            frozen_micros: AtomicI64::new(state.frozen_micros.unwrap_or(RUNNING)),
            changed: Notify::new(),
        })
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        let frozen = self.frozen_micros.load(Ordering::Acquire);
        if frozen == RUNNING {
            Timestamp::from_micros(real_micros() + self.offset_micros.load(Ordering::Acquire))
        } else {
            Timestamp::from_micros(frozen)
        }
    }

    /// How the clock stands.
    pub fn state(&self) -> ClockState {
        let frozen = self.frozen_micros.load(Ordering::Acquire);
        ClockState {
            offset_micros: self.offset_micros.load(Ordering::Acquire),
            frozen_micros: (frozen != RUNNING).then_some(frozen),
        }
    }

    /// Stops the clock at the present time.
    ///
    /// # Errors
    /// When the store fails.
    pub fn freeze(&self, store: &Store) -> Result<(), Fault> {
        let state = ClockState { frozen_micros: Some(self.now().micros()), ..self.state() };
        self.change(store, state)
    }

    /// Lets the clock run on from where it stands.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resume(&self, store: &Store) -> Result<(), Fault> {
        let offset_micros = self.now().micros() - real_micros();
        self.change(store, ClockState { offset_micros, frozen_micros: None })
    }

    /// Puts the clock to a time; it goes on standing or running from there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn set(&self, store: &Store, time: Timestamp) -> Result<(), Fault> {
        let state = match self.state().frozen_micros {
            Some(_) => ClockState { frozen_micros: Some(time.micros()), ..self.state() },
            None => ClockState { offset_micros: time.micros() - real_micros(), frozen_micros: None },
        };
        self.change(store, state)
    }

    /// Back to real time, for an emptied world.
    pub(crate) fn restore(&self, state: ClockState) {
        self.offset_micros.store(state.offset_micros, Ordering::Release);
        self.frozen_micros.store(state.frozen_micros.unwrap_or(RUNNING), Ordering::Release);
        self.changed.notify_waiters();
    }

    fn change(&self, store: &Store, state: ClockState) -> Result<(), Fault> {
        store.write(|txn| txn.put(&CLOCK.key(()), &state))?;
        self.restore(state);
        Ok(())
    }

    /// Waits until the world's time has reached `time`, however the clock is moved meanwhile.
    pub async fn reach(&self, time: Timestamp) {
        loop {
            let changed = self.changed.notified();
            let now = self.now();
            if now >= time {
                return;
            }
            let running = self.frozen_micros.load(Ordering::Acquire) == RUNNING;
            // Timers of the runtime count milliseconds; a little more never wakes too early.
            let left = if running { time.since(now) + Duration::from_millis(1) } else { Duration::MAX };
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(left.min(Duration::from_secs(3600))) => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the world's time comes from")]
fn real_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
