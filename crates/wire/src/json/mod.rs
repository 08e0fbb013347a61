//! JSON: the bodies of awsJson and restJson1, and records as JSON for everyone who shows or stores them that way.

mod document;
mod envelope;
mod flat;
mod read;
mod write;

pub use document::{document_from_json, document_to_json};
pub use read::{record_from_json, value_from_json};
pub use write::{record_to_json, value_to_json};

pub(crate) use envelope::{
    QUERY_MODE, decode_error, decode_request, decode_response, encode_error, encode_request, encode_response,
    error_body, qualified,
};
pub(crate) use read::read_body;
pub(crate) use write::{write_record, write_value};
