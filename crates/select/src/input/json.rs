//! JSON: documents one after another, or one in each line, and the parts of them that are records. A document may be
//! larger than memory as long as its records are not: what is no record is passed over while it is read.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufReader, Read},
    rc::Rc,
    sync::Arc,
};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use super::{
    LONGEST_RECORD, Object, bounds, json_value,
    records::{Records, text},
    source,
};
use crate::{
    Code, Error, Query,
    evaluate::Row,
    execution::{Execution, Wanted},
    sql::Step,
    value::Value,
};

/// Reads an object that has one document in each line.
pub(super) fn read_lines(
    query: &Query,
    object: &Arc<dyn Object>,
    execution: &mut Execution<'_>,
) -> Result<(), Error> {
    let compression = query.request.compression;
    let Some((start, end)) = bounds(&query.request, object.length()) else { return Ok(()) };
    // What is cut by the start of the range belongs to the range before.
    let offset = start.saturating_sub(1);
    let bytes = source::open(object, compression, execution, offset);
    let mut records = Records::new(bytes, compression, "\n", None, offset);
    if start > 0 {
        records.next()?;
    }
    while let Some((offset, line)) = records.next()? {
        if offset > end {
            break;
        }
        let mut line = text(line, offset)?;
        if offset == 0 {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        let mut walker = Walker::new(query, execution, Budget::default());
        let mut reader = serde_json::Deserializer::from_str(line);
        while !walker.is_done() && reader.end().is_err() {
            let document = Document { walker: &mut walker, depth: 0 }.deserialize(&mut reader);
            walker.outcome(document)?;
        }
        if walker.is_done() {
            break;
        }
    }
    Ok(())
}

/// Reads an object of documents.
pub(super) fn read_documents(
    query: &Query,
    object: &Arc<dyn Object>,
    execution: &mut Execution<'_>,
) -> Result<(), Error> {
    let bytes = source::open(object, query.request.compression, execution, 0);
    let budget = Budget::default();
    let bytes = BufReader::with_capacity(64 << 10, Limited { reader: bytes, budget: budget.clone() });
    let mut walker = Walker::new(query, execution, budget);
    let mut reader = serde_json::Deserializer::from_reader(bytes);
    while !walker.is_done() && reader.end().is_err() {
        let document = Document { walker: &mut walker, depth: 0 }.deserialize(&mut reader);
        walker.outcome(document)?;
    }
    Ok(())
}

/// How many bytes may still be read for what is being kept; no limit while nothing is.
#[derive(Debug, Clone, Default)]
struct Budget(Rc<Cell<Option<usize>>>);

impl Budget {
    /// A record or a name begins. The buffers between here and the object may hold as much again.
    fn begin(&self) {
        self.0.set(Some(LONGEST_RECORD + (128 << 10)));
    }

    fn end(&self) {
        self.0.set(None);
    }
}

/// A reader that fails when the budget is used up.
struct Limited<R> {
    reader: R,
    budget: Budget,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.0.get();
        if left == Some(0) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.reader.read(buffer)?;
        self.budget.0.set(left.map(|left| left.saturating_sub(read)));
        Ok(read)
    }
}

/// Goes through documents and finds the records.
struct Walker<'w, 'e> {
    query: &'w Query,
    execution: &'w mut Execution<'e>,
    budget: Budget,
    /// Why the walk was broken off.
    failure: Option<Error>,
    done: bool,
}

impl<'w, 'e> Walker<'w, 'e> {
    fn new(query: &'w Query, execution: &'w mut Execution<'e>, budget: Budget) -> Self {
        Walker { query, execution, budget, failure: None, done: false }
    }

    fn is_done(&self) -> bool {
        self.done
    }

    /// Takes a record in. An error breaks the walk off, and so does the end of the query.
    fn record<E: serde::de::Error>(&mut self, value: &Value) -> Result<(), E> {
        match self.execution.record(Row::Document(value)) {
            Ok(Wanted::More) => Ok(()),
            Ok(Wanted::NoMore) => {
                self.done = true;
                Err(E::custom("enough"))
            }
            Err(error) => {
                self.failure = Some(error);
                Err(E::custom("failed"))
            }
        }
    }

    fn missing<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.record(&Value::Missing)
    }

    /// What came of a document. That there was enough is no error.
    fn outcome(&mut self, document: serde_json::Result<()>) -> Result<(), Error> {
        match (document, self.failure.take()) {
            (_, Some(failure)) => Err(failure),
            (Err(error), None) if !self.done => Err(self.explain(&error)),
            _ => Ok(()),
        }
    }

    fn explain(&self, error: &serde_json::Error) -> Error {
        match error.classify() {
            Category::Io if error.io_error_kind() == Some(io::ErrorKind::FileTooLarge) => {
                Code::OverMaxRecordSize.into()
            }
            Category::Io => {
                let kind = error.io_error_kind().unwrap_or(io::ErrorKind::Other);
                source::failure(self.query.request.compression, &kind.into())
            }
            _ => Code::JSONParsingError.into(),
        }
    }
}

/// A value at some depth of the path.
struct Document<'a, 'w, 'e> {
    walker: &'a mut Walker<'w, 'e>,
    depth: usize,
}

impl<'w, 'e> Document<'_, 'w, 'e> {
    fn below(&mut self) -> Document<'_, 'w, 'e> {
        Document { walker: self.walker, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth < self.walker.query.plan.source.len() {
            return deserializer.deserialize_any(self);
        }
        self.walker.budget.begin();
        let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer)?;
        self.walker.budget.end();
        if raw.get().len() > LONGEST_RECORD {
            self.walker.failure = Some(Code::OverMaxRecordSize.into());
            return Err(D::Error::custom("failed"));
        }
        let Some(value) = json_value::parse(raw.get()) else {
            self.walker.failure = Some(Code::JSONParsingError.into());
            return Err(D::Error::custom("failed"));
        };
        self.walker.record(&value)
    }
}

/// A value on the way to the records. Where the path does not lead on there is one record that is missing.
impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let query = self.walker.query;
        let step = &query.plan.source[self.depth];
        let mut found = false;
        loop {
            self.walker.budget.begin();
            let Some(name) = map.next_key::<String>()? else { break };
            self.walker.budget.end();
            let wanted = match step {
                Step::Field { name: known, quoted: true } => name == *known && !found,
                Step::Field { name: known, .. } => name.eq_ignore_ascii_case(known) && !found,
                Step::EveryField => true,
                Step::EveryElement | Step::Index(_) => false,
            };
            if wanted {
                found = true;
                map.next_value_seed(self.below())?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        self.walker.budget.end();
        if found { Ok(()) } else { self.walker.missing() }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let query = self.walker.query;
        let wanted = match query.plan.source[self.depth] {
            Step::EveryElement => Some(None),
            Step::Index(index) => Some(Some(index)),
            Step::Field { .. } | Step::EveryField => None,
        };
        let mut found = false;
        for index in 0.. {
            let next = match wanted {
                Some(only) if only.is_none_or(|only| only == index) => {
                    elements.next_element_seed(self.below())?
                }
                _ => elements.next_element::<IgnoredAny>()?.map(|_| ()),
            };
            match (next, wanted) {
                (None, _) => break,
                (Some(()), Some(only)) => found |= only.is_none_or(|only| only == index),
                _ => {}
            }
        }
        if found { Ok(()) } else { self.walker.missing() }
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.walker.missing()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.walker.missing()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.walker.missing()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.walker.missing()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.walker.missing()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.walker.missing()
    }
}
