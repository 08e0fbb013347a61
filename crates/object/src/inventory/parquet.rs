//! An inventory as a file of Apache Parquet.

use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use virga_store::Fault;

use super::{Cell, ColumnType, column_type, is_required, snake};

/// A file that is being written.
pub(super) struct Writer(SerializedFileWriter<Vec<u8>>);

impl Writer {
    /// Begins a file with these columns.
    pub(super) fn begin(columns: &[&str]) -> Result<Self, Fault> {
        begin(columns).map(Writer).map_err(failed)
    }

    /// Adds rows, as a group.
    pub(super) fn add(&mut self, rows: &[Vec<Option<Cell>>], columns: &[&str]) -> Result<(), Fault> {
        add(&mut self.0, rows, columns).map_err(failed)
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> usize {
        self.0.bytes_written()
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Vec<u8>, Fault> {
        self.0.into_inner().map_err(failed)
    }
}

fn failed(error: ParquetError) -> Fault {
    Fault::with_source("an inventory can't be written as Parquet", error)
}

fn begin(columns: &[&str]) -> Result<SerializedFileWriter<Vec<u8>>, ParquetError> {
    let fields: Result<Vec<_>, _> = columns.iter().map(|column| field(column)).collect();
    let schema = Type::group_type_builder("s3.inventory").with_fields(fields?).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
}

fn add(
    writer: &mut SerializedFileWriter<Vec<u8>>,
    rows: &[Vec<Option<Cell>>],
    columns: &[&str],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        let cells = rows.iter().map(|row| row.get(place).and_then(Option::as_ref));
        let levels: Vec<i16> = cells.clone().map(|cell| i16::from(cell.is_some())).collect();
        let levels = columns.get(place).is_some_and(|column| !is_required(column)).then_some(levels);
        let levels = levels.as_deref();
        let cells = cells.flatten();
        match column.untyped() {
            ColumnWriter::BoolColumnWriter(out) => {
                out.write_batch(&cells.filter_map(Cell::boolean).collect::<Vec<_>>(), levels, None)?;
            }
            ColumnWriter::Int64ColumnWriter(out) => {
                let numbers = cells.filter_map(|cell| cell.number().or(cell.time()));
                out.write_batch(&numbers.collect::<Vec<_>>(), levels, None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(out) => {
                let texts = cells.filter_map(Cell::text).map(ByteArray::from);
                out.write_batch(&texts.collect::<Vec<_>>(), levels, None)?;
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        column.close()?;
        place += 1;
    }
    group.close().map(|_| ())
}

fn field(column: &str) -> Result<Arc<Type>, ParquetError> {
    let name = snake(column);
    let (physical, converted) = match column_type(column) {
        ColumnType::Boolean => (Physical::BOOLEAN, ConvertedType::NONE),
        ColumnType::Number => (Physical::INT64, ConvertedType::NONE),
        ColumnType::Time => (Physical::INT64, ConvertedType::TIMESTAMP_MILLIS),
        ColumnType::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
    };
    let repetition = if is_required(column) { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let field = Type::primitive_type_builder(&name, physical)
        .with_repetition(repetition)
        .with_converted_type(converted);
    field.build().map(Arc::new)
}
