//! The admin API: everything below `/_virga/`, in JSON, and the health page that tools for LocalStack look for.
//!
//! A request goes through `guard` (may this caller use it?) and `router` (which page is meant?) to one file per page.
//! `docs/guide/admin-api.md` is the user's description.

mod guard;
mod router;
mod visit;

mod answer;
mod authority;
mod error;
mod query;
mod time_text;

mod clock;
mod coverage;
mod credentials;
mod delegation;
mod faults;
mod health;
mod identity_providers;
mod keys;
mod metrics;
mod permissions;
mod request_filter;
mod requests;
mod snapshots;
mod worlds;

pub use coverage::{Coverage, Served};
pub(crate) use health::Announcement;
pub use router::handle;
pub(crate) use router::unknown_world;
