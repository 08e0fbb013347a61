//! What happens to objects, for whoever wants to hear of it: notifications, replication, access logs.

use virga_kit::Ctx;
use virga_store::Write;

use crate::error::Error;
use crate::records::{Bucket, Version};

/// What happened, by its name in notifications.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// `ObjectCreated:Put`.
    CreatedByPut,
    /// `ObjectCreated:Copy`.
    CreatedByCopy,
    /// `ObjectCreated:CompleteMultipartUpload`.
    CreatedByMultipartUpload,
    /// `ObjectRemoved:Delete`: a version is gone for good.
    Deleted,
    /// `ObjectRemoved:DeleteMarkerCreated`.
    DeleteMarkerCreated,
    /// `ObjectTagging:Put`.
    TaggingPut,
    /// `ObjectTagging:Delete`.
    TaggingDeleted,
}

/// The version that something happened to.
pub(crate) struct Subject<'a> {
    /// The name of the bucket.
    pub(crate) bucket_name: &'a str,
    /// The bucket.
    pub(crate) bucket: &'a Bucket,
    /// The key.
    pub(crate) key: &'a str,
    /// The version.
    pub(crate) version: &'a Version,
}

/// Says that something happened, in the transaction in which it does.
#[expect(clippy::unnecessary_wraps, reason = "whoever listens will write to the store")]
pub(crate) fn raise(_: &Ctx, _: &mut Write, _: Event, _: &Subject<'_>) -> Result<(), Error> {
    Ok(())
}
