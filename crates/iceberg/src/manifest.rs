//! Manifests: which data files a snapshot has, gained or lost.
//! <https://iceberg.apache.org/spec/#manifests>

use crate::avro::{self, Decoder, Encoder};
use crate::{DataFile, Error, ManifestFile};

/// The schema of an entry. Manifests that stand in tables have this text: a changed one has to be read beside it.
const SCHEMA: &str = include_str!("manifest_entry.avsc");

/// What a snapshot did with a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The file was there before.
    Existing,
    /// The file came with the snapshot.
    Added,
    /// The file went with the snapshot.
    Deleted,
}

/// A data file, as a manifest lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestEntry {
    /// What the snapshot did with it.
    pub status: Status,
    /// The snapshot that did it.
    pub snapshot_id: i64,
    /// The number of the snapshot that the file came with.
    pub sequence_number: i64,
    /// The file.
    pub file: DataFile,
}

impl ManifestEntry {
    /// Reads the entries of a manifest. Those that came with it have its snapshot and number.
    pub fn read(bytes: &[u8], manifest: &ManifestFile) -> Result<Vec<ManifestEntry>, Error> {
        avro::read(bytes, SCHEMA, |record| {
            let status = match record.long()? {
                0 => Status::Existing,
                1 => Status::Added,
                2 => Status::Deleted,
                _ => return Err(Error::Damaged("a manifest has an entry of an unknown status")),
            };
            let snapshot_id = record.optional_long()?.unwrap_or(manifest.added_snapshot_id);
            let sequence_number = record.optional_long()?.unwrap_or(manifest.sequence_number);
            record.optional_long()?;
            Ok(ManifestEntry { status, snapshot_id, sequence_number, file: read_file(record)? })
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        out.long(match self.status {
            Status::Existing => 0,
            Status::Added => 1,
            Status::Deleted => 2,
        });
        out.optional_long(Some(self.snapshot_id));
        // A file that comes has the number of its snapshot, which readers take from the list of manifests.
        let number = (self.status != Status::Added).then_some(self.sequence_number);
        out.optional_long(number);
        out.optional_long(number);
        encode_file(&self.file, &mut out);
        out.into_bytes()
    }
}

/// Writes a manifest of a table that is not partitioned. `schema` is the table's.
pub(crate) fn write(entries: &[ManifestEntry], schema: &str, schema_id: i32) -> Vec<u8> {
    let about = [
        ("schema", schema.to_owned()),
        ("schema-id", schema_id.to_string()),
        ("partition-spec", "[]".to_owned()),
        ("partition-spec-id", "0".to_owned()),
        ("format-version", "2".to_owned()),
        ("content", "data".to_owned()),
    ];
    let entries: Vec<Vec<u8>> = entries.iter().map(ManifestEntry::encode).collect();
    avro::write(SCHEMA, &about, &entries)
}

fn encode_file(file: &DataFile, out: &mut Encoder) {
    // Content: data.
    out.long(0);
    out.bytes(file.path.as_bytes());
    out.bytes(b"PARQUET");
    out.long(file.records);
    out.long(file.bytes);
    out.map(&file.column_sizes, |out, size| out.long(*size));
    out.map(&file.value_counts, |out, count| out.long(*count));
    out.map(&file.null_counts, |out, count| out.long(*count));
    // Counts of what is not a number: no column could have any.
    out.map(&[], |out, count: &i64| out.long(*count));
    out.map(&file.lower_bounds, |out, bound| out.bytes(&bound.to_le_bytes()));
    out.map(&file.upper_bounds, |out, bound| out.bytes(&bound.to_le_bytes()));
    // The key, places to split at, columns that make rows equal, the order.
    (0..4).for_each(|_| out.null());
}

fn read_file(record: &mut Decoder<'_>) -> Result<DataFile, Error> {
    if record.long()? != 0 {
        return Err(Error::Damaged("a manifest lists what is no data file"));
    }
    let path = record.text()?;
    record.bytes()?;
    let (records, bytes) = (record.long()?, record.long()?);
    let column_sizes = record.map(Decoder::long)?;
    let value_counts = record.map(Decoder::long)?;
    let null_counts = record.map(Decoder::long)?;
    record.map(Decoder::long)?;
    let lower_bounds = record.map(bound)?;
    let upper_bounds = record.map(bound)?;
    (0..4).try_for_each(|_| record.null())?;
    Ok(DataFile { path, records, bytes, column_sizes, value_counts, null_counts, lower_bounds, upper_bounds })
}

fn bound(record: &mut Decoder<'_>) -> Result<i64, Error> {
    let bytes = record.bytes()?.try_into();
    bytes.map(i64::from_le_bytes).map_err(|_| Error::Damaged("a bound of a column is no number"))
}
