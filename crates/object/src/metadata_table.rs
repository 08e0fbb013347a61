//! The tables of S3 Metadata: their columns and rows.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html>

mod configuration;

use serde::{Deserialize, Serialize};
use virga_iceberg::{Cell, Field, FieldKind, Schema};
use virga_store::stored;

use FieldKind::{Boolean, Long, Text, TextMap, Timestamp};

pub use configuration::{
    About, MANAGED_BUCKET, MadeTable, MetadataConfiguration, MetadataTable, TableStatus,
};

/// The column of a journal table by which its records expire: when something happened.
pub const RECORD_TIMESTAMP: i32 = 5;

/// The columns of a journal table.
pub const JOURNAL: Schema = Schema(&[
    required(1, "bucket", Text),
    required(2, "key", Text),
    required(3, "sequence_number", Text),
    required(4, "record_type", Text),
    required(RECORD_TIMESTAMP, "record_timestamp", Timestamp),
    optional(6, "version_id", Text),
    optional(7, "is_delete_marker", Boolean),
    optional(8, "size", Long),
    optional(9, "last_modified_date", Timestamp),
    optional(10, "e_tag", Text),
    optional(11, "storage_class", Text),
    optional(12, "is_multipart", Boolean),
    optional(13, "encryption_status", Text),
    optional(14, "is_bucket_key_enabled", Boolean),
    optional(15, "kms_key_arn", Text),
    optional(16, "checksum_algorithm", Text),
    optional(17, "object_tags", TextMap { key_id: 22, value_id: 23 }),
    optional(18, "user_metadata", TextMap { key_id: 24, value_id: 25 }),
    optional(19, "requester", Text),
    optional(20, "source_ip_address", Text),
    optional(21, "request_id", Text),
]);

/// The columns of a live inventory table.
pub const INVENTORY: Schema = Schema(&[
    required(1, "bucket", Text),
    required(2, "key", Text),
    required(3, "sequence_number", Text),
    optional(4, "version_id", Text),
    optional(5, "is_delete_marker", Boolean),
    optional(6, "size", Long),
    optional(7, "last_modified_date", Timestamp),
    optional(8, "e_tag", Text),
    optional(9, "storage_class", Text),
    optional(10, "is_multipart", Boolean),
    optional(11, "encryption_status", Text),
    optional(12, "is_bucket_key_enabled", Boolean),
    optional(13, "kms_key_arn", Text),
    optional(14, "checksum_algorithm", Text),
    optional(15, "object_tags", TextMap { key_id: 17, value_id: 18 }),
    optional(16, "user_metadata", TextMap { key_id: 19, value_id: 20 }),
]);

const fn required(id: i32, name: &'static str, kind: FieldKind) -> Field {
    Field { id, name, required: true, kind }
}

const fn optional(id: i32, name: &'static str, kind: FieldKind) -> Field {
    Field { id, name, required: false, kind }
}

/// What happened to an object, as a journal has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordType {
    /// A new version, or a new object in place of another.
    Create,
    /// What can change of a version was changed: its tags, its storage class, its access control list.
    UpdateMetadata,
    /// A version went, or a delete marker hides the others.
    Delete,
}

impl RecordType {
    /// As the column has it.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::Create => "CREATE",
            RecordType::UpdateMetadata => "UPDATE_METADATA",
            RecordType::Delete => "DELETE",
        }
    }
}

/// A version of an object, as both tables have it. Times are in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    /// The key.
    pub key: String,
    /// A larger text is a later row of the same key.
    pub sequence_number: String,
    /// Its version; none where the bucket has no versions.
    pub version_id: Option<String>,
    /// Whether it is a delete marker.
    pub is_delete_marker: Option<bool>,
    /// Bytes.
    pub size: Option<i64>,
    /// When it was written.
    pub last_modified_date: Option<i64>,
    /// Its entity tag, without quotes.
    pub e_tag: Option<String>,
    /// Where it is stored.
    pub storage_class: Option<String>,
    /// Whether it was uploaded in parts.
    pub is_multipart: Option<bool>,
    /// How it is encrypted.
    pub encryption_status: Option<String>,
    /// Whether the key of KMS stands behind one of the bucket.
    pub is_bucket_key_enabled: Option<bool>,
    /// The key of KMS.
    pub kms_key_arn: Option<String>,
    /// Which checksum it has.
    pub checksum_algorithm: Option<String>,
    /// Its tags.
    pub object_tags: Option<Vec<(String, String)>>,
    /// What its writer said about it.
    pub user_metadata: Option<Vec<(String, String)>>,
    /// What happened to it; only a journal tells.
    pub record: Option<Record>,
}
stored!(Row, 1);

/// What happened to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it was.
    pub record_type: RecordType,
    /// When.
    pub timestamp: i64,
    /// Who did it: an account, or a service.
    pub requester: Option<String>,
    /// From where; none where a service did it.
    pub source_ip_address: Option<String>,
    /// The request; none where a service did it.
    pub request_id: Option<String>,
}

impl Row {
    /// The value of a column, in the table of a bucket.
    pub fn cell<'a>(&'a self, column: &str, bucket: &'a str) -> Option<Cell<'a>> {
        let record = self.record.as_ref();
        match column {
            "bucket" => Some(Cell::Text(bucket)),
            "key" => Some(Cell::Text(&self.key)),
            "sequence_number" => Some(Cell::Text(&self.sequence_number)),
            "record_type" => record.map(|record| Cell::Text(record.record_type.as_str())),
            "record_timestamp" => record.map(|record| Cell::Long(record.timestamp)),
            "version_id" => text(self.version_id.as_ref()),
            "is_delete_marker" => self.is_delete_marker.map(Cell::Boolean),
            "size" => self.size.map(Cell::Long),
            "last_modified_date" => self.last_modified_date.map(Cell::Long),
            "e_tag" => text(self.e_tag.as_ref()),
            "storage_class" => text(self.storage_class.as_ref()),
            "is_multipart" => self.is_multipart.map(Cell::Boolean),
            "encryption_status" => text(self.encryption_status.as_ref()),
            "is_bucket_key_enabled" => self.is_bucket_key_enabled.map(Cell::Boolean),
            "kms_key_arn" => text(self.kms_key_arn.as_ref()),
            "checksum_algorithm" => text(self.checksum_algorithm.as_ref()),
            "object_tags" => self.object_tags.as_deref().map(Cell::TextMap),
            "user_metadata" => self.user_metadata.as_deref().map(Cell::TextMap),
            "requester" => text(record.and_then(|record| record.requester.as_ref())),
            "source_ip_address" => text(record.and_then(|record| record.source_ip_address.as_ref())),
            "request_id" => text(record.and_then(|record| record.request_id.as_ref())),
            _ => None,
        }
    }
}

fn text(text: Option<&String>) -> Option<Cell<'_>> {
    text.map(|text| Cell::Text(text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use virga_iceberg::DataWriter;

    use super::*;

    fn numbers(schema: Schema) -> Vec<i32> {
        let own = |field: &Field| match field.kind {
            TextMap { key_id, value_id } => vec![field.id, key_id, value_id],
            _ => vec![field.id],
        };
        schema.0.iter().flat_map(own).collect()
    }

    #[test]
    fn columns_have_numbers_of_their_own() {
        for schema in [JOURNAL, INVENTORY] {
            let numbers = numbers(schema);
            let unique: BTreeSet<i32> = numbers.iter().copied().collect();
            assert_eq!(unique.len(), numbers.len());
            assert_eq!(unique.last().copied(), i32::try_from(numbers.len()).ok());
        }
        assert!(
            JOURNAL.0.iter().any(|field| (field.id, field.name) == (RECORD_TIMESTAMP, "record_timestamp"))
        );
    }

    #[test]
    fn a_row_fills_every_column() {
        let record = Record {
            record_type: RecordType::UpdateMetadata,
            timestamp: 5,
            requester: Some("1".to_owned()),
            source_ip_address: Some("::1".to_owned()),
            request_id: Some("R".to_owned()),
        };
        let row = Row {
            key: "k".to_owned(),
            version_id: Some("v".to_owned()),
            is_delete_marker: Some(false),
            size: Some(1),
            last_modified_date: Some(2),
            e_tag: Some("e".to_owned()),
            storage_class: Some("STANDARD".to_owned()),
            is_multipart: Some(false),
            encryption_status: Some("SSE-S3".to_owned()),
            is_bucket_key_enabled: Some(false),
            kms_key_arn: Some("arn".to_owned()),
            checksum_algorithm: Some("CRC32".to_owned()),
            object_tags: Some(Vec::new()),
            user_metadata: Some(Vec::new()),
            record: Some(record),
            ..Row::default()
        };
        for schema in [JOURNAL, INVENTORY] {
            assert!(schema.0.iter().all(|field| row.cell(field.name, "b").is_some()));
            let mut writer = DataWriter::begin(schema, "s3://b", "u").unwrap();
            writer.add(1, &|_, column| row.cell(schema.0[column].name, "b")).unwrap();
            let (_, file) = writer.finish().unwrap();
            assert_eq!((file.records, file.null_counts.iter().all(|(_, nulls)| *nulls == 0)), (1, true));
        }
    }
}
