//! Files of Apache Parquet, written some rows at a time.
//! <https://parquet.apache.org/docs/file-format/>

use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
pub use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its number, for readers that find columns so.
    pub id: Option<i32>,
    /// Whether every row has a value.
    pub required: bool,
    /// What its values are.
    pub kind: ColumnKind,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Truth values.
    Boolean,
    /// Whole numbers.
    Long,
    /// Milliseconds since 1970, of UTC.
    UtcMillis,
    /// Microseconds since 1970, of no time zone.
    LocalMicros,
    /// Texts.
    Text,
    /// Texts by texts, whose columns have numbers of their own.
    TextMap {
        /// The number of the keys.
        key_id: i32,
        /// The number of the values.
        value_id: i32,
    },
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// A truth value.
    Boolean(bool),
    /// A whole number, or a time in the unit of its column.
    Long(i64),
    /// A text.
    Text(&'a str),
    /// Texts by texts.
    TextMap(&'a [(String, String)]),
}

/// A file that is being written.
pub struct Writer {
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<(ColumnKind, bool)>,
    /// Bytes of the columns of the file, by their numbers: a map has two columns.
    sizes: Vec<(i32, i64)>,
}

impl Writer {
    /// Begins a file with these columns. `name` is what the file calls a row.
    pub fn begin(name: &str, columns: &[Column<'_>]) -> Result<Self, ParquetError> {
        let fields: Result<Vec<_>, _> = columns.iter().map(field).collect();
        let schema = Type::group_type_builder(name).with_fields(fields?).build()?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        let sizes = columns.iter().flat_map(Column::leaves).map(|id| (id, 0)).collect();
        let columns = columns.iter().map(|column| (column.kind, column.required)).collect();
        Ok(Writer { file, columns, sizes })
    }

    /// Adds a group of rows. `cell` gives the value of a row, by its place among these, in a column, by its place.
    pub fn add<'a>(
        &mut self,
        rows: usize,
        cell: &dyn Fn(usize, usize) -> Option<Cell<'a>>,
    ) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for (place, (kind, required)) in self.columns.iter().enumerate() {
            let cells = (0..rows).map(|row| cell(row, place));
            let leaves = if matches!(kind, ColumnKind::TextMap { .. }) {
                let entries = Entries::of(cells, *required);
                vec![entries.leaf(entries.keys.clone()), entries.leaf(entries.values.clone())]
            } else {
                vec![Leaf::of(cells, *required)]
            };
            for leaf in leaves {
                let Some(mut column) = group.next_column()? else { break };
                leaf.write(column.untyped())?;
                column.close()?;
            }
        }
        let group = group.close()?;
        for ((_, size), column) in self.sizes.iter_mut().zip(group.columns()) {
            *size += column.compressed_size();
        }
        Ok(())
    }

    /// Bytes so far.
    pub fn length(&self) -> usize {
        self.file.bytes_written()
    }

    /// Bytes of the columns so far, by their numbers; a map has two columns.
    pub fn column_sizes(&self) -> Vec<(i32, i64)> {
        self.sizes.clone()
    }

    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.file.into_inner()
    }
}

impl Column<'_> {
    /// The numbers of the columns that hold its values.
    fn leaves(&self) -> Vec<i32> {
        match self.kind {
            ColumnKind::TextMap { key_id, value_id } => vec![key_id, value_id],
            _ => vec![self.id.unwrap_or(0)],
        }
    }
}

fn field(column: &Column<'_>) -> Result<Arc<Type>, ParquetError> {
    let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let (physical, converted, logical) = match column.kind {
        ColumnKind::Boolean => (Physical::BOOLEAN, ConvertedType::NONE, None),
        ColumnKind::Long => (Physical::INT64, ConvertedType::NONE, None),
        ColumnKind::UtcMillis => (Physical::INT64, ConvertedType::TIMESTAMP_MILLIS, None),
        ColumnKind::LocalMicros => {
            (Physical::INT64, ConvertedType::NONE, Some(LogicalType::timestamp(false, TimeUnit::MICROS)))
        }
        ColumnKind::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8, None),
        ColumnKind::TextMap { key_id, value_id } => return map(column, repetition, key_id, value_id),
    };
    let field = Type::primitive_type_builder(column.name, physical)
        .with_repetition(repetition)
        .with_converted_type(converted)
        .with_logical_type(logical)
        .with_id(column.id);
    field.build().map(Arc::new)
}

fn map(
    column: &Column<'_>,
    repetition: Repetition,
    key_id: i32,
    value_id: i32,
) -> Result<Arc<Type>, ParquetError> {
    let text = |name: &'static str, id: i32| {
        field(&Column { name, id: Some(id), required: true, kind: ColumnKind::Text })
    };
    let entries = Type::group_type_builder("key_value")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![text("key", key_id)?, text("value", value_id)?])
        .build()?;
    let field = Type::group_type_builder(column.name)
        .with_repetition(repetition)
        .with_converted_type(ConvertedType::MAP)
        .with_logical_type(Some(LogicalType::Map))
        .with_fields(vec![Arc::new(entries)])
        .with_id(column.id);
    field.build().map(Arc::new)
}

/// What is written into one column of the file.
struct Leaf {
    booleans: Vec<bool>,
    numbers: Vec<i64>,
    texts: Vec<ByteArray>,
    definitions: Option<Vec<i16>>,
    repetitions: Option<Vec<i16>>,
}

impl Leaf {
    fn of<'a>(cells: impl Iterator<Item = Option<Cell<'a>>>, required: bool) -> Self {
        let mut leaf = Leaf {
            booleans: Vec::new(),
            numbers: Vec::new(),
            texts: Vec::new(),
            definitions: None,
            repetitions: None,
        };
        let mut definitions = Vec::new();
        for cell in cells {
            definitions.push(i16::from(cell.is_some()));
            match cell {
                Some(Cell::Boolean(value)) => leaf.booleans.push(value),
                Some(Cell::Long(value)) => leaf.numbers.push(value),
                Some(Cell::Text(text)) => leaf.texts.push(ByteArray::from(text)),
                Some(Cell::TextMap(_)) | None => {}
            }
        }
        leaf.definitions = (!required).then_some(definitions);
        leaf
    }

    fn write(&self, writer: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let (definitions, repetitions) = (self.definitions.as_deref(), self.repetitions.as_deref());
        match writer {
            ColumnWriter::BoolColumnWriter(out) => {
                out.write_batch(&self.booleans, definitions, repetitions)?;
            }
            ColumnWriter::Int64ColumnWriter(out) => {
                out.write_batch(&self.numbers, definitions, repetitions)?;
            }
            ColumnWriter::ByteArrayColumnWriter(out) => {
                out.write_batch(&self.texts, definitions, repetitions)?;
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        Ok(())
    }
}

/// The entries of the maps of a column, one after the other, with the levels that say which belong together.
struct Entries {
    keys: Vec<ByteArray>,
    values: Vec<ByteArray>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl Entries {
    fn of<'a>(cells: impl Iterator<Item = Option<Cell<'a>>>, required: bool) -> Self {
        // A map that may be missing has one more level: missing, empty, or an entry.
        let empty = i16::from(!required);
        let mut entries = Entries {
            keys: Vec::new(),
            values: Vec::new(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
        };
        for cell in cells {
            let map = match cell {
                Some(Cell::TextMap(map)) => map,
                _ => &[],
            };
            if map.is_empty() {
                entries.definitions.push(if cell.is_some() { empty } else { 0 });
                entries.repetitions.push(0);
            }
            for (number, (key, value)) in map.iter().enumerate() {
                entries.keys.push(ByteArray::from(key.as_str()));
                entries.values.push(ByteArray::from(value.as_str()));
                entries.definitions.push(empty + 1);
                entries.repetitions.push(i16::from(number > 0));
            }
        }
        entries
    }

    fn leaf(&self, texts: Vec<ByteArray>) -> Leaf {
        Leaf {
            booleans: Vec::new(),
            numbers: Vec::new(),
            texts,
            definitions: Some(self.definitions.clone()),
            repetitions: Some(self.repetitions.clone()),
        }
    }
}
