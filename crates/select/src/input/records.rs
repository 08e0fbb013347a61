//! Bytes cut at a delimiter: the records of CSV and the lines of JSON.

use std::io::Read;

use memchr::memchr3;

use super::{LONGEST_RECORD, source};
use crate::{Code, Compression, Error};

/// How much is read at once.
const PIECE: usize = 64 << 10;

/// Quotes within which a delimiter ends no record.
#[derive(Debug, Clone)]
pub(super) struct Quotes {
    pub(super) quote: Vec<u8>,
    pub(super) escape: Vec<u8>,
}

/// Records, one after another.
pub(super) struct Records {
    reader: Box<dyn Read>,
    compression: Compression,
    delimiter: Vec<u8>,
    quotes: Option<Quotes>,
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer, and how much of it was searched.
    start: usize,
    searched: usize,
    in_quotes: bool,
    at_end: bool,
    /// Where the next record begins in the object.
    offset: u64,
}

/// What the search for a delimiter came to.
enum Search {
    /// Length of the record.
    Found(usize),
    NeedMore,
}

impl Records {
    pub(super) fn new(
        reader: Box<dyn Read>,
        compression: Compression,
        delimiter: &str,
        quotes: Option<Quotes>,
        offset: u64,
    ) -> Self {
        Records {
            reader,
            compression,
            delimiter: delimiter.as_bytes().to_vec(),
            quotes,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            in_quotes: false,
            at_end: false,
            offset,
        }
    }

    /// The next record without its delimiter, and where it begins in the object.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, Error> {
        let (length, delimiter) = loop {
            match self.search() {
                Search::Found(length) => break (length, self.delimiter.len()),
                Search::NeedMore if self.at_end => {
                    let rest = self.buffer.len() - self.start;
                    if rest == 0 {
                        return Ok(None);
                    }
                    break (rest, 0);
                }
                Search::NeedMore => self.fill()?,
            }
        };
        if length > LONGEST_RECORD {
            return Err(Code::OverMaxRecordSize.into());
        }
        let (start, offset) = (self.start, self.offset);
        self.start += length + delimiter;
        self.offset += (length + delimiter) as u64;
        self.searched = 0;
        self.in_quotes = false;
        Ok(Some((offset, &self.buffer[start..start + length])))
    }

    fn search(&mut self) -> Search {
        let bytes = &self.buffer[self.start..];
        let delimiter = &*self.delimiter;
        let (quote, escape) = match &self.quotes {
            Some(quotes) => (&*quotes.quote, &*quotes.escape),
            None => (delimiter, delimiter),
        };
        let longest = delimiter.len().max(quote.len()).max(escape.len());
        while let Some(found) = memchr3(delimiter[0], quote[0], escape[0], &bytes[self.searched..]) {
            let at = self.searched + found;
            let rest = &bytes[at..];
            // One more than the longest, for what an escape character stands before.
            if rest.len() <= longest && !self.at_end {
                self.searched = at;
                return Search::NeedMore;
            }
            if !self.in_quotes && rest.starts_with(delimiter) {
                return Search::Found(at);
            }
            self.searched = at + 1;
            if self.quotes.is_none() {
                continue;
            }
            if self.in_quotes && escape != quote && rest.starts_with(escape) {
                self.searched = at + escape.len() + 1;
            } else if rest.starts_with(quote) {
                self.in_quotes = !self.in_quotes;
                self.searched = at + quote.len();
            }
            self.searched = self.searched.min(bytes.len());
        }
        self.searched = bytes.len();
        Search::NeedMore
    }

    fn fill(&mut self) -> Result<(), Error> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let filled = self.buffer.len();
        if filled > LONGEST_RECORD + PIECE {
            return Err(Code::OverMaxRecordSize.into());
        }
        self.buffer.resize(filled + PIECE, 0);
        let read = self.reader.read(&mut self.buffer[filled..]);
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => self.at_end = true,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(source::failure(self.compression, &error)),
        }
        Ok(())
    }
}

/// A record as text.
pub(super) fn text(record: &[u8], offset: u64) -> Result<&str, Error> {
    std::str::from_utf8(record).map_err(|error| {
        let place = offset + error.valid_up_to() as u64;
        Error::with(
            Code::InvalidTextEncoding,
            format!("UTF-8 encoding is required. The text encoding error was found near byte {place}."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, so that everything is cut somewhere.
    struct Drops(Vec<u8>, usize);

    impl Read for Drops {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    fn check(text: &str, delimiter: &str, quotes: Option<(&str, &str)>, expected: &[(u64, &str)]) {
        for size in [1, 2, 3, 1000] {
            let quotes = quotes.map(|(quote, escape)| Quotes { quote: quote.into(), escape: escape.into() });
            let drops = Box::new(Drops(text.as_bytes().to_vec(), size));
            let mut records = Records::new(drops, Compression::None, delimiter, quotes, 0);
            let mut found = Vec::new();
            while let Some((offset, record)) = records.next().expect("the records are short") {
                found.push((offset, String::from_utf8_lossy(record).into_owned()));
            }
            let found: Vec<_> = found.iter().map(|(offset, record)| (*offset, record.as_str())).collect();
            assert_eq!(found, expected, "{text:?} by {size}");
        }
    }

    #[test]
    fn records_are_cut_at_delimiters() {
        check("a\nb\n", "\n", None, &[(0, "a"), (2, "b")]);
        check("a\nb", "\n", None, &[(0, "a"), (2, "b")]);
        check("\n\n", "\n", None, &[(0, ""), (1, "")]);
        check("a||b|c||", "||", None, &[(0, "a"), (3, "b|c")]);
        check("", "\n", None, &[]);
    }

    #[test]
    fn delimiters_in_quotes_do_not_count() {
        let quotes = Some(("\"", "\""));
        check("\"a\nb\",c\nd\n", "\n", quotes, &[(0, "\"a\nb\",c"), (8, "d")]);
        check("\"a\"\"\nb\"\nc", "\n", quotes, &[(0, "\"a\"\"\nb\""), (8, "c")]);
        check("\"a\\\"\nb\"\nc", "\n", Some(("\"", "\\")), &[(0, "\"a\\\"\nb\""), (8, "c")]);
    }

    #[test]
    fn long_records_are_refused() {
        let bytes = vec![b'x'; 3 * LONGEST_RECORD];
        let mut records = Records::new(Box::new(Drops(bytes, 1 << 16)), Compression::None, "\n", None, 0);
        assert_eq!(records.next().map(|_| ()).expect_err("too long").code, Code::OverMaxRecordSize);
    }
}
