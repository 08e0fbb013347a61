//! Policies of tables and streams.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html>

use virga_api::dynamodb as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::records::{Details, Table};
use crate::rules::{ResourceAddress, own_access, public_policy};
use crate::{keys, table};

/// The longest policy in bytes, with its white space.
const LONGEST: usize = 20_480;
/// `ExpectedRevisionId` of a resource that has no policy.
const NO_POLICY: &str = "NO_POLICY";

fn resource(txn: &impl Reader, arn: &str) -> Result<(Table, Details), Error> {
    let invalid = || Error::validation(format!("Invalid ResourceArn: {arn}"));
    let address = ResourceAddress::parse(arn).ok_or_else(invalid)?;
    let missing = || Error::ResourceNotFound {
        reason: format!("Requested resource not found: ResourceArn: {arn} not found"),
    };
    let table = txn.get(&keys::table(address.table))?.ok_or_else(missing)?;
    let is_there = match address.rest {
        "" => true,
        _ => address
            .stream()
            .is_some_and(|label| table.stream.as_ref().is_some_and(|stream| stream.label == label)),
    };
    if !is_there {
        return Err(missing());
    }
    let details = table::details(txn, &table)?;
    Ok((table, details))
}

fn invalid(reason: &str) -> Error {
    Error::validation(format!("One or more parameter values were invalid: {reason}"))
}

fn not_found(arn: &str) -> Error {
    Error::PolicyNotFound {
        reason: format!("Resource-based policy not found for the provided ResourceArn: {arn}"),
    }
}

fn check_revision(details: &Details, arn: &str, expected: Option<&str>) -> Result<(), Error> {
    let Some(expected) = expected else { return Ok(()) };
    let is_met = match details.policy_revisions.get(arn) {
        Some(revision) => revision == expected,
        None => expected == NO_POLICY,
    };
    if is_met { Ok(()) } else { Err(not_found(arn)) }
}

/// Checks and keeps a policy, under a revision in the details that is new unless the policy is the same.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>
pub(crate) fn put(
    ctx: &Ctx,
    txn: &mut Write,
    arn: &str,
    policy: &str,
    details: &mut Details,
) -> Result<String, Error> {
    if policy.len() > LONGEST {
        return Err(invalid(&format!("Maximum policy size of {LONGEST} bytes exceeded")));
    }
    let parsed = Policy::parse(policy, PolicyKind::Resource)
        .map_err(|error| invalid(&format!("Invalid policy document: {error}")))?;
    if ctx.missing_principal(&parsed)?.is_some() {
        return Err(invalid("Invalid principal in policy document."));
    }
    if public_policy::is_public(&parsed) {
        return Err(invalid("The resource policy grants public access, which block public access prevents."));
    }
    if let Some(revision) = details.policy_revisions.get(arn)
        && ctx.resource_policy(txn, arn)?.as_deref() == Some(policy)
    {
        return Ok(revision.clone());
    }
    ctx.put_resource_policy(txn, arn, policy)?;
    let revision = ctx.sequence().to_string();
    details.policy_revisions.insert(arn.to_owned(), revision.clone());
    Ok(revision)
}

/// Refuses a policy under which the caller could not change it again. What is no policy is refused later.
fn check_own_access(ctx: &Ctx, arn: &str, policy: &str) -> Result<(), Error> {
    let Ok(policy) = Policy::parse(policy, PolicyKind::Resource) else { return Ok(()) };
    if own_access::is_removed(ctx.caller(), arn, policy) {
        return Err(invalid(
            "The policy removes your permissions to change it. Set ConfirmRemoveSelfResourceAccess to confirm that.",
        ));
    }
    Ok(())
}

/// Sets the policy of a table or a stream.
pub(crate) fn put_resource_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutResourcePolicyInput,
) -> Result<api::PutResourcePolicyOutput, Error> {
    let arn = input.resource_arn();
    let (table, mut details) = resource(txn, arn)?;
    check_revision(&details, arn, input.expected_revision_id())?;
    if !input.confirm_remove_self_resource_access().unwrap_or(false) {
        check_own_access(ctx, arn, input.policy())?;
    }
    let revision = put(ctx, txn, arn, input.policy(), &mut details)?;
    txn.put(&keys::details(&table), &details)?;
    Ok(api::PutResourcePolicyOutput::new().with_revision_id(revision))
}

/// Shows the policy of a table or a stream.
pub(crate) fn get_resource_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetResourcePolicyInput,
) -> Result<api::GetResourcePolicyOutput, Error> {
    let arn = input.resource_arn();
    let (_, details) = resource(txn, arn)?;
    let policy = ctx.resource_policy(txn, arn)?.ok_or_else(|| not_found(arn))?;
    Ok(api::GetResourcePolicyOutput::new()
        .with_policy(policy)
        .with_revision_id(details.policy_revisions.get(arn).map(String::as_str)))
}

/// Removes the policy of a table or a stream. Without one, nothing happens.
pub(crate) fn delete_resource_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteResourcePolicyInput,
) -> Result<api::DeleteResourcePolicyOutput, Error> {
    let arn = input.resource_arn();
    let (table, mut details) = resource(txn, arn)?;
    check_revision(&details, arn, input.expected_revision_id())?;
    let revision = details.policy_revisions.remove(arn);
    ctx.delete_resource_policy(txn, arn)?;
    txn.put(&keys::details(&table), &details)?;
    Ok(api::DeleteResourcePolicyOutput::new().with_revision_id(revision))
}
