//! A file of an inventory in one of the formats, written some rows at a time.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use virga_store::Fault;

use super::{Cell, csv_row, orc, parquet};
use crate::configured::InventoryFormat;

/// A file that is being written.
pub struct File(Format);

enum Format {
    Csv(GzEncoder<Vec<u8>>),
    Parquet(parquet::Writer),
    Orc(orc::Writer),
}

impl File {
    /// Begins a file with these columns.
    pub fn begin(format: InventoryFormat, columns: &[&str]) -> Result<Self, Fault> {
        Ok(File(match format {
            InventoryFormat::Csv => Format::Csv(GzEncoder::new(Vec::new(), Compression::default())),
            InventoryFormat::Parquet => Format::Parquet(parquet::Writer::begin(columns)?),
            InventoryFormat::Orc => Format::Orc(orc::Writer::begin(columns)),
        }))
    }

    /// Adds rows, which stand together in the file: a group of rows of Parquet, a stripe of ORC.
    pub fn add(&mut self, rows: &[Vec<Option<Cell>>], columns: &[&str]) -> Result<(), Fault> {
        match &mut self.0 {
            Format::Csv(out) => {
                rows.iter().try_for_each(|row| out.write_all(csv_row(row, columns).as_bytes())).map_err(gzip)
            }
            Format::Parquet(out) => out.add(rows),
            Format::Orc(out) => out.add(rows, columns),
        }
    }

    /// Bytes so far.
    pub fn length(&self) -> usize {
        match &self.0 {
            Format::Csv(out) => out.get_ref().len(),
            Format::Parquet(out) => out.length(),
            Format::Orc(out) => out.length(),
        }
    }

    /// The bytes of the file.
    pub fn finish(self, columns: &[&str]) -> Result<Vec<u8>, Fault> {
        match self.0 {
            Format::Csv(out) => out.finish().map_err(gzip),
            Format::Parquet(out) => out.finish(),
            Format::Orc(out) => out.finish(columns),
        }
    }
}

fn gzip(error: std::io::Error) -> Fault {
    Fault::with_source("an inventory can't be compressed", error)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use bytes::Bytes;
    use flate2::read::GzDecoder;

    use super::*;

    const COLUMNS: [&str; 2] = ["Key", "Size"];

    /// A file whose rows came in three batches.
    fn file(format: InventoryFormat) -> Vec<u8> {
        let row = |number: i64| vec![Some(Cell::Text(format!("key-{number}"))), Some(Cell::Number(number))];
        let mut file = File::begin(format, &COLUMNS).unwrap();
        for batch in 0..3 {
            let rows: Vec<_> = (batch * 1000..(batch + 1) * 1000).map(row).collect();
            file.add(&rows, &COLUMNS).unwrap();
        }
        file.finish(&COLUMNS).unwrap()
    }

    #[test]
    fn rows_come_in_batches() {
        let mut text = String::new();
        GzDecoder::new(&file(InventoryFormat::Csv)[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text.lines().count(), 3000);
        assert_eq!(text.lines().last(), Some("\"key-2999\",\"2999\""));
        let reader = SerializedFileReader::new(Bytes::from(file(InventoryFormat::Parquet))).unwrap();
        assert_eq!((reader.num_row_groups(), reader.metadata().file_metadata().num_rows()), (3, 3000));
    }

    #[test]
    fn a_file_may_have_no_rows() {
        for format in [InventoryFormat::Csv, InventoryFormat::Parquet, InventoryFormat::Orc] {
            let mut file = File::begin(format, &COLUMNS).unwrap();
            file.add(&[], &COLUMNS).unwrap();
            assert!(!file.finish(&COLUMNS).unwrap().is_empty());
        }
    }
}
