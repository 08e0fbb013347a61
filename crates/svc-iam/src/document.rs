//! Policy documents: stored as given, shown with everything but unreserved characters percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_iam::policy::{Policy, PolicyKind};

use crate::error::Error;

/// What RFC 3986 does not call unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Refuses a text that is no policy of its kind.
pub(crate) fn check(document: &str, kind: PolicyKind) -> Result<(), Error> {
    let parsed = Policy::parse(document, kind);
    parsed.map_err(|error| Error::MalformedPolicyDocument { reason: error.to_string() })?;
    Ok(())
}

/// A document as answers show it.
pub(crate) fn shown(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}
