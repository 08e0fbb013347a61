//! Policy documents: stored as given, shown with everything but unreserved characters percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// What RFC 3986 does not call unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Says what its identity may do.
    Identity,
    /// Says who may assume its role.
    Trust,
}

/// Refuses a text that is no policy of its kind.
pub(crate) fn check(document: &str, _kind: Use) -> Result<(), Error> {
    match serde_json::from_str::<serde_json::Value>(document) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        _ => Err(Error::MalformedPolicyDocument { reason: "This policy contains invalid Json".to_owned() }),
    }
}

/// A document as answers show it.
pub(crate) fn shown(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Its length as quotas count it: without white space.
pub(crate) fn size(document: &str) -> usize {
    document.chars().filter(|letter| !letter.is_whitespace()).count()
}
