//! Inventories: lists of the objects of a bucket, written each day or week as files into another.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>

mod access_control_list;
mod files;
mod walk;

use std::time::Duration;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_iam::canonical_user;
use virga_kit::{Ctx, Delivering, DeliveryFailure, Failure, Timer};
use virga_model::{ApiError, Timestamp};
use virga_store::{Fault, Reader, Write};

use self::files::{Delivery, Files};
pub(crate) use self::walk::Walk;
use crate::configuration::Kind;
use crate::configuration::document::Document;
use crate::records::{Bucket, Encryption, StorageClass, Version};
use crate::report_delivery::Target;
use crate::{keys, workers};
use virga_object::Error;
use virga_object::configured::InventoryConfiguration;
use virga_object::inventory::{self as rules, Cell, Item, Places};
use virga_object::midnight::{self, DAY};
use virga_object::{etag, intelligent_tiering};

/// How long a failed report waits.
const WAIT: Duration = Duration::from_secs(3600);

/// A report to be made.
#[derive(Serialize, Deserialize)]
struct Report {
    bucket: String,
    bucket_id: u64,
    id: String,
}

/// Has the reports of a configuration made, the first one at the next midnight.
pub(crate) fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket, id: &str) -> Result<(), Error> {
    arm_at(ctx, txn, name, (bucket.id, id), midnight::after(ctx.now().secs()))
}

fn arm_at(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    (bucket_id, id): (u64, &str),
    due: i64,
) -> Result<(), Error> {
    let report = Report { bucket: name.to_owned(), bucket_id, id: id.to_owned() };
    // The day is a part of the name, so that a report can set the timer of the next one.
    let timer = format!("{bucket_id:016x}-{id}-{}", due / DAY);
    workers::set(ctx, txn, workers::INVENTORY, timer, Timestamp::from_secs(due).micros(), &report)
}

/// Makes a report, and has the next one made.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(report) = timer.read::<Report>() else { return Err(DeliveryFailure::GiveUp) };
        match make(&ctx, &report).await {
            Ok(()) => Ok(()),
            Err(failure) => {
                tracing::error!("an inventory can't be made: {failure:?}");
                Err(DeliveryFailure::Retry(WAIT))
            }
        }
    })
}

fn find(txn: &impl Reader, report: &Report) -> Result<Option<(Bucket, InventoryConfiguration)>, Fault> {
    let bucket =
        txn.get(&keys::bucket(&report.bucket))?.filter(|bucket: &Bucket| bucket.id == report.bucket_id);
    let Some(bucket) = bucket else { return Ok(None) };
    let key = keys::configuration::<Document>(bucket.id, Kind::Inventory, &report.id);
    let Some(document) = txn.get(&key)? else { return Ok(None) };
    let given: api::InventoryConfiguration = document.read()?;
    Ok(Some((bucket, InventoryConfiguration::read(&given))))
}

async fn make(ctx: &Ctx, report: &Report) -> Result<(), Failure> {
    let Some((bucket, configuration)) = find(&ctx.world().store().read()?, report)? else { return Ok(()) };
    if configuration.is_enabled
        && let Err(error) = write(ctx, &report.bucket, &bucket, &configuration).await
    {
        tracing::warn!(bucket = report.bucket, "an inventory was refused: {}", error.message);
    }
    let period = if configuration.is_weekly { 7 * DAY } else { DAY };
    let next = midnight::after(ctx.now().secs()) - DAY + period;
    ctx.transact(|txn| arm_at(ctx, txn, &report.bucket, (bucket.id, &report.id), next)).await
}

/// Writes the files, as S3 and for the bucket: the policy of the destination decides.
async fn write(
    ctx: &Ctx,
    name: &str,
    bucket: &Bucket,
    configuration: &InventoryConfiguration,
) -> Result<(), ApiError> {
    let time = ctx.iso_time(ctx.now().secs() - ctx.now().secs().rem_euclid(60));
    // `2030-01-01T00:00:00Z` becomes `2030-01-01T00-00Z`.
    let time = format!("{}Z", time.trim_end_matches(":00Z").replace(':', "-"));
    let Places { data: folder, manifest, symlink } = rules::places(configuration, name, &time);
    let destination = &configuration.destination;
    let target = Target {
        bucket: &destination.bucket,
        account: destination.account.as_deref(),
        encryption: destination.encryption.as_ref(),
    };
    let delivery = Delivery { ctx, source: (name, bucket), target, folder };
    let mut files = Files::new(&delivery, configuration);
    list(ctx, (name, bucket), configuration, &mut files).await?;
    let listed = files.finish().await?;
    let text = rules::manifest(configuration, name, ctx.now().millis(), &listed);
    let checksum = hex::encode(Md5::digest(&text));
    let root = destination.bucket.replacen("arn:aws:s3:::", "s3://", 1);
    let links: String = listed.iter().map(|file| format!("{root}/{}\n", file.key)).collect();
    delivery.put(&symlink, links.into_bytes()).await?;
    delivery.put(&format!("{manifest}manifest.json"), text.into_bytes()).await?;
    delivery.put(&format!("{manifest}manifest.checksum"), checksum.into_bytes()).await
}

fn internal(fault: &Fault) -> ApiError {
    tracing::error!("an inventory can't be made: {fault}");
    ApiError::internal()
}

/// Lists the versions.
async fn list(
    ctx: &Ctx,
    (name, bucket): (&str, &Bucket),
    configuration: &InventoryConfiguration,
    files: &mut Files<'_>,
) -> Result<(), ApiError> {
    let prefix = configuration.prefix.as_deref().unwrap_or_default();
    let mut walk = Walk::of(bucket, prefix, configuration.all_versions);
    loop {
        let mut add = |key: &str, version: &Version, is_latest: bool| {
            files.add(&About { ctx, name, bucket, key }.item(version, is_latest))
        };
        let is_more = walk.page(ctx, &mut add).map_err(|fault: Fault| internal(&fault))?;
        files.deliver_long().await?;
        if !is_more {
            return Ok(());
        }
    }
}

/// The key that an item is about.
struct About<'a> {
    ctx: &'a Ctx,
    name: &'a str,
    bucket: &'a Bucket,
    key: &'a str,
}

impl About<'_> {
    fn item(&self, version: &Version, is_latest: bool) -> Item {
        let is_delete_marker = version.summary.is_delete_marker;
        Item {
            bucket: self.name.to_owned(),
            key: self.key.to_owned(),
            version_id: self.bucket.shown(version.summary.version).filter(|id| id != "null"),
            is_latest,
            is_delete_marker,
            optional: if is_delete_marker { self.of_any(version) } else { self.of_object(version) },
        }
    }

    fn of_any(&self, version: &Version) -> Vec<(&'static str, Cell)> {
        // Answers and reports tell whole seconds.
        let modified = Timestamp::from_micros(version.summary.modified).secs() * 1000;
        vec![("LastModifiedDate", Cell::Time(modified))]
    }

    fn of_object(&self, version: &Version) -> Vec<(&'static str, Cell)> {
        let Version { summary, content } = version;
        let mut fields = self.of_any(version);
        let mut add = |name: &'static str, value: Option<Cell>| {
            fields.extend(value.map(|value| (name, value)));
        };
        let tier = match version.archive_tier() {
            Some(tier) => tier.as_str(),
            None => intelligent_tiering::tier(summary.size, version.accessed(), self.ctx.now().secs()),
        };
        let is_tiered = summary.class == StorageClass::IntelligentTiering;
        let owner = summary.owner.as_ref().unwrap_or(&self.bucket.account);
        let retention = content.lock.retention;
        let until = retention.map(|retention| Timestamp::from_micros(retention.until).millis());
        let hold = content.lock.legal_hold.map(|is_held| if is_held { "On" } else { "Off" });
        let encryption = content.encryption.as_ref();
        add("Size", Some(Cell::Number(i64::try_from(summary.size).unwrap_or(i64::MAX))));
        add("ETag", Some(Cell::Text(etag::plain(summary.etag))));
        add("StorageClass", Some(summary.class.as_str().into()));
        add("IsMultipartUploaded", Some(Cell::Boolean(summary.etag.parts > 0)));
        add("ReplicationStatus", content.replication.map(|status| status.as_str().into()));
        add("EncryptionStatus", encryption.map(|encryption| encryption_name(encryption).into()));
        add("ObjectLockRetainUntilDate", until.map(Cell::Time));
        add("ObjectLockMode", retention.map(|retention| retention.mode.as_str().into()));
        add("ObjectLockLegalHoldStatus", hold.map(Cell::from));
        add("IntelligentTieringAccessTier", is_tiered.then(|| tier.into()));
        add("BucketKeyStatus", encryption.map(|encryption| bucket_key(encryption).into()));
        add("ChecksumAlgorithm", summary.checksum.map(|(algorithm, _)| algorithm.as_str().into()));
        let list = access_control_list::encoded(content.acl.as_ref(), owner);
        add("ObjectAccessControlList", Some(Cell::Text(list)));
        add("ObjectOwner", owner.parse().map(canonical_user::of_account).map(Cell::Text).ok());
        fields
    }
}

pub(crate) fn encryption_name(encryption: &Encryption) -> &'static str {
    match encryption {
        Encryption::S3 => "SSE-S3",
        Encryption::Kms(key) if key.layers.len() > 1 => "DSSE-KMS",
        Encryption::Kms(_) => "SSE-KMS",
        Encryption::Customer { .. } => "SSE-C",
    }
}

fn bucket_key(encryption: &Encryption) -> &'static str {
    match encryption {
        Encryption::Kms(key) if key.bucket_key => "ENABLED",
        _ => "DISABLED",
    }
}
