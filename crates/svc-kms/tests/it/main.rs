//! AWS KMS in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod alias;
mod cloud;
mod condition;
mod encrypt;
mod grant;
mod import;
mod key;
mod multi_region;
mod policy;
mod rotation;
mod sign;
mod state;
