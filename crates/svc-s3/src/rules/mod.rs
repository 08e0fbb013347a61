//! Decisions that need no store.

pub(crate) mod bucket_name;
pub(crate) mod opaque_id;
pub(crate) mod region;
