//! An inventory as a file of Apache Parquet.

use virga_iceberg::parquet::{self, ColumnKind, ParquetError};
use virga_store::Fault;

use super::{Cell, ColumnType, column_type, is_required, snake};

/// A file that is being written.
pub(super) struct Writer(parquet::Writer);

impl Writer {
    /// Begins a file with these columns.
    pub(super) fn begin(columns: &[&str]) -> Result<Self, Fault> {
        let names: Vec<String> = columns.iter().map(|column| snake(column)).collect();
        let columns: Vec<_> =
            names.iter().zip(columns).map(|(name, column)| described(name, column)).collect();
        parquet::Writer::begin("s3.inventory", &columns).map(Writer).map_err(failed)
    }

    /// Adds rows, as a group.
    pub(super) fn add(&mut self, rows: &[Vec<Option<Cell>>]) -> Result<(), Fault> {
        let cell = |row: usize, column: usize| rows[row].get(column)?.as_ref().map(written);
        self.0.add(rows.len(), &cell).map_err(failed)
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> usize {
        self.0.length()
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Vec<u8>, Fault> {
        self.0.finish().map_err(failed)
    }
}

fn failed(error: ParquetError) -> Fault {
    Fault::with_source("an inventory can't be written as Parquet", error)
}

fn described<'a>(name: &'a str, column: &str) -> parquet::Column<'a> {
    let kind = match column_type(column) {
        ColumnType::Boolean => ColumnKind::Boolean,
        ColumnType::Number => ColumnKind::Long,
        ColumnType::Time => ColumnKind::UtcMillis,
        ColumnType::Text => ColumnKind::Text,
    };
    parquet::Column { name, id: None, required: is_required(column), kind }
}

fn written(cell: &Cell) -> parquet::Cell<'_> {
    match cell {
        Cell::Text(text) => parquet::Cell::Text(text),
        Cell::Boolean(value) => parquet::Cell::Boolean(*value),
        Cell::Number(value) | Cell::Time(value) => parquet::Cell::Long(*value),
    }
}
