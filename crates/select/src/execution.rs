//! A query at work: records come in, events go out.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;

use crate::{
    Code, Error, Query,
    evaluate::{Accumulator, Row, Scope},
    output,
};

/// How many bytes of records go out together.
const PIECE: usize = 64 << 10;
/// Longest record of the result.
const LONGEST_RECORD: usize = 1 << 20;
/// How many bytes are processed between two events that tell how far the query is.
const PROGRESS: u64 = 8 << 20;

/// How far a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Bytes of the object that were read.
    pub scanned: u64,
    /// The same after decompression.
    pub processed: u64,
    /// Bytes of records.
    pub returned: u64,
}

/// What goes to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Records, in whole or in part.
    Records(Bytes),
    /// How far the query is.
    Progress(Statistics),
    /// Nothing: the query goes on, and the connection is to stay open.
    Continuation,
    /// How much there was in all.
    Stats(Statistics),
    /// The query is at its end.
    End,
}

/// Counts bytes while they are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether more records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    More,
    NoMore,
}

/// A query at work.
pub(crate) struct Execution<'a> {
    query: &'a Query,
    sink: &'a mut dyn FnMut(Event) -> ControlFlow<()>,
    accumulators: Vec<Accumulator<'a>>,
    out: Vec<u8>,
    written: u64,
    returned: u64,
    next_progress: u64,
    /// Whether the caller has gone.
    closed: bool,
    pub(crate) scanned: Counter,
    pub(crate) processed: Counter,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(query: &'a Query, sink: &'a mut dyn FnMut(Event) -> ControlFlow<()>) -> Self {
        Execution {
            query,
            sink,
            accumulators: query.plan.aggregates.iter().map(Accumulator::new).collect(),
            out: Vec::new(),
            written: 0,
            returned: 0,
            next_progress: PROGRESS,
            closed: false,
            scanned: Counter::default(),
            processed: Counter::default(),
        }
    }

    /// Whether any record is wanted at all.
    pub(crate) fn wanted(&self) -> Wanted {
        let full = self.query.plan.limit.is_some_and(|limit| self.written >= limit);
        if self.closed || full { Wanted::NoMore } else { Wanted::More }
    }

    /// Takes a record in.
    pub(crate) fn record(&mut self, row: Row<'_>) -> Result<Wanted, Error> {
        let plan = &self.query.plan;
        let scope = Scope { row, paths: &plan.paths, aggregates: &[], now: self.query.request.now };
        if let Some(filter) = &plan.filter
            && !scope.holds(filter)?
        {
            self.tell_progress();
            return Ok(self.wanted());
        }
        if self.accumulators.is_empty() {
            self.write(scope)?;
        } else {
            for accumulator in &mut self.accumulators {
                accumulator.add(scope)?;
            }
        }
        self.tell_progress();
        Ok(self.wanted())
    }

    fn write(&mut self, scope: Scope<'_>) -> Result<(), Error> {
        let before = self.out.len();
        output::write(&mut self.out, &self.query.request.output, &self.query.plan, scope)?;
        if self.out.len() - before > LONGEST_RECORD {
            return Err(Code::OverMaxRecordSize.into());
        }
        self.written += 1;
        if self.out.len() >= PIECE {
            self.flush();
        }
        Ok(())
    }

    fn flush(&mut self) {
        if self.out.is_empty() {
            return;
        }
        self.returned += self.out.len() as u64;
        let records = std::mem::take(&mut self.out);
        self.send(Event::Records(records.into()));
    }

    fn send(&mut self, event: Event) {
        if !self.closed {
            self.closed = (self.sink)(event).is_break();
        }
    }

    fn tell_progress(&mut self) {
        if self.processed.get() < self.next_progress {
            return;
        }
        self.next_progress = self.processed.get() + PROGRESS;
        if self.query.request.progress {
            self.send(Event::Progress(self.statistics()));
        } else {
            self.send(Event::Continuation);
        }
    }

    fn statistics(&self) -> Statistics {
        Statistics { scanned: self.scanned.get(), processed: self.processed.get(), returned: self.returned }
    }

    /// The results of aggregate functions, what is left of the records, and the end.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if !self.accumulators.is_empty() && self.query.plan.limit != Some(0) {
            let accumulators = std::mem::take(&mut self.accumulators);
            let aggregates =
                accumulators.into_iter().map(Accumulator::result).collect::<Result<Vec<_>, _>>()?;
            let plan = &self.query.plan;
            let now = self.query.request.now;
            self.write(Scope { row: Row::Nothing, paths: &plan.paths, aggregates: &aggregates, now })?;
        }
        self.flush();
        if self.query.request.progress {
            self.send(Event::Progress(self.statistics()));
        }
        self.send(Event::Stats(self.statistics()));
        self.send(Event::End);
        Ok(())
    }
}
