//! Table buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use crate::address::BucketAddress;
use crate::error::Error;
use crate::page::Page;
use crate::records::TableBucket;
use crate::{keys, name, tag};

/// `type` of a table bucket that a customer made.
const CUSTOMER: &str = "customer";
/// The most table buckets of an account in a region.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-regions-quotas.html>
const MOST: usize = 10;

impl TableBucket {
    /// Where it is.
    pub(crate) fn at(&self) -> BucketAddress<'_> {
        BucketAddress { account: &self.account, region: &self.region, name: &self.name }
    }
}

/// Finds the table bucket of an ARN. Each region knows its own.
pub(crate) fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<TableBucket, Error> {
    let at = BucketAddress::of_arn(arn).filter(|at| at.region == ctx.region());
    txn.get(&keys::table_bucket(at.ok_or(Error::BucketNotFound)?))?.ok_or(Error::BucketNotFound)
}

/// Creates a table bucket in the caller's account.
pub(crate) fn create_table_bucket(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateTableBucketRequest,
) -> Result<api::CreateTableBucketResponse, Error> {
    if !name::is_of_table_bucket(input.name()) {
        return Err(Error::InvalidBucketName);
    }
    let tags = tag::given(input.tags())?;
    let bucket = TableBucket {
        id: ctx.uuid(),
        name: input.name().to_owned(),
        account: ctx.account().to_owned(),
        region: ctx.region().to_owned(),
        created: ctx.now().micros(),
        tags,
    };
    let key = keys::table_bucket(bucket.at());
    if txn.contains(&key)? {
        return Err(Error::BucketExists);
    }
    let others = keys::table_buckets(ctx.account(), ctx.region());
    if txn.scan_keys(&others, Direction::Forward, MOST)?.len() == MOST {
        return Err(Error::TooManyBuckets);
    }
    txn.put(&key, &bucket)?;
    Ok(api::CreateTableBucketResponse::new().with_arn(bucket.at().arn()))
}

/// Describes a table bucket.
pub(crate) fn get_table_bucket(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableBucketRequest,
) -> Result<api::GetTableBucketResponse, Error> {
    let bucket = find(ctx, txn, input.table_bucket_arn())?;
    Ok(api::GetTableBucketResponse::new()
        .with_arn(bucket.at().arn())
        .with_name(&bucket.name)
        .with_owner_account_id(&bucket.account)
        .with_created_at(Timestamp::from_micros(bucket.created))
        .with_table_bucket_id(&bucket.id)
        .with_type(CUSTOMER))
}

/// Lists the table buckets of the caller's account in the region.
pub(crate) fn list_table_buckets(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTableBucketsRequest,
) -> Result<api::ListTableBucketsResponse, Error> {
    let page = Page::new(input.prefix(), input.continuation_token(), input.max_buckets())?;
    let (buckets, next) = match input.r#type().is_none_or(|kind| kind == CUSTOMER) {
        true => page.read(txn, keys::table_buckets(ctx.account(), ctx.region()), |bucket| &bucket.name)?,
        false => (Vec::new(), None),
    };
    let shown: Vec<_> = buckets.iter().map(summary).collect();
    Ok(api::ListTableBucketsResponse::new().with_table_buckets(shown).with_continuation_token(next))
}

fn summary(bucket: &TableBucket) -> api::TableBucketSummary {
    api::TableBucketSummary::new()
        .with_arn(bucket.at().arn())
        .with_name(&bucket.name)
        .with_owner_account_id(&bucket.account)
        .with_created_at(Timestamp::from_micros(bucket.created))
        .with_table_bucket_id(&bucket.id)
        .with_type(CUSTOMER)
}

/// Deletes a table bucket that has no namespaces, and its policy with it.
pub(crate) fn delete_table_bucket(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableBucketRequest,
) -> Result<Nothing, Error> {
    let bucket = find(ctx, txn, input.table_bucket_arn())?;
    if !txn.scan_keys(&keys::namespaces(&bucket), Direction::Forward, 1)?.is_empty() {
        return Err(Error::BucketNotEmpty);
    }
    ctx.delete_resource_policy(txn, &bucket.at().arn())?;
    txn.delete(&keys::table_bucket(bucket.at()))?;
    Ok(Nothing::new())
}
