//! A blob of sealed frames, being written.

use std::io::Write as _;

use virga_store::{BlobWriter, Fault, Store};

use crate::sealing::{FRAME, Sealer};
use virga_bucket::records::Segment;
use virga_object::Error;

/// Frames that are written to the file at once.
const FRAMES_AT_ONCE: usize = 4;

/// Takes bytes and writes them sealed.
pub(crate) struct SealedFile {
    file: BlobWriter,
    sealer: Sealer,
    salt: [u8; 16],
    /// Sealed frames, and after them the one that is being filled.
    buffer: Vec<u8>,
    /// Where the frame that is being filled begins.
    open: usize,
    frames: u64,
    length: u64,
}

impl SealedFile {
    pub(crate) fn create(store: &Store, sealer: Sealer, salt: [u8; 16]) -> Result<Self, Error> {
        let buffer = Vec::with_capacity(FRAMES_AT_ONCE * (FRAME + sealer.overhead()));
        let file = store.blobs().writer().map_err(unwritten)?;
        Ok(SealedFile { file, sealer, salt, buffer, open: 0, frames: 0, length: 0 })
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = FRAME - (self.buffer.len() - self.open);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if now.len() == room {
                self.end_frame()?;
            }
        }
        Ok(())
    }

    fn end_frame(&mut self) -> Result<(), Error> {
        self.sealer.seal(self.frames, &mut self.buffer, self.open)?;
        self.frames += 1;
        self.open = self.buffer.len();
        if self.frames.is_multiple_of(FRAMES_AT_ONCE as u64) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = self.file.write_all(&self.buffer);
        written.map_err(|error| unwritten(Fault::with_source("a body can't be written", error)))?;
        self.buffer.clear();
        self.open = 0;
        Ok(())
    }

    /// Makes the file durable.
    pub(crate) fn finish(mut self) -> Result<Segment, Error> {
        if self.buffer.len() > self.open {
            self.end_frame()?;
        }
        self.flush()?;
        Ok(Segment { blob: self.file.finish().map_err(unwritten)?, length: self.length, salt: self.salt })
    }
}

/// A disk that is full is no bug: the client may try again once there is room.
pub(crate) fn unwritten(fault: Fault) -> Error {
    if fault.is_full_disk() { Error::ServiceUnavailable } else { Error::Fault(fault) }
}
