//! Which objects a job is about: a list that somebody wrote, an inventory, or what a filter finds.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html>

use std::io::Read as _;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use virga_api::s3control as api;

use crate::batch_task::Task;

/// Why a manifest can't be read.
pub type Reason = String;

/// Which column is what.
#[derive(Debug, Clone, Copy)]
struct Columns {
    bucket: usize,
    key: usize,
    version_id: Option<usize>,
}

impl Columns {
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<&str> = names.collect();
        let place = |name: &str| names.iter().position(|given| given.trim().eq_ignore_ascii_case(name));
        Some(Columns { bucket: place("Bucket")?, key: place("Key")?, version_id: place("VersionId") })
    }
}

/// The tasks of a list in CSV whose columns the job tells.
pub fn tasks_of_csv(text: &str, spec: &api::JobManifestSpec) -> Result<Vec<Task>, Reason> {
    let names = spec.fields().into_iter().flat_map(virga_model::view::List::iter);
    let columns = Columns::of(names).ok_or("The fields of the manifest lack Bucket or Key")?;
    rows(text).enumerate().map(|(number, row)| task(&row, columns, number)).collect()
}

/// The tasks of one file of an inventory.
pub fn tasks_of_inventory(file: &[u8], schema: &str) -> Result<Vec<Task>, Reason> {
    let columns = Columns::of(schema.split(',')).ok_or("The schema of the inventory lacks Bucket or Key")?;
    let mut text = String::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(file);
    decoder.read_to_string(&mut text).map_err(|error| format!("The inventory can't be read: {error}"))?;
    rows(&text).enumerate().map(|(number, row)| task(&row, columns, number)).collect()
}

/// What a manifest of an inventory tells: its schema, its bucket and the keys of its files.
pub fn inventory(manifest: &[u8]) -> Result<(String, String, Vec<String>), Reason> {
    let invalid = || "The manifest is not that of an inventory".to_owned();
    let manifest: Value = serde_json::from_slice(manifest).map_err(|_| invalid())?;
    if manifest["fileFormat"] != "CSV" {
        return Err("The inventory is not in CSV".to_owned());
    }
    let schema = manifest["fileSchema"].as_str().ok_or_else(invalid)?.to_owned();
    let bucket = manifest["destinationBucket"].as_str().ok_or_else(invalid)?;
    let bucket = bucket.rsplit(':').next().unwrap_or(bucket).to_owned();
    let files = manifest["files"].as_array().ok_or_else(invalid)?;
    let keys = files.iter().filter_map(|file| file["key"].as_str()).map(str::to_owned).collect();
    Ok((schema, bucket, keys))
}

fn task(row: &[String], columns: Columns, number: usize) -> Result<Task, Reason> {
    let cell = |column: usize| row.get(column).map(String::as_str);
    let missing = || format!("Line {} of the manifest lacks a column", number + 1);
    let key = percent_decode_str(cell(columns.key).ok_or_else(missing)?).decode_utf8();
    let key = key.map_err(|_| format!("The key in line {} of the manifest is not UTF-8", number + 1))?;
    let version_id = columns.version_id.and_then(cell).filter(|version_id| !version_id.is_empty());
    Ok(Task {
        bucket: cell(columns.bucket).ok_or_else(missing)?.to_owned(),
        key: key.into_owned(),
        version_id: version_id.map(str::to_owned),
    })
}

/// The rows of CSV: cells may be quoted, quotes in them are doubled.
fn rows(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    text.lines().filter(|line| !line.trim().is_empty()).map(cells)
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut cells, '"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            letter => push(&mut cells, letter),
        }
    }
    cells
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_by_their_columns() {
        let spec = api::JobManifestSpec::new()
            .with_format("S3BatchOperations_CSV_20180820")
            .with_fields(vec!["Bucket", "Key", "VersionId"]);
        let tasks = tasks_of_csv("b,a%20b,v1\n\n\"b\",\"x\"\"y,z\",\n", &spec).unwrap();
        let expected = [("b", "a b", Some("v1")), ("b", "x\"y,z", None)];
        let found: Vec<_> =
            tasks.iter().map(|task| (&*task.bucket, &*task.key, task.version_id.as_deref())).collect();
        assert_eq!(found, expected);
        assert!(tasks_of_csv("b\n", &spec).is_err());
    }

    #[test]
    fn inventories_name_their_files() {
        let manifest =
            br#"{"fileFormat":"CSV","fileSchema":"Bucket, Key","destinationBucket":"arn:aws:s3:::d",
            "files":[{"key":"x.csv.gz"}]}"#;
        let (schema, bucket, keys) = inventory(manifest).unwrap();
        assert_eq!((&*schema, &*bucket, keys), ("Bucket, Key", "d", vec!["x.csv.gz".to_owned()]));
        assert!(inventory(b"{}").is_err());
    }
}
