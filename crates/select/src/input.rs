//! How objects are read: bytes, decompressed, cut into records.

mod csv;
mod json;
mod json_value;
mod parquet;
mod records;
mod source;

use std::sync::Arc;

use crate::{
    Code, Compression, Error, InputFormat, JsonType, Query, Request, ScanRange,
    execution::{Execution, Wanted},
};

pub use source::Object;

/// Longest record, in bytes.
const LONGEST_RECORD: usize = 1 << 20;
/// Longest delimiter, in bytes.
const LONGEST_DELIMITER: usize = 8;

/// Checks what can be checked without the object.
pub(crate) fn check(request: &Request) -> Result<(), Error> {
    if let Some(range) = request.scan_range {
        let is_backwards = matches!(range, ScanRange { start: Some(start), end: Some(end) } if start > end);
        if is_backwards || range.start.is_none() && range.end.is_none() {
            return Err(Code::InvalidRequestParameter.into());
        }
        let quoted = matches!(&request.input, InputFormat::Csv(csv) if csv.allow_quoted_record_delimiter);
        let documents = request.input == InputFormat::Json(JsonType::Document);
        if quoted || documents || request.compression != Compression::None {
            return Err(Code::UnsupportedScanRangeInput.into());
        }
    }
    match &request.input {
        InputFormat::Parquet if request.compression != Compression::None => {
            Err(Code::InvalidCompressionFormat.into())
        }
        InputFormat::Csv(csv) => {
            let delimiters = [&csv.record_delimiter, &csv.field_delimiter];
            let fits = |delimiter: &&String| (1..=LONGEST_DELIMITER).contains(&delimiter.len());
            if delimiters.iter().all(fits) { Ok(()) } else { Err(Code::InvalidRequestParameter.into()) }
        }
        _ => Ok(()),
    }
}

/// Reads the object into the execution, until it wants no more.
pub(crate) fn read(
    query: &Query,
    object: &Arc<dyn Object>,
    execution: &mut Execution<'_>,
) -> Result<(), Error> {
    if execution.wanted() == Wanted::NoMore {
        return Ok(());
    }
    match &query.request.input {
        InputFormat::Csv(format) => csv::read(query, format, object, execution),
        InputFormat::Json(JsonType::Lines) => json::read_lines(query, object, execution),
        InputFormat::Json(JsonType::Document) => json::read_documents(query, object, execution),
        InputFormat::Parquet => parquet::read(query, object, execution),
    }
}

/// First and last byte of what is read of an object of a length. Nothing when the range is beyond the end.
fn bounds(request: &Request, length: u64) -> Option<(u64, u64)> {
    let last = length.checked_sub(1)?;
    let (start, end) = match request.scan_range {
        // Nobody knows how long a compressed object is, and ranges are not of those.
        _ if request.compression != Compression::None => (0, u64::MAX),
        None => (0, last),
        Some(ScanRange { start: Some(start), end }) => (start, end.unwrap_or(last).min(last)),
        Some(ScanRange { start: None, end }) => (length - end.unwrap_or(0).min(length), last),
    };
    (start <= end).then_some((start, end))
}
