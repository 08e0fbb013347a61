//! Data files: the rows of a table, and what manifests say of them.

use crate::change::File;
use crate::parquet::{Cell, Writer};
use crate::{Error, FieldKind, Schema};

/// A data file, as manifests describe it. Counts and bounds are by the number of the column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataFile {
    /// Where it is.
    pub path: String,
    /// Rows.
    pub records: i64,
    /// Its size.
    pub bytes: i64,
    /// Bytes, compressed; those of maps by the numbers of their keys and values.
    pub column_sizes: Vec<(i32, i64)>,
    /// Values, missing ones among them.
    pub value_counts: Vec<(i32, i64)>,
    /// Missing values.
    pub null_counts: Vec<(i32, i64)>,
    /// The smallest values of numbers and times.
    pub lower_bounds: Vec<(i32, i64)>,
    /// The largest ones.
    pub upper_bounds: Vec<(i32, i64)>,
}

impl DataFile {
    /// The largest value of a column of numbers or times.
    pub fn upper_bound(&self, id: i32) -> Option<i64> {
        self.upper_bounds.iter().find(|(column, _)| *column == id).map(|(_, bound)| *bound)
    }
}

/// A data file that is being written.
pub struct DataWriter {
    schema: Schema,
    path: String,
    writer: Writer,
    records: i64,
    columns: Vec<Bounds>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    nulls: i64,
    range: Option<(i64, i64)>,
}

impl DataWriter {
    /// Begins a file of a table at `location`. `uuid` makes its name unique.
    pub fn begin(schema: Schema, location: &str, uuid: &str) -> Result<Self, Error> {
        Ok(DataWriter {
            schema,
            path: format!("{location}/data/{uuid}.parquet"),
            writer: Writer::begin("table", &schema.columns())?,
            records: 0,
            columns: vec![Bounds::default(); schema.0.len()],
        })
    }

    /// Adds rows, which stand together in the file. `cell` gives the value of a row, by its place among these, in a
    /// column, by its place; times are in microseconds.
    pub fn add<'a>(
        &mut self,
        rows: usize,
        cell: &dyn Fn(usize, usize) -> Option<Cell<'a>>,
    ) -> Result<(), Error> {
        self.writer.add(rows, cell)?;
        self.records += i64::try_from(rows).unwrap_or(i64::MAX);
        for (place, bounds) in self.columns.iter_mut().enumerate() {
            for row in 0..rows {
                match cell(row, place) {
                    Some(Cell::Long(value)) => {
                        let (low, high) = bounds.range.unwrap_or((value, value));
                        bounds.range = Some((low.min(value), high.max(value)));
                    }
                    Some(_) => {}
                    None => bounds.nulls += 1,
                }
            }
        }
        Ok(())
    }

    /// Rows so far.
    pub fn records(&self) -> i64 {
        self.records
    }

    /// Bytes so far.
    pub fn length(&self) -> usize {
        self.writer.length()
    }

    /// The file, and what manifests say of it.
    pub fn finish(self) -> Result<(File, DataFile), Error> {
        let column_sizes = self.writer.column_sizes();
        let bytes = self.writer.finish()?;
        // Maps have no values of their own: what they hold is in columns of other numbers.
        let columns = self.schema.0.iter().zip(&self.columns);
        let columns = columns.filter(|(field, _)| !matches!(field.kind, FieldKind::TextMap { .. }));
        let ranges = columns.clone().filter_map(|(field, bounds)| Some((field.id, bounds.range?)));
        let described = DataFile {
            path: self.path.clone(),
            records: self.records,
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            column_sizes,
            value_counts: columns.clone().map(|(field, _)| (field.id, self.records)).collect(),
            null_counts: columns.map(|(field, bounds)| (field.id, bounds.nulls)).collect(),
            lower_bounds: ranges.clone().map(|(id, (low, _))| (id, low)).collect(),
            upper_bounds: ranges.map(|(id, (_, high))| (id, high)).collect(),
        };
        Ok((File { path: self.path, bytes }, described))
    }
}
