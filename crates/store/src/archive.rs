//! A whole store as a stream of bytes: written from one snapshot, read back all or nothing.
//!
//! Frames of kind, length, CRC-32 and payload, after a line that names the format. The checksums cover
//! the frames' order, and the last frame says that nothing is missing.

use std::io::{Read, Write};

use crate::Fault;
use crate::blobs::{BlobId, BlobWriter, Blobs};
use crate::engine::{Direction, Engine, Snapshot, Span};
use crate::entry::Entry;

const MAGIC: &[u8] = b"virga store archive 1\n";
/// Payloads are about this large; only a single larger entry makes a larger one.
const FRAME_BYTES: usize = 256 << 10;
const MOST_FRAME_BYTES: u32 = 1 << 30;

/// Whole entries, one after another.
const ENTRIES: u8 = b'E';
/// The id of a blob, whose content follows.
const BLOB: u8 = b'B';
/// A piece of the blob's content.
const PIECE: u8 = b'P';
const END: u8 = b'.';

/// Every possible key: they begin with text.
const EVERYTHING: Span<'_> = Span { start: &[], end: &[0xFF] };

/// Writes all blobs, then all entries of `snapshot`.
pub(crate) fn save(snapshot: &dyn Snapshot, blobs: &Blobs, out: &mut dyn Write) -> Result<(), Fault> {
    out.write_all(MAGIC).map_err(unwritable)?;
    let mut frames = Frames { stream: out, sequence: 0 };
    for id in blobs.list()? {
        let mut reader = blobs.open(id)?;
        frames.write(BLOB, &id.to_bytes())?;
        let mut piece = vec![0; FRAME_BYTES];
        loop {
            let count = reader.read(&mut piece).map_err(unreadable)?;
            if count == 0 {
                break;
            }
            frames.write(PIECE, &piece[..count])?;
        }
    }
    let mut buffer = Vec::with_capacity(FRAME_BYTES + 4096);
    for entry in snapshot.scan(EVERYTHING, Direction::Forward) {
        buffer.extend_from_slice(entry?.as_bytes());
        if buffer.len() >= FRAME_BYTES {
            frames.write(ENTRIES, &buffer)?;
            buffer.clear();
        }
    }
    frames.write(ENTRIES, &buffer)?;
    frames.write(END, &[])?;
    frames.stream.flush().map_err(unwritable)
}

/// Replaces the content of `engine` by the archive. A broken one changes nothing.
pub(crate) fn load(engine: &dyn Engine, blobs: &Blobs, from: &mut dyn Read) -> Result<(), Fault> {
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic).map_err(unreadable)?;
    if magic != MAGIC {
        return Err(Fault::new("this is no archive of a store, or one of a newer release"));
    }
    let mut loaded = Vec::new();
    let result = load_frames(engine, blobs, &mut loaded, Frames { stream: from, sequence: 0 });
    if result.is_err() {
        blobs.undo(&loaded);
    }
    result
}

fn load_frames(
    engine: &dyn Engine,
    blobs: &Blobs,
    loaded: &mut Vec<BlobId>,
    mut frames: Frames<&mut dyn Read>,
) -> Result<(), Fault> {
    let mut frame = frames.read()?;
    while frame.0 == BLOB {
        let id = frame.1.as_slice().try_into().map_err(|_| broken())?;
        frame = load_blob(blobs, loaded, BlobId::from_bytes(id), &mut frames)?;
    }
    let mut entries = ArchivedEntries { frames, frame: frame.1, offset: 0, kind: frame.0, failed: false };
    engine.replace(&mut entries)
}

/// Reads the content of one blob and returns the frame that follows.
fn load_blob(
    blobs: &Blobs,
    loaded: &mut Vec<BlobId>,
    id: BlobId,
    frames: &mut Frames<&mut dyn Read>,
) -> Result<(u8, Vec<u8>), Fault> {
    // Content never changes, so one that is here already is the same.
    let mut writer: Option<BlobWriter> = if blobs.contains(id) { None } else { Some(blobs.writer()?) };
    loop {
        let (kind, payload) = frames.read()?;
        if kind != PIECE {
            if let Some(writer) = writer {
                writer.finish_as(id)?;
                loaded.push(id);
            }
            return Ok((kind, payload));
        }
        if let Some(writer) = &mut writer {
            writer.write_all(&payload).map_err(|e| Fault::with_source("cannot write a blob", e))?;
        }
    }
}

/// The frames of an archive, checked one by one.
struct Frames<S> {
    stream: S,
    sequence: u64,
}

impl<S> Frames<S> {
    fn checksum(&mut self, kind: u8, payload: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.sequence.to_le_bytes());
        hasher.update(&[kind]);
        hasher.update(payload);
        self.sequence += 1;
        hasher.finalize()
    }
}

impl Frames<&mut dyn Write> {
    fn write(&mut self, kind: u8, payload: &[u8]) -> Result<(), Fault> {
        let length =
            u32::try_from(payload.len()).map_err(|_| Fault::new("an entry is too large to archive"))?;
        let checksum = self.checksum(kind, payload);
        let mut header = [kind; 9];
        header[1..5].copy_from_slice(&length.to_le_bytes());
        header[5..].copy_from_slice(&checksum.to_le_bytes());
        self.stream.write_all(&header).and_then(|()| self.stream.write_all(payload)).map_err(unwritable)
    }
}

impl Frames<&mut dyn Read> {
    fn read(&mut self) -> Result<(u8, Vec<u8>), Fault> {
        let mut header = [0; 9];
        self.stream.read_exact(&mut header).map_err(unreadable)?;
        let [kind, length @ .., c0, c1, c2, c3] = header;
        let length = u32::from_le_bytes(length);
        if length > MOST_FRAME_BYTES {
            return Err(broken());
        }
        // The length may be damaged: memory is taken only as the bytes arrive.
        let mut payload = Vec::new();
        (&mut *self.stream).take(length.into()).read_to_end(&mut payload).map_err(unreadable)?;
        let sound = payload.len() == length as usize
            && self.checksum(kind, &payload) == u32::from_le_bytes([c0, c1, c2, c3]);
        if sound { Ok((kind, payload)) } else { Err(broken()) }
    }

    /// Refuses what comes after the last frame.
    fn end(&mut self) -> Result<(), Fault> {
        let mut rest = Vec::new();
        (&mut *self.stream).take(1).read_to_end(&mut rest).map_err(unreadable)?;
        if rest.is_empty() { Ok(()) } else { Err(broken()) }
    }
}

/// The entries of an archive. Ends well only after the last frame, with nothing behind it.
struct ArchivedEntries<'a> {
    frames: Frames<&'a mut dyn Read>,
    kind: u8,
    frame: Vec<u8>,
    offset: usize,
    failed: bool,
}

impl ArchivedEntries<'_> {
    fn advance(&mut self) -> Result<Option<Entry>, Fault> {
        while self.offset == self.frame.len() {
            match self.kind {
                END => return self.frames.end().map(|()| None),
                ENTRIES => (self.kind, self.frame) = self.frames.read()?,
                _ => return Err(broken()),
            }
            self.offset = 0;
        }
        let mut rest = &self.frame[self.offset..];
        let entry = Entry::take(&mut rest)?;
        self.offset = self.frame.len() - rest.len();
        Ok(Some(entry))
    }
}

impl Iterator for ArchivedEntries<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance();
        self.failed = next.is_err();
        next.transpose()
    }
}

fn broken() -> Fault {
    Fault::new("the archive is damaged or incomplete")
}

fn unreadable(error: std::io::Error) -> Fault {
    Fault::with_source("cannot read the archive", error)
}

fn unwritable(error: std::io::Error) -> Fault {
    Fault::with_source("cannot write the archive", error)
}
