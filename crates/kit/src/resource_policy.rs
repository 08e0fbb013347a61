//! Resource policies: the one place where those of all services are kept, by the ARN of the resource.

use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

use crate::Ctx;

/// A resource policy as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredPolicy(pub(crate) String);
stored!(StoredPolicy, 1);

static POLICIES: Space<StoredPolicy> = Space::new("kit.resource-policy");

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
        if !txn.contains(&POLICIES.key(arn))? {
            self.world().permissions().created(txn, arn);
        }
        txn.put(&POLICIES.key(arn), &StoredPolicy(text.to_owned()))?;
        self.permissions_changed(txn)
    }

    /// Removes the policy of a resource, if it has one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn delete_resource_policy(&self, txn: &mut Write, arn: &str) -> Result<(), Fault> {
        if txn.contains(&POLICIES.key(arn))? {
            txn.delete(&POLICIES.key(arn))?;
            self.permissions_changed(txn)?;
        }
        Ok(())
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
