//! Replication time control: who wants to know hears of replicas that are late, and of those that come late.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html>

use std::time::Duration;

use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Reader as _, Write};

use super::{Copy, configuration, matching, raise};
use crate::events::Event;
use crate::records::{Bucket, ReplicationStatus, Version};
use crate::versions::ObjectAt;
use crate::{keys, workers};
use virga_object::Error;

fn timer(copy: &Copy) -> String {
    format!("{:016x}{:016x}", copy.id.sequence, copy.id.salt)
}

/// Watches a copy that is to be there within some minutes.
pub(super) fn watch(ctx: &Ctx, txn: &mut Write, copy: &Copy, minutes: u32) -> Result<(), Error> {
    let due = ctx.now().plus(Duration::from_secs(u64::from(minutes) * 60));
    workers::set(ctx, txn, workers::REPLICATION_THRESHOLD, timer(copy), due.micros(), copy)
}

/// Watches a copy no longer.
pub(super) fn done(ctx: &Ctx, txn: &mut Write, copy: &Copy) -> Result<(), Error> {
    Ok(workers::cancel(ctx, txn, workers::REPLICATION_THRESHOLD, &timer(copy))?)
}

/// Whether a copy comes after its time, where somebody wants to know.
pub(super) fn is_late(
    ctx: &Ctx,
    txn: &Write,
    copy: &Copy,
    bucket: &Bucket,
    version: &Version,
) -> Result<bool, Error> {
    let configuration = configuration(txn, bucket)?.unwrap_or_default();
    let rules = matching(&configuration, &copy.key, version, copy.is_modification);
    let minutes = rules.iter().filter_map(|rule| rule.destination.threshold_minutes).min();
    let written = Timestamp::from_micros(version.summary.modified).secs();
    Ok(!copy.is_modification
        && minutes.is_some_and(|minutes| ctx.now().secs() - written > i64::from(minutes) * 60))
}

/// Tells of a copy that is late, or that has nothing to be a copy of any more.
pub(crate) fn missed(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let copy: Copy = timer.read()?;
    let bucket = txn.get(&keys::bucket(&copy.bucket))?.filter(|bucket| bucket.id == copy.bucket_id);
    let Some(bucket) = bucket else { return Ok(()) };
    let found = ObjectAt::new(&copy.bucket, &bucket, &copy.key).version(txn, &copy.version_id)?;
    let Some(found) = found.filter(|found| found.version.summary.version.id == copy.id) else {
        return Ok(());
    };
    let event = match found.version.content.replication {
        Some(ReplicationStatus::Pending) => {
            let configuration = configuration(txn, &bucket)?.unwrap_or_default();
            let is_tracked =
                !matching(&configuration, &copy.key, &found.version, copy.is_modification).is_empty();
            if is_tracked { Event::ReplicationMissedThreshold } else { Event::ReplicationNotTracked }
        }
        _ => return Ok(()),
    };
    Ok(raise(ctx, txn, event, &copy, (&bucket, &found.version), None)?)
}
