//! CSV: records of fields.

use std::sync::Arc;

use memchr::memmem;

use super::{
    Object, bounds,
    records::{Quotes, Records, text},
    source,
};
use crate::{
    Code, CsvInput, Error, FileHeaderInfo, Query,
    evaluate::{CsvRow, Row, columns},
    execution::{Execution, Wanted},
};

/// The fields of a record: their texts, one after another, and where each ends.
#[derive(Debug, Default)]
struct Fields {
    text: String,
    ends: Vec<usize>,
}

/// Reads the records of an object.
pub(super) fn read(
    query: &Query,
    format: &CsvInput,
    object: &Arc<dyn Object>,
    execution: &mut Execution<'_>,
) -> Result<(), Error> {
    let compression = query.request.compression;
    let splitter = Splitter::new(format);
    let records = |execution: &Execution<'_>, offset: u64| {
        let bytes = source::open(object, compression, execution, offset);
        Records::new(bytes, compression, &format.record_delimiter, splitter.quotes_of_records(), offset)
    };
    let Some((start, end)) = bounds(&query.request, object.length()) else { return Ok(()) };
    let mut fields = Fields::default();
    let mut records_from_start = records(execution, 0);
    let has_header = format.file_header_info != FileHeaderInfo::None;
    let mut names: Option<Vec<String>> = None;
    if has_header && splitter.next(&mut records_from_start, &mut fields)?.is_some() {
        let row = CsvRow { names: None, columns: &[], text: &fields.text, ends: &fields.ends };
        let read: Vec<String> = row.fields().map(ToOwned::to_owned).collect();
        names = (format.file_header_info == FileHeaderInfo::Use).then_some(read);
    }
    let columns = columns(&query.plan.paths, names.as_deref())?;
    let mut records = if start == 0 {
        records_from_start
    } else {
        // What is cut by the start of the range belongs to the range before.
        let before = start.saturating_sub(format.record_delimiter.len() as u64);
        let mut records = records(execution, before);
        records.next()?;
        records
    };
    while let Some(offset) = splitter.next(&mut records, &mut fields)? {
        if offset > end {
            break;
        }
        let row =
            CsvRow { names: names.as_deref(), columns: &columns, text: &fields.text, ends: &fields.ends };
        if execution.record(Row::Csv(row))? == Wanted::NoMore {
            break;
        }
    }
    Ok(())
}

/// Cuts records into fields.
struct Splitter<'a> {
    format: &'a CsvInput,
    quote: Option<String>,
    escape: String,
    comments: Option<String>,
}

impl<'a> Splitter<'a> {
    fn new(format: &'a CsvInput) -> Self {
        Splitter {
            format,
            quote: format.quote_character.map(String::from),
            escape: format.quote_escape_character.to_string(),
            comments: format.comments.map(String::from),
        }
    }

    fn quotes_of_records(&self) -> Option<Quotes> {
        let quote = self.quote.as_ref().filter(|_| self.format.allow_quoted_record_delimiter)?;
        Some(Quotes { quote: quote.as_bytes().to_vec(), escape: self.escape.as_bytes().to_vec() })
    }

    /// The fields of the next record that is neither empty nor a comment, and where it begins.
    fn next(&self, records: &mut Records, fields: &mut Fields) -> Result<Option<u64>, Error> {
        while let Some((offset, record)) = records.next()? {
            let mut record = text(record, offset)?;
            if offset == 0 {
                record = record.strip_prefix('\u{feff}').unwrap_or(record);
            }
            if self.format.record_delimiter == "\n" {
                record = record.strip_suffix('\r').unwrap_or(record);
            }
            let is_comment = self.comments.as_ref().is_some_and(|comments| record.starts_with(&**comments));
            if record.is_empty() || is_comment {
                continue;
            }
            self.split(record, fields)?;
            return Ok(Some(offset));
        }
        Ok(None)
    }

    fn split(&self, record: &str, fields: &mut Fields) -> Result<(), Error> {
        fields.text.clear();
        fields.ends.clear();
        let delimiter = &*self.format.field_delimiter;
        let mut rest = record;
        loop {
            let quoted = self.quote.as_deref().and_then(|quote| rest.strip_prefix(quote));
            rest = match quoted {
                Some(quoted) => self.unquote(quoted, &mut fields.text)?,
                None => {
                    let end = memmem::find(rest.as_bytes(), delimiter.as_bytes()).unwrap_or(rest.len());
                    fields.text.push_str(&rest[..end]);
                    &rest[end..]
                }
            };
            fields.ends.push(fields.text.len());
            if rest.is_empty() {
                return Ok(());
            }
            rest = rest.strip_prefix(delimiter).ok_or(Code::CSVUnescapedQuote)?;
        }
    }

    /// Copies a field up to the closing quote. What comes after it.
    fn unquote<'r>(&self, record: &'r str, out: &mut String) -> Result<&'r str, Error> {
        let quote = self.quote.as_deref().unwrap_or("\"");
        let mut rest = record;
        loop {
            let escape = if self.escape == quote { None } else { rest.find(&self.escape) };
            let Some(end) = rest.find(quote) else {
                // The record ended within quotes: its delimiter was quoted.
                return Err(Code::CSVEscapingRecordDelimiter.into());
            };
            if let Some(escape) = escape.filter(|escape| *escape < end) {
                out.push_str(&rest[..escape]);
                rest = &rest[escape + self.escape.len()..];
                let escaped = rest.chars().next().ok_or(Code::CSVUnescapedQuote)?;
                out.push(escaped);
                rest = &rest[escaped.len_utf8()..];
                continue;
            }
            out.push_str(&rest[..end]);
            rest = &rest[end + quote.len()..];
            match rest.strip_prefix(quote).filter(|_| self.escape == quote) {
                Some(after) => {
                    out.push_str(quote);
                    rest = after;
                }
                None => return Ok(rest),
            }
        }
    }
}
