//! Permissions boundaries of users and roles.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::{Fault, Write};

use crate::error::Error;
use crate::identity::Bounded;
use crate::records::{Role, User};
use crate::{keys, managed_policy};

/// A boundary as answers show it.
pub(crate) fn shown(arn: &str) -> api::AttachedPermissionsBoundary {
    api::AttachedPermissionsBoundary::new()
        .with_permissions_boundary_type("Policy")
        .with_permissions_boundary_arn(arn)
}

/// An identity that is being created, with the boundary it is given.
pub(crate) fn of_new<I: Bounded>(
    ctx: &Ctx,
    txn: &mut Write,
    mut identity: I,
    arn: Option<&str>,
) -> Result<I, Error> {
    if let Some(arn) = arn {
        set(ctx, txn, &mut identity, arn)?;
    }
    Ok(identity)
}

fn set<I: Bounded>(ctx: &Ctx, txn: &mut Write, identity: &mut I, arn: &str) -> Result<(), Error> {
    if managed_policy::find(ctx, txn, arn)?.is_none() {
        return Err(Error::NoSuchBoundary { arn: arn.to_owned() });
    }
    forget(ctx, txn, identity)?;
    txn.put(&keys::policy_use(ctx.account(), arn, true, identity.id()), &())?;
    identity.set_boundary(Some(arn.to_owned()));
    Ok(())
}

/// Forgets that the policy is this identity's boundary.
pub(crate) fn forget<I: Bounded>(ctx: &Ctx, txn: &mut Write, identity: &I) -> Result<(), Fault> {
    match identity.boundary() {
        Some(arn) => txn.delete(&keys::policy_use(ctx.account(), arn, true, identity.id())),
        None => Ok(()),
    }
}

fn put<I: Bounded>(ctx: &Ctx, txn: &mut Write, name: &str, arn: &str) -> Result<Nothing, Error> {
    let mut identity = I::find_to_change(ctx, txn, name)?;
    set(ctx, txn, &mut identity, arn)?;
    identity.save(ctx, txn)?;
    Ok(Nothing::new())
}

fn delete<I: Bounded>(ctx: &Ctx, txn: &mut Write, name: &str) -> Result<Nothing, Error> {
    let mut identity = I::find_to_change(ctx, txn, name)?;
    if identity.boundary().is_none() {
        let kind = I::KIND.word().to_owned();
        return Err(Error::NoBoundary { kind, name: identity.name().to_owned() });
    }
    forget(ctx, txn, &identity)?;
    identity.set_boundary(None);
    identity.save(ctx, txn)?;
    Ok(Nothing::new())
}

/// Sets the boundary of a user.
pub(crate) fn put_user_permissions_boundary(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutUserPermissionsBoundaryRequest,
) -> Result<Nothing, Error> {
    put::<User>(ctx, txn, input.user_name(), input.permissions_boundary())
}

/// Removes the boundary of a user.
pub(crate) fn delete_user_permissions_boundary(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteUserPermissionsBoundaryRequest,
) -> Result<Nothing, Error> {
    delete::<User>(ctx, txn, input.user_name())
}

/// Sets the boundary of a role.
pub(crate) fn put_role_permissions_boundary(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutRolePermissionsBoundaryRequest,
) -> Result<Nothing, Error> {
    put::<Role>(ctx, txn, input.role_name(), input.permissions_boundary())
}

/// Removes the boundary of a role.
pub(crate) fn delete_role_permissions_boundary(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteRolePermissionsBoundaryRequest,
) -> Result<Nothing, Error> {
    delete::<Role>(ctx, txn, input.role_name())
}
