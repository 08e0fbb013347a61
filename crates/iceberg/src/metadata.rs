//! Table metadata: the file that says what a table is.
//! <https://iceberg.apache.org/spec/#table-metadata>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Error;
use crate::snapshot::Snapshot;

/// Names of partition fields begin here.
const LAST_PARTITION_ID: i32 = 999;
/// Files of metadata that the log names, as Iceberg keeps them unless a table says otherwise.
const LOGGED: usize = 100;

/// What a new table is.
#[derive(Debug, Clone)]
pub struct NewTable<'a> {
    /// A UUID.
    pub uuid: &'a str,
    /// Where its files go, without a slash at the end.
    pub location: &'a str,
    /// When it is made, in Unix milliseconds.
    pub millis: i64,
    /// Its columns, in the JSON of Iceberg.
    pub schema: Value,
    /// How it is partitioned; none is not at all.
    pub partition_spec: Option<Value>,
    /// How it is sorted; none is not at all.
    pub sort_order: Option<Value>,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
}

/// What a table is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableMetadata {
    /// The version of the format.
    pub format_version: i32,
    /// The table's UUID.
    pub table_uuid: String,
    /// Where its files go.
    pub location: String,
    /// The number of the newest change.
    #[serde(default)]
    pub last_sequence_number: i64,
    /// When it was changed last, in Unix milliseconds.
    pub last_updated_ms: i64,
    /// The largest number of a column.
    pub last_column_id: i32,
    /// The schemas that it has had.
    pub schemas: Vec<Value>,
    /// The present one.
    pub current_schema_id: i32,
    /// The ways in which it has been partitioned.
    pub partition_specs: Vec<Value>,
    /// The present one.
    pub default_spec_id: i32,
    /// The largest number of a partition field.
    pub last_partition_id: i32,
    /// The orders that it has had.
    pub sort_orders: Vec<Value>,
    /// The present one.
    pub default_sort_order_id: i32,
    /// Its properties.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// The newest snapshot; none of an empty table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_snapshot_id: Option<i64>,
    /// Branches and tags.
    #[serde(default)]
    pub refs: Map<String, Value>,
    /// The snapshots that can still be read.
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    /// Which snapshot was the newest when.
    #[serde(default)]
    pub snapshot_log: Vec<SnapshotTime>,
    /// Earlier files of metadata.
    #[serde(default)]
    pub metadata_log: Vec<MetadataTime>,
    /// What else the file says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Since when a snapshot was the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotTime {
    /// The snapshot.
    pub snapshot_id: i64,
    /// In Unix milliseconds.
    pub timestamp_ms: i64,
}

/// Since when a file of metadata was the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetadataTime {
    /// Where it is.
    pub metadata_file: String,
    /// In Unix milliseconds.
    pub timestamp_ms: i64,
}

/// Where the file of a version of metadata goes: versions count from zero, and `uuid` makes the name unique.
pub fn metadata_path(location: &str, version: usize, uuid: &str) -> String {
    format!("{location}/metadata/{version:05}-{uuid}.metadata.json")
}

impl TableMetadata {
    /// The metadata of a new table, which is empty.
    pub fn create(table: NewTable<'_>) -> TableMetadata {
        let spec = table.partition_spec.unwrap_or_else(|| json!({ "spec-id": 0, "fields": [] }));
        let order = table.sort_order.unwrap_or_else(|| json!({ "order-id": 0, "fields": [] }));
        TableMetadata {
            format_version: 2,
            table_uuid: table.uuid.to_owned(),
            location: table.location.to_owned(),
            last_sequence_number: 0,
            last_updated_ms: table.millis,
            last_column_id: largest(&table.schema, &["id", "key-id", "value-id", "element-id"]).unwrap_or(0),
            current_schema_id: number(&table.schema, "schema-id"),
            schemas: vec![table.schema],
            default_spec_id: number(&spec, "spec-id"),
            last_partition_id: largest(&spec, &["field-id"]).unwrap_or(LAST_PARTITION_ID),
            partition_specs: vec![spec],
            default_sort_order_id: number(&order, "order-id"),
            sort_orders: vec![order],
            properties: table.properties,
            current_snapshot_id: None,
            refs: Map::new(),
            snapshots: Vec::new(),
            snapshot_log: Vec::new(),
            metadata_log: Vec::new(),
            other: Map::new(),
        }
    }

    /// Reads a file of metadata.
    pub fn from_json(bytes: &[u8]) -> Result<TableMetadata, Error> {
        let mut metadata: TableMetadata = serde_json::from_slice(bytes)?;
        // Some writers say so that there is none.
        metadata.current_snapshot_id = metadata.current_snapshot_id.filter(|id| *id != -1);
        Ok(metadata)
    }

    /// The file of metadata.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names are texts, and numbers are whole")
    }

    /// The newest snapshot; none of an empty table.
    pub fn current_snapshot(&self) -> Option<&Snapshot> {
        let id = self.current_snapshot_id?;
        self.snapshots.iter().find(|snapshot| snapshot.snapshot_id == id)
    }

    /// The present schema, as manifests have it.
    pub(crate) fn schema(&self) -> String {
        let is_current = |schema: &&Value| number(schema, "schema-id") == self.current_schema_id;
        self.schemas.iter().find(is_current).map(Value::to_string).unwrap_or_default()
    }

    /// Makes a snapshot the newest.
    pub(crate) fn add(&mut self, snapshot: Snapshot) {
        let (id, millis) = (snapshot.snapshot_id, snapshot.timestamp_ms);
        self.last_sequence_number = snapshot.sequence_number;
        self.last_updated_ms = millis;
        self.current_snapshot_id = Some(id);
        self.refs.insert("main".to_owned(), json!({ "snapshot-id": id, "type": "branch" }));
        self.snapshot_log.push(SnapshotTime { snapshot_id: id, timestamp_ms: millis });
        self.snapshots.push(snapshot);
    }

    /// Says where the metadata before this was, so that the log names it. Answers with files that it names no longer.
    pub fn log(&mut self, path: &str, millis: i64) -> Vec<String> {
        self.metadata_log.push(MetadataTime { metadata_file: path.to_owned(), timestamp_ms: millis });
        let over = self.metadata_log.len().saturating_sub(LOGGED);
        self.metadata_log.drain(..over).map(|time| time.metadata_file).collect()
    }

    /// Forgets all but the newest `kept` snapshots. Answers with the forgotten ones, oldest first.
    pub fn expire_snapshots(&mut self, kept: usize) -> Vec<Snapshot> {
        let over = self.snapshots.len().saturating_sub(kept.max(1));
        let expired: Vec<Snapshot> = self.snapshots.drain(..over).collect();
        let snapshots = &self.snapshots;
        self.snapshot_log
            .retain(|time| snapshots.iter().any(|snapshot| snapshot.snapshot_id == time.snapshot_id));
        expired
    }
}

fn number(value: &Value, name: &str) -> i32 {
    value.get(name).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()).unwrap_or(0)
}

/// The largest number under one of the names, at any depth.
fn largest(value: &Value, names: &[&str]) -> Option<i32> {
    match value {
        Value::Object(members) => {
            let own = names.iter().filter_map(|name| members.get(*name)?.as_i64());
            let own = own.filter_map(|number| i32::try_from(number).ok()).max();
            members.values().filter_map(|value| largest(value, names)).chain(own).max()
        }
        Value::Array(items) => items.iter().filter_map(|item| largest(item, names)).max(),
        _ => None,
    }
}
