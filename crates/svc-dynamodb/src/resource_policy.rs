//! Policies of tables and streams.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html>

use virga_api::dynamodb as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::records::{Details, Table};
use crate::rules::{ResourceAddress, own_access, policy_document, public_policy};
use crate::{keys, table};

/// The longest policy in bytes, with its white space.
const LONGEST: usize = 20_480;
/// `ExpectedRevisionId` of a resource that has no policy.
const NO_POLICY: &str = "NO_POLICY";

fn resource(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<(Table, Details), Error> {
    let address = ResourceAddress::of_table_or_stream(arn)?;
    if address.table.region != ctx.region() {
        return Err(invalid(&format!("Invalid resource Arn: {arn}")));
    }
    let table = table::find(txn, address.table)?;
    if let Some(label) = address.stream()
        && table.stream.as_ref().is_none_or(|stream| stream.label != label)
    {
        let name = address.table.name;
        let reason = format!("Requested resource not found: Stream: {label} not found for Table: {name}");
        return Err(Error::ResourceNotFound { reason });
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
    let (policy, kept) = (policy_document::canonical(policy).map_err(|reason| invalid(&reason))?, policy);
    let parsed = Policy::parse(kept, PolicyKind::Resource)
        .map_err(|error| invalid(&format!("Invalid policy document: {error}")))?;
    if ctx.missing_principal(&parsed)?.is_some() {
        return Err(invalid("Invalid principal in policy document."));
    }
    if public_policy::is_public(&parsed) {
        return Err(Error::validation(
            "Resource-based policy grants unbounded access in one or more elements. Please revise the policy to ensure \
             least-privilege form of access",
        ));
    }
    if let Some(revision) = details.policy_revisions.get(arn)
        && ctx.resource_policy(txn, arn)?.is_some_and(|known| known == policy)
    {
        return Ok(revision.clone());
    }
    ctx.put_resource_policy(txn, arn, &policy)?;
    // A revision is the time in milliseconds, later than that of any policy before.
    let last = details.policy_revisions.values().filter_map(|known| known.parse::<i64>().ok()).max();
    let revision = (ctx.now().micros() / 1000).max(last.unwrap_or_default() + 1).to_string();
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
    let (table, mut details) = resource(ctx, txn, arn)?;
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
    let (_, details) = resource(ctx, txn, arn)?;
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
    let (table, mut details) = resource(ctx, txn, arn)?;
    check_revision(&details, arn, input.expected_revision_id())?;
    let revision = details.policy_revisions.remove(arn);
    ctx.delete_resource_policy(txn, arn)?;
    txn.put(&keys::details(&table), &details)?;
    Ok(api::DeleteResourcePolicyOutput::new().with_revision_id(revision))
}
