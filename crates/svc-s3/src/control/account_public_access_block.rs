//! What of public access to all buckets of an account is blocked.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html>

use virga_api::Nothing;
use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use super::own_account;
use crate::keys;
use crate::records::PublicAccessBlock;
use virga_object::Error;

/// Sets what is blocked.
pub(crate) fn put_public_access_block(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutPublicAccessBlockRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    let block = given(input.public_access_block_configuration())?;
    txn.put(&keys::account_public_access_block(account), &block)?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

/// What is blocked.
pub(crate) fn get_public_access_block(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetPublicAccessBlockRequest,
) -> Result<api::GetPublicAccessBlockOutput, Error> {
    let account = own_account(ctx, input.account_id())?;
    let block = txn.get(&keys::account_public_access_block(account))?;
    let missing = || Error::NoSuchAccountPublicAccessBlock { account: account.to_owned() };
    let block = shown(block.ok_or_else(missing)?);
    Ok(api::GetPublicAccessBlockOutput::new().with_public_access_block_configuration(block))
}

/// Blocks nothing any more.
pub(crate) fn delete_public_access_block(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeletePublicAccessBlockRequest,
) -> Result<Nothing, Error> {
    txn.delete(&keys::account_public_access_block(own_account(ctx, input.account_id())?))?;
    ctx.permissions_changed(txn)?;
    Ok(Nothing::new())
}

/// What a request blocks; it has to say something.
pub(super) fn given(configuration: &api::PublicAccessBlockConfiguration) -> Result<PublicAccessBlock, Error> {
    PublicAccessBlock::of(members(configuration))
}

/// The four members, in the order of [`PublicAccessBlock::of`].
pub(super) fn members(configuration: &api::PublicAccessBlockConfiguration) -> [Option<bool>; 4] {
    [
        configuration.block_public_acls(),
        configuration.ignore_public_acls(),
        configuration.block_public_policy(),
        configuration.restrict_public_buckets(),
    ]
}

/// As answers show it.
pub(super) fn shown(block: PublicAccessBlock) -> api::PublicAccessBlockConfiguration {
    api::PublicAccessBlockConfiguration::new()
        .with_block_public_acls(block.block_public_acls)
        .with_ignore_public_acls(block.ignore_public_acls)
        .with_block_public_policy(block.block_public_policy)
        .with_restrict_public_buckets(block.restrict_public_buckets)
}
