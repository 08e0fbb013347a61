//! The identity services together, in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod cloud;

mod condition_keys;
mod delegation;
mod new_keys;
mod organization;
mod outbound_federation;
mod resource_policies;
mod role_sessions;
