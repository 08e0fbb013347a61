//! Decisions that need no store.

pub(crate) mod certificate;
pub(crate) mod context_keys;
pub(crate) mod delegation_life;
pub(crate) mod oidc_url;
pub(crate) mod password;
pub(crate) mod policy_summary;
pub(crate) mod policy_template;
pub(crate) mod private_key;
pub(crate) mod qr_code;
pub(crate) mod report;
pub(crate) mod role_boundaries;
pub(crate) mod saml_metadata;
pub(crate) mod secret;
pub(crate) mod service_linked_roles;
pub(crate) mod ssh_key;
pub(crate) mod statement_positions;
