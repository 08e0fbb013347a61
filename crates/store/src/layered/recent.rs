//! The keys written by recent commits, to find out whether a transaction's reads still hold.

use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::engine::{ReadSet, Span, Version};
use crate::entry::Entry;

/// The window holds on to the entries it names, so it is bounded by their bytes as well as by commits. It fits the
/// processor's caches: every commit frees the oldest.
const MOST_COMMITS: usize = 2048;
const MOST_BYTES: usize = 2 << 20;
/// A hint is not worth looking through more commits, while everyone waits.
const MOST_CHECKED: usize = 256;

/// Commits that have left the window.
pub(super) type Forgotten = SmallVec<[Vec<Entry>; 1]>;

/// The write sets of the last commits. Transactions that began before the window conflict.
pub(super) struct Recent {
    commits: VecDeque<Vec<Entry>>,
    /// Version before the oldest commit in the window.
    floor: Version,
    bytes: usize,
}

impl Recent {
    pub(super) fn new(version: Version) -> Self {
        Self { commits: VecDeque::new(), floor: version, bytes: 0 }
    }

    /// Adds the next commit, and gives away those for which there is no more room.
    pub(super) fn push(&mut self, writes: Vec<Entry>) -> Forgotten {
        let mut forgotten = Forgotten::new();
        self.bytes += footprint(&writes);
        self.commits.push_back(writes);
        while self.commits.len() > MOST_COMMITS || self.bytes > MOST_BYTES {
            let Some(oldest) = self.commits.pop_front() else { break };
            self.bytes -= footprint(&oldest);
            self.floor += 1;
            forgotten.push(oldest);
        }
        forgotten
    }

    /// Whether nothing that was read at `version` has been written since.
    pub(super) fn unchanged(&self, version: Version, reads: &mut ReadSet) -> bool {
        if reads.points.is_empty() && reads.ranges.is_empty() {
            return true;
        }
        let Some(seen) = version.checked_sub(self.floor) else { return false };
        let mut unseen =
            self.commits.iter().skip(usize::try_from(seen).unwrap_or(usize::MAX)).flatten().peekable();
        if unseen.peek().is_none() {
            return true;
        }
        reads.points.sort_unstable();
        !unseen.any(|entry| {
            let key = entry.key();
            reads.points.binary_search_by(|point| (**point).cmp(key)).is_ok()
                || reads.ranges.iter().any(|(start, end)| Span { start, end }.contains(key))
        })
    }

    /// Whether it is certain, and quickly found out, that no key in `span` was set since `version`.
    pub(super) fn sets_nothing(&self, version: Version, span: Span<'_>) -> bool {
        let Some(seen) = version.checked_sub(self.floor) else { return false };
        let seen = usize::try_from(seen).unwrap_or(usize::MAX);
        self.commits.len().saturating_sub(seen) <= MOST_CHECKED
            && !self
                .commits
                .iter()
                .skip(seen)
                .flatten()
                .any(|entry| !entry.is_tombstone() && span.contains(entry.key()))
    }
}

fn footprint(writes: &[Entry]) -> usize {
    writes.iter().map(Entry::footprint).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(points: &[&[u8]], ranges: &[(&[u8], &[u8])]) -> ReadSet {
        ReadSet {
            points: points.iter().map(|point| (*point).into()).collect(),
            ranges: ranges.iter().map(|(start, end)| ((*start).into(), (*end).into())).collect(),
        }
    }

    #[test]
    fn only_later_writes_to_what_was_read_conflict() {
        let mut recent = Recent::new(10);
        recent.push(vec![Entry::set(b"a", b"")]);
        recent.push(vec![Entry::set(b"m", b"")]);
        let check = |version, mut reads| recent.unchanged(version, &mut reads);
        assert!(!check(10, read(&[b"z", b"a"], &[])));
        assert!(check(11, read(&[b"z", b"a"], &[])));
        assert!(!check(11, read(&[], &[(b"b", b"n")])));
        assert!(check(11, read(&[], &[(b"b", b"m")])));
        assert!(check(12, read(&[b"m"], &[])));
        assert!(!check(9, read(&[b"z"], &[])), "older than the window");
        assert!(check(9, read(&[], &[])), "blind writes never conflict");
    }

    #[test]
    fn only_later_sets_within_the_span_count_against_a_hint() {
        let mut recent = Recent::new(10);
        recent.push(vec![Entry::set(b"b", b""), Entry::tombstone(b"c")]);
        recent.push(vec![Entry::set(b"m", b"")]);
        let check = |version, start, end| recent.sets_nothing(version, Span { start, end });
        assert!(!check(10, b"a", b"d"));
        assert!(check(10, b"c", b"m"), "deletes do no harm");
        assert!(check(11, b"a", b"d"));
        assert!(check(12, b"a", b"z"));
        assert!(!check(9, b"x", b"z"), "older than the window");
        for _ in 0..MOST_CHECKED {
            recent.push(vec![Entry::tombstone(b"c")]);
        }
        assert!(!recent.sets_nothing(11, Span { start: b"x", end: b"z" }), "too much to look through");
        assert!(recent.sets_nothing(12, Span { start: b"x", end: b"z" }));
    }

    #[test]
    fn the_window_is_bounded() {
        let mut recent = Recent::new(0);
        for _ in 0..MOST_COMMITS + 5 {
            recent.push(vec![Entry::set(b"a", b"")]);
        }
        assert_eq!((recent.commits.len(), recent.floor), (MOST_COMMITS, 5));
        recent.push(vec![Entry::set(b"b", &vec![0; MOST_BYTES])]);
        assert_eq!((recent.commits.len(), recent.bytes), (0, 0));
        assert_eq!(recent.floor, MOST_COMMITS as u64 + 6);
    }
}
