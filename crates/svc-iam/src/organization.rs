//! What an organization's management account, or whoever it delegates the administration of IAM to, switches for the root
//! users of its members; and reports on what its accounts use, which are Organizations' business: no report was ever made.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>

use virga_api::iam as api;
use virga_kit::Ctx;
use virga_kit::organization::{self, Membership, RootFeatures};
use virga_store::{Read, Reader, Write};

use crate::error::Error;

/// The organization of the caller, who must administer it.
fn administered(ctx: &Ctx, txn: &impl Reader) -> Result<Membership, Error> {
    let found = organization::membership(txn, ctx.account())?.ok_or(Error::OrganizationNotFound)?;
    let is_administrator = found.is_administrator(txn, ctx.account())?;
    if is_administrator { Ok(found) } else { Err(Error::NotManagementAccount) }
}

/// The id of the organization, and the names of what is switched on.
type Switched = (String, Vec<&'static str>);

fn switch(ctx: &Ctx, txn: &mut Write, change: fn(&mut RootFeatures)) -> Result<Switched, Error> {
    let organization = administered(ctx, txn)?;
    let mut features = organization.root_features(txn)?;
    change(&mut features);
    organization.put_root_features(txn, &features)?;
    Ok((organization.organization_id, enabled(&features)))
}

fn enabled(features: &RootFeatures) -> Vec<&'static str> {
    let all =
        [(features.credentials_management, "RootCredentialsManagement"), (features.sessions, "RootSessions")];
    all.into_iter().filter(|(is_enabled, _)| *is_enabled).map(|(_, name)| name).collect()
}

/// Lets the organization manage the credentials of root users.
pub(crate) fn enable_root_credentials_management(
    ctx: &Ctx,
    txn: &mut Write,
    _: &api::EnableOrganizationsRootCredentialsManagementRequest,
) -> Result<api::EnableOrganizationsRootCredentialsManagementResponse, Error> {
    let (id, features) = switch(ctx, txn, |features| features.credentials_management = true)?;
    Ok(api::EnableOrganizationsRootCredentialsManagementResponse::new()
        .with_organization_id(id)
        .with_enabled_features(features))
}

/// Ends that.
pub(crate) fn disable_root_credentials_management(
    ctx: &Ctx,
    txn: &mut Write,
    _: &api::DisableOrganizationsRootCredentialsManagementRequest,
) -> Result<api::DisableOrganizationsRootCredentialsManagementResponse, Error> {
    let (id, features) = switch(ctx, txn, |features| features.credentials_management = false)?;
    Ok(api::DisableOrganizationsRootCredentialsManagementResponse::new()
        .with_organization_id(id)
        .with_enabled_features(features))
}

/// Lets the organization act as root users.
pub(crate) fn enable_root_sessions(
    ctx: &Ctx,
    txn: &mut Write,
    _: &api::EnableOrganizationsRootSessionsRequest,
) -> Result<api::EnableOrganizationsRootSessionsResponse, Error> {
    let (id, features) = switch(ctx, txn, |features| features.sessions = true)?;
    Ok(api::EnableOrganizationsRootSessionsResponse::new()
        .with_organization_id(id)
        .with_enabled_features(features))
}

/// Ends that.
pub(crate) fn disable_root_sessions(
    ctx: &Ctx,
    txn: &mut Write,
    _: &api::DisableOrganizationsRootSessionsRequest,
) -> Result<api::DisableOrganizationsRootSessionsResponse, Error> {
    let (id, features) = switch(ctx, txn, |features| features.sessions = false)?;
    Ok(api::DisableOrganizationsRootSessionsResponse::new()
        .with_organization_id(id)
        .with_enabled_features(features))
}

/// Lists which of these are on.
pub(crate) fn list_organizations_features(
    ctx: &Ctx,
    txn: &Read,
    _: &api::ListOrganizationsFeaturesRequest,
) -> Result<api::ListOrganizationsFeaturesResponse, Error> {
    let organization = administered(ctx, txn)?;
    let features = organization.root_features(txn)?;
    Ok(api::ListOrganizationsFeaturesResponse::new()
        .with_organization_id(organization.organization_id)
        .with_enabled_features(enabled(&features)))
}

/// Would report on what the accounts of the organization use.
pub(crate) fn generate_organizations_access_report(
    _: &Ctx,
    _: &mut Write,
    _: &api::GenerateOrganizationsAccessReportRequest,
) -> Result<api::GenerateOrganizationsAccessReportResponse, Error> {
    Err(Error::OrganizationNotFound)
}

/// Reads such a report; none was ever made.
pub(crate) fn get_organizations_access_report(
    _: &Ctx,
    _: &Read,
    input: &api::GetOrganizationsAccessReportRequest,
) -> Result<api::GetOrganizationsAccessReportResponse, Error> {
    Err(Error::NoSuchJob { id: input.job_id().to_owned() })
}
