//! The collection of blobs that no record names, what a crash has left of uploads: a thread beside the work.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use virga_store::{BlobId, Fault, LeakedBlobs, Read, Store};

use crate::services::BLOBS;

/// Between two batches of records: requests come first.
const PAUSE: Duration = Duration::from_millis(2);

/// Takes note of the state before anything is written. Files that nobody needs do no harm, so a failure only warns.
pub(super) fn begin(store: &Store) -> Option<LeakedBlobs> {
    store.leaked_blobs().unwrap_or_else(|fault| {
        tracing::warn!("unneeded blobs stay: {fault}");
        None
    })
}

/// A collection under way. Dropping it breaks it off.
pub(super) struct Collection {
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Collection {
    /// Nothing when no thread can be had.
    pub(super) fn run(leaked: LeakedBlobs) -> Option<Self> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&is_stopped);
        let collect = move || match leaked.delete(|read, named| walk(read, named, &stopped)) {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "blobs that nothing names are deleted"),
            Err(fault) => tracing::warn!("unneeded blobs stay: {fault}"),
        };
        let thread = thread::Builder::new().name("leaked-blobs".into()).spawn(collect).ok()?;
        Some(Self { is_stopped, thread: Some(thread) })
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has panicked at worst, which its own thread has told already.
            drop(thread.join());
        }
    }
}

fn walk(
    read: &Read,
    named: &mut dyn FnMut(&[BlobId]),
    is_stopped: &AtomicBool,
) -> Result<ControlFlow<()>, Fault> {
    let mut visit = |blobs: &[BlobId]| {
        named(blobs);
        thread::sleep(PAUSE);
        if is_stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    for of_service in BLOBS {
        if of_service(read, &mut visit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
