//! Tables from the outside: files are kept by their path, as a bucket would keep them.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod table;
mod warehouse;
