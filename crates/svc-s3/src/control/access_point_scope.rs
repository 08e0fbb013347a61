//! Scopes of access points of directory buckets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointScope.html>

use virga_api::Nothing;
use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use super::access_point_lifecycle::find;
use super::own_account;
use crate::keys;
use crate::records::AccessPointScope;
use virga_object::{Error, directory_bucket};

/// Sets the scope.
pub(crate) fn put_access_point_scope(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutAccessPointScopeRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    check(ctx, txn, input.name())?;
    set(txn, (account, ctx.region(), input.name()), input.scope())?;
    Ok(Nothing::new())
}

/// The scope: an empty one where there is none.
pub(crate) fn get_access_point_scope(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessPointScopeRequest,
) -> Result<api::GetAccessPointScopeResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    check(ctx, txn, input.name())?;
    let scope = txn.get(&keys::access_point_scope(account, ctx.region(), input.name()))?;
    Ok(api::GetAccessPointScopeResult::new().with_scope(scope.unwrap_or_default().shown()))
}

/// Removes the scope: then all that policies allow can be done.
pub(crate) fn delete_access_point_scope(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAccessPointScopeRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    check(ctx, txn, input.name())?;
    txn.delete(&keys::access_point_scope(account, ctx.region(), input.name()))?;
    Ok(Nothing::new())
}

/// Sets the scope of an access point, by its account, region and name.
pub(super) fn set(
    txn: &mut Write,
    (account, region, name): (&str, &str, &str),
    scope: &api::Scope,
) -> Result<(), Error> {
    let scope = AccessPointScope::given(scope)?;
    Ok(txn.put(&keys::access_point_scope(account, region, name), &scope)?)
}

/// Whether there is such an access point, and it can have a scope.
fn check(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<(), Error> {
    find(ctx, txn, name)?;
    match directory_bucket::is_access_point(name) {
        true => Ok(()),
        false => {
            Err(Error::request("Scope is only supported for access points attached to directory buckets."))
        }
    }
}
