//! Fires due timers in order, in the background and while the clock is advanced.

use std::sync::Arc;
use std::time::Duration;

use virga_iam::{AccountId, Caller};
use virga_model::{Text, Timestamp};
use virga_store::Fault;

use crate::ctx::{Endpoint, Origin};
use crate::dispatch::transact;
use crate::service::service_principal;
use crate::timer::{self, DeliveryFailure, Found, Timer, TimerHandler};
use crate::{Ctx, Failure, Service, World};

/// Deliveries under way at once.
const DELIVERIES: usize = 32;
/// What a timer waits after its transaction has failed.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl World {
    /// Fires timers as they fall due, until the world is stopped.
    pub(crate) async fn work(self: Arc<Self>) {
        loop {
            let changed = self.timers.changed.notified();
            match self.next() {
                Ok(Some(found)) if found.due <= self.clock().now() => {
                    let _one_at_a_time = self.timers.firing.lock().await;
                    // Whoever had the lock, advancing the clock, may have fired it.
                    if let Ok(Some(found)) = self.next()
                        && found.due <= self.clock().now()
                    {
                        self.fire(found).await;
                    }
                }
                Ok(Some(found)) => tokio::select! {
                    () = changed => {}
                    () = self.clock().reach(found.due) => {}
                },
                Ok(None) => changed.await,
                Err(fault) => {
                    tracing::error!("timers can't be read: {fault}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Moves the clock forward to `target`, firing every timer due on the way at its own time, and returns when
    /// nothing is left to do at that time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn advance_to(self: &Arc<Self>, target: Timestamp) -> Result<(), Fault> {
        let _one_at_a_time = self.timers.firing.lock().await;
        loop {
            self.settle_now().await?;
            match self.next()? {
                Some(found) if found.due <= target => {
                    if found.due > self.clock().now() {
                        self.clock().set(self.store(), found.due)?;
                    }
                }
                _ => break,
            }
        }
        if target > self.clock().now() {
            self.clock().set(self.store(), target)?;
        }
        self.settle_now().await
    }

    /// Returns when every timer that is due now has fired and every delivery under way has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(self: &Arc<Self>) -> Result<(), Fault> {
        let _one_at_a_time = self.timers.firing.lock().await;
        self.settle_now().await
    }

    async fn settle_now(self: &Arc<Self>) -> Result<(), Fault> {
        loop {
            let ended = self.timers.delivered.notified();
            match self.next()? {
                Some(found) if found.due <= self.clock().now() => self.fire(found).await,
                _ if self.timers.under_way.lock().is_empty() => return Ok(()),
                _ => ended.await,
            }
        }
    }

    /// The first timer that is not being delivered just now.
    fn next(&self) -> Result<Option<Found>, Fault> {
        let under_way = self.timers.under_way.lock().clone();
        let first = timer::first(&self.store().read()?, under_way.len() + 1)?;
        Ok(first.into_iter().find(|found| !under_way.contains(found.key.as_bytes())))
    }

    async fn fire(self: &Arc<Self>, found: Found) {
        let service = self.services().by_name(&found.service);
        let kind = service.and_then(|service| service.timers.iter().find(|kind| kind.name == found.kind));
        let (Some(service), Some(kind)) = (service, kind) else {
            tracing::error!(
                service = found.service,
                kind = found.kind,
                "a timer of an unknown kind is dropped"
            );
            self.remove(&found).await;
            return;
        };
        let ctx = self.timer_ctx(service, &found);
        let timer = Timer {
            service: service.model.name(),
            kind: kind.name,
            id: found.id.clone(),
            due: found.due,
            payload: found.timer.payload.clone(),
            attempts: found.timer.attempts,
        };
        match kind.handler {
            TimerHandler::Transaction(handler) => {
                let fired =
                    transact(&ctx, |txn| if found.claim(txn)? { handler(&ctx, txn, &timer) } else { Ok(()) });
                if let Err(failure) = fired.await {
                    tracing::error!(
                        service = found.service,
                        kind = found.kind,
                        "a timer failed: {failure:?}"
                    );
                    self.put_off(&ctx, &found, RETRY_AFTER).await;
                }
            }
            TimerHandler::Delivery(handler) => {
                let Ok(permit) = Arc::clone(&self.timers.deliveries).acquire_owned().await else { return };
                self.timers.under_way.lock().insert(found.key.as_bytes().into());
                let world = Arc::clone(self);
                tokio::spawn(async move {
                    let delivered = tokio::spawn(handler(ctx.clone(), timer)).await;
                    match delivered {
                        Ok(Ok(()) | Err(DeliveryFailure::GiveUp)) => world.remove(&found).await,
                        Ok(Err(DeliveryFailure::Retry(after))) => world.put_off(&ctx, &found, after).await,
                        // It panicked.
                        Err(_) => world.put_off(&ctx, &found, RETRY_AFTER).await,
                    }
                    world.timers.under_way.lock().remove(found.key.as_bytes());
                    drop(permit);
                    world.timers_changed();
                    world.timers.delivered.notify_one();
                });
            }
        }
    }

    async fn remove(self: &Arc<Self>, found: &Found) {
        let removed = self.store().write(|txn| found.claim(txn).map(|_| ()));
        if let Err(fault) = removed {
            tracing::error!("a timer can't be removed: {fault}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn put_off(self: &Arc<Self>, ctx: &Ctx, found: &Found, after: Duration) {
        let due = self.clock().now().plus(after);
        let done: Result<_, Failure> = transact(ctx, |txn| Ok(found.put_off(txn, due)?)).await;
        if let Err(failure) = done {
            tracing::error!("a timer can't be put off: {failure:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// A timer acts as its service, in the account and region in which it was set.
    fn timer_ctx(self: &Arc<Self>, service: &Service, found: &Found) -> Ctx {
        let name = service_principal(service.action_prefix);
        let account = found.timer.account.parse().unwrap_or(AccountId::DEFAULT);
        let caller = Caller::service(name, account, None);
        let endpoint = Endpoint { secure: false, host: self.settings().own_host.clone() };
        let origin = Origin::internal(endpoint);
        let prefix = service.action_prefix;
        Ctx::of_parts(
            self,
            prefix,
            Arc::new(caller),
            Text::from(found.timer.region.as_str()),
            Arc::new(origin),
        )
    }
}

/// What the timers of a world share. See [`World`].
pub(crate) struct Timers {
    /// Timers were added, or a delivery has ended.
    pub(crate) changed: tokio::sync::Notify,
    /// Held while timers fire, so that they fire one after the other in order.
    pub(crate) firing: tokio::sync::Mutex<()>,
    /// Keys of the timers being delivered.
    pub(crate) under_way: parking_lot::Mutex<std::collections::HashSet<Box<[u8]>>>,
    /// A delivery has ended.
    pub(crate) delivered: tokio::sync::Notify,
    /// Places for deliveries.
    pub(crate) deliveries: Arc<tokio::sync::Semaphore>,
}

impl Default for Timers {
    fn default() -> Self {
        Timers {
            changed: tokio::sync::Notify::new(),
            firing: tokio::sync::Mutex::new(()),
            under_way: parking_lot::Mutex::default(),
            delivered: tokio::sync::Notify::new(),
            deliveries: Arc::new(tokio::sync::Semaphore::new(DELIVERIES)),
        }
    }
}
