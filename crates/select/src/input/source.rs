//! Where the bytes come from: the object, counted and decompressed.

use std::{
    io::{self, BufReader, ErrorKind, Read},
    sync::Arc,
};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use crate::{
    Code, Compression, Error,
    execution::{Counter, Execution},
};

/// How much of the object is read at once.
const PIECE: usize = 256 << 10;

/// The bytes of an object.
pub trait Object: Send + Sync {
    /// How many there are.
    fn length(&self) -> u64;

    /// Reads from a place on; how many bytes were read, zero at the end only.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// The bytes from a place on, decompressed and counted.
pub(super) fn open(
    object: &Arc<dyn Object>,
    compression: Compression,
    execution: &Execution<'_>,
    offset: u64,
) -> Box<dyn Read> {
    let scanned = execution.scanned.clone();
    let bytes = Counted { reader: Sequential { object: object.clone(), offset }, counter: scanned };
    let bytes = BufReader::with_capacity(PIECE, bytes);
    let counter = execution.processed.clone();
    match compression {
        Compression::None => Box::new(Counted { reader: bytes, counter }),
        Compression::Gzip => Box::new(Counted { reader: MultiGzDecoder::new(bytes), counter }),
        Compression::Bzip2 => Box::new(Counted { reader: MultiBzDecoder::new(bytes), counter }),
    }
}

/// What is wrong when bytes cannot be read.
pub(super) fn failure(compression: Compression, error: &io::Error) -> Error {
    let name = match compression {
        Compression::None => return Code::InternalError.into(),
        Compression::Gzip => "GZIP",
        Compression::Bzip2 => "BZIP2",
    };
    match error.kind() {
        ErrorKind::UnexpectedEof => Code::TruncatedInput.into(),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => Error::with(
            Code::InvalidCompressionFormat,
            format!(
                "{name} is not applicable to the queried object. Please correct the request and try again."
            ),
        ),
        _ => Code::InternalError.into(),
    }
}

/// An object that is read from front to back.
pub(super) struct Sequential {
    pub(super) object: Arc<dyn Object>,
    pub(super) offset: u64,
}

impl Read for Sequential {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.object.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// A reader whose bytes are counted.
pub(super) struct Counted<R> {
    pub(super) reader: R,
    pub(super) counter: Counter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.counter.add(read);
        Ok(read)
    }
}
