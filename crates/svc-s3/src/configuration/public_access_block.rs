//! What of public access to a bucket is blocked, by itself and by its account.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use crate::records::{Bucket, PublicAccessBlock};
use crate::{bucket, keys};
use virga_object::Error;

/// What is blocked of a bucket: what itself or its account blocks.
pub(crate) fn effective(txn: &impl Reader, bucket: &Bucket) -> Result<PublicAccessBlock, Fault> {
    let own = bucket.public_access_block.unwrap_or(PublicAccessBlock::NONE);
    if own == PublicAccessBlock::ALL {
        return Ok(own);
    }
    let of_account = txn.get(&keys::account_public_access_block(&bucket.account))?;
    Ok(own.or(of_account.unwrap_or(PublicAccessBlock::NONE)))
}

/// Sets what is blocked.
pub(crate) fn put_public_access_block(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutPublicAccessBlockRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let given = input.public_access_block_configuration();
    let block = PublicAccessBlock::of([
        given.block_public_acls(),
        given.ignore_public_acls(),
        given.block_public_policy(),
        given.restrict_public_buckets(),
    ])?;
    save(ctx, txn, input.bucket(), &mut bucket, Some(block))
}

/// What is blocked.
pub(crate) fn get_public_access_block(
    _: &Ctx,
    txn: &Read,
    input: &api::GetPublicAccessBlockRequest,
) -> Result<api::GetPublicAccessBlockOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let missing = || Error::NoSuchPublicAccessBlock { bucket: input.bucket().to_owned() };
    let block = bucket.public_access_block.ok_or_else(missing)?;
    let shown = api::PublicAccessBlockConfiguration::new()
        .with_block_public_acls(block.block_public_acls)
        .with_ignore_public_acls(block.ignore_public_acls)
        .with_block_public_policy(block.block_public_policy)
        .with_restrict_public_buckets(block.restrict_public_buckets);
    Ok(api::GetPublicAccessBlockOutput::new().with_public_access_block_configuration(shown))
}

/// Blocks nothing any more.
pub(crate) fn delete_public_access_block(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeletePublicAccessBlockRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    save(ctx, txn, input.bucket(), &mut bucket, None)
}

fn save(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    bucket: &mut Bucket,
    block: Option<PublicAccessBlock>,
) -> Result<Nothing, Error> {
    bucket.public_access_block = block;
    txn.put(&keys::bucket(name), bucket)?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}
