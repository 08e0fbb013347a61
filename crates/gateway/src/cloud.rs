//! The cloud of a process: its main world, the worlds forked from it, and what they share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio::sync::watch;
use virga_kit::{Service, Services, World, WorldSettings};
use virga_store::{Fault, Store};

use crate::admin::Announcement;
use crate::http::Tls;

/// The version of virga.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Worlds besides the main one that a process hosts at most: each has its own log and timers.
const MOST_FORKS: usize = 256;

/// The id of the world that a process starts with.
const MAIN: &str = "main";

/// Letters of a drawn world id, which is also a label of a host name.
const ID_LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const ID_LENGTH: usize = 10;

/// Who can reach the listener, and with it the admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Processes of this machine.
    Loopback,
    /// A network, whose callers need keys issued here. The admin API, which issues keys, stays with this machine.
    Network,
    /// A network whose callers are trusted as this machine's are.
    TrustedNetwork,
}

/// How a cloud is opened.
#[derive(Clone)]
pub struct CloudSettings {
    /// What all worlds share.
    pub world: WorldSettings,
    /// Folder for what is kept besides the store; none when nothing is to be left behind.
    pub folder: Option<PathBuf>,
    /// Who can reach the listener.
    pub exposure: Exposure,
    /// The certificates of the listener, if it speaks TLS.
    pub certificates: Option<Arc<Tls>>,
}

/// The worlds of a process.
pub struct Cloud {
    main: Arc<World>,
    forks: RwLock<HashMap<String, Arc<World>>>,
    services: Arc<Services>,
    settings: CloudSettings,
    started: Instant,
    /// Where the worlds do their own work, whatever thread a request for a world is served on.
    runtime: Handle,
    stopping: watch::Sender<bool>,
    pub(crate) announcement: Announcement,
}

/// Why a world could not be made or removed.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// There are as many as a process hosts.
    #[error("there are {MOST_FORKS} worlds already: delete one first")]
    TooManyWorlds,
    /// The id is no label of a host name.
    #[error("a world's id has 1 to 63 lower-case letters, digits and dashes, and no dash at its ends")]
    InvalidId,
    /// Another world has the id.
    #[error("there is a world {0} already")]
    IdTaken(String),
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Cloud {
    /// Opens the main world over a store. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(
        store: Store,
        services: &[&'static Service],
        settings: CloudSettings,
    ) -> Result<Arc<Self>, Fault> {
        let services = Arc::new(Services::new(services));
        let main = World::open(MAIN, store, Arc::clone(&services), settings.world.clone())?;
        #[expect(clippy::disallowed_methods, reason = "the process's uptime is measured in real time")]
        let started = Instant::now();
        Ok(Arc::new(Cloud {
            main,
            forks: RwLock::default(),
            announcement: Announcement::of(&services),
            services,
            settings,
            started,
            runtime: Handle::current(),
            stopping: watch::Sender::new(false),
        }))
    }

    /// The world that the process started with.
    pub fn main_world(&self) -> &Arc<World> {
        &self.main
    }

    /// The world with this id; without one, the main world.
    pub fn world(&self, id: Option<&str>) -> Option<Arc<World>> {
        match id {
            None | Some(MAIN) => Some(Arc::clone(&self.main)),
            Some(id) => self.forks.read().get(id).cloned(),
        }
    }

    /// All worlds: the main one first, the others by id.
    pub fn worlds(&self) -> Vec<Arc<World>> {
        let mut worlds: Vec<_> = self.forks.read().values().cloned().collect();
        worlds.sort_by(|one, other| one.id().cmp(other.id()));
        worlds.insert(0, Arc::clone(&self.main));
        worlds
    }

    /// A world of its own with the state of `origin`, kept in memory. Without an id it gets a random one.
    ///
    /// # Errors
    /// When the id is malformed or taken, there are too many worlds, or the store fails.
    pub fn fork(&self, origin: &World, id: Option<String>) -> Result<Arc<World>, CloudError> {
        self.add(id, |id| origin.fork(id))
    }

    /// A world with nothing in it, kept in memory.
    ///
    /// # Errors
    /// As [`Cloud::fork`].
    pub fn empty_world(&self, id: Option<String>) -> Result<Arc<World>, CloudError> {
        self.add(id, |id| {
            World::open(id, Store::memory(), Arc::clone(&self.services), self.settings.world.clone())
        })
    }

    fn add(
        &self,
        id: Option<String>,
        open: impl FnOnce(String) -> Result<Arc<World>, Fault>,
    ) -> Result<Arc<World>, CloudError> {
        let id = id.unwrap_or_else(random_id);
        if !is_host_label(&id) {
            return Err(CloudError::InvalidId);
        }
        let mut forks = self.forks.write();
        if forks.len() >= MOST_FORKS {
            return Err(CloudError::TooManyWorlds);
        }
        if id == MAIN || forks.contains_key(&id) {
            return Err(CloudError::IdTaken(id));
        }
        let entered = self.runtime.enter();
        let world = open(id.clone())?;
        drop(entered);
        forks.insert(id, Arc::clone(&world));
        Ok(world)
    }

    /// Drops a world. Calls under way in it end as they would have. The main world cannot be dropped.
    pub fn remove(&self, id: &str) -> bool {
        let removed = self.forks.write().remove(id);
        if let Some(world) = &removed {
            world.stop();
        }
        removed.is_some()
    }

    /// The services of every world.
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// How it was opened.
    pub fn settings(&self) -> &CloudSettings {
        &self.settings
    }

    /// Folder for saved snapshots; none when nothing is to be left behind.
    pub fn snapshot_folder(&self) -> Option<PathBuf> {
        self.settings.folder.as_deref().map(|folder: &Path| folder.join("snapshots"))
    }

    /// How long it has been open.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tells what never ends by itself, such as a tail of the calls, to end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
        for world in self.worlds() {
            world.end_waits();
        }
    }

    /// Resolves once [`Cloud::stop`] was called.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        // An error means that the cloud itself is gone.
        async move { drop(stopping.wait_for(|stopping| *stopping).await) }
    }

    /// Stops all timers and leaves nothing to recover for the next start. To be called when no request is under way.
    ///
    /// # Errors
    /// When the store fails.
    pub fn close(&self) -> Result<(), Fault> {
        for world in self.worlds() {
            world.stop();
        }
        self.main.store().close()
    }
}

fn random_id() -> String {
    (0..ID_LENGTH).map(|_| char::from(ID_LETTERS[fastrand::usize(..ID_LETTERS.len())])).collect()
}

fn is_host_label(id: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&id.len()) && id.bytes().all(letters) && !id.starts_with('-') && !id.ends_with('-')
}
