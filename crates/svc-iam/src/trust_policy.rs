//! Trust policies: the grammar, their size, and that the users and roles they trust are there.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use virga_iam::policy::{Policy, PolicyKind, PolicyPrincipal, PrincipalType, characters_without_white_space};
use virga_kit::Arn;
use virga_store::{Fault, Reader};

use crate::error::Error;
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

/// Whether a principal is there, of any account. Accounts always are; of services, providers and unique ids nothing is
/// known that could be looked up.
fn exists(txn: &impl Reader, principal: &PolicyPrincipal) -> Result<bool, Fault> {
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
