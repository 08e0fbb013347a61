//! Storage class analysis: what is stored, written and read by age of the objects, exported each day to a file that
//! grows.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html>

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_kit::{Ctx, Delivering, DeliveryFailure, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::configuration::Kind;
use crate::configuration::document::Document;
use crate::events::Subject;
use crate::records::{AnalysisLine, Bucket, StorageClass, Version};
use crate::{keys, report_delivery, workers};
use virga_object::Error;
use virga_object::configured::AnalyticsConfiguration;
use virga_object::midnight::{self, DAY};
use virga_object::object_filter::Subject as Filtered;
use virga_object::storage_class_analysis::{self as rules, HEADER, Usages};

/// Keys that are read at once.
const PAGE: usize = 1000;
/// How long a failed export waits.
const WAIT: Duration = Duration::from_secs(3600);

/// What is counted, by number.
const UPLOADED: u8 = 0;
const RETRIEVED: u8 = 1;
const REQUESTS: u8 = 2;

/// An export to be made.
#[derive(Serialize, Deserialize)]
struct Export {
    bucket: String,
    bucket_id: u64,
    id: String,
}

/// Has the exports of a configuration made, the first one at the next midnight.
pub(crate) fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket, id: &str) -> Result<(), Error> {
    let export = Export { bucket: name.to_owned(), bucket_id: bucket.id, id: id.to_owned() };
    arm_next(ctx, txn, &export)
}

fn arm_next(ctx: &Ctx, txn: &mut Write, export: &Export) -> Result<(), Error> {
    let due = midnight::after(ctx.now().secs());
    // The day is a part of the name, so that an export can set the timer of the next one.
    let timer = format!("{:016x}-{}-{}", export.bucket_id, export.id, due / DAY);
    workers::set(ctx, txn, workers::ANALYTICS, timer, Timestamp::from_secs(due).micros(), export)
}

/// Forgets what an analysis has found.
pub(crate) fn forget(txn: &mut Write, bucket: u64, id: &str) -> Result<(), Fault> {
    txn.delete_range(&keys::analysis_lines(bucket, id), usize::MAX)?;
    txn.delete_range(&keys::analysis_counts(bucket, id), usize::MAX).map(|_| ())
}

/// The analyses of a bucket.
pub(crate) fn configurations(
    txn: &impl Reader,
    bucket: &Bucket,
) -> Result<Vec<AnalyticsConfiguration>, Fault> {
    let range = keys::configurations::<Document>(bucket.id, Kind::Analytics);
    let mut found = Vec::new();
    for (_, document) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let given: api::AnalyticsConfiguration = document.read()?;
        found.push(AnalyticsConfiguration::read(&given));
    }
    Ok(found)
}

/// Counts that bytes of a version were read.
pub(crate) async fn note_read(
    ctx: &Ctx,
    bucket: &Bucket,
    key: &str,
    version: &Version,
    bytes: u64,
) -> Result<(), Error> {
    let note = |txn: &mut Write| note(ctx, txn, bucket, (key, version), (RETRIEVED, bytes));
    Ok(ctx.transact(note).await?)
}

/// Counts that a version was written.
pub(crate) fn note_write(ctx: &Ctx, txn: &mut Write, subject: &Subject<'_>) -> Result<(), Error> {
    let version = (subject.key, subject.version);
    note(ctx, txn, subject.bucket, version, (UPLOADED, subject.version.summary.size))
}

fn note(
    ctx: &Ctx,
    txn: &mut Write,
    bucket: &Bucket,
    (key, version): (&str, &Version),
    (what, bytes): (u8, u64),
) -> Result<(), Error> {
    let day = ctx.now().secs().div_euclid(DAY);
    let summary = &version.summary;
    for configuration in configurations(txn, bucket)? {
        if !is_about(&configuration, key, version) {
            continue;
        }
        for group in rules::groups(summary.size, age_days(version, ctx.now().secs())) {
            let count = |what| {
                keys::analysis_count(bucket.id, &configuration.id, (day, summary.class.as_str(), group, what))
            };
            txn.add(&count(what), i64::try_from(bytes).unwrap_or(i64::MAX))?;
            txn.add(&count(REQUESTS), 1)?;
        }
    }
    Ok(())
}

fn is_about(configuration: &AnalyticsConfiguration, key: &str, version: &Version) -> bool {
    let subject = Filtered { key, size: Some(version.summary.size), tags: &version.content.tags };
    !version.summary.is_delete_marker && configuration.filter.matches(subject)
}

fn age_days(version: &Version, now: i64) -> i64 {
    (now - Timestamp::from_micros(version.summary.modified).secs()).max(0) / DAY
}

/// Makes an export, and has the next one made.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(export) = timer.read::<Export>() else { return Err(DeliveryFailure::GiveUp) };
        match make(&ctx, &export, timer.due.secs() - DAY).await {
            Ok(()) => Ok(()),
            Err(failure) => {
                tracing::error!("a storage class analysis can't be exported: {failure:?}");
                Err(DeliveryFailure::Retry(WAIT))
            }
        }
    })
}

/// Makes the export of the day that began then.
async fn make(ctx: &Ctx, export: &Export, day_began: i64) -> Result<(), Failure> {
    let found = ctx.read(|txn| find(txn, export).map_err(Failure::from)).await?;
    let Some((bucket, configuration)) = found else { return Ok(()) };
    let usages =
        ctx.read(|txn| usages(txn, &bucket, &configuration, day_began).map_err(Failure::from)).await?;
    let day = day_began.div_euclid(DAY);
    let date = ctx.iso_time(day_began);
    let date = date.split('T').next().unwrap_or_default();
    let write = |txn: &mut Write| {
        for (class, usages) in &usages {
            for (group, text) in rules::lines(date, &export.id, class, usages) {
                let key = keys::analysis_line(bucket.id, &export.id, (group, day, class));
                txn.put(&key, &AnalysisLine(text))?;
            }
        }
        forget_counts(txn, bucket.id, &export.id, day)?;
        arm_next(ctx, txn, export)
    };
    ctx.transact(write).await?;
    let Some(destination) = &configuration.export else { return Ok(()) };
    let lines = ctx.read(|txn| {
        let range = keys::analysis_lines(bucket.id, &export.id);
        txn.scan(&range, Direction::Forward, usize::MAX).map_err(Failure::from)
    });
    let lines = lines.await?;
    let mut text = format!("{HEADER}\n");
    lines.iter().for_each(|(_, line)| text.extend([line.0.as_str(), "\n"]));
    let prefix = destination.prefix.as_deref().unwrap_or_default();
    let key = match prefix.trim_end_matches('/') {
        "" => format!("{}/{}.csv", export.bucket, export.id),
        prefix => format!("{prefix}/{}/{}.csv", export.bucket, export.id),
    };
    let source = (export.bucket.as_str(), &bucket);
    let target = report_delivery::Target {
        bucket: &destination.bucket,
        account: destination.account.as_deref(),
        encryption: None,
    };
    if let Err(error) = report_delivery::put(ctx, source, &target, &key, Bytes::from(text)).await {
        tracing::warn!(bucket = export.bucket, "a storage class analysis was refused: {}", error.message);
    }
    Ok(())
}

/// Forgets the counts of a day and of those before it.
fn forget_counts(txn: &mut Write, bucket: u64, id: &str, day: i64) -> Result<(), Fault> {
    for key in txn.scan_keys(&keys::analysis_counts(bucket, id), Direction::Forward, usize::MAX)? {
        let (_, _, of, ..): (u64, String, i64, String, u8, u8) = key.parts()?;
        if of <= day {
            txn.delete(&key)?;
        }
    }
    Ok(())
}

fn find(txn: &Read, export: &Export) -> Result<Option<(Bucket, AnalyticsConfiguration)>, Fault> {
    let bucket =
        txn.get(&keys::bucket(&export.bucket))?.filter(|bucket: &Bucket| bucket.id == export.bucket_id);
    let Some(bucket) = bucket else { return Ok(None) };
    let found = configurations(txn, &bucket)?.into_iter().find(|found| found.id == export.id);
    Ok(found.map(|found| (bucket, found)))
}

/// What a day was like, by storage class.
fn usages(
    txn: &Read,
    bucket: &Bucket,
    configuration: &AnalyticsConfiguration,
    day_began: i64,
) -> Result<BTreeMap<String, Usages>, Fault> {
    let mut usages = BTreeMap::from([(StorageClass::Standard.as_str().to_owned(), Usages::default())]);
    for range in [keys::currents(bucket.id), keys::noncurrents_of_all(bucket.id)] {
        let mut range = range.from(configuration.filter.prefix());
        loop {
            let rows = txn.scan(&range, Direction::Forward, PAGE)?;
            for (place, version) in &rows {
                let key = keys::key_of_version(place)?;
                if is_about(configuration, &key, version) {
                    count_stored(&mut usages, version, day_began + DAY);
                }
                range = range.after_key(place);
            }
            if rows.len() < PAGE {
                break;
            }
        }
    }
    for (key, count) in
        txn.scan(&keys::analysis_counts(bucket.id, &configuration.id), Direction::Forward, usize::MAX)?
    {
        let (_, _, day, class, group, what): (u64, String, i64, String, u8, u8) = key.parts()?;
        let Some(usage) = usages.entry(class).or_default().get_mut(usize::from(group)) else { continue };
        if day == day_began.div_euclid(DAY) {
            let amount = u64::try_from(count.0).unwrap_or(0);
            match what {
                UPLOADED => usage.uploaded += amount,
                RETRIEVED => usage.retrieved += amount,
                _ => usage.requests += amount,
            }
        }
    }
    Ok(usages)
}

fn count_stored(usages: &mut BTreeMap<String, Usages>, version: &Version, day_ended: i64) {
    let summary = &version.summary;
    if Timestamp::from_micros(summary.modified).secs() >= day_ended {
        return;
    }
    let usages = usages.entry(summary.class.as_str().to_owned()).or_default();
    for group in rules::groups(summary.size, age_days(version, day_ended - 1)) {
        if let Some(usage) = usages.get_mut(usize::from(group)) {
            usage.objects += 1;
            usage.stored += summary.size;
        }
    }
}
