//! A world: one cloud with its own state, clock, faults and log. A process hosts many.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use virga_iam::{AuthMode, SigningKeys};
use virga_model::Text;
use virga_store::{Fault, Store};

use crate::memory::Memory;
use crate::permissions::Permissions;
use crate::propagation::Propagation;
use crate::quotas::Quotas;
use crate::settle::Timers;
use crate::usage::Usage;
use crate::wakeups::Wakeups;
use crate::{
    Clock, ClockState, DataPlane, Faults, IssuedKeys, Listeners, Metrics, NoPolicies, PolicySource,
    RequestLog, ResourceMetrics, Services,
};

/// What the worlds of a process share.
#[derive(Clone)]
pub struct WorldSettings {
    /// What to do with unknown keys.
    pub auth: AuthMode,
    /// Where the policies of principals come from.
    pub policies: Arc<dyn PolicySource>,
    /// Host and port of this process, for URLs that no request asked for.
    pub own_host: Text,
    /// How long changes of permissions take to have an effect, by the world's clock.
    pub propagation: Duration,
    /// Whether calls are throttled at the rates that AWS allows.
    pub enforce_quotas: bool,
    /// How far eventually consistent reads may be behind.
    pub stale_reads: StaleReads,
    /// What listens on ports of its own for resources of a world.
    pub planes: Vec<Arc<dyn DataPlane>>,
}

impl Default for WorldSettings {
    /// Unknown keys are root users, and there are no identities.
    fn default() -> Self {
        WorldSettings {
            auth: AuthMode::Permissive,
            policies: Arc::new(NoPolicies),
            own_host: Text::from_static("localhost"),
            propagation: Duration::ZERO,
            enforce_quotas: false,
            stale_reads: StaleReads::default(),
            planes: Vec::new(),
        }
    }
}

/// How far eventually consistent reads may be behind.
#[derive(Debug, Clone, Copy, Default)]
pub struct StaleReads {
    /// By how much of the world's time at most; nothing when they see what was written last.
    pub longest: Duration,
    /// The seed of what they draw.
    pub seed: u64,
}

/// One cloud.
pub struct World {
    id: Text,
    store: Store,
    clock: Arc<Clock>,
    services: Arc<Services>,
    settings: WorldSettings,
    wakeups: Wakeups,
    faults: Faults,
    log: RequestLog,
    metrics: Metrics,
    resource_metrics: ResourceMetrics,
    listeners: Listeners,
    usage: Usage,
    memory: Memory,
    quotas: Quotas,
    keys: IssuedKeys,
    permissions: Arc<Permissions>,
    signing_keys: SigningKeys,
    sequence: AtomicU64,
    /// Whether calls may no longer wait, because the cloud stops.
    waits_ended: AtomicBool,
    pub(crate) timers: Timers,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl World {
    /// Opens a world over a store and starts its timers. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(
        id: impl Into<Text>,
        store: Store,
        services: Arc<Services>,
        settings: WorldSettings,
    ) -> Result<Arc<Self>, Fault> {
        let clock = Arc::new(Clock::open(&store)?);
        let propagation = Propagation::new(settings.propagation, Arc::clone(&clock));
        let permissions = Arc::new(Permissions::new(store.clone(), propagation));
        let world = Arc::new(World {
            id: id.into(),
            clock,
            metrics: Metrics::new(&services),
            resource_metrics: ResourceMetrics::default(),
            listeners: Listeners::default(),
            usage: Usage::default(),
            memory: Memory::default(),
            quotas: Quotas::default(),
            keys: IssuedKeys::new(store.clone(), Arc::clone(&permissions)),
            permissions,
            store,
            services,
            settings,
            wakeups: Wakeups::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            signing_keys: SigningKeys::default(),
            sequence: AtomicU64::new(0),
            waits_ended: AtomicBool::new(false),
            timers: Timers::default(),
            worker: Mutex::new(None),
        });
        *world.worker.lock() = Some(tokio::spawn(Arc::clone(&world).work()));
        world.refresh_planes();
        Ok(world)
    }

    /// A world of its own with the same state, copied on write. Its log and faults are empty; its clock stands or
    /// runs as this one's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn fork(&self, id: impl Into<Text>) -> Result<Arc<Self>, Fault> {
        World::open(id, self.store.fork()?, Arc::clone(&self.services), self.settings.clone())
    }

    /// Empties the world: no state, real time, no faults, no log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reset(self: &Arc<Self>) -> Result<(), Fault> {
        let ticket = self.store.clear()?;
        self.clock.restore(ClockState::default());
        self.faults.set(0, Vec::new());
        self.log.clear();
        self.state_replaced();
        self.store.durable(ticket).await
    }

    /// To be called after the store's content was replaced as a whole: nothing remembered is true any more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reload(self: &Arc<Self>) -> Result<(), Fault> {
        self.clock.restore(Clock::open(&self.store)?.state());
        self.state_replaced();
        Ok(())
    }

    fn state_replaced(self: &Arc<Self>) {
        self.permissions.renew();
        self.usage.forget();
        self.memory.clear();
        self.wakeups.wake_all();
        self.timers_changed();
        self.refresh_planes();
    }

    /// Lets every data plane look at what the world has now.
    pub(crate) fn refresh_planes(self: &Arc<Self>) {
        for plane in &self.settings.planes {
            plane.refresh(self);
        }
    }

    /// Answers every waiting call now, with what there is, and lets none wait from now on: the cloud stops.
    pub fn end_waits(&self) {
        self.waits_ended.store(true, Ordering::SeqCst);
        self.wakeups.wake_all();
    }

    pub(crate) fn waits_ended(&self) -> bool {
        self.waits_ended.load(Ordering::SeqCst)
    }

    /// Stops the timers and closes the ports of data planes. The world can still be read.
    pub fn stop(&self) {
        self.listeners.retain("", |_| false);
        if let Some(worker) = self.worker.lock().take() {
            worker.abort();
        }
    }

    /// Name of the world: `main`, or the id of a fork.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The state.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The services.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What the worlds of the process share.
    pub fn settings(&self) -> &WorldSettings {
        &self.settings
    }

    /// Injected faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The recent calls.
    pub fn log(&self) -> &RequestLog {
        &self.log
    }

    /// Counts of calls.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts that single resources keep of themselves.
    pub fn resource_metrics(&self) -> &ResourceMetrics {
        &self.resource_metrics
    }

    /// What listens on ports of its own for the world's resources.
    pub fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// When keys and permissions were last used.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// What a service remembers between calls in this process: a cache of its own type, empty at first and after a
    /// reset. A restart, or another process, does not know it.
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.memory.get()
    }

    /// Keys that this world issued.
    pub fn keys(&self) -> &IssuedKeys {
        &self.keys
    }

    /// Derived signing keys.
    pub fn signing_keys(&self) -> &SigningKeys {
        &self.signing_keys
    }

    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    pub(crate) fn permissions(&self) -> &Arc<Permissions> {
        &self.permissions
    }

    pub(crate) fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    pub(crate) fn timers_changed(&self) {
        self.timers.changed.notify_one();
    }

    /// See [`Ctx::sequence`](crate::Ctx::sequence).
    pub(crate) fn sequence(&self) -> u64 {
        let now = u64::try_from(self.clock.now().micros()).unwrap_or(0);
        let next = |last: u64| now.max(last + 1);
        // The closure never refuses, so that the update always succeeds.
        let update = self.sequence.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(next(last)));
        next(update.unwrap_or(now))
    }
}
