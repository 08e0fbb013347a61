//! IAM in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod cloud;

mod access_key;
mod account;
mod group;
mod instance_profile;
mod managed_policy;
mod policy_listing;
mod policy_use;
mod role;
mod tag;
mod user;
