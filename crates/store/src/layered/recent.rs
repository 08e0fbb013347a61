//! The keys written by recent commits, to find out whether a transaction's reads still hold.

use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::engine::{ReadSet, Span, Version};
use crate::entry::Entry;

/// Bytes after which a block takes no further commit.
const BLOCK_BYTES: usize = 32 << 10;
/// The window is bounded by blocks, and by bytes where single commits are larger than a block. It fits the
/// processor's caches, and what leaves it is written over.
const MOST_BLOCKS: usize = 16;
const MOST_BYTES: usize = 2 << 20;
/// A hint is not worth looking through more commits, while everyone waits.
const MOST_CHECKED: u64 = 256;
/// Marks the length of a key that was deleted.
const DELETED: u32 = 1 << 31;

/// The write sets of the last commits. Transactions that began before the window conflict.
pub(super) struct Recent {
    /// Never empty.
    blocks: VecDeque<Block>,
    /// Version after the newest commit.
    version: Version,
}

/// Commits in a row. A key is its length with the mark of a deleted one, and its bytes.
#[derive(Default)]
struct Block {
    /// Version before the first commit.
    floor: Version,
    /// Where each commit begins.
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl Block {
    /// The keys written after `version`, and whether each was deleted.
    fn since(&self, version: Version) -> Keys<'_> {
        let skipped = usize::try_from(version.saturating_sub(self.floor)).unwrap_or(usize::MAX);
        let start = self.starts.get(skipped).map_or(self.bytes.len(), |start| *start as usize);
        Keys(&self.bytes[start..])
    }
}

struct Keys<'a>(&'a [u8]);

impl<'a> Iterator for Keys<'a> {
    type Item = (&'a [u8], bool);

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length);
        let (key, rest) = rest.split_at((length & !DELETED) as usize);
        self.0 = rest;
        Some((key, length & DELETED != 0))
    }
}

impl Recent {
    pub(super) fn new(version: Version) -> Self {
        Self { blocks: VecDeque::from([Block { floor: version, ..Block::default() }]), version }
    }

    /// Version before the oldest commit in the window.
    fn floor(&self) -> Version {
        self.blocks[0].floor
    }

    /// Adds the next commit.
    pub(super) fn push(&mut self, writes: &[Entry]) {
        let block = self.room();
        block.starts.push(u32::try_from(block.bytes.len()).expect("a block begins below its size"));
        for entry in writes {
            let length = u32::try_from(entry.key().len()).expect("keys are short");
            let mark = if entry.is_tombstone() { DELETED } else { 0 };
            block.bytes.extend_from_slice(&(length | mark).to_le_bytes());
            block.bytes.extend_from_slice(entry.key());
        }
        self.version += 1;
    }

    /// The block that takes the next commit.
    fn room(&mut self) -> &mut Block {
        if self.blocks.back().is_some_and(|block| block.bytes.len() >= BLOCK_BYTES) {
            let mut next = Block::default();
            let mut bytes: usize = self.blocks.iter().map(|block| block.bytes.len()).sum();
            while self.blocks.len() >= MOST_BLOCKS || bytes > MOST_BYTES {
                let Some(oldest) = self.blocks.pop_front() else { break };
                bytes -= oldest.bytes.len();
                next = oldest;
            }
            next.floor = self.version;
            next.starts.clear();
            next.bytes.clear();
            next.bytes.shrink_to(2 * BLOCK_BYTES);
            self.blocks.push_back(next);
        }
        self.blocks.back_mut().expect("there is always a block")
    }

    /// The keys written after `version`, from the block on that holds the first of them.
    fn since(&self, version: Version) -> impl Iterator<Item = (&[u8], bool)> {
        let first = self.blocks.partition_point(|block| block.floor <= version).saturating_sub(1);
        self.blocks.range(first..).flat_map(move |block| block.since(version))
    }

    /// Whether nothing that was read has been written since.
    pub(super) fn unchanged(&self, reads: &ReadSet) -> bool {
        let Some(version) = reads.version().filter(|_| !reads.is_empty()) else { return true };
        if version == self.version {
            return true;
        }
        if version < self.floor() {
            return false;
        }
        let mut points: SmallVec<[&[u8]; 8]> = reads.points().collect();
        points.sort_unstable();
        !self.since(version).any(|(key, _)| {
            points.binary_search_by(|point| (*point).cmp(key)).is_ok()
                || reads.ranges().iter().any(|(start, end)| Span { start, end }.contains(key))
        })
    }

    /// Whether it is certain, and quickly found out, that no key in `span` was set since `version`.
    pub(super) fn sets_nothing(&self, version: Version, span: Span<'_>) -> bool {
        version >= self.floor()
            && self.version.saturating_sub(version) <= MOST_CHECKED
            && !self.since(version).any(|(key, deleted)| !deleted && span.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: Version, points: &[&[u8]], ranges: &[(&[u8], &[u8])]) -> ReadSet {
        let mut reads = ReadSet::default();
        reads.hold_at(version);
        points.iter().for_each(|point| reads.note_point(point));
        ranges.iter().for_each(|(start, end)| reads.note_range(Span { start, end }));
        reads
    }

    #[test]
    fn only_later_writes_to_what_was_read_conflict() {
        let mut recent = Recent::new(10);
        recent.push(&[Entry::set(b"a", b"")]);
        recent.push(&[Entry::set(b"m", b"")]);
        let check = |reads| recent.unchanged(&reads);
        assert!(!check(read(10, &[b"z", b"a"], &[])));
        assert!(check(read(11, &[b"z", b"a"], &[])));
        assert!(!check(read(11, &[], &[(b"b", b"n")])));
        assert!(check(read(11, &[], &[(b"b", b"m")])));
        assert!(check(read(12, &[b"m"], &[])));
        assert!(!check(read(9, &[b"z"], &[])), "older than the window");
        assert!(check(read(9, &[], &[])), "blind writes never conflict");
    }

    #[test]
    fn only_later_sets_within_the_span_count_against_a_hint() {
        let mut recent = Recent::new(10);
        recent.push(&[Entry::set(b"b", b""), Entry::tombstone(b"c")]);
        recent.push(&[Entry::set(b"m", b"")]);
        let check = |version, start, end| recent.sets_nothing(version, Span { start, end });
        assert!(!check(10, b"a", b"d"));
        assert!(check(10, b"c", b"m"), "deletes do no harm");
        assert!(check(11, b"a", b"d"));
        assert!(check(12, b"a", b"z"));
        assert!(!check(9, b"x", b"z"), "older than the window");
        for _ in 0..MOST_CHECKED {
            recent.push(&[Entry::tombstone(b"c")]);
        }
        assert!(!recent.sets_nothing(11, Span { start: b"x", end: b"z" }), "too much to look through");
        assert!(recent.sets_nothing(12, Span { start: b"x", end: b"z" }));
    }

    #[test]
    fn the_window_is_bounded() {
        let mut recent = Recent::new(0);
        let key = [b'k'; 100];
        let commits = (MOST_BLOCKS as u64 + 1) * BLOCK_BYTES as u64 / 100;
        (0..commits).for_each(|_| recent.push(&[Entry::set(&key, b"")]));
        assert_eq!((recent.blocks.len(), recent.version), (MOST_BLOCKS, commits));
        assert!(recent.floor() > 0);
        for version in recent.floor()..commits {
            assert_eq!(recent.since(version).count() as u64, commits - version);
        }
        assert!(!recent.unchanged(&read(recent.floor() - 1, &[b"z"], &[])));
        let large: Vec<Entry> = (0..=MOST_BYTES / 100).map(|_| Entry::set(&key, b"")).collect();
        recent.push(&large);
        recent.push(&[Entry::set(b"a", b"")]);
        assert_eq!((recent.blocks.len(), recent.floor()), (1, commits + 1));
    }
}
