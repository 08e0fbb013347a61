//! The files of an inventory while its rows come in: a few rows are in memory, and what they were compressed to of one
//! file. A file that is long enough is delivered, and the next one begun.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use virga_kit::Ctx;
use virga_model::ApiError;
use virga_store::Fault;

use crate::records::Bucket;
use crate::report_delivery::{self, Target};
use virga_object::configured::{InventoryConfiguration, InventoryFormat};
use virga_object::inventory::{self as rules, Cell, File, Item, ListedFile};

/// Rows that are written together: a group of rows of Parquet, a stripe of ORC.
const ROWS_AT_ONCE: usize = 10_000;
/// Bytes after which a file is long enough.
const LONG_ENOUGH: usize = 16 << 20;

/// Where the files go.
pub(super) struct Delivery<'a> {
    pub(super) ctx: &'a Ctx,
    /// The bucket that the inventory is about.
    pub(super) source: (&'a str, &'a Bucket),
    pub(super) target: Target<'a>,
    /// The folder of the files, with its slash.
    pub(super) folder: String,
}

impl Delivery<'_> {
    /// Writes one object.
    pub(super) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), ApiError> {
        report_delivery::put(self.ctx, self.source, &self.target, key, Bytes::from(bytes)).await
    }
}

/// The files of one inventory.
pub(super) struct Files<'a> {
    delivery: &'a Delivery<'a>,
    format: InventoryFormat,
    columns: Vec<&'a str>,
    rows: Vec<Vec<Option<Cell>>>,
    file: Option<File>,
    delivered: Vec<ListedFile>,
}

impl<'a> Files<'a> {
    pub(super) fn new(delivery: &'a Delivery<'a>, configuration: &'a InventoryConfiguration) -> Self {
        Files {
            delivery,
            format: configuration.destination.format,
            columns: rules::columns(configuration),
            rows: Vec::new(),
            file: None,
            delivered: Vec::new(),
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, item: &Item) -> Result<(), Fault> {
        self.rows.push(rules::cells(item, &self.columns));
        if self.rows.len() < ROWS_AT_ONCE { Ok(()) } else { self.write_rows() }
    }

    /// Delivers the file so far, if it is long enough.
    pub(super) async fn deliver_long(&mut self) -> Result<(), ApiError> {
        let is_long = self.file.as_ref().is_some_and(|file| file.length() >= LONG_ENOUGH);
        if is_long { self.deliver().await } else { Ok(()) }
    }

    /// Delivers what is left, and says which files there are: at least one, be it empty.
    pub(super) async fn finish(mut self) -> Result<Vec<ListedFile>, ApiError> {
        self.write_rows().map_err(|fault| super::internal(&fault))?;
        if self.file.is_some() {
            self.deliver().await?;
        }
        Ok(self.delivered)
    }

    fn write_rows(&mut self) -> Result<(), Fault> {
        if self.rows.is_empty() && (self.file.is_some() || !self.delivered.is_empty()) {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::begin(self.format, &self.columns)?),
        };
        file.add(&self.rows, &self.columns)?;
        self.rows.clear();
        Ok(())
    }

    async fn deliver(&mut self) -> Result<(), ApiError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let data = file.finish(&self.columns).map_err(|fault| super::internal(&fault))?;
        let extension = match self.format {
            InventoryFormat::Csv => "csv.gz",
            InventoryFormat::Parquet => "parquet",
            InventoryFormat::Orc => "orc",
        };
        let key = format!("{}{}.{extension}", self.delivery.folder, self.delivery.ctx.uuid());
        let md5 = hex::encode(Md5::digest(&data));
        let listed = ListedFile { key, size: data.len(), md5 };
        self.delivery.put(&listed.key, data).await?;
        self.delivered.push(listed);
        Ok(())
    }
}
