//! Trust policies: the grammar, their size, and that the users and roles they trust are there.
//!
//! AWS keeps whom a policy trusts by unique id: a user who is renamed is trusted under the new name, and one who is deleted
//! is not trusted again when another gets the name. Here the ARN stands in the text, and is replaced in both cases.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use virga_iam::policy::{Policy, PolicyKind, PolicyPrincipal, PrincipalType, characters_without_white_space};
use virga_kit::{Arn, Ctx};
use virga_store::{Direction, Fault, Reader, Write};

use crate::error::Error;
use crate::records::Role;
use crate::{arn, keys, managed_policy, quota};

/// Refuses what cannot be a role's trust policy.
pub(crate) fn check(txn: &impl Reader, document: &str) -> Result<(), Error> {
    let malformed = |reason: String| Error::MalformedPolicyDocument { reason };
    let policy = Policy::parse(document, PolicyKind::Trust).map_err(|error| malformed(error.to_string()))?;
    quota::TRUST_POLICY_SIZE.allow(characters_without_white_space(document))?;
    for principal in policy.principals() {
        if !exists(txn, principal)? {
            return Err(malformed(principal.does_not_exist().to_string()));
        }
    }
    Ok(())
}

/// Stores a role with its trust policy, in place of the policy it had.
pub(crate) fn put(
    ctx: &Ctx,
    txn: &mut Write,
    before: Option<&str>,
    account: &str,
    role: &Role,
) -> Result<(), Fault> {
    for arn in before.into_iter().flat_map(trusted) {
        txn.delete(&keys::trusted(&arn, account, &role.name))?;
    }
    for arn in trusted(&role.trust_policy) {
        txn.put(&keys::trusted(&arn, account, &role.name), &())?;
    }
    txn.put(&keys::role(account, &role.name), role)?;
    ctx.put_resource_policy(txn, &arn::of(account, "role", &role.path, &role.name), &role.trust_policy)
}

/// Removes the trust policy of a role that is deleted.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, role: &Role) -> Result<(), Fault> {
    let account = ctx.account();
    for arn in trusted(&role.trust_policy) {
        txn.delete(&keys::trusted(&arn, account, &role.name))?;
    }
    ctx.delete_resource_policy(txn, &arn::of(account, "role", &role.path, &role.name))
}

/// Writes something else wherever a user or role is trusted, or named by the policy of another resource: the new ARN of one who was renamed, the unique id of one who
/// is deleted.
pub(crate) fn replace(ctx: &Ctx, txn: &mut Write, arn: &str, other: &str) -> Result<(), Fault> {
    for key in txn.scan_keys(&keys::trusting(arn), Direction::Forward, usize::MAX)? {
        let (_, account, name) = key.parts::<(String, String, String)>()?;
        let Some(mut role) = txn.get(&keys::role(&account, &name))? else { continue };
        let text = role.trust_policy.replace(&format!("\"{arn}\""), &format!("\"{other}\""));
        let before = std::mem::replace(&mut role.trust_policy, text);
        put(ctx, txn, Some(&before), &account, &role)?;
    }
    ctx.replace_principal(txn, arn, other)
}

/// The ARNs of users and roles in a trust policy.
fn trusted(document: &str) -> Vec<String> {
    let Ok(policy) = Policy::parse(document, PolicyKind::Trust) else { return Vec::new() };
    let arns = policy.principals().map(PolicyPrincipal::as_str).filter(|text| {
        Arn::parse(text).is_some_and(|arn| {
            arn.service == "iam" && (arn.resource.starts_with("user/") || arn.resource.starts_with("role/"))
        })
    });
    arns.map(str::to_owned).collect()
}

/// Whether a principal is there, of any account. Accounts always are; of services, providers and unique ids nothing is
/// known that could be looked up.
pub(crate) fn exists(txn: &impl Reader, principal: &PolicyPrincipal) -> Result<bool, Fault> {
    let text = principal.as_str();
    let Some(parts) = Arn::parse(text).filter(|_| principal.principal_type() == PrincipalType::Aws) else {
        return Ok(true);
    };
    let (account, name) = (parts.account, managed_policy::name_of(text));
    let kind = parts.resource.split('/').next().unwrap_or_default();
    Ok(match (parts.service, kind) {
        ("iam", "user") => {
            let user = txn.get(&keys::user(account, name))?;
            user.is_some_and(|user| arn::of(account, kind, &user.path, &user.name) == text)
        }
        ("iam", "role") => {
            let role = txn.get(&keys::role(account, name))?;
            role.is_some_and(|role| arn::of(account, kind, &role.path, &role.name) == text)
        }
        ("sts", "assumed-role") => {
            let role = parts.resource.split('/').nth(1).unwrap_or_default();
            txn.get(&keys::role(account, role))?.is_some_and(|found| found.name == role)
        }
        _ => true,
    })
}
