//! What a connection is doing, as its timeouts and the shutdown see it.
//!
//! The hot path only flips flags and counts; no clock is read and no timer armed per request. A watch that ticks a few
//! times per timeout compares what it sees with what it saw before: a connection that stays in one stage for
//! as long as the stage allows has timed out.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed, Ordering::SeqCst};
use std::task::Waker;
use std::time::Duration;

use super::Limits;

/// The state that the socket, the requests and the watch of one connection share.
#[derive(Default)]
pub(super) struct Activity {
    /// Several requests at a time (HTTP/2): bytes between requests do not mean that a head is being read.
    multiplexed: AtomicBool,
    in_flight: AtomicU32,
    reading_head: AtomicBool,
    write_blocked: AtomicBool,
    unread_body: AtomicBool,
    /// Counts changes of stage.
    generation: AtomicU32,
    draining: AtomicBool,
    waker: OnceLock<Waker>,
}

/// What a connection is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// The client, to start a request.
    Idle,
    /// The client, to finish a request's head.
    Head,
    /// Us, to answer.
    Serving,
    /// The client, to read what we wrote or are about to write.
    WriteBlocked,
}

impl Activity {
    pub(super) fn set_multiplexed(&self) {
        self.multiplexed.store(true, Relaxed);
        self.reading_head.store(false, Relaxed);
    }

    pub(super) fn bytes_read(&self) {
        if !self.reading_head.load(Relaxed)
            && self.in_flight.load(Relaxed) == 0
            && !self.multiplexed.load(Relaxed)
        {
            self.reading_head.store(true, Relaxed);
            self.changed();
        }
    }

    pub(super) fn request_started(&self) {
        self.in_flight.fetch_add(1, Relaxed);
        self.reading_head.store(false, Relaxed);
        self.changed();
    }

    pub(super) fn request_ended(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
        self.changed();
    }

    pub(super) fn write_blocked(&self) {
        self.write_blocked.store(true, Relaxed);
    }

    pub(super) fn bytes_written(&self) {
        if self.write_blocked.load(Relaxed) {
            self.write_blocked.store(false, Relaxed);
            self.changed();
        }
    }

    /// A request body was given up before its end.
    pub(super) fn body_left_unread(&self) {
        self.unread_body.store(true, Relaxed);
    }

    pub(super) fn has_unread_body(&self) -> bool {
        self.unread_body.load(Relaxed)
    }

    /// Whether the client may still be sending what nobody will read: a body or a head that was refused half-way.
    pub(super) fn refuses_input(&self) -> bool {
        self.has_unread_body() || self.reading_head.load(Relaxed)
    }

    /// Asks the connection to finish what is in flight and close. Ordered against [`Activity::is_draining`]: either the
    /// connection sees the flag, or it is woken.
    pub(super) fn drain(&self) {
        self.draining.store(true, SeqCst);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Whether the connection was asked to close. `waker` is woken when it is asked later.
    pub(super) fn is_draining(&self, waker: &Waker) -> bool {
        self.waker.get_or_init(|| waker.clone());
        self.draining.load(SeqCst)
    }

    pub(super) fn stage(&self) -> Stage {
        if self.write_blocked.load(Relaxed) {
            Stage::WriteBlocked
        } else if self.in_flight.load(Relaxed) > 0 {
            Stage::Serving
        } else if self.reading_head.load(Relaxed) {
            Stage::Head
        } else {
            Stage::Idle
        }
    }

    fn changed(&self) {
        self.generation.fetch_add(1, Relaxed);
    }
}

/// Finds out how long a connection has been in its stage.
pub(super) struct Watch {
    seen: (Stage, u32),
    unchanged: Duration,
}

impl Watch {
    pub(super) fn new(activity: &Activity) -> Self {
        Self { seen: Self::look(activity), unchanged: Duration::ZERO }
    }

    fn look(activity: &Activity) -> (Stage, u32) {
        (activity.stage(), activity.generation.load(Relaxed))
    }

    /// Notes that `interval` has passed; says the stage that has lasted too long, if it has.
    pub(super) fn tick(&mut self, activity: &Activity, interval: Duration, limits: &Limits) -> Option<Stage> {
        let seen = Self::look(activity);
        if seen != self.seen {
            self.seen = seen;
            self.unchanged = Duration::ZERO;
            return None;
        }
        self.unchanged += interval;
        let allowed = match seen.0 {
            Stage::Idle => limits.keep_alive_timeout,
            Stage::Head => limits.header_read_timeout,
            Stage::WriteBlocked => limits.write_stall_timeout,
            Stage::Serving => return None,
        };
        (self.unchanged >= allowed).then_some(seen.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_secs(10);

    fn limits() -> Limits {
        Limits { header_read_timeout: STEP * 2, keep_alive_timeout: STEP * 3, ..Limits::default() }
    }

    #[test]
    fn a_head_that_drips_times_out() {
        let activity = Activity::default();
        activity.bytes_read();
        let mut watch = Watch::new(&activity);
        assert_eq!(watch.tick(&activity, STEP, &limits()), None);
        activity.bytes_read();
        assert_eq!(watch.tick(&activity, STEP, &limits()), Some(Stage::Head));
    }

    #[test]
    fn a_request_restarts_the_idle_time() {
        let activity = Activity::default();
        let mut watch = Watch::new(&activity);
        assert_eq!(watch.tick(&activity, STEP, &limits()), None);
        activity.bytes_read();
        activity.request_started();
        activity.request_ended();
        assert_eq!(watch.tick(&activity, STEP, &limits()), None);
        assert_eq!(watch.tick(&activity, STEP * 2, &limits()), None);
        assert_eq!(watch.tick(&activity, STEP, &limits()), Some(Stage::Idle));
    }

    #[test]
    fn a_request_in_flight_may_take_its_time() {
        let activity = Activity::default();
        activity.request_started();
        let mut watch = Watch::new(&activity);
        assert_eq!(watch.tick(&activity, STEP * 1000, &limits()), None);
    }
}
