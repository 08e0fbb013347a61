//! What S3 has taken on to do later.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use virga_object::storage_class::RestoreTier;

/// A restore under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreJob {
    /// How fast.
    pub tier: RestoreTier,
    /// For how many days the copy is kept.
    pub days: u32,
}
stored!(RestoreJob, 1);

/// A line of the export of a storage class analysis, without its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisLine(pub String);
stored!(AnalysisLine, 1);

/// A line of an access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When the request came.
    pub time: i64,
    /// The line, without its end.
    pub text: String,
}
stored!(LogLine, 1);

/// What a client's token of a rename stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenameToken {
    /// The SHA-256 of what the request said.
    pub request: [u8; 32],
}
stored!(RenameToken, 1);

/// Rows of a journal that are being written into its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalBatch {
    /// The snapshot of the table that has them, once they are written.
    pub snapshot_id: i64,
    /// Their numbers.
    pub rows: Vec<u64>,
}
stored!(JournalBatch, 1);
