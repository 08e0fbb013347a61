//! The buckets that tables of S3 Tables have for their files. That service makes and removes them; everybody else reads and
//! writes objects of them, with permissions of the table's, and nothing but objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/developing-s3-tables-APIs.html>

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::{Access, Condition, Ctx};
use virga_model::{Operation, Record};
use virga_store::{Fault, Reader, Write, stored};

use crate::configuration::{self, Kind};
use crate::records::{Bucket, Tags};
use crate::{bucket, keys};
use virga_object::copy_source::CopySource;
use virga_object::{Error, members, warehouse};

pub(crate) use virga_object::warehouse::is_name;

/// What a warehouse belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Warehouse {
    /// ARN of the table.
    table_arn: String,
    /// Whether a service alone writes it.
    is_managed: bool,
}
stored!(Warehouse, 1);

/// Whether a service that keeps tables calls, and for itself: what it does for a resource of somebody's, such as to deliver
/// a report, takes permission.
fn is_keeper(ctx: &Ctx) -> bool {
    matches!(&ctx.caller().principal, Principal::Service { name, source_arn: None } if warehouse::KEEPERS.contains(&&**name))
}

/// Makes the warehouse of a table. It counts among no account's buckets.
pub(crate) fn create(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateBucketInput,
) -> Result<api::CreateBucketOutput, Error> {
    let name = input.bucket();
    let tags = input.create_bucket_configuration().and_then(api::CreateBucketConfiguration::tags);
    let tag = |wanted: &str| tags?.iter().find(|tag| tag.key() == wanted).map(|tag| tag.value().to_owned());
    let Some(table_arn) = tag(warehouse::TABLE).filter(|_| is_keeper(ctx)) else {
        return Err(Error::InvalidBucketName { bucket: name.to_owned() });
    };
    let mut bucket = bucket::new_bucket(ctx, input, ctx.region().to_owned())?;
    txn.put_new(&keys::bucket(name), &bucket)?;
    let warehouse = Warehouse { table_arn, is_managed: tag(warehouse::MANAGED_BY).is_some() };
    configuration::put(txn, name, &mut bucket, (Kind::Warehouse, ""), &warehouse)?;
    let names = warehouse::NAMES.map(|key| (key.to_owned(), tag(key).unwrap_or_default()));
    configuration::put(txn, name, &mut bucket, (Kind::Tagging, ""), &Tags(names.into()))?;
    Ok(api::CreateBucketOutput::new().with_bucket_arn(bucket::arn(name)))
}

fn find(txn: &impl Reader, bucket: &Bucket) -> Result<Option<Warehouse>, Fault> {
    configuration::get(txn, bucket, Kind::Warehouse)
}

/// Refuses what nobody does with the bucket of a table, and all writing where a service alone writes.
pub(crate) fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), Error> {
    let method = || {
        let (method, resource_type) = (operation.method().to_owned(), "BUCKET".to_owned());
        Error::MethodNotAllowed { method, resource_type }
    };
    if matches!(operation.name(), "CopyObject" | "UploadPartCopy") {
        let source = members::text(input, "CopySource").and_then(|source| CopySource::parse(source).ok());
        if source.is_some_and(|source| is_name(&source.bucket)) {
            return Err(method());
        }
    }
    let Some(name) = members::text(input, "Bucket").filter(|name| is_name(name) && !is_keeper(ctx)) else {
        return Ok(());
    };
    let action = warehouse::action(operation.name()).ok_or_else(method)?;
    let store = ctx.world().store();
    let Some(bucket) = store.recall(&keys::bucket(name))? else { return Ok(()) };
    let warehouse = find(&store.read()?, &bucket)?;
    match warehouse.is_some_and(|warehouse| warehouse.is_managed && action == warehouse::WRITING) {
        true => Err(Error::AccessDenied),
        false => Ok(()),
    }
}

/// The access to the table whose objects a call reads or writes.
pub(crate) fn accesses(ctx: &Ctx, operation: &'static str, name: &str) -> Vec<Access> {
    if is_keeper(ctx) {
        return Vec::new();
    }
    let action = warehouse::action(operation).unwrap_or(warehouse::WRITING);
    let store = ctx.world().store();
    // A bucket that is not there is everybody's, who then hears that it is not there.
    let Ok(Some(bucket)) = store.recall(&keys::bucket(name)) else { return Vec::new() };
    let warehouse = store.read().ok().and_then(|txn| find(&txn, &bucket).ok()?);
    let access = match warehouse {
        Some(warehouse) => Access::to(action, warehouse.table_arn),
        None => Access::without_resource(action),
    };
    vec![access.looking_up(names)]
}

/// The names of the table, for the conditions of policies: its keeper says them as tags of the bucket.
fn names(ctx: &Ctx, input: &Record, _: &str) -> Vec<Condition> {
    let tags = || -> Option<Tags> {
        let store = ctx.world().store();
        let bucket = store.recall(&keys::bucket(members::text(input, "Bucket")?)).ok()??;
        configuration::get(&store.read().ok()?, &bucket, Kind::Tagging).ok()?
    };
    tags().unwrap_or_default().0.into_iter().map(|(key, value)| Condition::new(key, value)).collect()
}
