//! A cloud in memory for the tests of services: its clock frozen, called in process as anybody. Behind the feature
//! `testing`. Each service's tests put their own short ways to call around it.

use std::sync::Arc;
use std::time::Duration;

use virga_iam::{Caller, Keys as _};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

use crate::{Call, Endpoint, Origin, Service, Services, Via, World, WorldSettings, dispatch};

/// The account that calls at first.
pub const ACCOUNT: &str = "111122223333";
/// When the frozen clock stands at first, in Unix seconds.
pub const START: i64 = 1_800_000_000;

/// A world to call, as somebody in some region.
#[derive(Clone)]
pub struct TestCloud {
    /// The world.
    pub world: Arc<World>,
    /// Who calls: at first the root user of [`ACCOUNT`], by a key that was not issued.
    pub caller: Arc<Caller>,
    region: &'static str,
    origin: Arc<Origin>,
    via: Via,
}

impl TestCloud {
    /// A cloud of these services, called in a region.
    ///
    /// # Panics
    /// When the world can't be opened.
    pub fn new(services: &[&'static Service], settings: WorldSettings, region: &'static str) -> Self {
        let settings = WorldSettings { own_host: "localhost:4566".into(), ..settings };
        let services = Arc::new(Services::new(services));
        let world = World::open("main", Store::memory(), services, settings).expect("memory is writable");
        world.clock().freeze(world.store()).expect("memory is writable");
        world.clock().set(world.store(), Timestamp::from_secs(START)).expect("memory is writable");
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let origin = Arc::new(Origin { secure: false, ..Origin::internal(endpoint) });
        TestCloud {
            world,
            caller: Arc::new(Caller::of_unknown_key(ACCOUNT)),
            region,
            origin,
            via: Via::default(),
        }
    }

    /// The same cloud for another caller.
    #[must_use]
    pub fn of(&self, caller: impl Into<Arc<Caller>>) -> Self {
        TestCloud { caller: caller.into(), ..self.clone() }
    }

    /// The same cloud for the root user of another account.
    #[must_use]
    pub fn of_account(&self, account: &str) -> Self {
        self.of(Caller::of_unknown_key(account))
    }

    /// The same cloud for whoever has an issued key.
    ///
    /// # Panics
    /// When there is no such key.
    #[must_use]
    pub fn of_key(&self, access_key_id: &str) -> Self {
        let key = self.world.keys().lookup(access_key_id).expect("the test had the key issued");
        self.of(Arc::clone(&key.caller))
    }

    /// The same cloud in another region.
    #[must_use]
    pub fn in_region(&self, region: &'static str) -> Self {
        TestCloud { region, ..self.clone() }
    }

    /// The same cloud, called by a client of which something is known.
    #[must_use]
    pub fn from_client(&self, change: impl FnOnce(&mut Origin)) -> Self {
        let mut origin = Origin::clone(&self.origin);
        change(&mut origin);
        TestCloud { origin: Arc::new(origin), ..self.clone() }
    }

    /// The same cloud, called through a service on the caller's behalf.
    #[must_use]
    pub fn via(&self, service: &'static str) -> Self {
        TestCloud { via: Via { services: vec![service], trusted: false }, ..self.clone() }
    }

    /// A call of an operation, for those that are not made by [`TestCloud::call`].
    pub fn request<O: Operation>(&self, input: O::Input) -> Call {
        Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::clone(&self.caller),
            region: Text::from_static(self.region),
            request_id: Text::from_static("request-1"),
            origin: Arc::clone(&self.origin),
            via: self.via.clone(),
        }
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// The operation's.
    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        dispatch(&self.world, self.request::<O>(input)).await.map(O::Output::from_record)
    }

    /// Moves the clock forward; everything due on the way happens.
    ///
    /// # Panics
    /// When something that was due failed.
    pub async fn advance(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.expect("what is due succeeds");
    }
}

/// Code and text of an error.
///
/// # Panics
/// When the call succeeded.
pub fn error<T: std::fmt::Debug>(result: Result<T, ApiError>) -> (String, String) {
    let error = result.expect_err("the call is to be refused");
    (error.code.to_string(), error.message.to_string())
}
