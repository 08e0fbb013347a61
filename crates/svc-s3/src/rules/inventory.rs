//! The files of an inventory: their columns, rows and manifest.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::configured::{InventoryConfiguration, InventoryFormat};

/// What stays as it is in the keys of an inventory in CSV.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'*');

/// A version as an inventory tells it; every column as text, absent where it does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    pub(crate) is_latest: bool,
    pub(crate) is_delete_marker: bool,
    /// (name of the optional field, value).
    pub(crate) optional: Vec<(String, String)>,
}

/// The columns of an inventory, as its schema names them.
pub(crate) fn columns(configuration: &InventoryConfiguration) -> Vec<&str> {
    let mut columns = vec!["Bucket", "Key"];
    if configuration.all_versions {
        columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"]);
    }
    columns.extend(configuration.optional_fields.iter().map(String::as_str));
    columns
}

/// The cells of a row, in the order of the columns.
pub(crate) fn cells(item: &Item, columns: &[&str]) -> Vec<Option<String>> {
    let cell = |column: &&str| match *column {
        "Bucket" => Some(item.bucket.clone()),
        "Key" => Some(item.key.clone()),
        "VersionId" => item.version_id.clone(),
        "IsLatest" => Some(item.is_latest.to_string()),
        "IsDeleteMarker" => Some(item.is_delete_marker.to_string()),
        other => item.optional.iter().find(|(name, _)| name == other).map(|(_, value)| value.clone()),
    };
    columns.iter().map(cell).collect()
}

/// A row in CSV, with its end. Keys are as in a URL.
pub(crate) fn csv_row(cells: &[Option<String>], columns: &[&str]) -> String {
    let cells = cells.iter().zip(columns).map(|(cell, column)| {
        let text = cell.as_deref().unwrap_or_default();
        match *column {
            "Key" => format!("\"{}\"", utf8_percent_encode(text, KEPT)),
            _ => format!("\"{}\"", text.replace('"', "\"\"")),
        }
    });
    cells.collect::<Vec<_>>().join(",") + "\n"
}

/// Where the files of an inventory go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    /// The folder of the data, with its slash.
    pub(crate) data: String,
    /// The folder of this time's manifest, with its slash.
    pub(crate) manifest: String,
    /// The key of the list of files that Hive reads.
    pub(crate) symlink: String,
}

/// The folders of an inventory of a bucket, made at a time: `2030-01-01T00-00Z`.
pub(crate) fn places(configuration: &InventoryConfiguration, bucket: &str, time: &str) -> Places {
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
pub(crate) fn format_name(format: InventoryFormat) -> &'static str {
    match format {
        InventoryFormat::Csv => "CSV",
        InventoryFormat::Orc => "ORC",
        InventoryFormat::Parquet => "Parquet",
    }
}

/// The manifest of an inventory with one file: its key, its size in bytes and its MD5.
pub(crate) fn manifest(
    configuration: &InventoryConfiguration,
    bucket: &str,
    millis: i64,
    (key, size, md5): (&str, usize, &str),
) -> String {
    let columns = columns(configuration);
    let schema = match configuration.destination.format {
        InventoryFormat::Parquet => {
            let fields = columns.iter().map(|column| format!("  optional binary {} (UTF8);", snake(column)));
            format!("message s3.inventory {{\n{}\n}}", fields.collect::<Vec<_>>().join("\n"))
        }
        _ => columns.join(", "),
    };
    json!({
        "sourceBucket": bucket,
        "destinationBucket": configuration.destination.bucket,
        "version": "2016-11-30",
        "creationTimestamp": millis.to_string(),
        "fileFormat": format_name(configuration.destination.format),
        "fileSchema": schema,
        "files": [{ "key": key, "size": size, "MD5checksum": md5 }],
    })
    .to_string()
}

/// The name of a column in Parquet: `last_modified_date`.
pub(crate) fn snake(column: &str) -> String {
    match column {
        "ETag" => return "e_tag".to_owned(),
        "VersionId" => return "version_id".to_owned(),
        _ => {}
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
    use crate::rules::configured::InventoryDestination;

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

    #[test]
    fn rows_follow_the_columns() {
        let configuration = configuration(true, InventoryFormat::Csv);
        let columns = columns(&configuration);
        assert_eq!(columns, ["Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", "Size", "ETag"]);
        let item = Item {
            bucket: "b".to_owned(),
            key: "a b/ü".to_owned(),
            is_latest: true,
            optional: vec![("Size".to_owned(), "9".to_owned())],
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
        let manifest = manifest(&configuration(false, InventoryFormat::Parquet), "b", 5, ("k", 1, "m"));
        assert!(manifest.contains("optional binary e_tag (UTF8);"));
    }
}
