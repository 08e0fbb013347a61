//! Lifecycle under the clock: at midnight UTC, what is due in a bucket is done, in passes. A key with many versions takes
//! several steps of its pass.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html>

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader, Write};

use crate::configuration::{Kind, document};
use crate::events::{self, Event, Subject};
use crate::pass::{self, Pass, earlier};
use crate::records::{Bucket, OpaqueId, ReplicationStatus, StorageClass, Tiering, Version, Versioning};
use crate::versions::{Found, ObjectAt};
use crate::{access_log, keys, multipart, workers};
use virga_object::Error;
use virga_object::access_log::{ABORTED, EXPIRED, MARKED, moved_to};
use virga_object::configured::LifecycleConfiguration;
use virga_object::directory_bucket;
use virga_object::event_record::EventDetails;
use virga_object::lifecycle::{self as rules, Action, Candidate, Decision, Place};
use virga_object::lifecycle_configuration::MOST_NEWER_VERSIONS;
use virga_object::midnight;
use virga_object::object_filter::Subject as Filtered;

/// Uploads that one transaction looks at.
const BATCH: usize = 100;
/// Older versions that one transaction looks at.
const VERSIONS: usize = 1_000;

/// The rules of a bucket.
pub(crate) fn configuration(
    txn: &impl Reader,
    bucket: &Bucket,
) -> Result<Option<LifecycleConfiguration>, Fault> {
    let given: Option<api::GetBucketLifecycleConfigurationOutput> =
        document::find(txn, bucket, Kind::Lifecycle)?;
    Ok(given.as_ref().map(LifecycleConfiguration::read))
}

/// Has a bucket looked at, whose rules are new, at the next midnight.
pub(crate) fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket) -> Result<(), Error> {
    // A pass by the rules before does not go on.
    for kind in [workers::LIFECYCLE_VERSIONS, workers::LIFECYCLE_UPLOADS] {
        workers::cancel(ctx, txn, kind, &Pass::id(bucket.id))?;
    }
    pass::arm(ctx, txn, workers::LIFECYCLE, name, bucket)
}

/// Looks at a batch of keys, and after the last one at the uploads.
pub(crate) fn pass(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let mut pass: Pass = timer.read()?;
    let Some(bucket) = pass.find_bucket(txn)? else { return Ok(()) };
    let Some(configuration) = configuration(txn, &bucket)? else { return Ok(()) };
    let now = ctx.now().secs();
    let name = pass.bucket.clone();
    let over = Sweep { name: &name, bucket: &bucket, configuration: &configuration, now };
    let batch = pass.take(txn)?;
    let mut left = VERSIONS;
    for (key, _) in batch.rows {
        if let Some(reached) = over.key(ctx, txn, &key, &mut left, &mut pass.next)? {
            pass.stop_after(&key);
            return Ok(Unfinished { pass, key, reached }.set(ctx, txn)?);
        }
    }
    if !batch.is_last {
        return Ok(pass.go_on(ctx, txn, workers::LIFECYCLE)?);
    }
    Ok(over.uploads(ctx, txn, pass, None)?)
}

/// Looks at the next uploads of a bucket that has many.
pub(crate) fn uploads(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let (pass, reached): (Pass, (String, u64, u64)) = timer.read()?;
    let Some(bucket) = pass.find_bucket(txn)? else { return Ok(()) };
    let Some(configuration) = configuration(txn, &bucket)? else { return Ok(()) };
    let name = pass.bucket.clone();
    let over = Sweep { name: &name, bucket: &bucket, configuration: &configuration, now: ctx.now().secs() };
    Ok(over.uploads(ctx, txn, pass, Some(&reached))?)
}

/// Looks at the next older versions of a key that has many; after the last of them, the pass goes on.
pub(crate) fn versions(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let Unfinished { mut pass, key, reached } = timer.read()?;
    let Some(bucket) = pass.find_bucket(txn)? else { return Ok(()) };
    let Some(configuration) = configuration(txn, &bucket)? else { return Ok(()) };
    let name = pass.bucket.clone();
    let over = Sweep { name: &name, bucket: &bucket, configuration: &configuration, now: ctx.now().secs() };
    match over.rest(ctx, txn, &key, reached, &mut pass.next)? {
        Some(reached) => Ok(Unfinished { pass, key, reached }.set(ctx, txn)?),
        None => Ok(pass.go_on(ctx, txn, workers::LIFECYCLE)?),
    }
}

/// A pass in the midst of the versions of a key.
#[derive(Debug, Serialize, Deserialize)]
struct Unfinished {
    pass: Pass,
    key: String,
    reached: Reached,
}

impl Unfinished {
    fn set(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Error> {
        self.pass.set_timer(ctx, txn, workers::LIFECYCLE_VERSIONS, ctx.now().secs(), self)
    }
}

/// The oldest version of a key that was looked at.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Reached {
    sequence: u64,
    /// Since when the version before it is noncurrent, in Unix seconds.
    modified: i64,
}

impl Reached {
    fn new(version: &Version) -> Self {
        let modified = Timestamp::from_micros(version.summary.modified).secs();
        Reached { sequence: version.summary.version.id.sequence, modified }
    }
}

/// What a pass needs to know.
struct Sweep<'a> {
    name: &'a str,
    bucket: &'a Bucket,
    configuration: &'a LifecycleConfiguration,
    now: i64,
}

impl Sweep<'_> {
    /// Looks at the versions of a key: at the current one, and at as many older ones as are `left`. Says where it has
    /// stopped when there may be more.
    fn key(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        key: &str,
        left: &mut usize,
        next: &mut Option<i64>,
    ) -> Result<Option<Reached>, Error> {
        let at = ObjectAt::new(self.name, self.bucket, key);
        let Some(current) = at.current(txn)? else { return Ok(None) };
        let older = match self.bucket.versioning {
            Versioning::Never => Vec::new(),
            _ => txn.snapshot_scan(&keys::noncurrents(self.bucket.id, key), Direction::Forward, *left)?,
        };
        let older: Vec<Version> = older.into_iter().map(|(_, version)| version).collect();
        let place = Place::Current { is_only: older.is_empty() };
        let reached = (older.len() == *left).then(|| older.last().map(Reached::new)).flatten();
        *left -= older.len();
        self.older(ctx, txn, &at, older, (Reached::new(&current).modified, 0), next)?;
        earlier(next, self.version(ctx, txn, &at, &Found { version: current, is_current: true }, place)?);
        Ok(reached)
    }

    /// Looks at the older versions of a key that come after the one that was reached.
    fn rest(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        key: &str,
        reached: Reached,
        next: &mut Option<i64>,
    ) -> Result<Option<Reached>, Error> {
        let at = ObjectAt::new(self.name, self.bucket, key);
        // Counted anew: some may have been deleted since, and no rule asks for more.
        let all = keys::noncurrents(self.bucket.id, key);
        let newest = txn.snapshot_scan(&all, Direction::Forward, usize::from(MOST_NEWER_VERSIONS))?;
        let is_newer = |version: &Version| version.summary.version.id.sequence >= reached.sequence;
        let newer = newest.iter().filter(|(_, version)| is_newer(version)).count();
        let after = keys::noncurrents_after(self.bucket.id, key, reached.sequence);
        let older = txn.snapshot_scan(&after, Direction::Forward, VERSIONS)?;
        let older: Vec<Version> = older.into_iter().map(|(_, version)| version).collect();
        let last = older.last().filter(|_| older.len() == VERSIONS).map(Reached::new);
        self.older(ctx, txn, &at, older, (reached.modified, newer), next)?;
        Ok(last)
    }

    /// Looks at older versions of a key, the oldest first: what becomes of the newer ones changes nothing for them.
    /// `since` is when the first was replaced, `newer` how many noncurrent ones are newer than it.
    fn older(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        at: &ObjectAt<'_>,
        older: Vec<Version>,
        (since, newer): (i64, usize),
        next: &mut Option<i64>,
    ) -> Result<(), Error> {
        let replaced = older.iter().map(|version| Reached::new(version).modified);
        let sinces: Vec<i64> = std::iter::once(since).chain(replaced).collect();
        for (number, (version, since)) in older.into_iter().zip(sinces).enumerate().rev() {
            let newer = u32::try_from(newer + number).unwrap_or(u32::MAX);
            let place = Place::Noncurrent { since, newer };
            earlier(next, self.version(ctx, txn, at, &Found { version, is_current: false }, place)?);
        }
        Ok(())
    }

    /// Does to a version what is due, and says when something else is.
    fn version(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        at: &ObjectAt<'_>,
        found: &Found,
        place: Place,
    ) -> Result<Option<i64>, Error> {
        let candidate = candidate(at.key, &found.version, place);
        let is_versioned = self.bucket.versioning != Versioning::Never;
        let Decision { now, next } = rules::decide(self.configuration, &candidate, is_versioned, self.now);
        let Some(due) = now else { return Ok(next) };
        if is_held(ctx, &found.version, due.action) {
            return Ok(Some(midnight::after(self.now)));
        }
        // What was found without conflict detection is confirmed before it is changed.
        let id = found.version.summary.version.text();
        let Some(found) = at.version(txn, &id)?.filter(|again| again.version == found.version) else {
            return Ok(Some(midnight::after(self.now)));
        };
        match due.action {
            Action::Remove => {
                at.remove(ctx, txn, &found)?;
                access_log::note_rule(ctx, txn, at, EXPIRED, Some(&found.version))?;
                raise(ctx, txn, Event::LifecycleDeleted, at, &found.version)?;
                // With the last older version gone, a delete marker may be all that is left.
                Ok(Some(midnight::after(self.now)))
            }
            Action::Expire => self.expire(ctx, txn, at, &found).map(|()| next),
            Action::Transition(class) => self.transition(ctx, txn, at, found, class).map(|()| next),
        }
    }

    fn expire(&self, ctx: &Ctx, txn: &mut Write, at: &ObjectAt<'_>, found: &Found) -> Result<(), Error> {
        if self.bucket.versioning == Versioning::Never {
            at.remove(ctx, txn, found)?;
            access_log::note_rule(ctx, txn, at, EXPIRED, Some(&found.version))?;
            return raise(ctx, txn, Event::LifecycleDeleted, at, &found.version);
        }
        // The markers of a day have all the same time.
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configure-notification.html>
        let midnight = Timestamp::from_secs(self.now - self.now.rem_euclid(midnight::DAY));
        let marker = at.place_delete_marker(ctx, txn, Some(&found.version), midnight.micros())?;
        access_log::note_rule(ctx, txn, at, MARKED, Some(&marker))?;
        raise(ctx, txn, Event::LifecycleDeleteMarkerCreated, at, &marker)
    }

    fn transition(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        at: &ObjectAt<'_>,
        mut found: Found,
        class: StorageClass,
    ) -> Result<(), Error> {
        found.version.summary.class = class;
        found.version.summary.restore = None;
        found.version.content.tiering = Some(Tiering { accessed: self.now, archive: None })
            .filter(|_| class == StorageClass::IntelligentTiering);
        at.save(txn, &found)?;
        access_log::note_rule(ctx, txn, at, moved_to(class), Some(&found.version))?;
        let details = EventDetails::Transitioned { storage_class: class.as_str().to_owned() };
        let subject = subject(at, &found.version);
        events::raise_with(ctx, txn, Event::LifecycleTransition, &subject, details)
    }

    /// Aborts those of a batch of uploads that were not completed in time, after those that were `reached`. The others come
    /// with the next step; after the last, the pass is over.
    fn uploads(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        mut pass: Pass,
        reached: Option<&(String, u64, u64)>,
    ) -> Result<(), Error> {
        let mut range = keys::uploads(self.bucket.id);
        if let Some((key, sequence, salt)) = reached {
            range = range.after((key.as_str(), *sequence, *salt));
        }
        let rows = txn.snapshot_scan(&range, Direction::Forward, BATCH)?;
        let is_last = rows.len() < BATCH;
        let mut last = None;
        for (place, upload) in rows {
            let (_, key, sequence, salt): (u64, String, u64, u64) = place.parts()?;
            let initiated = Timestamp::from_micros(upload.initiated).secs();
            match rules::abort(self.configuration, &key, initiated) {
                Some((due, _)) if due <= self.now => {
                    let id = OpaqueId { sequence, salt };
                    multipart::remove(ctx, txn, self.bucket.id, &key, id)?;
                    let at = ObjectAt::new(self.name, self.bucket, &key);
                    access_log::note_rule(ctx, txn, &at, ABORTED, None)?;
                }
                due => earlier(&mut pass.next, due.map(|(due, _)| due)),
            }
            last = Some((key, sequence, salt));
        }
        match last.filter(|_| !is_last) {
            Some(last) => {
                pass.set_timer(ctx, txn, workers::LIFECYCLE_UPLOADS, self.now, &(pass.clone(), last))
            }
            None => {
                let for_new = rules::earliest_for_new(self.configuration, self.now);
                pass.begin_again(ctx, txn, workers::LIFECYCLE, for_new)
            }
        }
    }
}

fn raise(
    ctx: &Ctx,
    txn: &mut Write,
    event: Event,
    at: &ObjectAt<'_>,
    version: &Version,
) -> Result<(), Error> {
    events::raise(ctx, txn, event, &subject(at, version))
}

fn subject<'a>(at: &ObjectAt<'a>, version: &'a Version) -> Subject<'a> {
    Subject { bucket_name: at.bucket_name, bucket: at.bucket, key: at.key, version }
}

fn candidate<'a>(key: &'a str, version: &'a Version, place: Place) -> Candidate<'a> {
    let summary = &version.summary;
    let size = (!summary.is_delete_marker).then_some(summary.size);
    Candidate {
        subject: Filtered { key, size, tags: &version.content.tags },
        modified: Timestamp::from_micros(summary.modified).secs(),
        storage_class: summary.class,
        is_delete_marker: summary.is_delete_marker,
        place,
    }
}

/// Whether something keeps a version from what the rules want: a lock, or a replication that is not done.
fn is_held(ctx: &Ctx, version: &Version, action: Action) -> bool {
    let waits =
        matches!(version.content.replication, Some(ReplicationStatus::Pending | ReplicationStatus::Failed));
    let is_locked =
        action == Action::Remove && !version.content.lock.allows_deletion(ctx.now().micros(), false);
    waits || is_locked
}

/// When the current version of a key expires, as answers tell it: the header `x-amz-expiration`, which for
/// directory buckets always says this.
pub(crate) fn expiration(
    txn: &impl Reader,
    at: &ObjectAt<'_>,
    version: &Version,
) -> Result<Option<String>, Fault> {
    if directory_bucket::is_name(at.bucket_name) {
        return Ok(Some("NotImplemented".to_owned()));
    }
    let Some(configuration) = configuration(txn, at.bucket)? else { return Ok(None) };
    let candidate = candidate(at.key, version, Place::Current { is_only: true });
    let expiration = rules::expiration(&configuration, &candidate);
    Ok(expiration.filter(|_| !version.summary.is_delete_marker).map(|(due, rule)| {
        let date = virga_wire::timestamp::rfc822(Timestamp::from_secs(due));
        format!("expiry-date=\"{date}\", rule-id=\"{rule}\"")
    }))
}

/// When an upload is aborted, and by which rule.
pub(crate) fn abort(
    txn: &impl Reader,
    bucket: &Bucket,
    key: &str,
    initiated: i64,
) -> Result<Option<(Timestamp, String)>, Fault> {
    let Some(configuration) = configuration(txn, bucket)? else { return Ok(None) };
    let due = rules::abort(&configuration, key, Timestamp::from_micros(initiated).secs());
    Ok(due.map(|(due, rule)| (Timestamp::from_secs(due), rule.to_owned())))
}
