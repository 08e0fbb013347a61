//! What runs with a role of its own: instances, which ask a metadata service for credentials, and containers, which ask
//! an endpoint. Whoever runs them registers them here; the gateway answers their questions.

use std::fmt;

use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

/// A workload.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// What it is.
    pub kind: WorkloadKind,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// The ARN of its role; none when it has no role, or one through a profile.
    pub role_arn: Option<String>,
    /// What only it knows: a container's authorization token, the key of an instance's session tokens.
    pub secret: Vec<u8>,
    /// The credentials that it was given last.
    pub credentials: Option<WorkloadCredentials>,
}

/// Without the secrets.
impl fmt::Debug for Workload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload { kind, account, region, role_arn, credentials, .. } = self;
        let mut shown = formatter.debug_struct("Workload");
        shown.field("kind", kind).field("account", account).field("region", region);
        shown.field("role_arn", role_arn).field("credentials", credentials).finish_non_exhaustive()
    }
}

/// What a workload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// A machine with an instance metadata service.
    Instance {
        /// The name of the instance profile whose role it has.
        profile: Option<String>,
        /// Whether metadata are told only to who has a session token (version 2).
        requires_token: bool,
        /// What it is told of itself, by path: `instance-type`, `placement/availability-zone`.
        metadata: Vec<(String, String)>,
        /// What it was started with.
        user_data: Option<String>,
    },
    /// A container.
    Container,
}

/// Credentials of a workload.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members are those of AWS's answers; times are in Unix seconds")]
pub struct WorkloadCredentials {
    pub role_arn: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub token: String,
    pub issued_at: i64,
    pub expires_at: i64,
}
stored!(Workload, 1);

/// Without the secrets.
impl fmt::Debug for WorkloadCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkloadCredentials { role_arn, access_key_id, issued_at, expires_at, .. } = self;
        let mut shown = formatter.debug_struct("WorkloadCredentials");
        shown.field("role_arn", role_arn).field("access_key_id", access_key_id);
        shown.field("issued_at", issued_at).field("expires_at", expires_at).finish_non_exhaustive()
    }
}

static WORKLOADS: Space<Workload> = Space::new("kit.workload");

/// The most that are listed.
const MOST_LISTED: usize = 1000;

/// Registers a workload, or replaces it.
///
/// # Errors
/// When the store fails.
pub fn put(txn: &mut Write, id: &str, workload: &Workload) -> Result<(), Fault> {
    txn.put(&WORKLOADS.key(id), workload)
}

/// Forgets a workload; what it was given stays good until it expires.
///
/// # Errors
/// When the store fails.
pub fn remove(txn: &mut Write, id: &str) -> Result<(), Fault> {
    txn.delete(&WORKLOADS.key(id))
}

/// A workload.
///
/// # Errors
/// When the store fails.
pub fn find(reader: &impl Reader, id: &str) -> Result<Option<Workload>, Fault> {
    reader.get(&WORKLOADS.key(id))
}

/// Workloads by id.
///
/// # Errors
/// When the store fails.
pub fn all(reader: &impl Reader) -> Result<Vec<(String, Workload)>, Fault> {
    let found = reader.scan(&WORKLOADS.all(), Direction::Forward, MOST_LISTED)?;
    found.into_iter().map(|(key, workload)| Ok((key.parts::<(String,)>()?.0, workload))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let credentials = WorkloadCredentials {
            role_arn: "arn".into(),
            access_key_id: "ASIA1".into(),
            secret_access_key: "hidden".into(),
            token: "hidden".into(),
            issued_at: 1,
            expires_at: 2,
        };
        let workload = Workload {
            kind: WorkloadKind::Container,
            account: "111122223333".into(),
            region: "us-east-1".into(),
            role_arn: None,
            secret: vec![104, 105],
            credentials: Some(credentials),
        };
        let shown = format!("{workload:?}");
        assert!(shown.contains("ASIA1") && !shown.contains("hidden") && !shown.contains("104"), "{shown}");
    }
}
