//! IAM in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod cloud;

mod access_key;
mod account;
mod certificate;
mod credential_report;
mod group;
mod instance_profile;
mod last_accessed;
mod login_profile;
mod managed_policy;
mod mfa_device;
mod permissions;
mod policy_listing;
mod policy_use;
mod provider;
mod quota;
mod role;
mod service_credential;
mod service_linked_role;
mod simulation;
mod ssh_public_key;
mod tag;
mod user;
