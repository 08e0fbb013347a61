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

/// Whether any resource has a policy.
pub(crate) fn any(txn: &impl Reader) -> Result<bool, Fault> {
    Ok(!txn.scan_keys(&POLICIES.all(), Direction::Forward, 1)?.is_empty())
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
