//! Reports on the services that somebody used, as they were when they were made. Times are seconds since the epoch.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastAccessedJob {
    /// When it was made.
    pub(crate) created: i64,
    /// Whether it tells actions too.
    pub(crate) of_actions: bool,
    /// Those whose calls it is about.
    pub(crate) entities: Vec<AccessingEntity>,
    /// The services that they may use.
    pub(crate) services: Vec<AccessedService>,
}
stored!(LastAccessedJob, 1);

/// A user or role whose calls a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessingEntity {
    /// Its ARN.
    pub(crate) arn: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is a role, not a user.
    pub(crate) is_role: bool,
    /// Its unique id.
    pub(crate) id: String,
    /// Its path.
    pub(crate) path: String,
}

/// A service that somebody may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessedService {
    /// `Amazon Simple Queue Service`.
    pub(crate) name: String,
    /// `sqs`.
    pub(crate) namespace: String,
    /// The last use of each action by each entity.
    pub(crate) uses: Vec<ActionUse>,
}

/// The last use of an action by an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActionUse {
    /// Without the service, say `SendMessage`.
    pub(crate) action: String,
    /// Position of the entity in the report.
    pub(crate) entity: usize,
    /// When.
    pub(crate) at: i64,
    /// In which region.
    pub(crate) region: String,
}
