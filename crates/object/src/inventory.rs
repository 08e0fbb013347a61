//! The files of an inventory: their columns, rows and manifest.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>

mod file;
mod orc;
mod parquet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::configured::{InventoryConfiguration, InventoryFormat};
use super::event_record::iso_millis;

pub use file::File;

/// What stays as it is in the keys of an inventory in CSV.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'*');

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Texts.
    Text,
    /// Truth values.
    Boolean,
    /// Whole numbers.
    Number,
    /// Times.
    Time,
}

/// What the cells of a column are.
pub fn column_type(column: &str) -> ColumnType {
    match column {
        "IsLatest" | "IsDeleteMarker" | "IsMultipartUploaded" => ColumnType::Boolean,
        "Size" => ColumnType::Number,
        "LastModifiedDate" | "ObjectLockRetainUntilDate" => ColumnType::Time,
        _ => ColumnType::Text,
    }
}

/// Whether every row has a cell in this column.
pub fn is_required(column: &str) -> bool {
    matches!(column, "Bucket" | "Key")
}

/// A cell of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Number(i64),
    /// In Unix milliseconds.
    Time(i64),
}

impl Cell {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Cell::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Cell::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The time in Unix milliseconds, if it is one.
    pub fn time(&self) -> Option<i64> {
        match self {
            Cell::Time(millis) => Some(*millis),
            _ => None,
        }
    }

    /// As CSV has it.
    fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Boolean(value) => value.to_string(),
            Cell::Number(value) => value.to_string(),
            Cell::Time(millis) => iso_millis(*millis),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

/// A version as an inventory tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version.
    pub version_id: Option<String>,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// The optional fields that apply.
    pub optional: Vec<(&'static str, Cell)>,
}

/// The columns of an inventory, as its schema names them.
pub fn columns(configuration: &InventoryConfiguration) -> Vec<&str> {
    let mut columns = vec!["Bucket", "Key"];
    if configuration.all_versions {
        columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"]);
    }
    columns.extend(configuration.optional_fields.iter().map(String::as_str));
    columns
}

/// The cells of a row, in the order of the columns.
pub fn cells(item: &Item, columns: &[&str]) -> Vec<Option<Cell>> {
    let cell = |column: &&str| match *column {
        "Bucket" => Some(Cell::Text(item.bucket.clone())),
        "Key" => Some(Cell::Text(item.key.clone())),
        "VersionId" => item.version_id.clone().map(Cell::Text),
        "IsLatest" => Some(Cell::Boolean(item.is_latest)),
        "IsDeleteMarker" => Some(Cell::Boolean(item.is_delete_marker)),
        other => item.optional.iter().find(|(name, _)| *name == other).map(|(_, value)| value.clone()),
    };
    columns.iter().map(cell).collect()
}

/// A row in CSV, with its end. Keys are as in a URL.
pub fn csv_row(cells: &[Option<Cell>], columns: &[&str]) -> String {
    let cells = cells.iter().zip(columns).map(|(cell, column)| {
        let text = cell.as_ref().map(Cell::shown).unwrap_or_default();
        match *column {
            "Key" => format!("\"{}\"", utf8_percent_encode(&text, KEPT)),
            _ => format!("\"{}\"", text.replace('"', "\"\"")),
        }
    });
    cells.collect::<Vec<_>>().join(",") + "\n"
}

/// Where the files of an inventory go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The folder of the data, with its slash.
    pub data: String,
    /// The folder of this time's manifest, with its slash.
    pub manifest: String,
    /// The key of the list of files that Hive reads.
    pub symlink: String,
}

/// The folders of an inventory of a bucket, made at a time: `2030-01-01T00-00Z`.
pub fn places(configuration: &InventoryConfiguration, bucket: &str, time: &str) -> Places {
    let prefix = configuration.destination.prefix.as_deref().unwrap_or_default();
    let prefix = if prefix.is_empty() { String::new() } else { format!("{}/", prefix.trim_end_matches('/')) };
    let folder = format!("{prefix}{bucket}/{}", configuration.id);
    let partition = time.trim_end_matches('Z').replace('T', "-");
    Places {
        data: format!("{folder}/data/"),
        manifest: format!("{folder}/{time}/"),
        symlink: format!("{folder}/hive/dt={partition}/symlink.txt"),
    }
}

/// The name of a format, as manifests have it.
pub fn format_name(format: InventoryFormat) -> &'static str {
    match format {
        InventoryFormat::Csv => "CSV",
        InventoryFormat::Orc => "ORC",
        InventoryFormat::Parquet => "Parquet",
    }
}

/// A file of an inventory, as manifests name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: usize,
    /// Its MD5 in hexadecimal digits.
    pub md5: String,
}

/// The manifest of an inventory with these files.
pub fn manifest(
    configuration: &InventoryConfiguration,
    bucket: &str,
    millis: i64,
    files: &[ListedFile],
) -> String {
    let columns = columns(configuration);
    let schema = match configuration.destination.format {
        InventoryFormat::Parquet => {
            let fields: String = columns.iter().map(|column| parquet_field(column)).collect();
            format!("message s3.inventory {{{fields} }}")
        }
        InventoryFormat::Orc => {
            let fields = columns.iter().map(|column| format!("{}:{}", snake(column), orc_type(column)));
            format!("struct<{}>", fields.collect::<Vec<_>>().join(","))
        }
        InventoryFormat::Csv => columns.join(", "),
    };
    let files =
        files.iter().map(|file| json!({ "key": file.key, "size": file.size, "MD5checksum": file.md5 }));
    json!({
        "sourceBucket": bucket,
        "destinationBucket": configuration.destination.bucket,
        "version": "2016-11-30",
        "creationTimestamp": millis.to_string(),
        "fileFormat": format_name(configuration.destination.format),
        "fileSchema": schema,
        "files": files.collect::<Vec<_>>(),
    })
    .to_string()
}

fn parquet_field(column: &str) -> String {
    let need = if is_required(column) { "required" } else { "optional" };
    let (before, after) = match column_type(column) {
        ColumnType::Text => ("binary", " (UTF8)"),
        ColumnType::Boolean => ("boolean", ""),
        ColumnType::Number => ("int64", ""),
        ColumnType::Time => ("int64", " (TIMESTAMP_MILLIS)"),
    };
    format!(" {need} {before} {}{after};", snake(column))
}

fn orc_type(column: &str) -> &'static str {
    match column_type(column) {
        ColumnType::Text => "string",
        ColumnType::Boolean => "boolean",
        ColumnType::Number => "bigint",
        ColumnType::Time => "timestamp",
    }
}

/// The name of a column in Parquet and ORC: `last_modified_date`.
pub fn snake(column: &str) -> String {
    if column == "ETag" {
        return "e_tag".to_owned();
    }
    let mut name = String::new();
    for letter in column.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configured::InventoryDestination;

    fn configuration(all_versions: bool, format: InventoryFormat) -> InventoryConfiguration {
        InventoryConfiguration {
            id: "daily".to_owned(),
            is_enabled: true,
            prefix: None,
            all_versions,
            optional_fields: vec!["Size".to_owned(), "ETag".to_owned()],
            is_weekly: false,
            destination: InventoryDestination {
                account: None,
                bucket: "arn:aws:s3:::target".to_owned(),
                prefix: Some("reports".to_owned()),
                format,
                encryption: None,
            },
        }
    }

    fn file() -> ListedFile {
        ListedFile { key: "k".to_owned(), size: 1, md5: "m".to_owned() }
    }

    #[test]
    fn rows_follow_the_columns() {
        let configuration = configuration(true, InventoryFormat::Csv);
        let columns = columns(&configuration);
        assert_eq!(columns, ["Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "ETag"]);
        let item = Item {
            bucket: "b".to_owned(),
            key: "a b/ü".to_owned(),
            is_latest: true,
            optional: vec![("Size", Cell::Number(9))],
            ..Item::default()
        };
        let row = csv_row(&cells(&item, &columns), &columns);
        assert_eq!(row, "\"b\",\"a%20b/%C3%BC\",\"\",\"true\",\"false\",\"9\",\"\"\n");
    }

    #[test]
    fn files_have_their_places() {
        let places = places(&configuration(false, InventoryFormat::Csv), "source", "2030-01-01T00-00Z");
        assert_eq!(places.data, "reports/source/daily/data/");
        assert_eq!(places.manifest, "reports/source/daily/2030-01-01T00-00Z/");
        assert_eq!(places.symlink, "reports/source/daily/hive/dt=2030-01-01-00-00/symlink.txt");
    }

    #[test]
    fn parquet_has_names_of_its_own() {
        assert_eq!(snake("LastModifiedDate"), "last_modified_date");
        assert_eq!(snake("ETag"), "e_tag");
        let manifest = manifest(&configuration(false, InventoryFormat::Parquet), "b", 5, &[file()]);
        let schema = "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); \
                      optional int64 size; optional binary e_tag (UTF8); }";
        assert!(manifest.contains(schema), "{manifest}");
    }

    #[test]
    fn orc_has_types() {
        let manifest = manifest(&configuration(true, InventoryFormat::Orc), "b", 5, &[file()]);
        let schema = "struct<bucket:string,key:string,version_id:string,is_latest:boolean,\
                      is_delete_marker:boolean,size:bigint,e_tag:string>";
        assert!(manifest.contains(schema), "{manifest}");
    }
}
