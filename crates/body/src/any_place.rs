//! Reads a body from any place on, as often as wanted: what queries and formats with an index need.

use std::io;

use bytes::Bytes;
use parking_lot::Mutex;
use virga_kit::Ctx;
use virga_store::{BlobReader, Fault, Store};

use crate::keys::DataKeys;
use crate::reading::read_batch;
use crate::removal::Held;
use crate::sealing::Sealer;
use virga_bucket::records::Segment;

/// A body that is read from any place on. Its methods block on the disk.
pub struct AnyPlace {
    source: Source,
    length: u64,
}

enum Source {
    Bytes(Bytes),
    Files {
        store: Store,
        keys: DataKeys,
        segments: Vec<Segment>,
        /// Keeps the files until all is read.
        _held: Held,
        /// The segment that was read last, and its file.
        open: Mutex<Option<(usize, BlobReader, Sealer)>>,
    },
}

impl AnyPlace {
    /// A small body.
    pub fn of_bytes(bytes: Bytes) -> Self {
        AnyPlace { length: bytes.len() as u64, source: Source::Bytes(bytes) }
    }

    /// Keeps the files from now on. Whoever read their names before looks once more whether they are still the object's.
    pub fn hold(ctx: &Ctx, keys: DataKeys, segments: Vec<Segment>) -> Self {
        let length = segments.iter().map(|segment| segment.length).sum();
        let held = Held::new(ctx, &segments);
        let store = ctx.world().store().clone();
        AnyPlace {
            source: Source::Files { store, keys, segments, _held: held, open: Mutex::default() },
            length,
        }
    }

    /// Some bytes from a place on; none at the end only.
    fn read(&self, offset: u64, most: usize) -> Result<Bytes, Fault> {
        match &self.source {
            Source::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(start..bytes.len().min(start.saturating_add(most))))
            }
            Source::Files { store, keys, segments, open, .. } => {
                let mut start = offset;
                for (index, segment) in segments.iter().enumerate() {
                    if start >= segment.length {
                        start -= segment.length;
                        continue;
                    }
                    let mut open = open.lock();
                    let (_, file, sealer) = match open.take() {
                        Some(open) if open.0 == index => open,
                        _ => (index, store.blobs().open(segment.blob)?, keys.sealer(&segment.salt)?),
                    };
                    let end = segment.length.min(start.saturating_add(most as u64));
                    let bytes = read_batch(&file, &sealer, segment.length, start..end)?;
                    *open = Some((index, file, sealer));
                    return Ok(bytes);
                }
                Ok(Bytes::new())
            }
        }
    }
}

impl virga_select::Object for AnyPlace {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let bytes = self.read(offset, buffer.len()).map_err(|fault| {
            tracing::error!("a body can't be read: {fault}");
            io::Error::from(io::ErrorKind::BrokenPipe)
        })?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}
