//! Reading the log back at start: whole commits in order, and what to do about a damaged end.
//!
//! A kill can leave no damage; a power cut can leave a half-written end, which is cut off. Each record
//! tells up to where the log was synced when it was written: damage before such a point is no torn
//! end, acknowledged commits would be lost, and the store refuses to open.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::record::{HEADER, Kind, Record};
use super::segment;
use crate::Fault;
use crate::entry::Entry;

/// What a replay has found.
pub(in crate::layered) struct Recovered {
    /// Position after the last record.
    pub(in crate::layered) end: u64,
    /// Segments with records that may not have reached the device yet.
    pub(in crate::layered) unsynced: Vec<Arc<File>>,
}

/// Calls `apply` for each record from position `from` on.
pub(in crate::layered) fn replay(
    dir: &Path,
    from: u64,
    mut apply: impl FnMut(Kind, Vec<Entry>),
) -> Result<Recovered, Fault> {
    let starts = segment::list(dir).map_err(|e| io_fault(dir, e))?;
    let mut position = from;
    let mut unsynced = Vec::new();
    for (index, &start) in starts.iter().enumerate() {
        let next = starts.get(index + 1).copied();
        if next.is_some_and(|next| next <= from) {
            continue;
        }
        if start > position {
            check_later(dir, &starts[index..], position, &segment::path(dir, start), 0)?;
            remove(dir, &starts[index..])?;
            break;
        }
        let path = segment::path(dir, start);
        let (file, bytes) = read(&path).map_err(|e| io_fault(&path, e))?;
        unsynced.push(Arc::new(file));
        let mut offset = usize::try_from(position - start).unwrap_or(usize::MAX).min(bytes.len());
        while let Some(record) = Record::parse(&bytes[offset..], start + offset as u64) {
            let entries = read_entries(record.payload).map_err(|e| damaged(&path, offset, &e))?;
            apply(record.kind, entries);
            offset += record.size();
        }
        position = position.max(start + offset as u64);
        if next == Some(position) {
            continue;
        }
        let torn = check_rest(&bytes[offset..], start + offset as u64, &path, offset)?;
        check_later(dir, &starts[index + 1..], position, &path, offset)?;
        remove(dir, &starts[index + 1..])?;
        if torn {
            cut(&path, offset)?;
        }
        break;
    }
    Ok(Recovered { end: position, unsynced })
}

fn read(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok((file, bytes))
}

fn read_entries(mut payload: &[u8]) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    while !payload.is_empty() {
        entries.push(Entry::take(&mut payload)?);
    }
    Ok(entries)
}

/// Whether anything was ever written past the last sound record. Fails if a sound record after the
/// damage at `position` proves that the damaged part had been synced.
fn check_rest(rest: &[u8], position: u64, path: &Path, offset: usize) -> Result<bool, Fault> {
    if rest.iter().all(|byte| *byte == 0) {
        return Ok(false);
    }
    for skip in 1..rest.len().saturating_sub(HEADER) {
        let proof = Record::parse(&rest[skip..], position + skip as u64);
        if proof.is_some_and(|record| record.synced > position) {
            return Err(damaged(path, offset, &Fault::new("its checksum does not match")));
        }
    }
    Ok(true)
}

/// Like [`check_rest`], for the segments that follow.
fn check_later(dir: &Path, later: &[u64], position: u64, path: &Path, offset: usize) -> Result<(), Fault> {
    for &start in later {
        let next = segment::path(dir, start);
        let bytes = std::fs::read(&next).map_err(|e| io_fault(&next, e))?;
        if Record::parse(&bytes, start).is_some_and(|record| record.synced > position) {
            return Err(damaged(path, offset, &Fault::new("its checksum does not match")));
        }
        check_rest(&bytes, start, path, offset)?;
    }
    Ok(())
}

fn remove(dir: &Path, starts: &[u64]) -> Result<(), Fault> {
    for &start in starts {
        let path = segment::path(dir, start);
        std::fs::remove_file(&path).map_err(|e| io_fault(&path, e))?;
    }
    Ok(())
}

/// Cuts what follows the last sound record off, so that it can never be taken for a later record.
fn cut(path: &Path, offset: usize) -> Result<(), Fault> {
    let cut = || {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(offset as u64)?;
        file.sync_all()
    };
    cut().map_err(|e| io_fault(path, e))
}

fn damaged(path: &Path, offset: usize, cause: &Fault) -> Fault {
    Fault::with_source(format!("the log is damaged at {}, offset {offset}", path.display()), cause.clone())
}

fn io_fault(path: &Path, error: io::Error) -> Fault {
    Fault::with_source(format!("cannot recover {}", path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::super::record;
    use super::*;

    /// A log of three commits of two entries each, and the positions where they end.
    fn small_log() -> (Vec<u8>, [usize; 3]) {
        let mut log = Vec::new();
        let ends = ["a", "b", "c"].map(|name| {
            let entries = [Entry::set(name.as_bytes(), b"left"), Entry::set(name.as_bytes(), b"right")];
            let position = log.len() as u64;
            record::append(&mut log, position, Kind::Commit, &entries).unwrap();
            log.len()
        });
        record::seal(&mut log, 0);
        (log, ends)
    }

    fn replayed(dir: &Path, from: u64) -> Result<(usize, u64), Fault> {
        let mut commits = 0;
        let recovered = replay(dir, from, |kind, entries| {
            assert_eq!((kind, entries.len()), (Kind::Commit, 2));
            commits += 1;
        })?;
        Ok((commits, recovered.end))
    }

    #[test]
    fn any_cut_and_any_flipped_byte_leaves_the_commits_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = segment::path(dir.path(), 0);
        let (log, ends) = small_log();
        for at in 0..log.len() {
            let whole = ends.iter().filter(|end| **end <= at).count();
            let end = if whole == 0 { 0 } else { ends[whole - 1] as u64 };
            std::fs::write(&path, &log[..at]).unwrap();
            assert_eq!(replayed(dir.path(), 0).unwrap(), (whole, end), "cut at {at}");
            let mut flipped = log.clone();
            flipped[at] ^= 0x10;
            std::fs::write(&path, &flipped).unwrap();
            assert_eq!(replayed(dir.path(), 0).unwrap(), (whole, end), "flipped at {at}");
            assert_eq!(std::fs::metadata(&path).unwrap().len(), end, "the rest is cut off");
        }
    }

    #[test]
    fn a_replay_continues_where_the_base_ends() {
        let dir = tempfile::tempdir().unwrap();
        let (log, ends) = small_log();
        std::fs::write(segment::path(dir.path(), 0), &log[..ends[1]]).unwrap();
        std::fs::write(segment::path(dir.path(), ends[1] as u64), &log[ends[1]..]).unwrap();
        for (before, end) in [0].iter().chain(&ends).enumerate() {
            assert_eq!(replayed(dir.path(), *end as u64).unwrap(), (3 - before, log.len() as u64));
        }
    }

    #[test]
    fn a_lost_segment_that_was_synced_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let (mut log, ends) = small_log();
        record::seal(&mut log, ends[1] as u64);
        std::fs::write(segment::path(dir.path(), ends[1] as u64), &log[ends[1]..]).unwrap();
        assert!(replayed(dir.path(), 0).is_err());
        assert_eq!(replayed(dir.path(), ends[1] as u64).unwrap().0, 1);
    }
}
