//! Credentials for what runs with a role of its own: `workloads` registers instances and containers, `metadata` is the
//! instance metadata service, `container` the endpoint for containers. Both get theirs from STS by `issue`.

mod container;
mod issue;
mod metadata;
mod metadata_token;
mod role_session;
mod workloads;

pub(super) use container::credentials;
pub(super) use metadata::serve as metadata;
pub(super) use role_session::create_role_session;
pub(super) use workloads::{delete, list, put_container, put_instance, show};
