//! Lists of manifests: what a snapshot is made of.
//! <https://iceberg.apache.org/spec/#manifest-lists>

use crate::avro::{self, Encoder};
use crate::snapshot::Snapshot;
use crate::{Error, ManifestEntry, Status};

/// The schema of an entry. Lists that stand in tables have this text: a changed one has to be read beside it.
const SCHEMA: &str = include_str!("manifest_file.avsc");

/// A manifest, as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Where it is.
    pub path: String,
    /// Its size in bytes.
    pub length: i64,
    /// The number of the snapshot that wrote it.
    pub sequence_number: i64,
    /// The smallest number of the files in it.
    pub min_sequence_number: i64,
    /// The snapshot that wrote it.
    pub added_snapshot_id: i64,
    /// Files and rows that came with that snapshot.
    pub added: Count,
    /// Files and rows that were there before.
    pub existing: Count,
    /// Files and rows that went with it.
    pub deleted: Count,
}

/// Files, and rows in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Files.
    pub files: i32,
    /// Rows.
    pub rows: i64,
}

impl Count {
    /// How many of the entries have a status.
    pub(crate) fn of(entries: &[ManifestEntry], status: Status) -> Self {
        let chosen = entries.iter().filter(|entry| entry.status == status);
        chosen.fold(Count::default(), |count, entry| Count {
            files: count.files + 1,
            rows: count.rows + entry.file.records,
        })
    }
}

impl ManifestFile {
    /// Reads the manifests of a list.
    pub fn read(bytes: &[u8]) -> Result<Vec<ManifestFile>, Error> {
        avro::read(bytes, SCHEMA, |record| {
            let (path, length) = (record.text()?, record.long()?);
            if (record.long()?, record.long()?) != (0, 0) {
                return Err(Error::Damaged("a list of manifests has one of another kind"));
            }
            let (sequence_number, min_sequence_number) = (record.long()?, record.long()?);
            let added_snapshot_id = record.long()?;
            let [added, existing, deleted] = [record.int()?, record.int()?, record.int()?];
            let mut count = |files: i32| record.long().map(|rows| Count { files, rows });
            let (added, existing, deleted) = (count(added)?, count(existing)?, count(deleted)?);
            record.null()?;
            record.null()?;
            Ok(ManifestFile {
                path,
                length,
                sequence_number,
                min_sequence_number,
                added_snapshot_id,
                added,
                existing,
                deleted,
            })
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        out.bytes(self.path.as_bytes());
        out.long(self.length);
        // The partition spec, and the content: data.
        out.long(0);
        out.long(0);
        out.long(self.sequence_number);
        out.long(self.min_sequence_number);
        out.long(self.added_snapshot_id);
        let counts = [self.added, self.existing, self.deleted];
        counts.iter().for_each(|count| out.long(i64::from(count.files)));
        counts.iter().for_each(|count| out.long(count.rows));
        // Partitions and the key.
        out.null();
        out.null();
        out.into_bytes()
    }

    /// Whether readers of the newest snapshot find a file in it.
    pub(crate) fn has_live_files(&self) -> bool {
        self.added.files + self.existing.files > 0
    }
}

/// Writes the list of a snapshot.
pub(crate) fn write(manifests: &[ManifestFile], snapshot: &Snapshot) -> Vec<u8> {
    let parent = snapshot.parent_snapshot_id.map_or_else(|| "null".to_owned(), |id| id.to_string());
    let about = [
        ("snapshot-id", snapshot.snapshot_id.to_string()),
        ("parent-snapshot-id", parent),
        ("sequence-number", snapshot.sequence_number.to_string()),
        ("format-version", "2".to_owned()),
    ];
    let manifests: Vec<Vec<u8>> = manifests.iter().map(ManifestFile::encode).collect();
    avro::write(SCHEMA, &about, &manifests)
}
