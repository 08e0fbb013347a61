//! What only an organization has: central management of root users, and reports on its accounts. No account here is in
//! an organization, and that is what these operations say.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>

use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use crate::error::Error;

/// Would let the organization manage the credentials of root users.
pub(crate) fn enable_root_credentials_management(
    _: &Ctx,
    _: &mut Write,
    _: &api::EnableOrganizationsRootCredentialsManagementRequest,
) -> Result<api::EnableOrganizationsRootCredentialsManagementResponse, Error> {
    Err(Error::OrganizationNotFound)
}

/// Would end that.
pub(crate) fn disable_root_credentials_management(
    _: &Ctx,
    _: &mut Write,
    _: &api::DisableOrganizationsRootCredentialsManagementRequest,
) -> Result<api::DisableOrganizationsRootCredentialsManagementResponse, Error> {
    Err(Error::OrganizationNotFound)
}

/// Would let the organization act as root users.
pub(crate) fn enable_root_sessions(
    _: &Ctx,
    _: &mut Write,
    _: &api::EnableOrganizationsRootSessionsRequest,
) -> Result<api::EnableOrganizationsRootSessionsResponse, Error> {
    Err(Error::OrganizationNotFound)
}

/// Would end that.
pub(crate) fn disable_root_sessions(
    _: &Ctx,
    _: &mut Write,
    _: &api::DisableOrganizationsRootSessionsRequest,
) -> Result<api::DisableOrganizationsRootSessionsResponse, Error> {
    Err(Error::OrganizationNotFound)
}

/// Would list which of these are on.
pub(crate) fn list_organizations_features(
    _: &Ctx,
    _: &Read,
    _: &api::ListOrganizationsFeaturesRequest,
) -> Result<api::ListOrganizationsFeaturesResponse, Error> {
    Err(Error::OrganizationNotFound)
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
