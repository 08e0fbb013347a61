//! What a service sees, and the way of a call once it is decoded.
//!
//! Reading order: a [`Service`] lists its operations in a table ([`operations!`]) whose handlers run inside a
//! transaction with a [`Ctx`]; [`dispatch()`] is the one way of a call, whether it came over the wire or from another
//! service: faults, authorization, transaction with retries, durability, record. Everything that happens later is a
//! durable timer ([`Timer`]); everything hangs off a [`World`].

mod error;
mod operation;
#[doc(hidden)]
pub mod reexport;
mod service;
mod streaming;
mod validation;

mod arn;
mod clock;
mod ctx;
mod data_plane;
mod identifiers;

mod access;
pub mod authorization_message;
mod authorize;
mod condition_context;
pub mod continuation;
pub mod dax_clusters;
pub mod delegation;
mod dispatch;
mod faults;
pub mod identity_provider_keys;
mod keys;
mod memory;
mod metrics;
pub mod mfa;
pub mod notifications;
pub mod organization;
mod per_thread;
mod permissions;
mod propagation;
mod quotas;
mod request_log;
mod resource_policy;
pub mod saml_keys;
pub mod secrets;
mod session_limits;
mod stored_key;
mod usage;

mod settle;
#[cfg(feature = "testing")]
pub mod testing;
mod timer;
mod wakeups;
pub mod web_identity_issuer;
pub mod workload;
mod world;

pub use access::{Access, Condition, ConditionLookup, GrantLookup};
pub use arn::Arn;
pub use authorize::{NoPolicies, PolicySource};
pub use clock::{Clock, ClockState};
pub use ctx::{Ctx, Endpoint, NamedRegions, Origin, Signed, SignedIn, TlsVersion};
pub use data_plane::{DataPlane, Listeners};
pub use dispatch::{Call, Via, dispatch, dispatch_streaming};
pub use error::Failure;
pub use faults::{FaultEffect, FaultRule, Faults};
pub use keys::IssuedKeys;
pub use metrics::{Metrics, OperationStats, ResourceMetrics};
pub use operation::{Calling, Entry, Handler, Outcome, Waited};
pub use request_log::{LoggedAccess, LoggedAccesses, LoggedCall, LoggedDecision, RequestLog};
pub use service::{Answered, Around, Service, Services};
pub use stored_key::{StoredExpress, StoredKey, StoredPrincipal, StoredSession};
pub use streaming::{Incoming, IncomingSource, NextPiece, Outgoing, OutgoingSource, Streamed, Streaming};
pub use timer::{Delivering, DeliveryFailure, Timer, TimerHandler, TimerKind};
pub use usage::{KeyUse, Usage, UsedAction};
pub use validation::Validation;
pub use wakeups::Topic;
pub use world::{StaleReads, World, WorldSettings};
