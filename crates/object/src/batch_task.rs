//! What a batch job does: one object after the other, and what became of each.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// One object of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version; none for the current one.
    pub version_id: Option<String>,
}
stored!(Task, 1);

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskResult {
    /// The task.
    pub task: Task,
    /// Code, status and text of the error; none when it succeeded.
    pub error: Option<(String, u16, String)>,
    /// What the report says of it when it succeeded; none for nothing but that.
    pub message: Option<String>,
}
stored!(TaskResult, 2, 1 => TaskResultV1);

/// A result as it was before results had messages.
#[derive(Serialize, Deserialize)]
struct TaskResultV1 {
    task: Task,
    error: Option<(String, u16, String)>,
}

impl From<TaskResultV1> for TaskResult {
    fn from(old: TaskResultV1) -> Self {
        TaskResult { task: old.task, error: old.error, message: None }
    }
}

#[cfg(test)]
mod tests {
    use virga_store::Stored as _;

    use super::*;

    #[test]
    fn results_of_before_have_no_message() {
        let task = Task { bucket: "b".to_owned(), key: "k".to_owned(), version_id: None };
        let bytes = postcard::to_allocvec(&TaskResultV1 { task: task.clone(), error: None }).unwrap();
        let opened = TaskResult::decode(1, &bytes).unwrap();
        assert_eq!(opened, TaskResult { task, error: None, message: None });
    }
}
