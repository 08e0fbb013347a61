//! Restoring archived objects: a copy that can be read for some days, once the archive has handed it out.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>

pub(crate) mod select;

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_kit::{Ctx, Failure, Outcome, Timer};
use virga_model::Timestamp;
use virga_store::{Fault, Reader as _, Write};

use crate::events::{self, Event, Subject};
use crate::records::{ArchiveTier, Bucket, OpaqueId, Restore, RestoreJob, Version};
use crate::versions::{Found, ObjectAt};
use crate::{access, bucket, intelligent_tiering, keys, workers};
use virga_object::Error;
use virga_object::event_record::{EventDetails, iso_millis};
use virga_object::midnight;
use virga_object::storage_class::{Archive, RestoreTier, archive, restore_time};

/// The most days for which a copy is kept.
const MOST_DAYS: i32 = 2_147_483_647;

/// What the timers of a version know.
#[derive(Debug, Serialize, Deserialize)]
struct OfVersion {
    bucket: String,
    bucket_id: u64,
    key: String,
    version_id: String,
    id: OpaqueId,
}

impl OfVersion {
    /// Whether a version is the one that was meant: another may be called `null` by now.
    fn is_about(&self, found: &Found) -> bool {
        found.version.summary.version.id == self.id
    }
}

/// Asks for a copy, for one sooner, or for more days of one that is there: only the last is done at once.
pub(crate) fn restore_object(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RestoreObjectInput,
) -> Result<Outcome<api::RestoreObjectOutput>, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "POST");
    let mut found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    let request = input.restore_request().ok_or(Error::MalformedXml)?;
    if request.r#type().is_some() {
        return select::begin(ctx, txn, &at, &found.version, request).map(Outcome::Accepted);
    }
    if request.select_parameters().is_some() || request.output_location().is_some() {
        return Err(Error::MalformedXml);
    }
    if let Some(tier) = found.version.archive_tier() {
        wake(ctx, txn, &at, &mut found, (tier, request))?;
        return Ok(Outcome::Accepted(api::RestoreObjectOutput::new()));
    }
    let summary = &found.version.summary;
    let storage_class = summary.class.as_str().to_owned();
    let archive = archive(summary.class).ok_or(Error::NotRestorable { storage_class })?;
    let (tier, days) = (given_tier(request)?, given_days(request)?);
    match summary.restore {
        Some(Restore { until: Some(until) }) if until > ctx.now().micros() => {
            let until = expiry(ctx, days);
            found.version.summary.restore = Some(Restore { until: Some(until) });
            at.save(txn, &found)?;
            set(ctx, txn, &at, (workers::RESTORE_END, until), &found.version)?;
            return Ok(Outcome::Done(api::RestoreObjectOutput::new()));
        }
        Some(Restore { until: None }) => hasten(ctx, txn, &at, &found.version, (archive, tier))?,
        _ => begin(ctx, txn, &at, &mut found, (archive, RestoreJob { tier, days }))?,
    }
    Ok(Outcome::Accepted(api::RestoreObjectOutput::new()))
}

/// Asks for an object of Intelligent-Tiering to come back from its archive, for good.
fn wake(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    found: &mut Found,
    (tier, request): (ArchiveTier, &api::RestoreRequest),
) -> Result<(), Error> {
    if let Some(days) = request.days() {
        let reason = "Days must not be specified for objects of S3 Intelligent-Tiering";
        return Err(Error::argument(reason, "Days", days.to_string()));
    }
    let archive = match tier {
        ArchiveTier::ArchiveAccess => Archive::Flexible,
        ArchiveTier::DeepArchiveAccess => Archive::Deep,
    };
    let tier = given_tier(request)?;
    match found.version.summary.restore {
        Some(_) => hasten(ctx, txn, at, &found.version, (archive, tier)),
        None => begin(ctx, txn, at, found, (archive, RestoreJob { tier, days: 0 })),
    }
}

fn given_tier(request: &api::RestoreRequest) -> Result<RestoreTier, Error> {
    let parameters = request.glacier_job_parameters().map(api::GlacierJobParameters::tier);
    let tier = parameters.or(request.tier()).unwrap_or("Standard");
    RestoreTier::parse(tier).ok_or(Error::MalformedXml)
}

fn given_days(request: &api::RestoreRequest) -> Result<u32, Error> {
    let days = request.days().ok_or(Error::MalformedXml)?;
    let reason = format!("restoration days should be at least 1 and at most {MOST_DAYS}");
    let days = u32::try_from(days).ok().filter(|days| *days > 0);
    days.ok_or_else(|| Error::argument(reason, "Days", request.days().unwrap_or_default().to_string()))
}

/// Until when a copy is there that is ready now, in microseconds.
fn expiry(ctx: &Ctx, days: u32) -> i64 {
    Timestamp::from_secs(midnight::after_days(ctx.now().secs(), days)).micros()
}

/// Sets a timer of a version, in place of an earlier one of the kind.
fn set(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    (kind, due): (&'static str, i64),
    version: &Version,
) -> Result<(), Error> {
    let id = version.summary.version.id;
    let payload = OfVersion {
        bucket: at.bucket_name.to_owned(),
        bucket_id: at.bucket.id,
        key: at.key.to_owned(),
        version_id: version.summary.version.text(),
        id,
    };
    workers::set(ctx, txn, kind, format!("{:016x}{:016x}", id.sequence, id.salt), due, &payload)
}

/// When a copy is there that is asked for now.
fn ready_at(ctx: &Ctx, archive: Archive, tier: RestoreTier) -> Result<i64, Error> {
    let reason = "Retrieval option is not supported by this storage class";
    let time = restore_time(archive, tier).ok_or_else(|| Error::argument(reason, "Tier", "Expedited"))?;
    Ok(ctx.now().plus(time).micros())
}

fn begin(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    found: &mut Found,
    (archive, job): (Archive, RestoreJob),
) -> Result<(), Error> {
    let due = ready_at(ctx, archive, job.tier)?;
    found.version.summary.restore = Some(Restore { until: None });
    at.save(txn, found)?;
    txn.put(&keys::restore_job(found.version.summary.version.id), &job)?;
    set(ctx, txn, at, (workers::RESTORE, due), &found.version)?;
    events::raise(ctx, txn, Event::RestoreBegun, &subject(at, &found.version))
}

/// Asks for a copy sooner that is on its way.
fn hasten(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    version: &Version,
    (archive, tier): (Archive, RestoreTier),
) -> Result<(), Error> {
    let key = keys::restore_job(version.summary.version.id);
    let job = txn.get(&key)?.filter(|job| tier > job.tier).ok_or(Error::RestoreAlreadyInProgress)?;
    let due = ready_at(ctx, archive, tier)?;
    txn.put(&key, &RestoreJob { tier, ..job })?;
    set(ctx, txn, at, (workers::RESTORE, due), version)
}

fn subject<'a>(at: &ObjectAt<'a>, version: &'a Version) -> Subject<'a> {
    Subject { bucket_name: at.bucket_name, bucket: at.bucket, key: at.key, version }
}

/// The bucket of a timer, if it is still there.
fn bucket_of(txn: &Write, of: &OfVersion) -> Result<Option<Bucket>, Fault> {
    Ok(txn.get(&keys::bucket(&of.bucket))?.filter(|bucket| bucket.id == of.bucket_id))
}

fn details(version: &Version, until: i64) -> EventDetails {
    EventDetails::Restored {
        expiry: iso_millis(Timestamp::from_micros(until).millis()),
        storage_class: version.summary.class.as_str().to_owned(),
    }
}

/// The copy is there.
pub(crate) fn complete(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfVersion = timer.read()?;
    let job = txn.get(&keys::restore_job(of.id))?;
    txn.delete(&keys::restore_job(of.id))?;
    let (Some(job), Some(bucket)) = (job, bucket_of(txn, &of)?) else { return Ok(()) };
    let at = ObjectAt::new(&of.bucket, &bucket, &of.key);
    let Some(mut found) = at.version(txn, &of.version_id)?.filter(|found| of.is_about(found)) else {
        return Ok(());
    };
    if found.version.archive_tier().is_some() {
        intelligent_tiering::wake(ctx, &mut found);
        at.save(txn, &found)?;
        return Ok(events::raise(ctx, txn, Event::RestoreCompleted, &subject(&at, &found.version))?);
    }
    let until = expiry(ctx, job.days);
    found.version.summary.restore = Some(Restore { until: Some(until) });
    at.save(txn, &found)?;
    set(ctx, txn, &at, (workers::RESTORE_END, until), &found.version)?;
    let details = details(&found.version, until);
    Ok(events::raise_with(ctx, txn, Event::RestoreCompleted, &subject(&at, &found.version), details)?)
}

/// The copy is gone.
pub(crate) fn end(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfVersion = timer.read()?;
    let Some(bucket) = bucket_of(txn, &of)? else { return Ok(()) };
    let at = ObjectAt::new(&of.bucket, &bucket, &of.key);
    let Some(mut found) = at.version(txn, &of.version_id)?.filter(|found| of.is_about(found)) else {
        return Ok(());
    };
    let Some(Restore { until: Some(until) }) = found.version.summary.restore.take() else { return Ok(()) };
    at.save(txn, &found)?;
    let details = details(&found.version, until);
    Ok(events::raise_with(ctx, txn, Event::RestoreExpired, &subject(&at, &found.version), details)?)
}
