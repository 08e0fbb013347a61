//! Checkpoints: moving what has gathered in memory to the base, while commits and reads go on.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, RwLockWriteGuard};

use super::base::Base;
use super::engine::Shared;
use super::log::Log;
use super::state::State;
use crate::Fault;

/// The active layer is written to the base when it takes this much memory.
const FULL_BYTES: usize = 16 << 20;
/// It is also written when this much log, or so many entries, would have to be replayed.
const MOST_LOG: u64 = 24 << 20;
const MOST_LOGGED: usize = 100_000;
/// Commits wait for the checkpoint when it has fallen behind by so many times these amounts.
const MOST_BEHIND: usize = 2;
/// From this much log on, a checkpoint is also made when no commit has come for a while, so that a
/// later kill leaves little to replay.
const IDLE_LOG: u64 = 1 << 20;
const IDLE: Duration = Duration::from_secs(2);
/// Pause after a failed checkpoint.
const RETRY: Duration = Duration::from_secs(1);

/// What a store on disk has in addition to its state.
pub(super) struct Disk {
    pub(super) log: Arc<Log>,
    pub(super) base: Base,
    /// Held by whoever writes to the base.
    pub(super) maintenance: Mutex<()>,
    pub(super) requests: Mutex<Requests>,
    pub(super) requested: Condvar,
    /// Signalled when a checkpoint has ended, well or not.
    pub(super) ended: Condvar,
}

/// What the checkpoint thread is told.
#[derive(Default)]
pub(super) struct Requests {
    checkpoint: bool,
    when_idle: bool,
    stop: bool,
    /// Why the last checkpoint failed.
    failure: Option<Fault>,
}

impl Disk {
    /// Asks for a checkpoint when one is due.
    pub(super) fn request_if_due(&self, state: &mut State) {
        let backlog = state.log_end - state.frozen_at;
        if state.layers.frozen.is_some() || backlog < IDLE_LOG {
            return;
        }
        let due = state.active_bytes >= FULL_BYTES || backlog >= MOST_LOG || state.logged >= MOST_LOGGED;
        if due || !state.idle_requested {
            state.idle_requested = true;
            let mut requests = self.requests.lock();
            requests.checkpoint |= due;
            requests.when_idle = true;
            self.requested.notify_one();
        }
    }

    /// The state to change, as soon as checkpoints have kept up.
    pub(super) fn state_with_room<'a>(
        &self,
        shared: &'a Shared,
    ) -> Result<RwLockWriteGuard<'a, State>, Fault> {
        loop {
            let mut state = shared.state_mut();
            if state.active_bytes < MOST_BEHIND * FULL_BYTES && state.logged < MOST_BEHIND * MOST_LOGGED {
                return Ok(state);
            }
            self.request_if_due(&mut state);
            let mut requests = self.requests.lock();
            if let Some(fault) = &requests.failure {
                return Err(fault.clone());
            }
            // No checkpoint that makes room can end before this one is waited for.
            drop(state);
            self.ended.wait_for(&mut requests, RETRY);
        }
    }

    /// Ends [`run`].
    pub(super) fn stop(&self) {
        self.requests.lock().stop = true;
        self.requested.notify_all();
    }
}

/// Makes checkpoints when asked to, until told to stop: the body of the checkpoint thread.
pub(super) fn run(shared: &Shared, disk: &Disk) {
    while wait(shared, disk) {
        let failure = checkpoint(shared, disk).err();
        let mut requests = disk.requests.lock();
        disk.ended.notify_all();
        requests.failure = failure;
        if requests.failure.is_some() {
            disk.requested.wait_for(&mut requests, RETRY);
            requests.checkpoint = true;
        }
    }
}

/// Waits until there is a checkpoint to make; false when it is time to stop.
fn wait(shared: &Shared, disk: &Disk) -> bool {
    let mut seen = 0;
    let mut requests = disk.requests.lock();
    while !requests.checkpoint && !requests.stop {
        if !requests.when_idle {
            disk.requested.wait(&mut requests);
            continue;
        }
        drop(requests);
        let end = shared.state().log_end;
        requests = disk.requests.lock();
        if end == seen {
            requests.checkpoint = true;
        } else if !requests.checkpoint && !requests.stop {
            seen = end;
            disk.requested.wait_for(&mut requests, IDLE);
        }
    }
    requests.checkpoint = false;
    requests.when_idle = false;
    !requests.stop
}

/// Writes what is in memory to the base, and drops the log up to there.
pub(super) fn checkpoint(shared: &Shared, disk: &Disk) -> Result<(), Fault> {
    let _maintenance = disk.maintenance.lock();
    let mut state = shared.state_mut();
    if state.layers.frozen.is_none() && state.layers.active.is_empty() && !state.base_cleared {
        // The log may still hold commits that cancel each other out.
        let (position, unchanged) = (state.log_end, state.log_end == state.frozen_at);
        drop(state);
        return if unchanged { disk.log.forget(position) } else { advance(shared, disk, position) };
    }
    let frozen = state.freeze();
    let (position, cleared, epoch) = (state.frozen_at, state.frozen_cleared, state.epoch);
    drop(state);

    let change = disk.base.change()?;
    if cleared {
        change.clear()?;
    }
    change.apply(&mut frozen.iter().cloned().map(Ok))?;
    change.commit(position)?;
    let (view, _) = disk.base.view()?;

    let mut state = shared.state_mut();
    if state.epoch == epoch {
        let old = (state.layers.frozen.take(), std::mem::replace(&mut state.layers.base, view));
        state.frozen_cleared = false;
        drop(state);
        drop(old);
    } else {
        drop(state);
    }
    drop(frozen);
    disk.log.forget(position)
}

/// Notes in the base that the log up to `position` amounts to nothing.
fn advance(shared: &Shared, disk: &Disk, position: u64) -> Result<(), Fault> {
    let change = disk.base.change()?;
    change.apply(&mut std::iter::empty())?;
    change.commit(position)?;
    let mut state = shared.state_mut();
    state.frozen_at = state.frozen_at.max(position);
    state.logged = 0;
    state.idle_requested = false;
    drop(state);
    disk.log.forget(position)
}
