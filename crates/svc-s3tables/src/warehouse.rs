//! Warehouses: the bucket of Amazon S3 that every table has for its files. S3 serves them to whoever may read or write the
//! data of the table; they are made and removed here, within the cloud's own walls.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-tables.html>

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_api::s3;
use virga_iam::AccountId;
use virga_kit::{Ctx, Delivering, DeliveryFailure, Failure, Incoming, Timer, TimerHandler, TimerKind};
use virga_model::ApiError;
use virga_store::{Fault, Reader as _, Write};

use crate::address::TableAddress;
use crate::keys;
use crate::records::{Encryption, Table};

const SERVICE: &str = "s3tables";
const DROP: &str = "drop-warehouse";
/// What the rest of a name is made of.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Tells S3 the table of a new warehouse, as a tag.
const TABLE: &str = "aws:s3tables:table";
/// Tells S3 which service writes a new warehouse, as a tag.
const MANAGED_BY: &str = "aws:s3tables:managed-by";
/// How long the making of a table may take before what is left of it is swept away.
const UNFINISHED: Duration = Duration::from_secs(15 * 60);
/// How long a warehouse that could not be removed waits.
const WAIT: Duration = Duration::from_secs(60);

/// The timers of S3 Tables.
pub(crate) static TIMERS: &[TimerKind] =
    &[TimerKind { name: DROP, handler: TimerHandler::Delivery(deliver) }];

/// A warehouse to be removed, unless its table is there.
#[derive(Serialize, Deserialize)]
struct Dropped {
    warehouse: String,
    /// The ARN of the table.
    table: String,
}

/// A name for the warehouse of a new table.
pub(crate) fn name(ctx: &Ctx, table_id: &str) -> String {
    let begin = table_id.get(..19).unwrap_or_default();
    format!("{begin}{}--table-s3", ctx.random_letters(LETTERS, 34))
}

/// Where the warehouse of a name is, as tables say it.
pub(crate) fn location(name: &str) -> String {
    format!("s3://{name}")
}

fn place(at: TableAddress<'_>) -> (AccountId, &str) {
    (at.bucket.account.parse().unwrap_or(AccountId::DEFAULT), at.bucket.region)
}

/// Makes the warehouse of a table, in the present transaction. Should the table not come to be, it goes again.
pub(crate) fn create(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: &Table) -> Result<(), Failure> {
    let warehouse = &*table.warehouse;
    let mut tags = vec![tag(TABLE, &at.arn())];
    tags.extend(table.managed_by.as_deref().map(|service| tag(MANAGED_BY, service)));
    tags.extend(names(table));
    let configuration = s3::CreateBucketConfiguration::new().with_tags(tags);
    let configuration = match at.bucket.region {
        "us-east-1" => configuration,
        region => configuration.with_location_constraint(region),
    };
    let input =
        s3::CreateBucketInput::new().with_bucket(warehouse).with_create_bucket_configuration(configuration);
    ctx.call_trusted_within::<s3::op::CreateBucket>(txn, place(at), input)?;
    if let Encryption::Kms(key) = &table.encryption {
        let default = s3::ServerSideEncryptionByDefault::new()
            .with_sse_algorithm("aws:kms")
            .with_kms_master_key_id(&**key);
        let rule = s3::ServerSideEncryptionRule::new()
            .with_apply_server_side_encryption_by_default(default)
            .with_bucket_key_enabled(true);
        let configuration = s3::ServerSideEncryptionConfiguration::new().with_rules(vec![rule]);
        let input = s3::PutBucketEncryptionRequest::new()
            .with_bucket(warehouse)
            .with_server_side_encryption_configuration(configuration);
        ctx.call_trusted_within::<s3::op::PutBucketEncryption>(txn, place(at), input)?;
    }
    Ok(drop_after(ctx, txn, (at, warehouse), UNFINISHED)?)
}

fn tag(key: &str, value: &str) -> s3::Tag {
    s3::Tag::new().with_key(key).with_value(value)
}

/// What S3 knows a table by in the conditions of policies.
fn names(table: &Table) -> [s3::Tag; 2] {
    [tag("s3tables:namespace", &table.namespace), tag("s3tables:tableName", &table.name)]
}

/// Tells S3 the new name of a table.
pub(crate) fn rename(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &Table,
) -> Result<(), ApiError> {
    let tagging = s3::Tagging::new().with_tag_set(names(table).to_vec());
    let input = s3::PutBucketTaggingRequest::new().with_bucket(&*table.warehouse).with_tagging(tagging);
    ctx.call_trusted_within::<s3::op::PutBucketTagging>(txn, place(at), input).map(|_| ())
}

/// Keeps the warehouse of a table that has come to be.
pub(crate) fn keep(ctx: &Ctx, txn: &mut Write, warehouse: &str) -> Result<(), Fault> {
    ctx.unschedule(txn, SERVICE, DROP, warehouse)
}

/// Removes the warehouse of a table that is gone, and everything in it.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, warehouse: &str) -> Result<(), Fault> {
    drop_after(ctx, txn, (at, warehouse), Duration::ZERO)
}

fn drop_after(
    ctx: &Ctx,
    txn: &mut Write,
    (at, warehouse): (TableAddress<'_>, &str),
    wait: Duration,
) -> Result<(), Fault> {
    let dropped = Dropped { warehouse: warehouse.to_owned(), table: at.arn() };
    let timer = Timer::new(SERVICE, DROP, warehouse.to_owned(), ctx.now().plus(wait), &dropped)?;
    ctx.schedule(txn, &timer)
}

/// Writes a file of a table, with the permissions of whoever makes it.
pub(crate) async fn put(ctx: &Ctx, at: TableAddress<'_>, path: &str, bytes: Bytes) -> Result<(), ApiError> {
    let (bucket, key) = path.strip_prefix("s3://").and_then(|path| path.split_once('/')).unwrap_or_default();
    let input = s3::PutObjectRequest::new().with_bucket(bucket).with_key(key);
    let caller = Arc::new(ctx.caller().clone());
    ctx.call_streaming::<s3::op::PutObject>(caller, at.bucket.region, input, &mut Incoming::from(bytes))
        .await?;
    Ok(())
}

fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(dropped) = timer.read::<Dropped>() else { return Err(DeliveryFailure::GiveUp) };
        let Some(at) = TableAddress::of_arn(&dropped.table) else { return Err(DeliveryFailure::GiveUp) };
        match clear(&ctx, at, &dropped.warehouse).await {
            Ok(()) => Ok(()),
            Err(Failure::Api(error)) if error.code == "NoSuchBucket" => Ok(()),
            Err(failure) => {
                tracing::warn!("the warehouse of a table can't be removed: {failure:?}");
                Err(DeliveryFailure::Retry(WAIT))
            }
        }
    })
}

async fn clear(ctx: &Ctx, at: TableAddress<'_>, warehouse: &str) -> Result<(), Failure> {
    let is_kept = ctx.read(|txn| {
        let Some(bucket) = txn.get(&keys::table_bucket(at.bucket))? else { return Ok::<_, Fault>(false) };
        txn.contains(&keys::table_name(&bucket, at.id))
    });
    if is_kept.await? {
        return Ok(());
    }
    let (account, region) = place(at);
    loop {
        let input = s3::ListObjectsV2Request::new().with_bucket(warehouse);
        let listed = ctx.call_trusted::<s3::op::ListObjectsV2>(account, region, input).await?;
        let Some(objects) = listed.contents() else { break };
        let gone: Vec<_> = objects
            .iter()
            .filter_map(|object| object.key())
            .map(|key| s3::ObjectIdentifier::new().with_key(key))
            .collect();
        if gone.is_empty() {
            break;
        }
        let delete = s3::Delete::new().with_objects(gone).with_quiet(true);
        let input = s3::DeleteObjectsRequest::new().with_bucket(warehouse).with_delete(delete);
        ctx.call_trusted::<s3::op::DeleteObjects>(account, region, input).await?;
    }
    let input = s3::DeleteBucketRequest::new().with_bucket(warehouse);
    ctx.call_trusted::<s3::op::DeleteBucket>(account, region, input).await?;
    Ok(())
}
