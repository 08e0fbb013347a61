//! Amazon S3 in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod bucket;
mod cloud;
mod copy_condition;
mod directory_access_point;
mod express;
mod lifecycle;
mod listing;
mod model;
mod multi_region;
mod multipart;
mod object;
mod quota;
mod tiering;
mod time;
