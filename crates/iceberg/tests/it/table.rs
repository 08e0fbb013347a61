//! What changes leave behind.

use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use virga_iceberg::{Operation, Status, TableMetadata};

use crate::warehouse::Warehouse;

fn paths(warehouse: &Warehouse, status: Status) -> Vec<String> {
    let entries = warehouse.entries();
    entries.into_iter().filter(|entry| entry.status == status).map(|entry| entry.file.path).collect()
}

fn summary(warehouse: &Warehouse) -> (Operation, String, String) {
    let summary = &warehouse.metadata.current_snapshot().unwrap().summary;
    (summary.operation, summary.counts["total-records"].clone(), summary.counts["total-data-files"].clone())
}

#[test]
fn a_new_table_is_empty() {
    let warehouse = Warehouse::new();
    assert_eq!(warehouse.metadata.last_column_id, 7);
    assert!(warehouse.metadata.current_snapshot().is_none());
    let read = TableMetadata::from_json(&warehouse.metadata.to_json()).unwrap();
    assert_eq!(read, warehouse.metadata);
}

#[test]
fn appended_files_stand_beside_each_other() {
    let mut warehouse = Warehouse::new();
    for part in 0..3 {
        let file = warehouse.data(part * 10..part * 10 + 10);
        warehouse.append(vec![file]);
    }
    assert_eq!(warehouse.manifests().len(), 3);
    assert_eq!(summary(&warehouse), (Operation::Append, "30".to_owned(), "3".to_owned()));
    let numbers: Vec<i64> = warehouse.entries().iter().map(|entry| entry.sequence_number).collect();
    assert_eq!(numbers, [1, 2, 3], "each has the number of its change");
    let entry = &warehouse.entries()[1];
    assert_eq!((entry.file.records, entry.file.upper_bound(3)), (10, Some(19_000_000)));
    assert_eq!(TableMetadata::from_json(&warehouse.metadata.to_json()).unwrap(), warehouse.metadata);
}

#[test]
fn manifests_are_merged() {
    let mut warehouse = Warehouse::new();
    for part in 0..3 {
        let file = warehouse.data(part..part + 1);
        warehouse.append(vec![file]);
    }
    let added = warehouse.data(5..6);
    warehouse.rewrite(|_| true, vec![added]);
    assert_eq!(warehouse.manifests().len(), 2);
    assert_eq!(summary(&warehouse), (Operation::Append, "4".to_owned(), "4".to_owned()));
    let mut numbers: Vec<i64> = warehouse.entries().iter().map(|entry| entry.sequence_number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4], "a file keeps its number");
}

#[test]
fn rows_are_replaced() {
    let mut warehouse = Warehouse::new();
    let first = warehouse.data(0..10);
    warehouse.append(vec![first.clone()]);
    let second = warehouse.data(0..4);
    warehouse.rewrite(|_| false, vec![second.clone()]);
    assert_eq!(summary(&warehouse), (Operation::Overwrite, "4".to_owned(), "1".to_owned()));
    assert_eq!(paths(&warehouse, Status::Added), [second.path]);
    assert_eq!(paths(&warehouse, Status::Deleted), [first.path]);
    // What went is no part of the next snapshot.
    let third = warehouse.data(0..1);
    warehouse.append(vec![third]);
    assert!(paths(&warehouse, Status::Deleted).is_empty());
}

#[test]
fn whole_files_go() {
    let mut warehouse = Warehouse::new();
    for part in 0..3 {
        let file = warehouse.data(part * 10..part * 10 + 10);
        warehouse.append(vec![file]);
    }
    warehouse.rewrite(|file| file.upper_bound(3) >= Some(10_000_000), Vec::new());
    assert_eq!(summary(&warehouse), (Operation::Delete, "20".to_owned(), "2".to_owned()));
    assert_eq!(paths(&warehouse, Status::Existing).len(), 2);
    warehouse.rewrite(|_| false, Vec::new());
    assert_eq!(summary(&warehouse), (Operation::Delete, "0".to_owned(), "0".to_owned()));
}

#[test]
fn old_snapshots_are_forgotten() {
    let mut warehouse = Warehouse::new();
    for _ in 0..5 {
        let file = warehouse.data(0..1);
        warehouse.append(vec![file]);
    }
    let expired = warehouse.metadata.expire_snapshots(2);
    let numbers: Vec<i64> = expired.iter().map(|snapshot| snapshot.sequence_number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!((warehouse.metadata.snapshots.len(), warehouse.metadata.snapshot_log.len()), (2, 2));
    assert!(warehouse.metadata.current_snapshot().is_some());
}

#[test]
fn columns_have_numbers_in_data_files() {
    let mut warehouse = Warehouse::new();
    let file = warehouse.data(0..30);
    assert_eq!(file.null_counts, [(1, 0), (2, 15), (3, 0), (7, 0)]);
    let bytes = Bytes::from(warehouse.files[&file.path].clone());
    assert_eq!(i64::try_from(bytes.len()).unwrap(), file.bytes);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr().root_schema_ptr();
    let numbers: Vec<i32> = schema.get_fields().iter().map(|field| field.get_basic_info().id()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 7]);
    let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), 30);
    assert!(rows[5].contains("tags: null"), "{}", rows[5]);
    assert!(rows[3].contains("tags: {}"), "{}", rows[3]);
    assert!(rows[8].contains("\"t1\" -> \"8\""), "{}", rows[8]);
}
