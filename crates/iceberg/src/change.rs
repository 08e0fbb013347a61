//! Changes of a table: each makes a snapshot, from the files of the one before it.

use crate::manifest_list::{self, Count};
use crate::snapshot::{Snapshot, Summary, Tally};
use crate::{DataFile, ManifestEntry, ManifestFile, Operation, Status, TableMetadata, manifest};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it goes.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What distinguishes a change from all others.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// When it happens, in Unix milliseconds.
    pub millis: i64,
    /// A random number that is positive.
    pub snapshot_id: i64,
    /// A UUID, for the names of files.
    pub uuid: &'a str,
}

/// What a change has come to.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Files that have to be there before the metadata.
    pub files: Vec<File>,
    /// The table after it.
    pub metadata: TableMetadata,
}

/// Adds data files to a table. `current` are the manifests of its newest snapshot.
pub fn append(
    metadata: &TableMetadata,
    change: Change<'_>,
    current: Vec<ManifestFile>,
    added: Vec<DataFile>,
) -> Committed {
    let tally = Tally::of(added.iter());
    let builder = Builder { metadata, change, files: Vec::new() };
    let kept = current.into_iter().filter(ManifestFile::has_live_files).collect();
    builder.commit(
        Operation::Append,
        kept,
        &[added_entries(metadata, change, added)],
        tally,
        Tally::default(),
    )
}

/// Writes the manifests of a table anew. `current` are all entries of its newest snapshot; those whose file is not
/// kept are taken out, and data files are added.
pub fn rewrite(
    metadata: &TableMetadata,
    change: Change<'_>,
    current: Vec<ManifestEntry>,
    keep: impl Fn(&DataFile) -> bool,
    added: Vec<DataFile>,
) -> Committed {
    let mut kept = Vec::new();
    let mut deleted = Vec::new();
    for entry in current.into_iter().filter(|entry| entry.status != Status::Deleted) {
        if keep(&entry.file) {
            kept.push(ManifestEntry { status: Status::Existing, ..entry });
        } else {
            deleted.push(ManifestEntry { status: Status::Deleted, snapshot_id: change.snapshot_id, ..entry });
        }
    }
    let operation = match (added.is_empty(), deleted.is_empty()) {
        (true, true) => Operation::Replace,
        (true, false) => Operation::Delete,
        (false, true) => Operation::Append,
        (false, false) => Operation::Overwrite,
    };
    let tallies = (Tally::of(added.iter()), Tally::of(deleted.iter().map(|entry| &entry.file)));
    let manifests = [added_entries(metadata, change, added), kept, deleted];
    let builder = Builder { metadata, change, files: Vec::new() };
    builder.commit(operation, Vec::new(), &manifests, tallies.0, tallies.1)
}

fn added_entries(metadata: &TableMetadata, change: Change<'_>, added: Vec<DataFile>) -> Vec<ManifestEntry> {
    let entry = |file: DataFile| ManifestEntry {
        status: Status::Added,
        snapshot_id: change.snapshot_id,
        sequence_number: metadata.last_sequence_number + 1,
        file,
    };
    added.into_iter().map(entry).collect()
}

impl Tally {
    fn of<'a>(files: impl Iterator<Item = &'a DataFile>) -> Self {
        files.fold(Tally::default(), |tally, file| Tally {
            files: tally.files + 1,
            records: tally.records + file.records,
            bytes: tally.bytes + file.bytes,
        })
    }
}

/// The files of a change so far.
struct Builder<'a> {
    metadata: &'a TableMetadata,
    change: Change<'a>,
    files: Vec<File>,
}

impl Builder<'_> {
    /// Writes new manifests beside those that stay, and makes the snapshot.
    fn commit(
        mut self,
        operation: Operation,
        mut manifests: Vec<ManifestFile>,
        written: &[Vec<ManifestEntry>],
        added: Tally,
        deleted: Tally,
    ) -> Committed {
        for entries in written.iter().filter(|entries| !entries.is_empty()) {
            let manifest = self.write_manifest(entries);
            manifests.push(manifest);
        }
        let Change { millis, snapshot_id, uuid } = self.change;
        let before = self.metadata.current_snapshot();
        let snapshot = Snapshot {
            snapshot_id,
            parent_snapshot_id: self.metadata.current_snapshot_id,
            sequence_number: self.metadata.last_sequence_number + 1,
            // The clock of a world may have been set back; snapshots stand in their order.
            timestamp_ms: millis.max(self.metadata.last_updated_ms),
            manifest_list: format!("{}/metadata/snap-{snapshot_id}-1-{uuid}.avro", self.metadata.location),
            summary: Summary::new(operation, before.map(|snapshot| &snapshot.summary), added, deleted),
            schema_id: Some(self.metadata.current_schema_id),
        };
        let bytes = manifest_list::write(&manifests, &snapshot);
        self.files.push(File { path: snapshot.manifest_list.clone(), bytes });
        let mut metadata = self.metadata.clone();
        metadata.add(snapshot);
        Committed { files: self.files, metadata }
    }

    fn write_manifest(&mut self, entries: &[ManifestEntry]) -> ManifestFile {
        let Change { snapshot_id, uuid, .. } = self.change;
        let sequence_number = self.metadata.last_sequence_number + 1;
        let path = format!("{}/metadata/{uuid}-m{}.avro", self.metadata.location, self.files.len());
        let bytes = manifest::write(entries, &self.metadata.schema(), self.metadata.current_schema_id);
        let live = entries.iter().filter(|entry| entry.status != Status::Deleted);
        let manifest = ManifestFile {
            path: path.clone(),
            length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            sequence_number,
            min_sequence_number: live.map(|entry| entry.sequence_number).min().unwrap_or(sequence_number),
            added_snapshot_id: snapshot_id,
            added: Count::of(entries, Status::Added),
            existing: Count::of(entries, Status::Existing),
            deleted: Count::of(entries, Status::Deleted),
        };
        self.files.push(File { path, bytes });
        manifest
    }
}
