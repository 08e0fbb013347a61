//! Keys of what an account has once.

use virga_store::{Key, Range, Space};

use crate::records::account::{AccountSettings, CredentialReport, RoleDeletion};
use crate::records::last_accessed::LastAccessedJob;

static SETTINGS: Space<AccountSettings> = Space::new("iam.account-settings");
static CREDENTIAL_REPORTS: Space<CredentialReport> = Space::new("iam.credential-report");
static ROLE_DELETIONS: Space<RoleDeletion> = Space::new("iam.role-deletion");
static LAST_ACCESSED_JOBS: Space<LastAccessedJob> = Space::new("iam.last-accessed-job");

/// The settings of an account.
pub(crate) fn settings(account: &str) -> Key<AccountSettings> {
    SETTINGS.key(account)
}

/// The credential report of an account.
pub(crate) fn credential_report(account: &str) -> Key<CredentialReport> {
    CREDENTIAL_REPORTS.key(account)
}

/// The deletion of a service-linked role by its task id.
pub(crate) fn role_deletion(account: &str, task: &str) -> Key<RoleDeletion> {
    ROLE_DELETIONS.key((account, task))
}

/// A report on services last accessed.
pub(crate) fn last_accessed_job(account: &str, id: &str) -> Key<LastAccessedJob> {
    LAST_ACCESSED_JOBS.key((account, id))
}

/// The reports on services last accessed of an account.
pub(crate) fn last_accessed_jobs(account: &str) -> Range<LastAccessedJob> {
    LAST_ACCESSED_JOBS.prefix(account)
}
