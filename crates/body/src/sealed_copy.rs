//! Copies a body as it is sealed, by somebody who has not its keys: the copy opens under the same ones.

use std::io::{ErrorKind, Write as _};

use tokio::task::spawn_blocking;
use virga_bucket::records::{Body, Segment};
use virga_kit::Ctx;
use virga_object::Error;
use virga_store::{Fault, Reader, Store};

use crate::removal::Held;
use crate::sealed_file::unwritten;
use crate::small::SmallBody;
use crate::writing::NewBody;

/// Bytes that are copied at once.
const BATCH: usize = 256 << 10;

/// A body that is to be copied.
pub struct SealedBody {
    store: Store,
    small: Option<SmallBody>,
    segments: Vec<Segment>,
    /// Keeps the files until they are copied.
    held: Held,
}

impl SealedBody {
    /// Keeps the files from now on. Whoever read their names before looks once more whether they are still the object's.
    pub fn hold(ctx: &Ctx, txn: &impl Reader, bucket: u64, body: &Body) -> Result<Self, Fault> {
        let small = SmallBody::find(txn, bucket, body)?;
        let segments = body.segments().to_vec();
        let held = Held::new(ctx, &segments);
        Ok(SealedBody { store: ctx.world().store().clone(), small, segments, held })
    }

    /// Copies it.
    pub async fn copy(self) -> Result<NewBody, Error> {
        if let Some(small) = self.small {
            return Ok(small.into_new());
        }
        let copied = spawn_blocking(move || {
            let mut copied = NewBody::nothing();
            for segment in &self.segments {
                copied.push(&self.store, copy_segment(&self.store, segment)?);
            }
            drop(self.held);
            Ok(copied)
        });
        copied.await.map_err(|error| Fault::with_source("a body was not copied to its end", error))?
    }
}

/// Copies a file; what seals it stays the same, and so does its salt.
fn copy_segment(store: &Store, segment: &Segment) -> Result<Segment, Error> {
    let source = store.blobs().open(segment.blob)?;
    let mut file = store.blobs().writer().map_err(unwritten)?;
    let mut buffer = vec![0; BATCH];
    let mut offset = 0;
    loop {
        match source.read_at(&mut buffer, offset) {
            Ok(0) => break,
            Ok(count) => {
                let written = file.write_all(&buffer[..count]);
                written.map_err(|error| unwritten(Fault::with_source("a body can't be written", error)))?;
                offset += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::with_source("the file of a body can't be read", error).into()),
        }
    }
    Ok(Segment { blob: file.finish().map_err(unwritten)?, ..segment.clone() })
}
