//! Writing the log: commits append to a buffer, one thread at a time hands it to the system, and a
//! background thread syncs.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::record::{self, Kind};
use super::recovery::Recovered;
use super::segment::{self, Segment};
use super::waiters::{Synced, Waiters, Written};
use crate::Fault;
use crate::engine::{Durability, Durable};
use crate::entry::Entry;

/// The longest time that a relaxed commit stays unsynced.
const SYNC_INTERVAL: Duration = Duration::from_millis(100);
/// The longest time that a sync waits for more commits, and the steps in which it looks for them.
const LONGEST_GATHERING: Duration = Duration::from_millis(1);
const GATHERING_STEP: Duration = Duration::from_micros(50);
/// A larger buffer is given back after a burst.
const KEPT_BUFFER: usize = 1 << 20;

/// The log of one store.
pub(in crate::layered) struct Log {
    dir: PathBuf,
    durability: Durability,
    pending: Mutex<Pending>,
    tail: Mutex<Tail>,
    /// Position up to which the system has the log.
    written: AtomicU64,
    /// Position up to which the device has it.
    synced: AtomicU64,
    pub(super) waiters: Waiters,
    /// Set when a sync has failed: what the device holds is unknown, so nothing may be acknowledged again.
    failed: OnceLock<Fault>,
    /// Whether the last write has failed: its records wait in the tail's buffer, and no more are taken.
    stalled: AtomicBool,
    /// Why.
    stall: Mutex<Option<Fault>>,
    /// Whether the sync thread has work that it was told of.
    dirty: AtomicBool,
    stop: Mutex<bool>,
    signal: Condvar,
}

/// Commits that no thread has taken to write yet.
struct Pending {
    buffer: Vec<u8>,
    end: u64,
}

/// The end of the log as far as it is written.
struct Tail {
    segment: Option<Segment>,
    /// Sealed records that begin at `written`.
    buffer: Vec<u8>,
    /// Files written to since the last sync.
    unsynced: Vec<Arc<File>>,
    /// Whether files were created since the last sync.
    created: bool,
}

/// What the last sync was like.
#[derive(Default)]
struct LastSync {
    /// How many commits waited for it.
    served: usize,
    took: Duration,
}

impl Log {
    /// Continues a recovered log, of which everything before `synced` is on the device.
    pub(in crate::layered) fn new(
        dir: &Path,
        durability: Durability,
        recovered: Recovered,
        synced: u64,
    ) -> Self {
        let Recovered { end, unsynced } = recovered;
        Self {
            dir: dir.to_owned(),
            durability,
            pending: Mutex::new(Pending { buffer: Vec::new(), end }),
            tail: Mutex::new(Tail { segment: None, buffer: Vec::new(), unsynced, created: false }),
            written: AtomicU64::new(end),
            synced: AtomicU64::new(synced),
            waiters: Waiters::default(),
            failed: OnceLock::new(),
            stalled: AtomicBool::new(false),
            stall: Mutex::new(None),
            dirty: AtomicBool::new(end > synced),
            stop: Mutex::new(false),
            signal: Condvar::new(),
        }
    }

    /// Appends a record to the buffer and returns the position after it. Called in commit order.
    pub(in crate::layered) fn append(&self, kind: Kind, entries: &[Entry]) -> Result<u64, Fault> {
        let mut pending = self.pending.lock();
        let (before, position) = (pending.buffer.len(), pending.end);
        record::append(&mut pending.buffer, position, kind, entries)?;
        pending.end += (pending.buffer.len() - before) as u64;
        Ok(pending.end)
    }

    /// Refuses when the log cannot take another commit. Space that has come back is noticed here.
    pub(in crate::layered) fn check(&self) -> Result<(), Fault> {
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        if self.stalled.load(Ordering::Acquire) {
            self.write_pending(&mut self.tail.lock())?;
        }
        Ok(())
    }

    /// Tells the sync thread of a commit. What the durability asks for comes when somebody waits for it.
    pub(in crate::layered) fn committed(&self) {
        if !self.dirty.load(Ordering::Acquire) && !self.dirty.swap(true, Ordering::AcqRel) {
            // Taking the lock makes sure that the thread either sees the flag or hears the signal.
            drop(self.stop.lock());
            self.signal.notify_one();
        }
    }

    /// Hands the log to the system up to `position` at least. The first thread to come writes for all.
    pub(super) fn write(&self, position: u64) -> Result<(), Fault> {
        if self.is_written(position) {
            return Ok(());
        }
        let mut tail = self.tail.lock();
        if self.is_written(position) {
            return Ok(());
        }
        self.write_pending(&mut tail)
    }

    fn is_written(&self, position: u64) -> bool {
        self.written.load(Ordering::Acquire) >= position
    }

    fn write_pending(&self, tail: &mut Tail) -> Result<(), Fault> {
        let fresh = tail.buffer.len();
        {
            let mut pending = self.pending.lock();
            if fresh == 0 {
                std::mem::swap(&mut tail.buffer, &mut pending.buffer);
            } else {
                // An earlier write has failed: its records go first.
                tail.buffer.append(&mut pending.buffer);
            }
        }
        record::seal(&mut tail.buffer[fresh..], self.synced.load(Ordering::Acquire));
        let mut done = 0;
        let result = self.write_records(tail, &mut done);
        if done == tail.buffer.len() {
            tail.buffer.clear();
            tail.buffer.shrink_to(KEPT_BUFFER);
        } else {
            tail.buffer.drain(..done);
        }
        self.note(result)
    }

    /// Keeps in mind whether the log takes writes at present.
    fn note(&self, result: io::Result<()>) -> Result<(), Fault> {
        let Err(e) = result else {
            if self.stalled.swap(false, Ordering::AcqRel) {
                *self.stall.lock() = None;
            }
            return Ok(());
        };
        let fault = Fault::with_source(format!("cannot write the log in {}", self.dir.display()), e);
        *self.stall.lock() = Some(fault.clone());
        self.stalled.store(true, Ordering::Release);
        Err(fault)
    }

    /// Writes whole records, filling segment after segment. `done` counts the bytes that are written.
    fn write_records(&self, tail: &mut Tail, done: &mut usize) -> io::Result<()> {
        while let Some(first) = record::size_of_first(&tail.buffer[*done..]) {
            let position = self.written.load(Ordering::Acquire);
            let (segment, room) = match &tail.segment {
                Some(segment) => (segment, segment.start + segment.capacity - position),
                None => (self.roll(&mut tail.segment, &mut tail.created, position, first)?, 0),
            };
            let room = if segment.start == position { segment.capacity } else { room };
            let mut size = 0;
            while let Some(record) = record::size_of_first(&tail.buffer[*done + size..]) {
                if (size + record) as u64 > room {
                    break;
                }
                size += record;
            }
            if size == 0 {
                tail.segment = None;
                continue;
            }
            segment.file.write_all_at(&tail.buffer[*done..*done + size], position - segment.start)?;
            if !tail.unsynced.last().is_some_and(|file| Arc::ptr_eq(file, &segment.file)) {
                tail.unsynced.push(Arc::clone(&segment.file));
            }
            *done += size;
            self.written.store(position + size as u64, Ordering::Release);
        }
        Ok(())
    }

    fn roll<'a>(
        &self,
        segment: &'a mut Option<Segment>,
        created: &mut bool,
        start: u64,
        least: usize,
    ) -> io::Result<&'a Segment> {
        let new = Segment::create(&self.dir, start, least as u64)?;
        *created = true;
        Ok(segment.insert(new))
    }

    /// Brings everything appended so far to the device.
    pub(in crate::layered) fn sync(&self) -> Result<(), Fault> {
        let mut tail = self.tail.lock();
        self.write_pending(&mut tail)?;
        let position = self.written.load(Ordering::Acquire);
        let files = std::mem::take(&mut tail.unsynced);
        let created = std::mem::take(&mut tail.created);
        drop(tail);
        let sync = || {
            files.iter().try_for_each(|file| file.sync_data())?;
            if created { File::open(&self.dir)?.sync_all() } else { Ok(()) }
        };
        if let Err(e) = sync() {
            let fault = Fault::with_source(format!("cannot sync the log in {}", self.dir.display()), e);
            return Err(self.failed.get_or_init(|| fault).clone());
        }
        self.synced.fetch_max(position, Ordering::AcqRel);
        Ok(())
    }

    /// Whether the log is synced up to `position`; nothing while that is still to come.
    pub(super) fn is_synced(&self, position: u64) -> Option<Result<(), Fault>> {
        if self.synced.load(Ordering::Acquire) >= position {
            return Some(Ok(()));
        }
        let fault = self.failed.get().cloned().or_else(|| self.stall.lock().clone());
        fault.map(Err)
    }

    /// The wait until the commit that ends at `position` is durable.
    pub(in crate::layered) fn durable(self: &Arc<Self>, position: u64) -> Result<Option<Durable>, Fault> {
        match self.durability {
            Durability::Relaxed => match self.is_written(position) {
                true => Ok(None),
                false => Ok(Some(Box::pin(Written::new(Arc::clone(self), position)))),
            },
            Durability::Strict => match self.is_synced(position) {
                Some(result) => result.map(|()| None),
                None => Ok(Some(Box::pin(Synced { log: Arc::clone(self), position }))),
            },
        }
    }

    /// Deletes the segments that lie before `position`, all of them when the log ends there.
    pub(in crate::layered) fn forget(&self, position: u64) -> Result<(), Fault> {
        let mut tail = self.tail.lock();
        let ended = tail.buffer.is_empty() && self.pending.lock().end == position;
        let written = self.written.load(Ordering::Acquire);
        if ended && written == position {
            tail.segment = None;
            tail.unsynced.clear();
        }
        let keep = tail.segment.as_ref().map_or(written, |segment| segment.start);
        drop(tail);
        // The base holds everything up to here, wherever the log is.
        self.synced.fetch_max(position, Ordering::AcqRel);
        self.waiters.wake(position);
        let remove = || {
            let starts = segment::list(&self.dir)?;
            for (index, &start) in starts.iter().enumerate() {
                let next = starts.get(index + 1).copied().unwrap_or(keep);
                if start < keep && next <= position {
                    std::fs::remove_file(segment::path(&self.dir, start))?;
                }
            }
            Ok::<_, io::Error>(())
        };
        remove().map_err(|e| Fault::with_source("cannot delete old log segments", e))
    }

    /// Syncs again and again, until told to stop: the body of the sync thread.
    #[expect(clippy::disallowed_methods, reason = "how long a sync takes is measured in real time")]
    pub(in crate::layered) fn run(&self) {
        let mut last = LastSync::default();
        loop {
            let mut stop = self.stop.lock();
            while !*stop && !self.dirty.load(Ordering::Acquire) {
                self.signal.wait(&mut stop);
            }
            if !*stop && self.durability == Durability::Relaxed {
                self.signal.wait_for(&mut stop, SYNC_INTERVAL);
            }
            if *stop {
                return;
            }
            self.gather(&mut stop, &last);
            drop(stop);
            self.dirty.store(false, Ordering::Release);
            let began = Instant::now();
            match self.sync() {
                Ok(()) => {
                    let served = self.waiters.wake(self.synced.load(Ordering::Acquire));
                    last = LastSync { served, took: began.elapsed() };
                }
                Err(_) => {
                    self.waiters.wake(u64::MAX);
                    self.retry_later();
                }
            }
        }
    }

    /// Those whom a sync has served come back together, with their next commits. A sync that began with the first of them
    /// would make the others wait for another one: so it begins when as many have come, or after a part of the time that
    /// a sync takes.
    fn gather(&self, stop: &mut MutexGuard<'_, bool>, last: &LastSync) {
        if self.durability == Durability::Relaxed || last.served < 2 {
            return;
        }
        let most = (last.took / 4).min(LONGEST_GATHERING);
        let mut waited = Duration::ZERO;
        while !**stop && waited < most && self.waiters.count() < last.served {
            self.signal.wait_for(stop, GATHERING_STEP);
            waited += GATHERING_STEP;
        }
    }

    /// After a failed write, when the disk may be full for a while. A failed sync is final.
    fn retry_later(&self) {
        if self.failed.get().is_none() {
            self.dirty.store(true, Ordering::Release);
            self.signal.wait_for(&mut self.stop.lock(), SYNC_INTERVAL);
        }
    }

    /// Ends [`Log::run`]. Commits that nobody has waited for are handed over; should that fail, nobody was told of them.
    pub(in crate::layered) fn stop(&self) {
        drop(self.write_pending(&mut self.tail.lock()));
        *self.stop.lock() = true;
        self.signal.notify_all();
    }
}
