//! S3 Select: one SQL expression over one object that is CSV, JSON or Parquet. Bytes in, events out; no AWS protocol,
//! no store, no clock.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference.html>
//!
//! A [`Query`] is an expression that was read (`sql`) together with how the object is written down and how the
//! records are to be written. [`Query::run`] reads the object (`input`), record by record, asks the expression about
//! each (`evaluate`), writes what is left (`output`) and hands it to the caller in pieces. Memory does not grow
//! with the object: a record is at most a megabyte.

mod decimal;
mod error;
mod evaluate;
mod execution;
mod input;
mod output;
mod query;
mod sql;
mod timestamp;
mod value;

pub use error::{Code, Error};
pub use execution::{Event, Statistics};
pub use input::Object;
pub use query::{
    Compression, CsvInput, CsvOutput, FileHeaderInfo, InputFormat, JsonType, OutputFormat, Query,
    QuoteFields, Request, ScanRange,
};
