//! Checkpoints: moving what has gathered in memory to the base, while commits and reads go on.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::base::Base;
use super::engine::Shared;
use super::log::Log;
use super::state::State;
use crate::Fault;

/// The active layer is written to the base when it takes this much memory.
const FULL_BYTES: usize = 32 << 20;
/// It is also written when this much log would have to be replayed.
const MOST_LOG: u64 = 48 << 20;
/// Commits wait for the checkpoint when the active layer takes this much memory.
const MOST_BYTES: usize = 2 * FULL_BYTES;
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
    stop: bool,
    /// Why the last checkpoint failed.
    failure: Option<Fault>,
}

impl Disk {
    /// Asks for a checkpoint when one is due.
    pub(super) fn request_if_due(&self, state: &State) {
        let due = state.active_bytes >= FULL_BYTES || state.log_end - state.frozen_at >= MOST_LOG;
        if due && state.layers.frozen.is_none() {
            self.requests.lock().checkpoint = true;
            self.requested.notify_one();
        }
    }

    /// Waits while checkpoints cannot keep up.
    pub(super) fn wait_for_room(&self, state: &mut MutexGuard<'_, State>) -> Result<(), Fault> {
        while state.active_bytes >= MOST_BYTES {
            let requests = self.requests.lock();
            if let Some(fault) = &requests.failure {
                return Err(fault.clone());
            }
            drop(requests);
            self.request_if_due(state);
            self.ended.wait_for(state, RETRY);
        }
        Ok(())
    }

    /// Ends [`run`].
    pub(super) fn stop(&self) {
        self.requests.lock().stop = true;
        self.requested.notify_all();
    }
}

/// Makes checkpoints when asked to, until told to stop: the body of the checkpoint thread.
pub(super) fn run(shared: &Shared, disk: &Disk) {
    loop {
        let mut requests = disk.requests.lock();
        while !requests.checkpoint && !requests.stop {
            disk.requested.wait(&mut requests);
        }
        if requests.stop {
            return;
        }
        requests.checkpoint = false;
        drop(requests);
        let failure = checkpoint(shared, disk).err();
        let mut requests = disk.requests.lock();
        requests.failure = failure;
        if requests.failure.is_some() {
            disk.requested.wait_for(&mut requests, RETRY);
            requests.checkpoint = true;
        }
        drop(requests);
        disk.ended.notify_all();
    }
}

/// Writes what is in memory to the base, and drops the log up to there.
pub(super) fn checkpoint(shared: &Shared, disk: &Disk) -> Result<(), Fault> {
    let _maintenance = disk.maintenance.lock();
    let mut state = shared.state.lock();
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

    let mut state = shared.state.lock();
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
    let mut state = shared.state.lock();
    state.frozen_at = state.frozen_at.max(position);
    drop(state);
    disk.log.forget(position)
}
