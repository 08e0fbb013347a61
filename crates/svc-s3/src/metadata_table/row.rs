//! What metadata tables say of a version.

use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_object::etag;
use virga_object::metadata_table::{Record, RecordType, Row};

use crate::events::{Event, Subject};
use crate::inventory::encryption_name;
use crate::records::{Encryption, Version};

/// The record of a journal that an event is; none where it changes nothing that the table shows.
pub(super) fn record_type(event: Event) -> Option<RecordType> {
    match event {
        event if event.writes() => Some(RecordType::Create),
        event if event.removes() => Some(RecordType::Delete),
        Event::TaggingPut | Event::TaggingDeleted | Event::LifecycleTransition => {
            Some(RecordType::UpdateMetadata)
        }
        _ => None,
    }
}

/// The row of a journal that a change of a version is.
pub(super) fn of_change(ctx: &Ctx, record_type: RecordType, subject: &Subject<'_>) -> Row {
    let source = ctx.origin().source_ip;
    let caller = ctx.caller();
    let requester = match &caller.principal {
        Principal::Service { name, .. } => Some(name.clone()),
        Principal::Anonymous => None,
        _ => Some(caller.account.to_string()),
    };
    let row = of_version(subject.key, subject.version);
    // A new version has the number of its id; what happens to it later comes after that.
    let sequence_number = match record_type {
        RecordType::Create => row.sequence_number,
        RecordType::UpdateMetadata | RecordType::Delete => sequence_number(ctx.sequence()),
    };
    Row {
        sequence_number,
        record: Some(Record {
            record_type,
            timestamp: ctx.now().micros(),
            requester,
            source_ip_address: source.map(|ip| ip.to_string()),
            request_id: source.map(|_| ctx.request_id().to_owned()),
        }),
        ..row
    }
}

/// The row of an inventory that a version is.
pub(super) fn of_version(key: &str, version: &Version) -> Row {
    let Version { summary, content } = version;
    let is_object = !summary.is_delete_marker;
    let encryption = content.encryption.as_ref();
    let kms = match encryption {
        Some(Encryption::Kms(key)) => Some(key),
        _ => None,
    };
    // Answers and reports tell whole seconds.
    let modified = Timestamp::from_secs(Timestamp::from_micros(summary.modified).secs());
    Row {
        key: key.to_owned(),
        sequence_number: sequence_number(summary.version.id.sequence),
        version_id: (!summary.version.is_null).then(|| summary.version.text()),
        is_delete_marker: Some(summary.is_delete_marker),
        size: i64::try_from(summary.size).ok(),
        last_modified_date: Some(modified.micros()),
        e_tag: is_object.then(|| etag::plain(summary.etag)),
        storage_class: is_object.then(|| summary.class.as_str().to_owned()),
        is_multipart: is_object.then_some(summary.etag.parts > 0),
        encryption_status: encryption.map(|encryption| encryption_name(encryption).to_owned()),
        is_bucket_key_enabled: is_object.then(|| kms.is_some_and(|key| key.bucket_key)),
        kms_key_arn: kms.map(|key| key.key_arn.clone()),
        checksum_algorithm: summary.checksum.map(|(algorithm, _)| algorithm.as_str().to_owned()),
        object_tags: is_object.then(|| content.tags.clone()),
        user_metadata: is_object.then(|| content.metadata.clone()),
        record: None,
    }
}

/// Later numbers are larger texts.
fn sequence_number(sequence: u64) -> String {
    format!("{sequence:016x}")
}
