//! A job of S3 Batch Operations, and its tasks.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// When it was created.
    pub created: i64,
    /// How far it is.
    pub status: JobStatus,
    /// The higher, the sooner.
    pub priority: i32,
    /// What is done, how that is reported, and to which objects: AWS's structures as JSON.
    pub operation: String,
    /// `Report`.
    pub report: String,
    /// `Manifest`.
    pub manifest: Option<String>,
    /// `ManifestGenerator`.
    pub generator: Option<String>,
    /// `GeneratedManifestDescriptor`.
    pub generated: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// ARN of the role that it assumes.
    pub role: String,
    /// Whether somebody has to confirm it before it runs.
    pub confirmation_required: bool,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// How many tasks it has.
    pub total: u64,
    /// How many of them succeeded.
    pub succeeded: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Since when it is active.
    pub active_since: Option<i64>,
    /// How long it was active, in seconds.
    pub active_seconds: i64,
    /// When it ended.
    pub terminated: Option<i64>,
    /// Since when it waits for its confirmation.
    pub suspended: Option<i64>,
    /// Why its status was changed, as somebody said.
    pub reason: Option<String>,
    /// Why it failed: code and text.
    pub failure: Option<(String, String)>,
}
stored!(Job, 1);

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobStatus {
    /// Just created.
    New,
    /// Its manifest is read.
    Preparing,
    /// Waits for its confirmation.
    Suspended,
    /// About to run.
    Ready,
    /// Runs.
    Active,
    /// Its report is written.
    Completing,
    /// Done.
    Complete,
    /// Its report is written, after somebody ended it.
    Cancelling,
    /// Ended by somebody.
    Cancelled,
    /// Its report is written, after too many tasks failed.
    Failing,
    /// Ended because it could not go on.
    Failed,
}

impl JobStatus {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            JobStatus::New => "New",
            JobStatus::Preparing => "Preparing",
            JobStatus::Suspended => "Suspended",
            JobStatus::Ready => "Ready",
            JobStatus::Active => "Active",
            JobStatus::Completing => "Completing",
            JobStatus::Complete => "Complete",
            JobStatus::Cancelling => "Cancelling",
            JobStatus::Cancelled => "Cancelled",
            JobStatus::Failing => "Failing",
            JobStatus::Failed => "Failed",
        }
    }

    /// Whether nothing more happens to it.
    pub fn has_ended(self) -> bool {
        matches!(self, JobStatus::Complete | JobStatus::Cancelled | JobStatus::Failed)
    }
}

/// The job that a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobToken(pub String);
stored!(JobToken, 1);
