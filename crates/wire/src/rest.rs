//! restJson1 and restXml: members travel in the path, the query, headers, the status and the body.

mod bindings;
mod body;
mod header;
mod query;
mod request;
mod response;
mod uri;

pub(crate) use request::{decode_request, encode_request};
pub(crate) use response::{decode_response, encode_error, encode_response};
pub(crate) use uri::host_prefix;

/// Which of the two protocols: they differ in their bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// restJson1.
    Json,
    /// restXml.
    Xml,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Xml => "application/xml",
        }
    }
}
