//! Listings of a bucket: its objects, their versions, the uploads under way. All go the same way over their keys:
//! that of `virga-listing`.

mod objects;
mod uploads;
mod versions;

pub(crate) use objects::{list_objects, list_objects_v2};
pub(crate) use uploads::list_multipart_uploads;
pub(crate) use versions::list_object_versions;
