//! Records as CSV.

use memchr::memmem;

use super::{fields, text};
use crate::{CsvOutput, QuoteFields, evaluate::Row};

/// A record that is being written.
pub(super) struct Record<'a> {
    out: &'a mut Vec<u8>,
    format: &'a CsvOutput,
    first: bool,
}

impl<'a> Record<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, format: &'a CsvOutput) -> Self {
        Record { out, format, first: true }
    }

    pub(super) fn field(&mut self, field: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.extend_from_slice(self.format.field_delimiter.as_bytes());
        }
        let quote = self.format.quote_character.as_str();
        let quoted = !quote.is_empty()
            && match self.format.quote_fields {
                QuoteFields::Always => true,
                QuoteFields::AsNeeded => needs_quotes(field, self.format),
            };
        if !quoted {
            self.out.extend_from_slice(field.as_bytes());
            return;
        }
        self.out.extend_from_slice(quote.as_bytes());
        let mut rest = field;
        while let Some(found) = rest.find(quote) {
            self.out.extend_from_slice(&rest.as_bytes()[..found]);
            self.out.extend_from_slice(self.format.quote_escape_character.as_bytes());
            self.out.extend_from_slice(quote.as_bytes());
            rest = &rest[found + quote.len()..];
        }
        self.out.extend_from_slice(rest.as_bytes());
        self.out.extend_from_slice(quote.as_bytes());
    }

    pub(super) fn end(self) {
        self.out.extend_from_slice(self.format.record_delimiter.as_bytes());
    }
}

fn needs_quotes(field: &str, format: &CsvOutput) -> bool {
    let field = field.as_bytes();
    [&format.quote_character, &format.field_delimiter, &format.record_delimiter]
        .iter()
        .any(|special| !special.is_empty() && memmem::find(field, special.as_bytes()).is_some())
        || memchr::memchr2(b'\n', b'\r', field).is_some()
}

/// The record as it is.
pub(super) fn row(out: &mut Vec<u8>, format: &CsvOutput, row: Row<'_>) {
    let mut record = Record::new(out, format);
    match row {
        Row::Csv(row) => row.fields().for_each(|field| record.field(field)),
        row => fields(row, |_, value| record.field(&text(&value))),
    }
    record.end();
}
