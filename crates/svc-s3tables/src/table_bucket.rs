//! Table buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use crate::address::BucketAddress;
use crate::error::Error;
use crate::page::Page;
use crate::records::{Encryption, TableBucket};
use crate::{keys, name, tag};

/// `type` of a table bucket that a customer made, and of the one that S3 manages.
const CUSTOMER: &str = "customer";
const MANAGED: &str = "aws";
/// The table bucket that S3 manages in a region, for the tables that it writes itself.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-aws-managed-buckets.html>
const MANAGED_NAME: &str = "aws-s3";
/// The service that may change what is managed.
const MANAGER: &str = "s3.amazonaws.com";
/// The most table buckets of an account in a region.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-regions-quotas.html>
const MOST: usize = 10;

impl TableBucket {
    /// Where it is.
    pub(crate) fn at(&self) -> BucketAddress<'_> {
        BucketAddress { account: &self.account, region: &self.region, name: &self.name }
    }

    /// Whether it is the one that S3 manages.
    pub(crate) fn is_managed(&self) -> bool {
        self.name == MANAGED_NAME
    }

    fn kind(&self) -> &'static str {
        if self.is_managed() { MANAGED } else { CUSTOMER }
    }
}

/// Whether Amazon S3 itself calls, which alone changes what it manages.
pub(crate) fn is_service(ctx: &Ctx) -> bool {
    matches!(&ctx.caller().principal, Principal::Service { name, .. } if name == MANAGER)
}

/// Finds the table bucket of an ARN, to change it or what is in it.
pub(crate) fn find_to_change(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<TableBucket, Error> {
    let bucket = find(ctx, txn, arn)?;
    match bucket.is_managed() && !is_service(ctx) {
        true => Err(Error::Managed),
        false => Ok(bucket),
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
    let is_managed = input.name() == MANAGED_NAME && is_service(ctx);
    if !is_managed && !name::is_of_table_bucket(input.name()) {
        return Err(Error::InvalidBucketName);
    }
    let tags = tag::given(input.tags())?;
    let encryption = input.encryption_configuration().map(Encryption::given).transpose()?;
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
    if !is_managed && number(ctx, txn)? >= MOST {
        return Err(Error::TooManyBuckets);
    }
    txn.put(&key, &bucket)?;
    if let Some(encryption) = encryption {
        txn.put(&keys::encryption(&bucket), &encryption)?;
    }
    Ok(api::CreateTableBucketResponse::new().with_arn(bucket.at().arn()))
}

/// How many table buckets the account has in the region; the managed one does not count.
fn number(ctx: &Ctx, txn: &impl Reader) -> Result<usize, Error> {
    let all = txn.scan(&keys::table_buckets(ctx.account(), ctx.region()), Direction::Forward, MOST + 1)?;
    Ok(all.iter().filter(|(_, bucket)| !bucket.is_managed()).count())
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
        .with_type(bucket.kind()))
}

/// Lists the table buckets of the caller's account in the region.
pub(crate) fn list_table_buckets(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTableBucketsRequest,
) -> Result<api::ListTableBucketsResponse, Error> {
    let page = Page::new(input.prefix(), input.continuation_token(), input.max_buckets())?;
    let all = keys::table_buckets(ctx.account(), ctx.region());
    let (buckets, next) = page.read(txn, all, |bucket| &bucket.name)?;
    let is_asked_for = |bucket: &&TableBucket| input.r#type().is_none_or(|kind| kind == bucket.kind());
    let shown: Vec<_> = buckets.iter().filter(is_asked_for).map(summary).collect();
    Ok(api::ListTableBucketsResponse::new().with_table_buckets(shown).with_continuation_token(next))
}

fn summary(bucket: &TableBucket) -> api::TableBucketSummary {
    api::TableBucketSummary::new()
        .with_arn(bucket.at().arn())
        .with_name(&bucket.name)
        .with_owner_account_id(&bucket.account)
        .with_created_at(Timestamp::from_micros(bucket.created))
        .with_table_bucket_id(&bucket.id)
        .with_type(bucket.kind())
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
    txn.delete(&keys::encryption(&bucket))?;
    txn.delete(&keys::table_bucket(bucket.at()))?;
    Ok(Nothing::new())
}
