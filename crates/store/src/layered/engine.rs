//! The engine: commits, snapshots and forks, in memory and on disk.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use parking_lot::{ArcRwLockReadGuard, Condvar, Mutex, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::attempt::LayeredAttempt;
use super::base::{Base, BaseView};
use super::checkpoint::{self, Disk, Requests};
use super::hints::{Guide, Hints};
use super::layers::Layers;
use super::log::{Kind, Log, replay};
use super::places::{self, PLACES};
use super::recollection::{self, Known};
use super::state::State;
use crate::Fault;
use crate::engine::{
    Attempt, Changes, CommitError, Decode, Direction, Durability, Durable, Engine, Entries, EntrySource,
    Recalled, Snapshot, Span, Ticket, Version,
};
use crate::entry::Entry;
use crate::write::counter_sum;

/// The engine behind `Store::memory`, `Store::open` and forks.
pub(crate) struct Layered {
    shared: Arc<Shared>,
    handles: [Arc<Handle>; PLACES],
    threads: Vec<JoinHandle<()>>,
    /// Keeps other processes out of the folder.
    _lock: Option<File>,
}

/// What the engine's threads share.
pub(super) struct Shared {
    /// Tells this engine's records from those of others that a thread remembers.
    pub(super) id: u64,
    /// Held for a few microseconds at a time: never across I/O, except when everything is replaced.
    pub(super) state: Arc<RwLock<State>>,
    disk: Option<Disk>,
}

/// What the threads in one place refer to the shared parts by. If all counted their references together, processors would
/// pass the count to and fro with every transaction.
#[repr(align(128))]
pub(super) struct Handle(Arc<Shared>);

impl Deref for Handle {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The state, kept for several reads.
pub(super) type Held = ArcRwLockReadGuard<RawRwLock, State>;

/// Ids of engines.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// How often a thread looks again whether the state is free before it sleeps. Whoever holds it does so for less time than
/// falling asleep and being woken take.
const MOST_LOOKS: u32 = 600;
/// Pauses of the processor between two looks.
const PAUSES: u32 = 1;

impl Shared {
    fn new(state: State, disk: Option<Disk>) -> Arc<Self> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { id, state: state.shared(), disk })
    }

    /// The state to look at, for a few microseconds.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        spin(|| self.state.try_read()).unwrap_or_else(|| self.state.read())
    }

    /// The state to look at several times, for a few microseconds.
    pub(super) fn held(&self) -> Held {
        spin(|| self.state.try_read_arc()).unwrap_or_else(|| self.state.read_arc())
    }

    /// The state to change, for a few microseconds.
    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        spin(|| self.state.try_write()).unwrap_or_else(|| self.state.write())
    }
}

fn spin<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    for _ in 0..MOST_LOOKS {
        if let Some(found) = look() {
            return Some(found);
        }
        (0..PAUSES).for_each(|_| std::hint::spin_loop());
    }
    None
}

impl Layered {
    pub(crate) fn memory() -> Self {
        Self::over(Layers::default())
    }

    fn over(layers: Layers) -> Self {
        Self::of(Shared::new(State::new(layers, 0), None), Vec::new(), None)
    }

    fn of(shared: Arc<Shared>, threads: Vec<JoinHandle<()>>, lock: Option<File>) -> Self {
        let handles = std::array::from_fn(|_| Arc::new(Handle(Arc::clone(&shared))));
        Self { shared, handles, threads, _lock: lock }
    }

    /// Opens or creates the store in `dir`.
    pub(crate) fn open(dir: &Path, durability: Durability) -> Result<Self, Fault> {
        let log_dir = dir.join("log");
        let lock = lock(dir, &log_dir)
            .map_err(|e| Fault::with_source(format!("cannot use the folder {}", dir.display()), e))?;
        let base = Base::open(&dir.join("base.redb"))?;
        let (view, applied) = base.view()?;
        let mut state = State::new(Layers { base: view, ..Layers::default() }, applied);
        let recovered = replay(&log_dir, applied, |kind, entries| match kind {
            Kind::Commit => drop(state.recover(entries)),
            Kind::Clear => drop(state.clear()),
        })?;
        state.log_end = recovered.end;
        let log = Arc::new(Log::new(&log_dir, durability, recovered, applied));
        let disk = Disk {
            log: Arc::clone(&log),
            base,
            maintenance: Mutex::new(()),
            requests: Mutex::new(Requests::default()),
            requested: Condvar::new(),
            ended: Condvar::new(),
        };
        disk.request_if_due(&mut state);
        let shared = Shared::new(state, Some(disk));
        let threads = [
            spawn("store-sync", move || log.run()),
            spawn("store-checkpoint", {
                let shared = Arc::clone(&shared);
                move || shared.disk.iter().for_each(|disk| checkpoint::run(&shared, disk))
            }),
        ];
        let threads = threads
            .into_iter()
            .collect::<io::Result<_>>()
            .map_err(|e| Fault::with_source("cannot start the store's threads", e))?;
        Ok(Self::of(shared, threads, Some(lock)))
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(512 << 10).spawn(body)
}

fn lock(dir: &Path, log_dir: &Path) -> io::Result<File> {
    if !log_dir.exists() {
        std::fs::create_dir_all(log_dir)?;
        // The folders themselves must survive a power cut.
        File::open(dir)?.sync_all()?;
        dir.parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .map_or(Ok(()), |parent| File::open(parent)?.sync_all())?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"))?;
    file.try_lock().map_err(|e| io::Error::other(format!("another process uses it ({e})")))?;
    Ok(file)
}

impl Drop for Layered {
    fn drop(&mut self) {
        if let Some(disk) = &self.shared.disk {
            disk.stop();
            disk.log.stop();
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to say.
            drop(thread.join());
        }
    }
}

impl Engine for Layered {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, Fault> {
        let state = self.shared.state();
        let (layers, version, log_end) = (state.layers.clone(), state.version, state.log_end);
        let hints = layers.may_hold_tombstones().then(|| Arc::clone(&state.hints));
        drop(state);
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(LayeredSnapshot { shared, layers, version, ticket: Ticket(log_end), hints }))
    }

    fn peek(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        State::read(self.shared.state(), key, || (), BaseView::get)
    }

    fn begin(&self) -> Result<Box<dyn Attempt>, Fault> {
        Ok(Box::new(LayeredAttempt::new(Arc::clone(&self.handles[places::own()]))))
    }

    fn commit(&self, attempt: Box<dyn Attempt>, changes: Changes) -> Result<Ticket, CommitError> {
        let disk = self.shared.disk.as_ref();
        if let Some(disk) = disk {
            disk.log.check()?;
            for add in &changes.adds {
                // Brings the counter into memory, so that the sum below needs no I/O under the lock.
                attempt.peek(add.key())?;
            }
        }
        let reads = attempt.into_reads();
        let mut writes = changes.sets;
        let mut state = match disk {
            Some(disk) => disk.state_with_room(&self.shared)?,
            None => self.shared.state_mut(),
        };
        if !state.unchanged(&reads) {
            return Err(CommitError::Conflict);
        }
        for add in &changes.adds {
            writes.push(counter_sum(state.layers.get(add.key())?.as_ref(), add)?);
        }
        if let Some(disk) = disk {
            state.log_end = disk.log.append(Kind::Commit, &writes)?;
        }
        let replaced = state.apply(writes);
        let ticket = Ticket(state.log_end);
        if let Some(disk) = disk {
            disk.request_if_due(&mut state);
        }
        drop(state);
        drop(replaced);
        if let Some(disk) = disk {
            disk.log.committed();
        }
        Ok(ticket)
    }

    fn durable(&self, ticket: Ticket) -> Result<Option<Durable>, Fault> {
        self.shared.disk.as_ref().map_or(Ok(None), |disk| disk.log.durable(ticket.0))
    }

    fn fork(&self) -> Result<Box<dyn Engine>, Fault> {
        let layers = self.shared.state().layers.clone();
        Ok(Box::new(Self::over(layers)))
    }

    fn clear(&self) -> Result<Ticket, Fault> {
        let mut state = self.shared.state_mut();
        if let Some(disk) = &self.shared.disk {
            disk.log.check()?;
            state.log_end = disk.log.append(Kind::Clear, &[])?;
        }
        let old = state.clear();
        let ticket = Ticket(state.log_end);
        drop(state);
        drop(old);
        if let Some(disk) = &self.shared.disk {
            disk.log.committed();
        }
        Ok(ticket)
    }

    fn replace(&self, entries: &mut EntrySource<'_>) -> Result<(), Fault> {
        let Some(disk) = &self.shared.disk else {
            let active = entries.collect::<Result<_, _>>()?;
            let old = self.shared.state_mut().replace(Layers { active, ..Layers::default() });
            drop(old);
            return Ok(());
        };
        let _maintenance = disk.maintenance.lock();
        let change = disk.base.change()?;
        change.clear()?;
        change.apply(entries)?;
        let mut state = self.shared.state_mut();
        let position = state.log_end;
        change.commit(position)?;
        let (base, _) = disk.base.view()?;
        let old = state.replace(Layers { base, ..Layers::default() });
        state.base_cleared = false;
        state.frozen_at = position;
        drop(state);
        drop(old);
        disk.log.forget(position)
    }

    fn close(&self) -> Result<(), Fault> {
        let Some(disk) = &self.shared.disk else { return Ok(()) };
        disk.log.sync()?;
        checkpoint::checkpoint(&self.shared, disk)
    }
}

struct LayeredSnapshot {
    shared: Arc<Shared>,
    layers: Layers,
    version: Version,
    ticket: Ticket,
    /// How its scans get past what is deleted.
    hints: Option<Arc<Hints>>,
}

impl LayeredSnapshot {
    /// What a scan takes from those before it.
    fn guide(&self) -> Option<Guide<'_>> {
        self.hints.as_ref().map(|hints| Guide { hints, version: self.version, is_held: false })
    }
}

impl Snapshot for LayeredSnapshot {
    fn version(&self) -> Version {
        self.version
    }

    fn ticket(&self) -> Ticket {
        self.ticket
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>, Fault> {
        self.layers.get(key)
    }

    fn recall(&self, key: &[u8], decode: &Decode<'_>) -> Result<Option<Recalled>, Fault> {
        let engine = self.shared.id;
        let known = recollection::find(engine, key).filter(|known| known.seen <= self.version);
        if let Some(known) = known {
            return Ok(known.record.clone());
        }
        let record = self.get(key)?.as_ref().map(decode).transpose()?;
        let state = self.shared.state();
        match state.revisions.of(key).cloned() {
            None => {
                drop(state);
                self.shared.state_mut().note_changes(key);
            }
            // What this view shows is what is there still.
            Some(revision) if revision.current() <= self.version => {
                let (seen, ticket) = (revision.current(), self.ticket);
                drop(state);
                let known = Known { revision, seen, ticket, record: record.clone() };
                recollection::keep(engine, key, &Arc::new(known));
            }
            Some(_) => {}
        }
        Ok(record)
    }

    fn scan<'a>(&'a self, span: Span<'a>, direction: Direction) -> Entries<'a> {
        self.layers.scan(span, direction, self.guide())
    }

    fn visit(
        &self,
        span: Span<'_>,
        direction: Direction,
        look: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Fault> {
        self.layers.visit(span, direction, self.guide(), look)
    }
}
