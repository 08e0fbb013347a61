//! Intelligent-Tiering under the clock: objects that nobody reads go to the archives that their bucket has configured,
//! and come back when they are restored. When an object was read is noted once a day.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering.html>

use virga_api::s3 as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_store::{Direction, Fault, Range, Reader, Write};

use crate::configuration::Kind;
use crate::configuration::document::Document;
use crate::events::{self, Event, Subject};
use crate::pass::{self, Pass, earlier};
use crate::records::{ArchiveTier, Bucket, StorageClass, Tiering, Version, Versioning};
use crate::versions::{Found, ObjectAt};
use crate::{keys, workers};
use virga_object::Error;
use virga_object::configured::TieringConfiguration;
use virga_object::event_record::EventDetails;
use virga_object::intelligent_tiering::archive;
use virga_object::midnight::{self, DAY};
use virga_object::object_filter::Subject as Filtered;

/// Older versions that one transaction looks at.
const VERSIONS: usize = 100;

/// Has a bucket looked at, whose configurations are new, at the next midnight.
pub(crate) fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket) -> Result<(), Error> {
    // A pass by the configurations before does not go on.
    workers::cancel(ctx, txn, workers::TIERING_VERSIONS, &Pass::id(bucket.id))?;
    pass::arm(ctx, txn, workers::TIERING, name, bucket)
}

/// The configurations of a bucket that are acted on.
fn configurations(txn: &impl Reader, bucket: &Bucket) -> Result<Vec<TieringConfiguration>, Fault> {
    let range = keys::configurations::<Document>(bucket.id, Kind::IntelligentTiering);
    let mut found = Vec::new();
    for (_, document) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let given: api::IntelligentTieringConfiguration = document.read()?;
        found.push(TieringConfiguration::read(&given));
    }
    found.retain(|configuration| configuration.is_enabled);
    Ok(found)
}

/// Looks at a batch of keys. The next pass is when the first object is due, or the first that is written now.
pub(crate) fn pass(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let mut pass: Pass = timer.read()?;
    let Some(bucket) = pass.find_bucket(txn)? else { return Ok(()) };
    let configurations = configurations(txn, &bucket)?;
    let days = configurations.iter().flat_map(|configuration| &configuration.tierings).map(|(_, days)| *days);
    let Some(least_days) = days.min() else { return Ok(()) };
    let now = ctx.now().secs();
    let batch = pass.take(txn)?;
    let name = pass.bucket.clone();
    let mut left = VERSIONS;
    for (key, current) in batch.rows {
        let at = ObjectAt::new(&name, &bucket, &key);
        earlier(&mut pass.next, look(ctx, txn, &at, &current, &configurations)?);
        if bucket.versioning == Versioning::Never {
            continue;
        }
        let range = keys::noncurrents(bucket.id, &key);
        let reached = older(ctx, txn, &at, (&range, &mut left), &configurations, &mut pass.next)?;
        if let Some(reached) = reached {
            pass.stop_after(&key);
            return Ok(pass.set_timer(ctx, txn, workers::TIERING_VERSIONS, now, &(&pass, &key, reached))?);
        }
    }
    if !batch.is_last {
        return Ok(pass.go_on(ctx, txn, workers::TIERING)?);
    }
    let for_new = midnight::after_days(now, least_days);
    Ok(pass.begin_again(ctx, txn, workers::TIERING, Some(for_new))?)
}

/// Looks at the next older versions of a key that has many; after the last of them, the pass goes on.
pub(crate) fn versions(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let (mut pass, key, reached): (Pass, String, u64) = timer.read()?;
    let Some(bucket) = pass.find_bucket(txn)? else { return Ok(()) };
    let configurations = configurations(txn, &bucket)?;
    let name = pass.bucket.clone();
    let at = ObjectAt::new(&name, &bucket, &key);
    let range = keys::noncurrents_after(bucket.id, &key, reached);
    match older(ctx, txn, &at, (&range, &mut { VERSIONS }), &configurations, &mut pass.next)? {
        Some(reached) => {
            let now = ctx.now().secs();
            Ok(pass.set_timer(ctx, txn, workers::TIERING_VERSIONS, now, &(&pass, &key, reached))?)
        }
        None => Ok(pass.go_on(ctx, txn, workers::TIERING)?),
    }
}

/// Looks at as many older versions of a key as are `left`. Says which was the last when there may be more.
fn older(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    (range, left): (&Range<Version>, &mut usize),
    configurations: &[TieringConfiguration],
    next: &mut Option<i64>,
) -> Result<Option<u64>, Error> {
    let found = txn.snapshot_scan(range, Direction::Forward, *left)?;
    let is_full = found.len() == *left;
    *left -= found.len();
    let mut reached = None;
    for (_, version) in found {
        earlier(next, look(ctx, txn, at, &version, configurations)?);
        reached = Some(version.summary.version.id.sequence);
    }
    Ok(reached.filter(|_| is_full))
}

/// Archives a version that is due, and says when it is to be looked at again.
fn look(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    version: &Version,
    configurations: &[TieringConfiguration],
) -> Result<Option<i64>, Error> {
    if version.summary.class != StorageClass::IntelligentTiering || version.summary.restore.is_some() {
        return Ok(None);
    }
    let subject = Filtered { key: at.key, size: Some(version.summary.size), tags: &version.content.tags };
    let meant = configurations.iter().filter(|configuration| configuration.filter.matches(subject));
    let tierings: Vec<_> = meant.flat_map(|configuration| configuration.tierings.iter().copied()).collect();
    let (wanted, next) = archive(version.summary.size, version.accessed(), &tierings, ctx.now().secs());
    let Some(tier) = wanted.filter(|tier| is_deeper(*tier, version.archive_tier())) else { return Ok(next) };
    // What was found without conflict detection is confirmed before it is changed.
    let id = version.summary.version.text();
    let Some(mut found) = at.version(txn, &id)?.filter(|again| again.version == *version) else {
        return Ok(Some(midnight::after(ctx.now().secs())));
    };
    found.version.content.tiering = Some(Tiering { accessed: found.version.accessed(), archive: Some(tier) });
    at.save(txn, &found)?;
    let subject =
        Subject { bucket_name: at.bucket_name, bucket: at.bucket, key: at.key, version: &found.version };
    let details = EventDetails::Tiered { access_tier: tier.as_str().to_owned() };
    events::raise_with(ctx, txn, Event::IntelligentTiering, &subject, details)?;
    Ok(next)
}

fn is_deeper(tier: ArchiveTier, present: Option<ArchiveTier>) -> bool {
    match present {
        None => true,
        Some(present) => present == ArchiveTier::ArchiveAccess && tier == ArchiveTier::DeepArchiveAccess,
    }
}

/// Brings a version back from its archive.
pub(crate) fn wake(ctx: &Ctx, found: &mut Found) {
    found.version.summary.restore = None;
    found.version.content.tiering = Some(Tiering { accessed: ctx.now().secs(), archive: None });
}

/// Notes that a version is read, unless that was noted today.
pub(crate) async fn note_read(
    ctx: &Ctx,
    (name, bucket): (&str, &Bucket),
    key: &str,
    version: &Version,
) -> Result<(), Error> {
    let now = ctx.now().secs();
    let is_tiered = version.summary.class == StorageClass::IntelligentTiering;
    if !is_tiered || version.accessed().div_euclid(DAY) >= now.div_euclid(DAY) {
        return Ok(());
    }
    let note = |txn: &mut Write| {
        let at = ObjectAt::new(name, bucket, key);
        let found = at.version(txn, &version.summary.version.text())?;
        let is_same = |found: &Found| found.version.summary.version.id == version.summary.version.id;
        let Some(mut found) = found.filter(is_same) else { return Ok(()) };
        let archive = found.version.archive_tier();
        found.version.content.tiering = Some(Tiering { accessed: now, archive });
        Ok::<_, Error>(at.save(txn, &found)?)
    };
    Ok(ctx.transact(note).await?)
}
