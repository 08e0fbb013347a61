//! S3 Tables in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod cloud;
mod table_bucket;
