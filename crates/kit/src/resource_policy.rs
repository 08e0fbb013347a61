//! Resource policies: the one place where those of all services are kept, by the ARN of the resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use virga_iam::policy::{Policy, PolicyError};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

use crate::{Arn, Ctx};

/// A resource policy as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredPolicy(pub(crate) String);
stored!(StoredPolicy, 1);

static POLICIES: Space<StoredPolicy> = Space::new("kit.resource-policy");
/// Users and roles whom policies name, with the resources: (ARN of the principal, ARN of the resource).
static NAMED: Space<()> = Space::new("kit.policy-principal");

/// The ARNs of users and roles that a policy names. Trust policies are IAM's to look after.
fn named(resource: &str, text: &str) -> Vec<String> {
    let mut named = Vec::new();
    if !resource.starts_with("arn:aws:iam::")
        && let Ok(document) = serde_json::from_str::<Value>(text)
    {
        for statement in one_or_many(&document["Statement"]) {
            for element in ["Principal", "NotPrincipal"] {
                named.extend(one_or_many(&statement[element]["AWS"]).iter().filter_map(is_named));
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    named
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn is_named(principal: &Value) -> Option<String> {
    let text = principal.as_str()?;
    let arn = Arn::parse(text).filter(|arn| arn.service == "iam")?;
    let is_named = arn.resource.starts_with("user/") || arn.resource.starts_with("role/");
    is_named.then(|| text.to_owned())
}

/// Enters and removes what the policies of a resource name, before and after.
fn index(txn: &mut Write, arn: &str, before: Option<&str>, after: Option<&str>) -> Result<(), Fault> {
    for principal in before.into_iter().flat_map(|text| named(arn, text)) {
        txn.delete(&NAMED.key((principal.as_str(), arn)))?;
    }
    for principal in after.into_iter().flat_map(|text| named(arn, text)) {
        txn.put(&NAMED.key((principal.as_str(), arn)), &())?;
    }
    Ok(())
}

/// The policy of a resource, as text.
pub(crate) fn find(txn: &impl Reader, arn: &str) -> Result<Option<String>, Fault> {
    Ok(txn.get(&POLICIES.key(arn))?.map(|stored| stored.0))
}

/// Whether any resource has a policy that goes with those of the callers. Trust policies of roles and key policies have
/// rules of their own, and every account has some: they are stepped over.
pub(crate) fn any(txn: &impl Reader) -> Result<bool, Fault> {
    // The semicolon is the letter after the colon: what begins so comes after all ARNs of the service.
    let ranges = [
        POLICIES.all().until("arn:aws:iam:"),
        POLICIES.all().from("arn:aws:iam;").until("arn:aws:kms:"),
        POLICIES.all().from("arn:aws:kms;"),
    ];
    for range in ranges {
        if !txn.scan_keys(&range, Direction::Forward, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Ctx {
    /// Sets the policy of a resource, from the commit on. The text has been checked by the service.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put_resource_policy(&self, txn: &mut Write, arn: &str, text: &str) -> Result<(), Fault> {
        let before = find(txn, arn)?;
        if before.is_none() {
            self.world().permissions().created(txn, arn);
        }
        index(txn, arn, before.as_deref(), Some(text))?;
        txn.put(&POLICIES.key(arn), &StoredPolicy(text.to_owned()))?;
        self.permissions_changed(txn)
    }

    /// Removes the policy of a resource, if it has one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn delete_resource_policy(&self, txn: &mut Write, arn: &str) -> Result<(), Fault> {
        if let Some(before) = find(txn, arn)? {
            index(txn, arn, Some(&before), None)?;
            txn.delete(&POLICIES.key(arn))?;
            self.permissions_changed(txn)?;
        }
        Ok(())
    }

    /// Writes something else wherever a policy of a resource names a user or role: the new ARN of one who was renamed, the
    /// unique id of one who is deleted, which nobody else will ever have.
    ///
    /// # Errors
    /// When the store fails.
    pub fn replace_principal(&self, txn: &mut Write, arn: &str, other: &str) -> Result<(), Fault> {
        for key in txn.scan_keys(&NAMED.prefix(arn), Direction::Forward, usize::MAX)? {
            let (_, resource): (String, String) = key.parts()?;
            if let Some(text) = find(txn, &resource)? {
                let text = text.replace(&format!("\"{arn}\""), &format!("\"{other}\""));
                self.put_resource_policy(txn, &resource, &text)?;
            }
        }
        Ok(())
    }

    /// A user or role that a policy names and that is not there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn missing_principal(&self, policy: &Policy) -> Result<Option<PolicyError>, Fault> {
        let read = self.world().store().read()?;
        for principal in policy.principals() {
            if !self.world().settings().policies.exists(&read, principal)? {
                return Ok(Some(principal.does_not_exist()));
            }
        }
        Ok(None)
    }

    /// The policy of a resource, as text.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resource_policy(&self, txn: &impl Reader, arn: &str) -> Result<Option<String>, Fault> {
        find(txn, arn)
    }
}

#[cfg(test)]
mod tests {
    use virga_store::Store;

    use super::*;

    #[test]
    fn policies_of_roles_and_keys_do_not_count() {
        for (arn, expected) in [
            ("arn:aws:iam::111122223333:role/r", false),
            ("arn:aws:kms:eu-west-1:111122223333:key/k", false),
            ("arn:aws:sqs:eu-west-1:111122223333:q", true),
            ("arn:aws:kinesis:eu-west-1:111122223333:stream/s", true),
            ("arn:aws:backup:eu-west-1:111122223333:vault", true),
        ] {
            let store = Store::memory();
            assert!(!any(&store.read().unwrap()).unwrap());
            store.write(|txn| txn.put(&POLICIES.key(arn), &StoredPolicy(String::new()))).unwrap();
            assert_eq!(any(&store.read().unwrap()).unwrap(), expected, "{arn}");
        }
    }
}
