//! How a table comes to be: its warehouse, the first file of its metadata where a schema is given, then the table itself.

use virga_api::s3tables as api;
use virga_iceberg::metadata_path;
use virga_kit::{Ctx, Failure};
use virga_store::{Direction, Reader, Write};

use crate::error::Error;
use crate::records::{Encryption, Table, TableBucket};
use crate::{encryption, iceberg, keys, name, policy, table, table_bucket, tag, warehouse};

/// The most tables of a table bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-regions-quotas.html>
const MOST: usize = 10_000;
/// The service that writes the tables which S3 makes.
const METADATA: &str = "metadata.s3.amazonaws.com";

/// Creates a table. One without a schema has no metadata until a client writes it.
pub(crate) async fn create_table(
    ctx: &Ctx,
    input: &api::CreateTableRequest,
) -> Result<api::CreateTableResponse, Failure> {
    let (bucket, mut table) = ctx.transact(|txn| begin(ctx, txn, input)).await?;
    let at = table.at(&bucket);
    if let Some(given) = input.metadata().and_then(api::TableMetadata::iceberg) {
        let location = warehouse::location(&table.warehouse);
        let metadata = iceberg::first_metadata(given, (&table.id, &location, ctx.now().millis()))?;
        let path = metadata_path(&location, 0, &ctx.uuid());
        warehouse::put(ctx, at, &path, metadata.to_json().into()).await?;
        table.metadata_location = Some(path);
    }
    ctx.transact(|txn| finish(ctx, txn, &bucket, &table)).await?;
    Ok(api::CreateTableResponse::new()
        .with_table_arn(table.at(&bucket).arn())
        .with_version_token(&table.version_token))
}

/// Checks what is asked for and makes the warehouse.
fn begin(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateTableRequest,
) -> Result<(TableBucket, Table), Failure> {
    let (namespace, name) = (input.namespace(), input.name());
    if !name::is_of_table(name) {
        return Err(Error::InvalidTableName.into());
    }
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    check_free(txn, &bucket, namespace, name)?;
    if let Some(given) = input.metadata().and_then(api::TableMetadata::iceberg) {
        iceberg::first_metadata(given, ("", "", 0))?;
    }
    let encryption = match input.encryption_configuration() {
        Some(given) => Encryption::given(given)?,
        None => encryption::by_default(txn, &bucket)?,
    };
    let id = ctx.uuid();
    let now = ctx.now().micros();
    let table = Table {
        warehouse: warehouse::name(ctx, &id),
        id,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        metadata_location: None,
        version_token: table::version_token(ctx),
        created: now,
        modified: now,
        created_by: ctx.account().to_owned(),
        modified_by: ctx.account().to_owned(),
        managed_by: table_bucket::is_service(ctx).then(|| METADATA.to_owned()),
        encryption,
        tags: tag::given(input.tags())?,
        policy: None,
    };
    warehouse::create(ctx, txn, table.at(&bucket), &table)?;
    Ok((bucket, table))
}

/// Enters the table, unless its place is taken or gone by now.
fn finish(ctx: &Ctx, txn: &mut Write, bucket: &TableBucket, table: &Table) -> Result<(), Error> {
    let present = txn.get(&keys::table_bucket(bucket.at()))?.filter(|present| present.id == bucket.id);
    let bucket = &present.ok_or(Error::BucketNotFound)?;
    check_free(txn, bucket, &table.namespace, &table.name)?;
    table::save_name(txn, bucket, table)?;
    policy::apply(ctx, txn, bucket, table)?;
    Ok(warehouse::keep(ctx, txn, &table.warehouse)?)
}

fn check_free(txn: &impl Reader, bucket: &TableBucket, namespace: &str, name: &str) -> Result<(), Error> {
    if !txn.contains(&keys::namespace(bucket, namespace))? {
        return Err(Error::NamespaceNotFound);
    }
    if txn.contains(&keys::table(bucket, namespace, name))? {
        return Err(Error::TableExists);
    }
    match txn.scan_keys(&keys::tables(bucket), Direction::Forward, MOST)?.len() {
        MOST => Err(Error::TooManyTables),
        _ => Ok(()),
    }
}
