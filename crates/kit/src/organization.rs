//! The organization that an account belongs to, as far as the identity services and enforcement know of it. Organizations
//! writes it; IAM switches the features for root users; STS and the policies read it.

use serde::{Deserialize, Serialize};
use virga_store::{Fault, Reader, Space, Write, stored};

use crate::Ctx;

/// The place of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization, `o-…`.
    pub organization_id: String,
    /// The path down to the account's parent, `o-…/r-…/ou-…/`.
    pub path: String,
    /// The account that manages the organization.
    pub management_account: String,
}
stored!(Membership, 1);

/// What an organization has switched on for the root users of its members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFeatures {
    /// `RootCredentialsManagement`.
    pub credentials_management: bool,
    /// `RootSessions`.
    pub sessions: bool,
    /// Accounts to which the administration of IAM is delegated.
    pub iam_administrators: Vec<String>,
}
stored!(RootFeatures, 1);

/// By account.
static MEMBERSHIPS: Space<Membership> = Space::new("kit.organization-membership");
/// By organization.
static ROOT_FEATURES: Space<RootFeatures> = Space::new("kit.organization-root-features");

impl Membership {
    /// Whether an account may administer the root users of the organization.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_administrator(&self, reader: &impl Reader, account: &str) -> Result<bool, Fault> {
        Ok(self.management_account == account
            || self.root_features(reader)?.iam_administrators.iter().any(|other| other == account))
    }

    /// What the organization has switched on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn root_features(&self, reader: &impl Reader) -> Result<RootFeatures, Fault> {
        Ok(reader.get(&ROOT_FEATURES.key(self.organization_id.as_str()))?.unwrap_or_default())
    }

    /// Switches.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put_root_features(&self, txn: &mut Write, features: &RootFeatures) -> Result<(), Fault> {
        txn.put(&ROOT_FEATURES.key(self.organization_id.as_str()), features)
    }
}

/// The place of an account; none when it is in no organization.
///
/// # Errors
/// When the store fails.
pub fn membership(reader: &impl Reader, account: &str) -> Result<Option<Membership>, Fault> {
    reader.get(&MEMBERSHIPS.key(account))
}

impl Ctx {
    /// Puts an account into an organization, or to another place there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put_membership(
        &self,
        txn: &mut Write,
        account: &str,
        membership: &Membership,
    ) -> Result<(), Fault> {
        put_membership(txn, account, membership)?;
        self.permissions_changed(txn)
    }

    /// Takes an account out of its organization.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove_membership(&self, txn: &mut Write, account: &str) -> Result<(), Fault> {
        txn.delete(&MEMBERSHIPS.key(account))?;
        self.permissions_changed(txn)
    }
}

/// The same for a world that nobody calls yet, where nothing is remembered of its permissions.
///
/// # Errors
/// When the store fails.
pub fn put_membership(txn: &mut Write, account: &str, membership: &Membership) -> Result<(), Fault> {
    txn.put(&MEMBERSHIPS.key(account), membership)
}
