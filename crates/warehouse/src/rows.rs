//! Rows of S3 Metadata on their way into data files: some are in memory, and what they were compressed to of one file.

use virga_iceberg::{Cell, DataFile, DataWriter};
use virga_kit::Ctx;
use virga_object::metadata_table::Row;

use crate::{Error, Table};

/// Rows that are written together: a group of rows of Parquet.
const ROWS_AT_ONCE: usize = 10_000;
/// Bytes after which a file is long enough.
const LONG_ENOUGH: usize = 16 << 20;

/// Data files of rows, not committed yet.
pub struct Rows<'a> {
    ctx: &'a Ctx,
    table: Table<'a>,
    /// The bucket that the rows are about.
    bucket: &'a str,
    rows: Vec<Row>,
    writer: Option<DataWriter>,
    written: Vec<DataFile>,
}

impl<'a> Rows<'a> {
    /// Of a table about a bucket.
    pub fn new(ctx: &'a Ctx, table: Table<'a>, bucket: &'a str) -> Self {
        Rows { ctx, table, bucket, rows: Vec::new(), writer: None, written: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When rows can't be written.
    pub fn add(&mut self, row: Row) -> Result<(), Error> {
        self.rows.push(row);
        if self.rows.len() < ROWS_AT_ONCE { Ok(()) } else { self.compress() }
    }

    /// Writes the file so far into the warehouse, if it is long enough.
    ///
    /// # Errors
    /// When the table is gone or S3 refuses.
    pub async fn deliver_long(&mut self) -> Result<(), Error> {
        let is_long = self.writer.as_ref().is_some_and(|writer| writer.length() >= LONG_ENOUGH);
        if is_long { self.deliver().await } else { Ok(()) }
    }

    /// Writes what is left, and says which files there are: none when there were no rows.
    ///
    /// # Errors
    /// When the table is gone or S3 refuses.
    pub async fn finish(mut self) -> Result<Vec<DataFile>, Error> {
        self.compress()?;
        self.deliver().await?;
        Ok(self.written)
    }

    fn compress(&mut self) -> Result<(), Error> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let Table { schema, .. } = self.table;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(DataWriter::begin(schema, &self.table.location(), &self.ctx.uuid())?),
        };
        let (rows, bucket) = (&self.rows, self.bucket);
        let cell =
            |row: usize, column: usize| -> Option<Cell<'_>> { rows[row].cell(schema.0[column].name, bucket) };
        writer.add(rows.len(), &cell)?;
        self.rows.clear();
        Ok(())
    }

    async fn deliver(&mut self) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let (file, described) = writer.finish()?;
        self.table.write(self.ctx, file).await?;
        self.written.push(described);
        Ok(())
    }
}
