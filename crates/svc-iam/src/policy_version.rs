//! Versions of managed policies: up to five, one of which counts.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::managed_policy::{self, Policy, version_id};
use crate::page::Page;
use crate::records::{ManagedPolicy, PolicyVersion};
use crate::{document, keys, quota};

/// Number and content of the versions of a policy, newest first.
pub(crate) fn all(
    account: &str,
    txn: &impl Reader,
    policy: &Policy,
) -> Result<Vec<(u32, PolicyVersion)>, Fault> {
    match policy {
        Policy::Aws(aws) => {
            // Of AWS's policies only the default version is known.
            let version = PolicyVersion { document: aws.document()?, created: aws.dates().1 };
            Ok(vec![(aws.version(), version)])
        }
        Policy::Local(policy) => {
            let range = keys::versions(account, &policy.id);
            let numbered = |(key, version): (virga_store::Key<PolicyVersion>, PolicyVersion)| {
                let (_, _, number) = key.parts::<(String, String, u32)>()?;
                Ok((number, version))
            };
            txn.scan(&range, Direction::Backward, usize::MAX)?.into_iter().map(numbered).collect()
        }
    }
}

/// A version as lists show it: without its document.
fn listed(number: u32, version: &PolicyVersion, is_default: bool) -> api::PolicyVersion {
    api::PolicyVersion::new()
        .with_version_id(version_id(number))
        .with_is_default_version(is_default)
        .with_create_date(Timestamp::from_secs(version.created))
}

/// A version as answers show it.
pub(crate) fn shown(number: u32, version: &PolicyVersion, is_default: bool) -> api::PolicyVersion {
    listed(number, version, is_default).with_document(document::shown(&version.document))
}

/// The number in `v3`, which the model has checked to begin so.
fn number_of(version_id: &str) -> Option<u32> {
    version_id.strip_prefix('v')?.parse().ok()
}

fn find(ctx: &Ctx, txn: &impl Reader, policy: &ManagedPolicy, id: &str, arn: &str) -> Result<u32, Error> {
    let missing = || Error::NoSuchPolicyVersion { arn: arn.to_owned(), version: id.to_owned() };
    let number = number_of(id).ok_or_else(missing)?;
    let is_there = txn.contains(&keys::version(ctx.account(), &policy.id, number))?;
    if is_there { Ok(number) } else { Err(missing()) }
}

fn make_default(
    ctx: &Ctx,
    txn: &mut Write,
    mut policy: ManagedPolicy,
    number: Option<u32>,
) -> Result<(), Error> {
    if let Some(number) = number {
        policy.default_version = number;
    }
    policy.updated = ctx.now().secs();
    txn.put(&keys::policy(ctx.account(), &policy.name), &policy)?;
    Ok(ctx.permissions_changed(txn)?)
}

/// Adds a version.
pub(crate) fn create_policy_version(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreatePolicyVersionRequest,
) -> Result<api::CreatePolicyVersionResponse, Error> {
    let account = ctx.account();
    let mut policy = managed_policy::require_own(ctx, txn, input.policy_arn())?;
    managed_policy::check_document(input.policy_document())?;
    let limit = quota::VERSIONS_OF_POLICY;
    let present = txn.scan_keys(&keys::versions(account, &policy.id), Direction::Forward, limit)?;
    if present.len() >= limit {
        return Err(Error::TooManyPolicyVersions { limit });
    }
    policy.last_version += 1;
    let number = policy.last_version;
    let version = PolicyVersion { document: input.policy_document().to_owned(), created: ctx.now().secs() };
    txn.put(&keys::version(account, &policy.id, number), &version)?;
    let is_default = input.set_as_default().unwrap_or(false);
    make_default(ctx, txn, policy, is_default.then_some(number))?;
    let output = listed(number, &version, is_default);
    Ok(api::CreatePolicyVersionResponse::new().with_policy_version(output))
}

/// Reads a version with its document.
pub(crate) fn get_policy_version(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetPolicyVersionRequest,
) -> Result<api::GetPolicyVersionResponse, Error> {
    let (arn, id) = (input.policy_arn(), input.version_id());
    let policy = managed_policy::require(ctx, txn, arn)?;
    let versions = all(ctx.account(), txn, &policy)?;
    let found = versions.iter().find(|(number, _)| Some(*number) == number_of(id));
    let missing = || Error::NoSuchPolicyVersion { arn: arn.to_owned(), version: id.to_owned() };
    let (number, version) = found.ok_or_else(missing)?;
    let output = shown(*number, version, *number == policy.default_version());
    Ok(api::GetPolicyVersionResponse::new().with_policy_version(output))
}

/// Lists versions, newest first.
pub(crate) fn list_policy_versions(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListPolicyVersionsRequest,
) -> Result<api::ListPolicyVersionsResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let policy = managed_policy::require(ctx, txn, input.policy_arn())?;
    let versions = all(ctx.account(), txn, &policy)?;
    let default = policy.default_version();
    let row = |(number, version): &(u32, PolicyVersion)| {
        // Newest first: keys of pages grow as the numbers fall.
        (format!("{:010}", u32::MAX - number), listed(*number, version, *number == default))
    };
    let (versions, marker) = page.cut(versions.iter().map(row));
    let output = api::ListPolicyVersionsResponse::new().with_versions(versions);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Makes a version the one that counts.
pub(crate) fn set_default_policy_version(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SetDefaultPolicyVersionRequest,
) -> Result<Nothing, Error> {
    let policy = managed_policy::require_own(ctx, txn, input.policy_arn())?;
    let number = find(ctx, txn, &policy, input.version_id(), input.policy_arn())?;
    make_default(ctx, txn, policy, Some(number))?;
    Ok(Nothing::new())
}

/// Deletes a version that does not count.
pub(crate) fn delete_policy_version(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeletePolicyVersionRequest,
) -> Result<Nothing, Error> {
    let policy = managed_policy::require_own(ctx, txn, input.policy_arn())?;
    let number = find(ctx, txn, &policy, input.version_id(), input.policy_arn())?;
    if number == policy.default_version {
        return Err(Error::DefaultVersionStays);
    }
    txn.delete(&keys::version(ctx.account(), &policy.id, number))?;
    Ok(Nothing::new())
}
