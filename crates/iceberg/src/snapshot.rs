//! Snapshots: what a table was at a time.
//! <https://iceberg.apache.org/spec/#snapshots>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What kind of change made a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Files came.
    Append,
    /// Files were written anew; the rows are the same.
    Replace,
    /// Files came and others went.
    Overwrite,
    /// Files went.
    Delete,
}

/// What a table was at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    /// A random number.
    pub snapshot_id: i64,
    /// The snapshot before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_snapshot_id: Option<i64>,
    /// Its place in the order of changes.
    #[serde(default)]
    pub sequence_number: i64,
    /// When it was made, in Unix milliseconds.
    pub timestamp_ms: i64,
    /// Where the list of its manifests is.
    pub manifest_list: String,
    /// What was done.
    pub summary: Summary,
    /// The schema at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<i32>,
}

/// What was done by a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The kind of change.
    pub operation: Operation,
    /// Counts, by their names.
    #[serde(flatten)]
    pub counts: BTreeMap<String, String>,
}

/// What a change did, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) files: i64,
    pub(crate) records: i64,
    pub(crate) bytes: i64,
}

impl Summary {
    /// Of a change of a table, whose newest snapshot has a summary.
    pub(crate) fn new(operation: Operation, before: Option<&Summary>, added: Tally, deleted: Tally) -> Self {
        let total = |name: &str| before.map_or(0, |summary| summary.count(name));
        let mut counts: BTreeMap<String, String> = BTreeMap::new();
        let mut put = |name: &str, count: i64| counts.insert(name.to_owned(), count.to_string());
        for (name, added, deleted) in [
            ("data-files", added.files, deleted.files),
            ("records", added.records, deleted.records),
            ("files-size", added.bytes, deleted.bytes),
        ] {
            put(&format!("total-{name}"), total(&format!("total-{name}")) + added - deleted);
            if added > 0 {
                put(&format!("added-{name}"), added);
            }
            if deleted > 0 {
                let name = if name == "files-size" {
                    "removed-files-size".to_owned()
                } else {
                    format!("deleted-{name}")
                };
                put(&name, deleted);
            }
        }
        for name in ["total-delete-files", "total-position-deletes", "total-equality-deletes"] {
            put(name, 0);
        }
        put("changed-partition-count", i64::from(added.files + deleted.files > 0));
        Summary { operation, counts }
    }

    fn count(&self, name: &str) -> i64 {
        self.counts.get(name).and_then(|count| count.parse().ok()).unwrap_or(0)
    }
}
