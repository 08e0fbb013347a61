//! JSON: the bodies of awsJson and restJson1, and records as JSON for everyone who shows or stores them that way.

mod document;
mod envelope;
mod read;
mod write;

pub use document::{document_from_json, document_to_json};
pub use read::{record_from_json, value_from_json};
pub use write::{record_to_json, value_to_json};

pub(crate) use envelope::{decode_request, encode_error, encode_response};
