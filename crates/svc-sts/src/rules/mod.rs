//! Pure decisions: no transaction, no clock, no I/O.

mod duration;
mod packed_size;
mod saml_conditions;
mod saml_keys;
mod session_tags;
mod web_identity_claims;

pub(crate) use duration::{SessionKind, role_session_seconds, session_seconds};
pub(crate) use packed_size::packed_percent;
pub(crate) use saml_conditions::{SamlFacts, check_response};
pub(crate) use saml_keys::{Named as SamlNames, condition_keys as saml_condition_keys};
pub(crate) use session_tags::{RequestedTags, SessionTags, is_session_name};
pub(crate) use web_identity_claims::check_claims;
