//! What happens to objects, for whoever wants to hear of it: notifications and replication.

use virga_kit::Ctx;
use virga_store::Write;

use crate::configuration::Kind;
use crate::records::{Bucket, Version, Versioning};
use crate::{access_point, analytics, metadata_table, notification, replication};
use virga_object::Error;
use virga_object::etag;
use virga_object::event_record::{EventDetails, EventRecord};
use virga_object::metadata_table::RecordType;
use virga_object::opaque_id::letters;

/// What happened, by its name in notifications.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// `ObjectCreated:Put`.
    CreatedByPut,
    /// `ObjectCreated:Post`: by a form.
    CreatedByPost,
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
    /// `ObjectAcl:Put`.
    AclPut,
    /// `ObjectRestore:Post`: restoring has begun.
    RestoreBegun,
    /// `ObjectRestore:Completed`.
    RestoreCompleted,
    /// `ObjectRestore:Delete`: the restored copy is gone.
    RestoreExpired,
    /// `LifecycleExpiration:Delete`.
    LifecycleDeleted,
    /// `LifecycleExpiration:DeleteMarkerCreated`.
    LifecycleDeleteMarkerCreated,
    /// `LifecycleTransition`.
    LifecycleTransition,
    /// `IntelligentTiering`: an object nobody reads was moved to an archive.
    IntelligentTiering,
    /// `Replication:OperationFailedReplication`.
    ReplicationFailed,
    /// `Replication:OperationMissedThreshold`: a replica is late.
    ReplicationMissedThreshold,
    /// `Replication:OperationReplicatedAfterThreshold`: a late replica is there.
    ReplicatedAfterThreshold,
    /// `Replication:OperationNotTracked`: nobody watches the time of a replica any more.
    ReplicationNotTracked,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Event::CreatedByPut => "ObjectCreated:Put",
            Event::CreatedByPost => "ObjectCreated:Post",
            Event::CreatedByCopy => "ObjectCreated:Copy",
            Event::CreatedByMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Event::Deleted => "ObjectRemoved:Delete",
            Event::DeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Event::TaggingPut => "ObjectTagging:Put",
            Event::TaggingDeleted => "ObjectTagging:Delete",
            Event::AclPut => "ObjectAcl:Put",
            Event::RestoreBegun => "ObjectRestore:Post",
            Event::RestoreCompleted => "ObjectRestore:Completed",
            Event::RestoreExpired => "ObjectRestore:Delete",
            Event::LifecycleDeleted => "LifecycleExpiration:Delete",
            Event::LifecycleDeleteMarkerCreated => "LifecycleExpiration:DeleteMarkerCreated",
            Event::LifecycleTransition => "LifecycleTransition",
            Event::IntelligentTiering => "IntelligentTiering",
            Event::ReplicationFailed => "Replication:OperationFailedReplication",
            Event::ReplicationMissedThreshold => "Replication:OperationMissedThreshold",
            Event::ReplicatedAfterThreshold => "Replication:OperationReplicatedAfterThreshold",
            Event::ReplicationNotTracked => "Replication:OperationNotTracked",
        }
    }

    /// Whether something was written or removed, which is when AWS tells the order of events.
    fn changes_objects(self) -> bool {
        !matches!(self, Event::TaggingPut | Event::TaggingDeleted | Event::AclPut)
    }

    /// Whether rules of replication look at it. What lifecycle rules do is not replicated.
    fn is_replicated(self) -> bool {
        use Event as E;
        self.writes()
            || matches!(self, E::DeleteMarkerCreated | E::TaggingPut | E::TaggingDeleted | E::AclPut)
    }

    /// Whether somebody has put an object there.
    pub(crate) fn writes(self) -> bool {
        use Event as E;
        matches!(self, E::CreatedByPut | E::CreatedByPost | E::CreatedByCopy | E::CreatedByMultipartUpload)
    }

    pub(crate) fn removes(self) -> bool {
        use Event as E;
        matches!(
            self,
            E::Deleted | E::DeleteMarkerCreated | E::LifecycleDeleted | E::LifecycleDeleteMarkerCreated
        )
    }
}

/// The version that something happened to.
#[derive(Clone, Copy)]
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
pub(crate) fn raise(ctx: &Ctx, txn: &mut Write, event: Event, subject: &Subject<'_>) -> Result<(), Error> {
    raise_with(ctx, txn, event, subject, EventDetails::Nothing)
}

/// The same for an event that tells more.
pub(crate) fn raise_with(
    ctx: &Ctx,
    txn: &mut Write,
    event: Event,
    subject: &Subject<'_>,
    details: EventDetails,
) -> Result<(), Error> {
    let bucket_name = &*access_point::bucket_name(txn, subject.bucket_name)?;
    let subject = &Subject { bucket_name, ..*subject };
    if subject.bucket.configured.has(Kind::Notification) {
        notification::notify(ctx, txn, subject, &record(ctx, event, subject, details))?;
    }
    if event.writes() && subject.bucket.configured.has(Kind::Analytics) {
        analytics::note_write(ctx, txn, subject)?;
    }
    if event.is_replicated() && subject.bucket.configured.has(Kind::Replication) {
        replication::enqueue(ctx, txn, subject, !event.writes() && event != Event::DeleteMarkerCreated)?;
    }
    if subject.bucket.configured.has(Kind::Metadata) {
        metadata_table::note(ctx, txn, event, subject)?;
    }
    Ok(())
}

/// Says that something about a version was changed of which there is no notification.
pub(crate) fn note_change(ctx: &Ctx, txn: &mut Write, subject: &Subject<'_>) -> Result<(), Error> {
    match subject.bucket.configured.has(Kind::Metadata) {
        true => {
            let bucket_name = &*access_point::bucket_name(txn, subject.bucket_name)?;
            let subject = &Subject { bucket_name, ..*subject };
            metadata_table::note_record(ctx, txn, RecordType::UpdateMetadata, subject)
        }
        false => Ok(()),
    }
}

fn record(ctx: &Ctx, event: Event, subject: &Subject<'_>, details: EventDetails) -> EventRecord {
    let summary = &subject.version.summary;
    let is_versioned = subject.bucket.versioning != Versioning::Never;
    let content = !event.removes();
    EventRecord {
        name: event.name().to_owned(),
        key: subject.key.to_owned(),
        size: (content && event.changes_objects()).then_some(summary.size),
        etag: content.then(|| etag::plain(summary.etag)),
        version_id: (is_versioned && !summary.version.is_null).then(|| letters(summary.version.id)),
        sequencer: event.changes_objects().then(|| ctx.sequence()),
        details,
    }
}
