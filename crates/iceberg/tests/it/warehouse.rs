//! The files of a table, and the changes that a test makes of it.

use std::collections::BTreeMap;

use virga_iceberg::{
    Cell, Change, Committed, DataFile, DataWriter, Field, FieldKind, ManifestEntry, ManifestFile, NewTable,
    Schema, TableMetadata, append, metadata_path, rewrite,
};

pub(crate) const LOCATION: &str = "s3://warehouse/table";

/// A text, a number, a time and a map.
pub(crate) const SCHEMA: Schema = Schema(&[
    Field { id: 1, name: "key", required: true, kind: FieldKind::Text },
    Field { id: 2, name: "size", required: false, kind: FieldKind::Long },
    Field { id: 3, name: "at", required: true, kind: FieldKind::Timestamp },
    Field { id: 4, name: "tags", required: false, kind: FieldKind::TextMap { key_id: 5, value_id: 6 } },
    Field { id: 7, name: "latest", required: false, kind: FieldKind::Boolean },
]);

/// A table and its files.
pub(crate) struct Warehouse {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) metadata: TableMetadata,
    changes: usize,
}

impl Warehouse {
    pub(crate) fn new() -> Self {
        let metadata = TableMetadata::create(NewTable {
            uuid: "5a4b5a4b-0000-4000-8000-000000000000",
            location: LOCATION,
            millis: 1_000,
            schema: SCHEMA.to_json(),
            partition_spec: None,
            sort_order: None,
            properties: BTreeMap::new(),
        });
        let mut warehouse = Warehouse { files: BTreeMap::new(), metadata, changes: 0 };
        warehouse.write_metadata();
        warehouse
    }

    /// Writes a data file of these rows, whose numbers make their values.
    pub(crate) fn data(&mut self, rows: std::ops::Range<i64>) -> DataFile {
        self.changes += 1;
        let mut writer = DataWriter::begin(SCHEMA, LOCATION, &format!("data-{}", self.changes)).unwrap();
        let rows: Vec<i64> = rows.collect();
        let texts: Vec<String> = rows.iter().map(|row| format!("key-{row}")).collect();
        let tags: Vec<Vec<(String, String)>> = rows
            .iter()
            .map(|row| (0..row % 3).map(|tag| (format!("t{tag}"), row.to_string())).collect())
            .collect();
        let cell = |row: usize, column: usize| match column {
            0 => Some(Cell::Text(&texts[row])),
            1 => (rows[row] % 2 == 0).then(|| Cell::Long(rows[row])),
            2 => Some(Cell::Long(rows[row] * 1_000_000)),
            3 => (rows[row] % 5 != 0).then(|| Cell::TextMap(&tags[row])),
            _ => Some(Cell::Boolean(rows[row] % 2 == 0)),
        };
        writer.add(rows.len(), &cell).unwrap();
        let (file, described) = writer.finish().unwrap();
        self.files.insert(file.path, file.bytes);
        described
    }

    pub(crate) fn append(&mut self, added: Vec<DataFile>) {
        let current = self.manifests();
        self.change(|metadata, change| append(metadata, change, current, added));
    }

    pub(crate) fn rewrite(&mut self, keep: impl Fn(&DataFile) -> bool, added: Vec<DataFile>) {
        let current = self.entries();
        self.change(|metadata, change| rewrite(metadata, change, current, keep, added));
    }

    /// The manifests of the newest snapshot.
    pub(crate) fn manifests(&self) -> Vec<ManifestFile> {
        let list = self.metadata.current_snapshot().map(|snapshot| &self.files[&snapshot.manifest_list]);
        list.map_or_else(Vec::new, |list| ManifestFile::read(list).unwrap())
    }

    /// The entries of the newest snapshot.
    pub(crate) fn entries(&self) -> Vec<ManifestEntry> {
        let manifests = self.manifests();
        let entries = manifests
            .iter()
            .flat_map(|manifest| ManifestEntry::read(&self.files[&manifest.path], manifest).unwrap());
        entries.collect()
    }

    fn change(&mut self, change: impl FnOnce(&TableMetadata, Change<'_>) -> Committed) {
        self.changes += 1;
        let uuid = format!("change-{}", self.changes);
        let number = i64::try_from(self.changes).unwrap();
        let identity = Change { millis: 1_000 + number, snapshot_id: 7_000 + number, uuid: &uuid };
        let Committed { files, metadata } = change(&self.metadata, identity);
        for file in files {
            assert!(self.files.insert(file.path, file.bytes).is_none(), "nothing is written over");
        }
        self.metadata = metadata;
        self.write_metadata();
    }

    fn write_metadata(&mut self) {
        let path = metadata_path(LOCATION, self.changes, "uuid");
        self.files.insert(path, self.metadata.to_json());
    }
}
