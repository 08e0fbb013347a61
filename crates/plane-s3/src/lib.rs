//! S3 over HTTP where it is no operation: what browsers do with a bucket.
//!
//! Reading order: `plane` tells which requests are for it; `cors` answers preflights and adds headers to the answers of
//! operations; `website` serves the host names of websites; `form` takes uploads that an HTML form sends. All of them
//! learn how a bucket is configured, and read and write objects, through operations.

mod cors;
mod form;
mod plane;
mod website;

pub use plane::S3Plane;
