//! An inventory as a file of Apache Parquet: every column an optional text.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use virga_store::Fault;

use crate::rules::inventory::snake;

/// The file with these rows.
pub(super) fn file(rows: &[Vec<Option<String>>], columns: &[&str]) -> Result<Vec<u8>, Fault> {
    write(rows, columns)
        .map_err(|error| Fault::with_source("an inventory can't be written as Parquet", error))
}

fn write(rows: &[Vec<Option<String>>], columns: &[&str]) -> Result<Vec<u8>, ParquetError> {
    let fields: Result<Vec<_>, _> = columns.iter().map(|column| field(column)).collect();
    let schema = Type::group_type_builder("s3.inventory").with_fields(fields?).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        let cells = rows.iter().map(|row| row.get(place).and_then(Option::as_deref));
        let levels: Vec<i16> = cells.clone().map(|cell| i16::from(cell.is_some())).collect();
        let values: Vec<ByteArray> = cells.flatten().map(ByteArray::from).collect();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        column.close()?;
        place += 1;
    }
    group.close()?;
    writer.into_inner()
}

fn field(column: &str) -> Result<Arc<Type>, ParquetError> {
    let name = snake(column);
    let field = Type::primitive_type_builder(&name, Physical::BYTE_ARRAY)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::String));
    field.build().map(Arc::new)
}
