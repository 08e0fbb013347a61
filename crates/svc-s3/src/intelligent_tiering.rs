//! Intelligent-Tiering under the clock: objects that nobody reads go to the archives that their bucket has configured,
//! and come back when they are restored. When an object was read is noted once a day.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering.html>

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader, Write};

use crate::configuration::Kind;
use crate::configuration::document::Document;
use crate::events::{self, Event, Subject};
use crate::records::{ArchiveTier, Bucket, StorageClass, Tiering, Version, Versioning};
use crate::versions::{Found, ObjectAt};
use crate::{keys, workers};
use virga_object::Error;
use virga_object::configured::TieringConfiguration;
use virga_object::event_record::EventDetails;
use virga_object::intelligent_tiering::archive;
use virga_object::midnight::{self, DAY};
use virga_object::object_filter::Subject as Filtered;

/// Keys that one transaction looks at.
const BATCH: usize = 100;

/// A pass over a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pass {
    bucket: String,
    bucket_id: u64,
    /// The last key that was looked at.
    after: Option<String>,
    /// When something is due next, as far as the pass has seen; in Unix seconds.
    next: Option<i64>,
}

/// Has a bucket looked at, whose configurations are new, at the next midnight.
pub(crate) fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket) -> Result<(), Error> {
    let pass = Pass { bucket: name.to_owned(), bucket_id: bucket.id, after: None, next: None };
    set(ctx, txn, &pass, midnight::after(ctx.now().secs()))
}

fn set(ctx: &Ctx, txn: &mut Write, pass: &Pass, due: i64) -> Result<(), Error> {
    let due = Timestamp::from_secs(due).micros();
    workers::set(ctx, txn, workers::TIERING, format!("{:016x}", pass.bucket_id), due, pass)
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
    let mut pass: Pass = workers::payload(timer)?;
    let bucket = txn.get(&keys::bucket(&pass.bucket))?.filter(|bucket| bucket.id == pass.bucket_id);
    let Some(bucket) = bucket else { return Ok(()) };
    let configurations = configurations(txn, &bucket)?;
    let days = configurations.iter().flat_map(|configuration| &configuration.tierings).map(|(_, days)| *days);
    let Some(least_days) = days.min() else { return Ok(()) };
    let now = ctx.now().secs();
    let mut range = keys::currents(bucket.id);
    if let Some(after) = &pass.after {
        range = range.after(after.as_str());
    }
    let rows = txn.snapshot_scan(&range, Direction::Forward, BATCH)?;
    let is_last = rows.len() < BATCH;
    let name = pass.bucket.clone();
    for (place, current) in rows {
        let (_, key): (u64, String) = place.parts()?;
        let at = ObjectAt::new(&name, &bucket, &key);
        let mut versions = vec![current];
        if bucket.versioning != Versioning::Never {
            let older = keys::noncurrents(bucket.id, &key);
            let older = txn.snapshot_scan(&older, Direction::Forward, usize::MAX)?;
            versions.extend(older.into_iter().map(|(_, version)| version));
        }
        for version in &versions {
            let next = look(ctx, txn, &at, version, &configurations)?;
            pass.next = pass.next.into_iter().chain(next).min();
        }
        pass.after = Some(key);
    }
    if !is_last {
        return Ok(set(ctx, txn, &pass, now)?);
    }
    let for_new = midnight::after_days(now, least_days);
    let next = pass.next.map_or(for_new, |next| next.min(for_new));
    Ok(set(ctx, txn, &Pass { after: None, next: None, ..pass }, next.max(midnight::after(now)))?)
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
