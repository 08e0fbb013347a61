//! Replication: what is written to a bucket is copied to others by its rules, as the role that the bucket names.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html>

pub(crate) mod punctuality;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_iam::Caller;
use virga_kit::{Access, Ctx, Delivering, DeliveryFailure, Failure, Timer};
use virga_model::{ApiError, Timestamp};
use virga_store::{Fault, Read, Reader, Write};

use crate::body::{NewBody, Pieces, Place, SealedBody, receive};
use crate::configuration::{Kind, document};
use crate::encryption;
use crate::events::{self, Event, Subject};
use crate::object::Source;
use crate::records::{
    Bucket, Content, Encryption, Grantee, ObjectOwnership, OpaqueId, Permission, ReplicationStatus, Task,
    Version, VersionId, Versioning,
};
use crate::versions::ObjectAt;
use crate::{bucket, keys, role, workers};
use virga_object::Error;
use virga_object::configured::{ReplicationConfiguration, ReplicationRule};
use virga_object::event_record::{EventDetails, iso_millis};
use virga_object::object_filter::Subject as Filtered;
use virga_object::replication as rules;

/// How often a copy is tried that fails for another reason than that it is not allowed: about a day.
const MOST_ATTEMPTS: u32 = 150;
/// How long the second attempt waits; every further one waits twice as long, up to the longest wait.
const WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A version to be copied.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Copy {
    bucket: String,
    bucket_id: u64,
    key: String,
    version_id: String,
    id: OpaqueId,
    /// Whether nothing but tags or the access control list have changed.
    is_modification: bool,
}

/// Why a copy fails: AWS's name of the reason, and the error.
struct Failed {
    reason: Option<&'static str>,
    failure: Failure,
}

impl<E: Into<Failure>> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed { reason: None, failure: error.into() }
    }
}

/// Names the reason of an error that a role is not let do something.
fn because<E: Into<Failure>>(reason: &'static str) -> impl FnOnce(E) -> Failed {
    move |error| Failed { reason: Some(reason), failure: error.into() }
}

fn configuration(txn: &impl Reader, bucket: &Bucket) -> Result<Option<ReplicationConfiguration>, Fault> {
    let given: Option<api::ReplicationConfiguration> = document::find(txn, bucket, Kind::Replication)?;
    Ok(given.as_ref().map(ReplicationConfiguration::read))
}

fn matching<'a>(
    configuration: &'a ReplicationConfiguration,
    key: &str,
    version: &Version,
    is_modification: bool,
) -> Vec<&'a ReplicationRule> {
    let summary = &version.summary;
    let original = rules::Original {
        subject: Filtered {
            key,
            size: (!summary.is_delete_marker).then_some(summary.size),
            tags: &version.content.tags,
        },
        is_delete_marker: summary.is_delete_marker,
        storage_class: summary.class,
        is_in_archive_tier: version.archive_tier().is_some(),
        is_kms_encrypted: matches!(version.content.encryption, Some(Encryption::Kms(_))),
        is_replica: is_replica(version),
        is_modification,
    };
    rules::rules(configuration, &original)
}

fn is_replica(version: &Version) -> bool {
    version.content.replication == Some(ReplicationStatus::Replica)
}

/// Whether the rules of a bucket replicate a version.
pub(crate) fn is_eligible(
    txn: &impl Reader,
    bucket: &Bucket,
    key: &str,
    version: &Version,
) -> Result<bool, Fault> {
    let configuration = configuration(txn, bucket)?;
    Ok(configuration.is_some_and(|configuration| !matching(&configuration, key, version, false).is_empty()))
}

/// Has a version copied that was written or changed, once the transaction commits.
pub(crate) fn enqueue(
    ctx: &Ctx,
    txn: &mut Write,
    subject: &Subject<'_>,
    is_modification: bool,
) -> Result<(), Error> {
    let Some(configuration) = configuration(txn, subject.bucket)? else { return Ok(()) };
    let rules = matching(&configuration, subject.key, subject.version, is_modification);
    if rules.is_empty() {
        return Ok(());
    }
    let VersionAt { at, id } = VersionAt::of(subject);
    let Some(mut found) = at.version(txn, &id)? else { return Ok(()) };
    // What is a replica stays one, also where its changes go back.
    if !is_replica(&found.version) {
        found.version.content.replication = Some(ReplicationStatus::Pending);
        at.save(txn, &found)?;
    }
    let id = found.version.summary.version.id;
    let copy = Copy {
        bucket: subject.bucket_name.to_owned(),
        bucket_id: subject.bucket.id,
        key: subject.key.to_owned(),
        version_id: found.version.summary.version.text(),
        id,
        is_modification,
    };
    if let Some(minutes) = rules.iter().filter_map(|rule| rule.destination.threshold_minutes).min() {
        punctuality::watch(ctx, txn, &copy, minutes)?;
    }
    let timer = format!("{:016x}{:016x}-{:016x}", id.sequence, id.salt, ctx.sequence());
    workers::set(ctx, txn, workers::REPLICATE, timer, ctx.now().micros(), &copy)
}

struct VersionAt<'a> {
    at: ObjectAt<'a>,
    id: String,
}

impl<'a> VersionAt<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        VersionAt {
            at: ObjectAt::new(subject.bucket_name, subject.bucket, subject.key),
            id: subject.version.summary.version.text(),
        }
    }
}

/// Copies a version, and says in it how that went.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(copy) = timer.read::<Copy>() else { return Err(DeliveryFailure::GiveUp) };
        let result = replicate(&ctx, &copy).await;
        let (status, reason) = match &result {
            Ok(()) => (ReplicationStatus::Completed, None),
            Err(Failed { failure: Failure::Api(error), .. })
                if error.status >= 500 && timer.attempts + 1 < MOST_ATTEMPTS =>
            {
                let wait = WAIT * 2u32.saturating_pow(timer.attempts.min(8));
                return Err(DeliveryFailure::Retry(wait.min(LONGEST_WAIT)));
            }
            Err(Failed { reason, failure }) => {
                tracing::warn!(bucket = copy.bucket, key = copy.key, "a replication failed: {failure:?}");
                (ReplicationStatus::Failed, *reason)
            }
        };
        let marked = ctx.transact(|txn| mark(&ctx, txn, &copy, (status, reason))).await;
        marked.map_err(|_| DeliveryFailure::Retry(WAIT))
    })
}

fn mark(
    ctx: &Ctx,
    txn: &mut Write,
    copy: &Copy,
    (status, reason): (ReplicationStatus, Option<&'static str>),
) -> Result<(), Error> {
    punctuality::done(ctx, txn, copy)?;
    let bucket = txn.get(&keys::bucket(&copy.bucket))?.filter(|bucket| bucket.id == copy.bucket_id);
    let Some(bucket) = bucket else { return Ok(()) };
    let at = ObjectAt::new(&copy.bucket, &bucket, &copy.key);
    let found = at.version(txn, &copy.version_id)?;
    let Some(mut found) = found.filter(|found| found.version.summary.version.id == copy.id) else {
        return Ok(());
    };
    if !is_replica(&found.version) {
        found.version.content.replication = Some(status);
        at.save(txn, &found)?;
    }
    let event = match status {
        ReplicationStatus::Failed => Event::ReplicationFailed,
        _ if punctuality::is_late(ctx, txn, copy, &bucket, &found.version)? => {
            Event::ReplicatedAfterThreshold
        }
        _ => return Ok(()),
    };
    raise(ctx, txn, event, copy, (&bucket, &found.version), reason)
}

/// Says how a copy goes.
fn raise(
    ctx: &Ctx,
    txn: &mut Write,
    event: Event,
    copy: &Copy,
    (bucket, version): (&Bucket, &Version),
    reason: Option<&'static str>,
) -> Result<(), Error> {
    let subject = Subject { bucket_name: &copy.bucket, bucket, key: &copy.key, version };
    let configuration = configuration(txn, bucket)?.unwrap_or_default();
    let rules = matching(&configuration, &copy.key, version, copy.is_modification);
    let details = rules.first().map_or(EventDetails::Nothing, |rule| EventDetails::Replication {
        rule_id: rule.id.clone(),
        destination: rule.destination.bucket.clone(),
        reason: reason.map(str::to_owned),
        request_time: iso_millis(Timestamp::from_micros(version.summary.modified).millis()),
    });
    events::raise_with(ctx, txn, event, &subject, details)
}

/// Copies an object that was there before the rules, for a batch job.
pub(crate) async fn replicate_existing(ctx: &Ctx, task: &Task) -> Result<(), ApiError> {
    let copy =
        existing(ctx, task).map_err(|error| error.into_api().unwrap_or_else(|_| ApiError::internal()))?;
    let done = replicate(ctx, &copy).await;
    let reason = done.as_ref().err().and_then(|failed| failed.reason);
    let done = done.map_err(|failed| match failed.failure {
        Failure::Api(error) => *error,
        Failure::Fault(_) => ApiError::internal(),
    });
    let status = if done.is_ok() { ReplicationStatus::Completed } else { ReplicationStatus::Failed };
    let marked = ctx.transact(|txn| mark(ctx, txn, &copy, (status, reason))).await;
    marked.map_err(|_| ApiError::internal())?;
    done
}

fn existing(ctx: &Ctx, task: &Task) -> Result<Copy, Error> {
    let read = ctx.world().store().read()?;
    let bucket = bucket::find(&read, &task.bucket, None)?;
    let at = ObjectAt::new(&task.bucket, &bucket, &task.key);
    let found = at.find(&read, task.version_id.as_deref())?;
    if !is_eligible(&read, &bucket, &task.key, &found.version)? {
        return Err(Error::request("The object is not eligible for replication"));
    }
    Ok(Copy {
        bucket: task.bucket.clone(),
        bucket_id: bucket.id,
        key: task.key.clone(),
        version_id: found.version.summary.version.text(),
        id: found.version.summary.version.id,
        is_modification: false,
    })
}

/// Copies a version to every destination.
async fn replicate(ctx: &Ctx, copy: &Copy) -> Result<(), Failed> {
    let found = ctx.read(|txn| find(txn, copy).map_err(Failure::from)).await?;
    let Some((bucket, version)) = found else { return Ok(()) };
    let configuration = ctx.read(|txn| configuration(txn, &bucket).map_err(Failure::from)).await?;
    let Some(configuration) = configuration else { return Ok(()) };
    let arn = bucket::arn(&copy.bucket);
    let source = (bucket.account.as_str(), arn);
    let role = role::assume(ctx, "s3.amazonaws.com", source, &configuration.role).await;
    let role = role.map_err(because("AssumeRoleNotPermitted"))?;
    let run = Run { ctx: &ctx.acting_as(Arc::clone(&role)), role: &role, copy, bucket: &bucket };
    for rule in matching(&configuration, &copy.key, &version, copy.is_modification) {
        run.copy_to(rule, &version).await?;
    }
    Ok(())
}

fn find(txn: &Read, copy: &Copy) -> Result<Option<(Bucket, Version)>, Error> {
    let bucket = txn.get(&keys::bucket(&copy.bucket))?.filter(|bucket| bucket.id == copy.bucket_id);
    let Some(bucket) = bucket else { return Ok(None) };
    let found = ObjectAt::new(&copy.bucket, &bucket, &copy.key).version(txn, &copy.version_id)?;
    Ok(found.filter(|found| found.version.summary.version.id == copy.id).map(|found| (bucket, found.version)))
}

/// A version that is being copied as a role.
struct Run<'a> {
    ctx: &'a Ctx,
    role: &'a Arc<Caller>,
    copy: &'a Copy,
    bucket: &'a Bucket,
}

impl Run<'_> {
    /// Whether the role may do this with the object of a bucket.
    fn authorize(&self, action: &'static str, name: &str, bucket: &Bucket) -> Result<(), ApiError> {
        let mut access = Access::to(action, format!("{}/{}", bucket::arn(name), self.copy.key));
        access.policy_holder = Some(bucket::arn(name));
        access.owner = bucket.account.parse().ok();
        self.ctx.authorize(self.role, access)
    }

    async fn copy_to(&self, rule: &ReplicationRule, version: &Version) -> Result<(), Failed> {
        let arn = &rule.destination.bucket;
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let target = self.ctx.read(|txn| bucket::find(txn, name, None).map_err(Failure::from)).await;
        let target = target.map_err(because("DstBucketNotFound"))?;
        let account = rule.destination.account.as_ref();
        if account.is_some_and(|account| *account != target.account) {
            return Err(because("DstBucketNotFound")(Error::NoSuchBucket { bucket: name.to_owned() }));
        }
        if target.versioning != Versioning::Enabled {
            let error = Error::request("Destination bucket must have versioning enabled.");
            return Err(because("DstBucketUnversioned")(error));
        }
        if self.bucket.object_lock && !target.object_lock {
            let error = Error::request("Destination bucket must have Object Lock enabled.");
            return Err(because("DstBucketObjectLockConfigMissing")(error));
        }
        self.may(rule, version, (name, &target))?;
        if self.ctx.transact(|txn| self.sync(txn, rule, (name, &target), version)).await? {
            return Ok(());
        }
        let (replica, body) = match version.summary.is_delete_marker {
            true => (version.clone(), None),
            false => self.body(rule, (name, &target), version).await?,
        };
        let replica = self.replica(rule, &target, replica);
        let written =
            self.ctx.transact(|txn| self.write(txn, (name, &target), &replica, body.as_ref())).await;
        if let (Ok(()), Some(body)) = (&written, body) {
            body.claim();
        }
        Ok(written?)
    }

    /// What belongs to somebody else is replicated where the owner of the bucket may read it and its list.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html>
    fn owner_may_read(&self, version: &Version) -> Result<(), Failed> {
        let Bucket { account, ownership, .. } = self.bucket;
        let is_own = version.summary.owner.as_ref().is_none_or(|owner| owner == account);
        if is_own
            || version.summary.is_delete_marker
            || *ownership == Some(ObjectOwnership::BucketOwnerEnforced)
        {
            return Ok(());
        }
        let grants = version.content.acl.iter().flat_map(|list| &list.grants);
        let granted: Vec<Permission> = grants
            .filter(|grant| match &grant.grantee {
                Grantee::Account(grantee) => grantee == account,
                Grantee::AllUsers | Grantee::AuthenticatedUsers => true,
                Grantee::LogDelivery | Grantee::Ec2 => false,
            })
            .map(|grant| grant.permission)
            .collect();
        let has = |needed| granted.iter().any(|permission| permission.covers(needed));
        match has(Permission::Read) && has(Permission::ReadAcp) {
            true => Ok(()),
            false => Err(because("SrcGetObjectNotPermitted")(Error::AccessDenied)),
        }
    }

    /// Asks for what the role needs.
    fn may(
        &self,
        rule: &ReplicationRule,
        version: &Version,
        (name, target): (&str, &Bucket),
    ) -> Result<(), Failed> {
        self.owner_may_read(version)?;
        let source = (self.copy.bucket.as_str(), self.bucket);
        let target = (name, target);
        let has_tags = !version.content.tags.is_empty();
        let needed = match version.summary.is_delete_marker {
            true => vec![("ReplicateDelete", target, "DstDelObjNotPermitted")],
            false => {
                let mut needed = vec![
                    ("GetObjectVersionForReplication", source, "SrcGetObjectNotPermitted"),
                    ("ReplicateObject", target, "DstPutObjectNotPermitted"),
                ];
                if has_tags {
                    needed.push(("GetObjectVersionTagging", source, "SrcGetTaggingNotPermitted"));
                    needed.push(("ReplicateTags", target, "DstPutTaggingNotPermitted"));
                }
                if rule.destination.owner_override {
                    needed.push(("ObjectOwnerOverrideToBucketOwner", target, "DstPutAclNotPermitted"));
                }
                needed
            }
        };
        for (action, (name, bucket), reason) in needed {
            self.authorize(action, name, bucket).map_err(because(reason))?;
        }
        Ok(())
    }

    /// Brings what may change of a version to the copy that is there, if there is one with the same content.
    fn sync(
        &self,
        txn: &mut Write,
        rule: &ReplicationRule,
        (name, expected): (&str, &Bucket),
        version: &Version,
    ) -> Result<bool, Error> {
        let target = bucket::find(txn, name, None)?;
        let at = ObjectAt::new(name, &target, &self.copy.key);
        let id = VersionId { is_null: false, ..version.summary.version };
        let found = at.version(txn, &id.text())?.filter(|found| {
            let there = &found.version.summary;
            (there.etag, there.size, there.is_delete_marker)
                == (version.summary.etag, version.summary.size, version.summary.is_delete_marker)
        });
        let Some(mut found) = found.filter(|_| target.id == expected.id) else { return Ok(false) };
        let there = &mut found.version.content;
        there.tags.clone_from(&version.content.tags);
        there.lock = version.content.lock;
        if !rule.destination.owner_override {
            there.acl.clone_from(&version.content.acl);
        }
        at.save(txn, &found)?;
        Ok(true)
    }

    /// What the version is in the destination.
    fn replica(&self, rule: &ReplicationRule, target: &Bucket, mut replica: Version) -> Version {
        let destination = &rule.destination;
        if let Some(class) = destination.storage_class {
            replica.summary.class = class;
        }
        replica.summary.restore = None;
        let owner = replica.summary.owner.take().unwrap_or_else(|| self.bucket.account.clone());
        if destination.owner_override {
            // It belongs to the owner of the bucket, who has all permissions and nobody else any.
            replica.content.acl = None;
        } else if owner != target.account {
            replica.summary.owner = Some(owner);
        }
        replica.content.replication = Some(ReplicationStatus::Replica);
        // The null version has no place among those of a bucket with versioning.
        replica.summary.version.is_null = false;
        replica
    }

    /// Copies the bytes, sealed anew for the destination.
    async fn body(
        &self,
        rule: &ReplicationRule,
        (name, target): (&str, &Bucket),
        version: &Version,
    ) -> Result<(Version, Option<NewBody>), Failure> {
        let copy = self.copy;
        if let Some(Encryption::Customer { .. }) = version.content.encryption {
            return Ok((version.clone(), Some(self.sealed_body(target, version).await?)));
        }
        let find = |txn: &Read| {
            Source::find(self.ctx, txn, (&copy.bucket, None), &copy.key, Some(&copy.version_id), "GET")
        };
        let mut source = self.ctx.read(find).await?;
        let lost = || Fault::new("an object does not say how it is encrypted");
        let encryption = version.content.encryption.clone().ok_or_else(lost)?;
        let data_keys = encryption::data_keys(self.ctx, &encryption, (&copy.bucket, &copy.key), None).await?;
        let is_same = |txn: &Read| Ok(find(txn)?.version.content.body == version.content.body);
        let opened = source.open(self.ctx, data_keys, 0..version.summary.size, is_same).await?;
        let mut opened = opened.ok_or_else(|| Error::ServiceUnavailable)?;
        let mut request = api::PutObjectInput::new();
        if let Encryption::Kms(_) = encryption {
            let key = rule.destination.replica_kms_key.as_deref();
            request = request.with_server_side_encryption(encryption.name()).with_ssekms_key_id(key);
        }
        let default = self.ctx.read(|txn| encryption::default_of(txn, target).map_err(Failure::from)).await?;
        let request = virga_model::view::Structure::as_record(&request);
        let sealing =
            encryption::of_new_object(self.ctx, request, (name, &copy.key), default.as_ref()).await?;
        let received = receive(
            self.ctx,
            Pieces::Object(&mut opened),
            &sealing.keys,
            &[],
            (version.summary.size, Place::Anywhere),
        )
        .await?;
        let content = Content { encryption: Some(sealing.encryption), ..version.content.clone() };
        Ok((Version { summary: version.summary.clone(), content }, Some(received.body)))
    }

    /// Copies bytes that a key of the customer seals, which nobody else has: the copy opens under the same key.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html>
    async fn sealed_body(&self, target: &Bucket, version: &Version) -> Result<NewBody, Failure> {
        let default = self.ctx.read(|txn| encryption::default_of(txn, target).map_err(Failure::from)).await?;
        if default.is_some_and(|default| default.blocks_customer_keys) {
            return Err(Error::AccessDenied.into());
        }
        let body = &version.content.body;
        let hold = |txn: &Read| Ok::<_, Failure>(SealedBody::hold(self.ctx, txn, self.bucket.id, body)?);
        let sealed = self.ctx.read(hold).await?;
        let found = self.ctx.read(|txn| find(txn, self.copy).map_err(Failure::from)).await?;
        if found.is_none_or(|(_, found)| found.content.body != *body) {
            return Err(Error::ServiceUnavailable.into());
        }
        Ok(sealed.copy().await?)
    }

    fn write(
        &self,
        txn: &mut Write,
        (name, expected): (&str, &Bucket),
        replica: &Version,
        body: Option<&NewBody>,
    ) -> Result<(), Error> {
        let target = bucket::find(txn, name, None)?;
        if target.id != expected.id {
            return Err(Error::NoSuchBucket { bucket: name.to_owned() });
        }
        let mut replica = replica.clone();
        if let Some(body) = body {
            replica.content.body = body.store(self.ctx, txn, target.id)?;
        }
        let at = ObjectAt::new(name, &target, &self.copy.key);
        let is_new = at.place_replica(self.ctx, txn, &replica)?;
        let event =
            if replica.summary.is_delete_marker { Event::DeleteMarkerCreated } else { Event::CreatedByPut };
        let subject = Subject { bucket_name: name, bucket: &target, key: &self.copy.key, version: &replica };
        if is_new { events::raise(self.ctx, txn, event, &subject) } else { Ok(()) }
    }
}
