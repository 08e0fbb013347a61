//! The report of a job: a list of tasks and what became of them, and a manifest that names the lists.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html>

use md5::{Digest as _, Md5};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::batch_task::TaskResult;

/// The columns of a list.
const SCHEMA: &str = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage";

/// A file of a report.
pub struct File {
    /// Its key.
    pub key: String,
    /// What is in it.
    pub text: String,
}

/// Where a report is written.
pub struct Place<'a> {
    /// The id of the job.
    pub job: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// What stands before its keys.
    pub prefix: &'a str,
}

impl Place<'_> {
    fn folder(&self) -> String {
        match self.prefix.trim_end_matches('/') {
            "" => format!("job-{}", self.job),
            prefix => format!("{prefix}/job-{}", self.job),
        }
    }

    /// The files of a report: lists of what succeeded (unless only failures are wanted) and of what failed, and the
    /// manifest with its checksum.
    pub fn files(&self, results: &[TaskResult], only_failed: bool, created: &str) -> Vec<File> {
        let mut files = Vec::new();
        let mut listed = Vec::new();
        for (status, is_failure) in [("succeeded", false), ("failed", true)] {
            let rows: Vec<&TaskResult> =
                results.iter().filter(|row| row.error.is_some() == is_failure).collect();
            if rows.is_empty() || (only_failed && !is_failure) {
                continue;
            }
            let text: String = rows.into_iter().map(row).collect();
            let digest = hex::encode(Md5::digest(&text));
            let key = format!("{}/results/{digest}.csv", self.folder());
            listed.push(json!({
                "TaskExecutionStatus": status,
                "Bucket": self.bucket,
                "MD5Checksum": digest,
                "Key": key,
            }));
            files.push(File { key, text });
        }
        let manifest = json!({
            "Format": "Report_CSV_20180820",
            "ReportCreationDate": created,
            "Results": listed,
            "ReportSchema": SCHEMA,
        });
        let text = manifest.to_string();
        let key = format!("{}/manifest.json", self.folder());
        let digest = hex::encode(Md5::digest(&text));
        files.push(File { key: format!("{key}.md5"), text: digest });
        files.push(File { key, text });
        files
    }
}

fn row(result: &TaskResult) -> String {
    let task = &result.task;
    let key = utf8_percent_encode(&task.key, NON_ALPHANUMERIC);
    let version_id = task.version_id.as_deref().unwrap_or_default();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    match &result.error {
        None => {
            let message = result.message.as_deref().map_or_else(|| "Successful".to_owned(), quoted);
            format!("{},{key},{version_id},succeeded,200,,{message}\n", task.bucket)
        }
        Some((code, status, text)) => {
            format!("{},{key},{version_id},failed,{status},{code},{}\n", task.bucket, quoted(text))
        }
    }
}
