//! The admin API: everything below `/_virga/`, in JSON, and the health page that tools for LocalStack look for.
//!
//! A request goes through `guard` (may this caller use it?) and `router` (which page is meant?) to one file per page.
//! `docs/guide/admin-api.md` is the user's description.

mod router;

mod answer;
mod error;

mod health;

pub(crate) use health::Announcement;
pub use router::handle;
pub(crate) use router::unknown_world;
