//! UTF-8 text that shares the bytes it was read from.

/// A string slice of the request's bytes where possible: cheap to clone, never copied on decoding.
pub type Text = bytestring::ByteString;
