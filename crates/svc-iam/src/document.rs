//! Policy documents: stored as given, shown with everything but unreserved characters percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 does not call unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A document as answers show it.
pub(crate) fn shown(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Its length as quotas count it: without white space.
pub(crate) fn size(document: &str) -> usize {
    document.chars().filter(|letter| !letter.is_whitespace()).count()
}
