//! Bodies too large for a record: one file each, written as a stream, never changed.
//!
//! Bodies up to [`INLINE_BYTES`] belong into the record itself. A blob becomes part of the store by the
//! commit that writes its [`BlobId`] into a record; files that no record names are deleted after a start.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::Fault;

/// Bodies up to this size are kept in the record.
pub const INLINE_BYTES: usize = 64 << 10;

/// Names a blob, and says what its content must be. To be kept in the record that owns the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobId {
    number: u64,
    length: u64,
    crc32: u32,
}

impl BlobId {
    /// Size of the content in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn to_bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&self.number.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..].copy_from_slice(&self.crc32.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; 20]) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = |at| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        Self { number: long(0), length: long(8), crc32: word(16) }
    }

    /// Reads the name that [`fmt::Display`] writes, which is the file's name.
    fn from_name(name: &str) -> Option<Self> {
        let mut parts = name.split('-');
        let mut part = || u64::from_str_radix(parts.next()?, 16).ok();
        Some(Self { number: part()?, length: part()?, crc32: u32::try_from(part()?).ok()? })
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:x}-{:08x}", self.number, self.length, self.crc32)
    }
}

/// The blobs of a store. Forks share them with their origin.
#[derive(Clone)]
pub struct Blobs(Arc<Folder>);

struct Folder {
    /// Nothing until the first blob of a store in memory.
    dir: Mutex<Option<PathBuf>>,
    /// The folder of a store in memory, deleted with it.
    temporary: Mutex<Option<TempDir>>,
    /// The numbers of the blobs that were begun or found during a search for leaked ones.
    begun: Mutex<Option<HashSet<u64>>>,
}

impl Blobs {
    /// Blobs that live as long as the process, in the system's folder for temporary files.
    pub(crate) fn temporary() -> Self {
        Self::in_folder(None)
    }

    pub(crate) fn open_dir(dir: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(dir).map_err(|e| failed(dir, e))?;
        Ok(Self::in_folder(Some(dir.to_owned())))
    }

    fn in_folder(dir: Option<PathBuf>) -> Self {
        let folder = Folder { dir: Mutex::new(dir), temporary: Mutex::new(None), begun: Mutex::new(None) };
        Self(Arc::new(folder))
    }

    fn dir(&self) -> Result<PathBuf, Fault> {
        let mut dir = self.0.dir.lock();
        if let Some(dir) = &*dir {
            return Ok(dir.clone());
        }
        let temporary = tempfile::Builder::new()
            .prefix("virga-blobs-")
            .tempdir()
            .map_err(|e| Fault::with_source("cannot create a folder for blobs", e))?;
        let path = dir.insert(temporary.path().to_owned()).clone();
        *self.0.temporary.lock() = Some(temporary);
        Ok(path)
    }

    /// Begins a new blob. Writing and finishing block on the disk.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn writer(&self) -> Result<BlobWriter, Fault> {
        let dir = self.dir()?;
        let number = fastrand::u64(..);
        self.remember(number);
        let path = dir.join(format!("{number:016x}.part"));
        let file =
            OpenOptions::new().write(true).create_new(true).open(&path).map_err(|e| failed(&path, e))?;
        let sync = self.0.temporary.lock().is_none();
        Ok(BlobWriter { dir, path, file, number, length: 0, hasher: crc32fast::Hasher::new(), sync })
    }

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// When it is not there, or does not have the length it was written with.
    pub fn open(&self, id: BlobId) -> Result<BlobReader, Fault> {
        let path = self.dir()?.join(id.to_string());
        let file = File::open(&path).map_err(|e| failed(&path, e))?;
        let length = file.metadata().map_err(|e| failed(&path, e))?.len();
        if length != id.length {
            return Err(Fault::new(format!("the blob {} has {length} bytes", path.display())));
        }
        Ok(BlobReader { file, id, position: 0, hasher: Some(crc32fast::Hasher::new()) })
    }

    /// Deletes a blob that no record names any more. While forks exist, which may still name it, the
    /// file stays until the next start.
    ///
    /// # Errors
    /// When the file cannot be deleted.
    pub fn remove(&self, id: BlobId) -> Result<(), Fault> {
        if Arc::strong_count(&self.0) > 1 {
            return Ok(());
        }
        self.delete(&id.to_string())
    }

    fn delete(&self, name: &str) -> Result<(), Fault> {
        let path = self.dir()?.join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(&path, e)),
            _ => Ok(()),
        }
    }

    /// From now on the numbers of new blobs are remembered, unless they already are.
    pub(crate) fn begin_search(&self) -> bool {
        let mut begun = self.0.begun.lock();
        let is_first = begun.is_none();
        begun.get_or_insert_default();
        is_first
    }

    pub(crate) fn end_search(&self) {
        *self.0.begun.lock() = None;
    }

    fn remember(&self, number: u64) {
        if let Some(begun) = &mut *self.0.begun.lock() {
            begun.insert(number);
        }
    }

    /// The files that were there before the search began.
    pub(crate) fn old_names(&self) -> Result<Vec<String>, Fault> {
        let mut names = self.names()?;
        let begun = self.0.begun.lock();
        names.retain(|name| is_old(begun.as_ref(), name));
        Ok(names)
    }

    /// Deletes a file unless it is remembered, and says whether it did.
    pub(crate) fn delete_old(&self, name: &str) -> Result<bool, Fault> {
        // Held until the file is gone: who asks for the blob meanwhile is not told that it is here.
        let begun = self.0.begun.lock();
        if !is_old(begun.as_ref(), name) {
            return Ok(false);
        }
        self.delete(name).map(|()| true)
    }

    /// All finished blobs.
    pub(crate) fn list(&self) -> Result<Vec<BlobId>, Fault> {
        Ok(self.names()?.iter().filter_map(|name| BlobId::from_name(name)).collect())
    }

    /// Whether there is no file, finished or not.
    pub(crate) fn is_empty(&self) -> Result<bool, Fault> {
        let dir = self.0.dir.lock().clone();
        let Some(dir) = dir else { return Ok(true) };
        Ok(dir.read_dir().map_err(|e| failed(&dir, e))?.next().is_none())
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let dir = self.0.dir.lock().clone();
        let Some(dir) = dir else { return Ok(Vec::new()) };
        let names = || dir.read_dir()?.map(|item| Ok(item?.file_name().into_string().ok())).collect();
        let names: io::Result<Vec<Option<String>>> = names();
        Ok(names.map_err(|e| failed(&dir, e))?.into_iter().flatten().collect())
    }

    /// Whether a blob is here, to be named by a record again: a search for leaked ones leaves it, or one that is
    /// written under this id.
    pub(crate) fn contains(&self, id: BlobId) -> bool {
        self.remember(id.number);
        self.open(id).is_ok()
    }

    /// Undoes [`BlobWriter::finish_as`].
    pub(crate) fn undo(&self, ids: &[BlobId]) {
        for id in ids {
            // What stays behind is deleted after the next start.
            drop(self.delete(&id.to_string()));
        }
    }
}

/// A blob being written. Dropping it unfinished deletes what was written.
pub struct BlobWriter {
    dir: PathBuf,
    path: PathBuf,
    file: File,
    number: u64,
    length: u64,
    hasher: crc32fast::Hasher,
    sync: bool,
}

impl BlobWriter {
    /// Makes the blob durable. It is deleted after the next start unless a record then names it.
    ///
    /// # Errors
    /// When the file cannot be synced or renamed.
    pub fn finish(self) -> Result<BlobId, Fault> {
        let number = self.number;
        self.finish_with(number)
    }

    /// Finishes a copy of a blob. Fails unless the content is the one that `id` promises.
    pub(crate) fn finish_as(self, id: BlobId) -> Result<(), Fault> {
        if (self.length, self.hasher.clone().finalize()) != (id.length, id.crc32) {
            return Err(Fault::new(format!("the blob {id} is damaged")));
        }
        self.finish_with(id.number).map(|_| ())
    }

    fn finish_with(self, number: u64) -> Result<BlobId, Fault> {
        let id = BlobId { number, length: self.length, crc32: self.hasher.clone().finalize() };
        let finish = || {
            if self.sync {
                self.file.sync_all()?;
            }
            fs::rename(&self.path, self.dir.join(id.to_string()))?;
            if self.sync { File::open(&self.dir)?.sync_all() } else { Ok(()) }
        };
        finish().map_err(|e| failed(&self.path, e))?;
        Ok(id)
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // After a finish there is nothing left under this name.
        drop(fs::remove_file(&self.path));
    }
}

/// A blob being read: as a stream, which checks the content at its end, or in pieces, unchecked.
#[derive(Debug)]
pub struct BlobReader {
    file: File,
    id: BlobId,
    position: u64,
    hasher: Option<crc32fast::Hasher>,
}

impl BlobReader {
    /// Size of the content in bytes.
    pub fn length(&self) -> u64 {
        self.id.length
    }

    /// Reads a piece without moving the stream.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        if self.position == self.id.length
            && let Some(hasher) = self.hasher.take()
            && hasher.finalize() != self.id.crc32
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the blob {} is damaged", self.id),
            ));
        }
        Ok(count)
    }
}

/// Whether a file is not one of those begun. Its name starts with the blob's number, finished or not.
fn is_old(begun: Option<&HashSet<u64>>, name: &str) -> bool {
    let number = name.split(['-', '.']).next().and_then(|number| u64::from_str_radix(number, 16).ok());
    !begun.zip(number).is_some_and(|(begun, number)| begun.contains(&number))
}

fn failed(path: &Path, error: io::Error) -> Fault {
    Fault::with_source(format!("cannot use the blob file {}", path.display()), error)
}
