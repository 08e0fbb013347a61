//! Reads a body in files, or a range of it, in batches of frames off the asynchronous workers, while the batch before is
//! on its way.

use std::io::ErrorKind;
use std::ops::Range;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};
use virga_kit::{Ctx, Outgoing};
use virga_store::{BlobReader, Fault, Store};

use crate::keys::DataKeys;
use crate::removal::Held;
use crate::sealing::{FRAME, Sealer};
use virga_bucket::records::Segment;

/// Frames that are read at once.
const FRAMES_AT_ONCE: u64 = 4;
const FRAME_BYTES: u64 = FRAME as u64;

/// Reads a range of a body in files.
pub struct BodyReader {
    store: Store,
    keys: DataKeys,
    segments: Vec<Segment>,
    /// Keeps the files until all is read.
    _held: Held,
    /// The segment that is being read.
    index: usize,
    file: Option<(BlobReader, Sealer)>,
    /// What is left to read, from the start of that segment.
    rest: Range<u64>,
}

impl BodyReader {
    /// Keeps the files from now on. Whoever read their names before looks once more whether they are still the object's.
    pub fn hold(ctx: &Ctx, keys: DataKeys, segments: Vec<Segment>, range: Range<u64>) -> Self {
        let store = ctx.world().store().clone();
        let held = Held::new(ctx, &segments);
        BodyReader { store, keys, segments, _held: held, index: 0, file: None, rest: range }
    }

    fn step_over(&mut self, length: u64) {
        self.rest = self.rest.start.saturating_sub(length)..self.rest.end - length;
        self.index += 1;
        self.file = None;
    }

    /// The body of an answer.
    pub fn into_outgoing(self) -> Outgoing {
        let length = self.rest.end - self.rest.start;
        let first = spawn_blocking(move || self.next());
        Outgoing::unfold(Some(length), Some(first), |running: Option<JoinHandle<_>>| async move {
            let Some(running) = running else { return Ok(None) };
            let read: Result<Option<(Bytes, Self)>, Fault> =
                running.await.map_err(|error| Fault::with_source("a body was not read to its end", error))?;
            Ok(read?.map(|(bytes, reader)| {
                let next = (!reader.rest.is_empty()).then(|| spawn_blocking(move || reader.next()));
                (bytes, next)
            }))
        })
    }

    /// Reads the next batch. Blocks on the disk.
    fn next(mut self) -> Result<Option<(Bytes, Self)>, Fault> {
        while let Some(segment) = self.segments.get(self.index) {
            let length = segment.length;
            if self.rest.is_empty() {
                return Ok(None);
            }
            if self.rest.start >= length {
                self.step_over(length);
                continue;
            }
            let (file, sealer) = match self.file.take() {
                Some(file) => file,
                None => (self.store.blobs().open(segment.blob)?, self.keys.sealer(&segment.salt)?),
            };
            let bytes = read_batch(&file, &sealer, length, self.rest.start..self.rest.end.min(length))?;
            self.rest.start += bytes.len() as u64;
            self.file = Some((file, sealer));
            return Ok(Some((bytes, self)));
        }
        Ok(None)
    }
}

/// Reads and opens some frames, from that in which the range begins.
pub(crate) fn read_batch(
    file: &BlobReader,
    sealer: &Sealer,
    length: u64,
    range: Range<u64>,
) -> Result<Bytes, Fault> {
    let first = range.start / FRAME_BYTES;
    let last = (range.end - 1) / FRAME_BYTES;
    let count = (last - first + 1).min(FRAMES_AT_ONCE);
    let sealed_frame = FRAME + sealer.overhead();
    let plain = length.min((first + count) * FRAME_BYTES) - first * FRAME_BYTES;
    let frames = usize::try_from(count).unwrap_or(1);
    let mut buffer = vec![0; usize::try_from(plain).unwrap_or(FRAME) + frames * sealer.overhead()];
    read_exactly(file, &mut buffer, first * sealed_frame as u64)?;
    // The opened frames move together, over the tags between them.
    let mut filled = 0;
    let mut at = 0;
    for number in first..first + count {
        let end = (at + sealed_frame).min(buffer.len());
        let opened = sealer.open(number, &mut buffer[at..end])?;
        buffer.copy_within(at..at + opened, filled);
        filled += opened;
        at = end;
    }
    let offset = usize::try_from(range.start - first * FRAME_BYTES).unwrap_or(0);
    let wanted = usize::try_from(range.end - first * FRAME_BYTES).unwrap_or(filled).min(filled);
    buffer.truncate(wanted);
    Ok(Bytes::from(buffer).slice(offset..))
}

fn read_exactly(file: &BlobReader, mut buffer: &mut [u8], mut offset: u64) -> Result<(), Fault> {
    while !buffer.is_empty() {
        match file.read_at(buffer, offset) {
            Ok(0) => return Err(Fault::new("the file of a body is too short")),
            Ok(count) => {
                offset += count as u64;
                buffer = &mut buffer[count..];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::with_source("the file of a body can't be read", error)),
        }
    }
    Ok(())
}
