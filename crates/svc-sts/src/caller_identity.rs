//! Whose credentials these are.

use virga_api::sts as api;
use virga_iam::access_key_id;
use virga_kit::Ctx;
use virga_store::Read;

use crate::error::Error;

/// Account, ARN and unique id of the caller. Needs no permission.
pub(crate) fn get_caller_identity(
    ctx: &Ctx,
    _: &Read,
    _: &api::GetCallerIdentityInput,
) -> Result<api::GetCallerIdentityOutput, Error> {
    let caller = ctx.caller();
    Ok(api::GetCallerIdentityOutput::new()
        .with_user_id(caller.user_id())
        .with_account(ctx.account())
        .with_arn(caller.arn()))
}

/// The account of an access key: the one that issued it, or the one that the letters of the id tell.
pub(crate) fn get_access_key_info(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessKeyInfoInput,
) -> Result<api::GetAccessKeyInfoOutput, Error> {
    let id = input.access_key_id();
    let account = match ctx.issued_key(txn, id)? {
        Some(key) => key.account,
        None => {
            access_key_id::account_of(id).ok_or_else(|| Error::validation("Invalid AccessKeyId"))?.to_string()
        }
    };
    Ok(api::GetAccessKeyInfoOutput::new().with_account(account))
}
