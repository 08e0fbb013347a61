//! Metadata tables of a bucket: which there are. What is written into them is in [`metadata_table`].
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-configuring.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use super::{Kind, document};
use crate::records::{Bucket, MetadataConfiguration};
use crate::{bucket, keys, metadata_table};
use virga_object::Error;
use virga_object::metadata_table::About;

/// Gives a bucket a journal, and a live inventory if that is wanted.
pub(crate) fn create_bucket_metadata_configuration(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateBucketMetadataConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.metadata_configuration())?;
    let given =
        MetadataConfiguration::given(input.metadata_configuration(), about(ctx, input.bucket(), &bucket))?;
    create(ctx, txn, input.bucket(), bucket, &given)
}

/// Gives a bucket a journal in a table bucket of the customer.
pub(crate) fn create_bucket_metadata_table_configuration(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateBucketMetadataTableConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.metadata_table_configuration())?;
    let about = about(ctx, input.bucket(), &bucket);
    let given = MetadataConfiguration::given_v1(input.metadata_table_configuration(), about)?;
    create(ctx, txn, input.bucket(), bucket, &given)
}

fn about<'a>(ctx: &Ctx, name: &'a str, bucket: &'a Bucket) -> About<'a> {
    About { bucket: name, account: &bucket.account, region: &bucket.region, now: ctx.now().micros() }
}

fn create(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    mut bucket: Bucket,
    configuration: &MetadataConfiguration,
) -> Result<Nothing, Error> {
    if bucket.configured.has(Kind::Metadata) {
        return Err(Error::MetadataConfigurationExists);
    }
    super::put(txn, name, &mut bucket, (Kind::Metadata, ""), configuration)?;
    metadata_table::begin(ctx, txn, name, &bucket, configuration)?;
    Ok(Nothing::new())
}

fn find(txn: &impl Reader, bucket: &Bucket) -> Result<MetadataConfiguration, Error> {
    super::get(txn, bucket, Kind::Metadata)?.ok_or(Error::NoMetadataConfiguration)
}

/// What only one version of configurations can.
fn refuse(method: &str) -> Error {
    Error::MethodNotAllowed { method: method.to_owned(), resource_type: "BUCKET".to_owned() }
}

/// The metadata tables of a bucket, however they were configured.
pub(crate) fn get_bucket_metadata_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketMetadataConfigurationRequest,
) -> Result<api::GetBucketMetadataConfigurationOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let result = api::GetBucketMetadataConfigurationResult::new()
        .with_metadata_configuration_result(find(txn, &bucket)?.shown());
    Ok(api::GetBucketMetadataConfigurationOutput::new().with_get_bucket_metadata_configuration_result(result))
}

/// The metadata table of a bucket that was configured so.
pub(crate) fn get_bucket_metadata_table_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketMetadataTableConfigurationRequest,
) -> Result<api::GetBucketMetadataTableConfigurationOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found = find(txn, &bucket)?;
    if !found.is_v1 {
        return Err(refuse("GET"));
    }
    let output = api::GetBucketMetadataTableConfigurationOutput::new();
    Ok(output.with_get_bucket_metadata_table_configuration_result(found.shown_v1()))
}

/// Follows a bucket no longer. Its tables stay.
pub(crate) fn delete_bucket_metadata_configuration(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketMetadataConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    find(txn, &bucket)?;
    delete(txn, input.bucket(), bucket)
}

/// The same for what was configured so.
pub(crate) fn delete_bucket_metadata_table_configuration(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketMetadataTableConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    if !find(txn, &bucket)?.is_v1 {
        return Err(refuse("DELETE"));
    }
    delete(txn, input.bucket(), bucket)
}

fn delete(txn: &mut Write, name: &str, mut bucket: Bucket) -> Result<Nothing, Error> {
    metadata_table::end(txn, &bucket)?;
    super::delete(txn, name, &mut bucket, (Kind::Metadata, ""))?;
    Ok(Nothing::new())
}

/// Says when records leave the journal.
pub(crate) fn update_bucket_metadata_journal_table_configuration(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateBucketMetadataJournalTableConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    document::check(input.journal_table_configuration())?;
    let mut found = find(txn, &bucket)?;
    if found.is_v1 {
        return Err(refuse("PUT"));
    }
    found.set_expiration(input.journal_table_configuration().record_expiration())?;
    txn.put(&keys::configuration(bucket.id, Kind::Metadata, ""), &found)?;
    metadata_table::expiration_changed(ctx, txn, input.bucket(), &bucket, &found)?;
    Ok(Nothing::new())
}

/// Turns the live inventory on or off. Its table stays.
pub(crate) fn update_bucket_metadata_inventory_table_configuration(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateBucketMetadataInventoryTableConfigurationRequest,
) -> Result<Nothing, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let given = input.inventory_table_configuration();
    document::check(given)?;
    let mut found = find(txn, &bucket)?;
    if found.is_v1 {
        return Err(refuse("PUT"));
    }
    let was_there = found.inventory.is_some();
    found.set_inventory(given.configuration_state(), ctx.now().micros(), given.encryption_configuration())?;
    txn.put(&keys::configuration(bucket.id, Kind::Metadata, ""), &found)?;
    if found.inventory.is_some() && !was_there {
        metadata_table::inventory_enabled(ctx, txn, input.bucket(), &bucket)?;
    }
    Ok(Nothing::new())
}
