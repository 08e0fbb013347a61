//! The way over the keys of a bucket: entries in order, keys with the same beginning up to the delimiter rolled up into
//! one. What is rolled up is not read but stepped over, so that a page costs what it shows.

use std::collections::VecDeque;

use virga_store::{Direction, Fault, Key, Range, Reader, Stored};

/// Rows that are read at first where keys may be rolled up.
const FIRST_BATCH: usize = 16;

/// What a page shows.
pub struct Page<'a> {
    /// Keys that begin so.
    pub prefix: &'a str,
    /// Up to what keys are rolled up.
    pub delimiter: Option<&'a str>,
    /// How many entries it has at most, common prefixes among them.
    pub limit: usize,
}

/// Where a page begins.
pub enum Start<'a> {
    /// At the beginning.
    First,
    /// After all entries of this key.
    After(&'a str),
    /// After everything that this common prefix stands for.
    Past(&'a str),
}

impl<'a> Page<'a> {
    /// A page of these. An empty delimiter is none.
    pub fn new(prefix: Option<&'a str>, delimiter: Option<&'a str>, limit: usize) -> Self {
        let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty());
        Page { prefix: prefix.unwrap_or_default(), delimiter, limit }
    }

    /// What a key is rolled up into.
    pub fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let rest = key.strip_prefix(self.prefix)?;
        let at = rest.find(delimiter)?;
        Some(&key[..self.prefix.len() + at + delimiter.len()])
    }

    /// Where the page after a marker begins: a marker that is rolled up stands for all that is rolled up with it.
    pub fn after_marker<'m>(&self, marker: Option<&'m str>) -> Start<'m> {
        match marker.filter(|marker| !marker.is_empty()) {
            None => Start::First,
            Some(marker) => self.common_prefix(marker).map_or(Start::After(marker), Start::Past),
        }
    }
}

/// Rows in the order of their keys.
pub trait Rows {
    /// What a row holds beside its key.
    type Entry;

    /// The next row.
    ///
    /// # Errors
    /// When the store fails.
    fn next(&mut self) -> Result<Option<(String, Self::Entry)>, Fault>;

    /// Goes on at the first key that is not below `key`. Keys before the present one are not gone back to.
    fn seek(&mut self, key: &[u8]);
}

/// One page of a listing.
pub struct Listed<E> {
    /// Keys, with what stands under them.
    pub entries: Vec<(String, E)>,
    /// What other keys are rolled up into.
    pub common_prefixes: Vec<String>,
    /// Whether there is more.
    pub is_truncated: bool,
    /// What was shown last: a key, or a common prefix.
    pub last: Option<Last>,
}

/// What was shown last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Last {
    /// A key.
    Key(String),
    /// What keys are rolled up into.
    CommonPrefix(String),
}

/// Goes over the rows, which begin where the page does.
///
/// # Errors
/// When the store fails.
pub fn walk<R: Rows>(
    mut rows: R,
    page: &Page<'_>,
    mut is_shown: impl FnMut(&R::Entry) -> bool,
) -> Result<Listed<R::Entry>, Fault> {
    let mut listed =
        Listed { entries: Vec::new(), common_prefixes: Vec::new(), is_truncated: false, last: None };
    if page.limit == 0 {
        return Ok(listed);
    }
    let mut count = 0;
    while let Some((key, entry)) = rows.next()? {
        if !is_shown(&entry) {
            continue;
        }
        if count == page.limit {
            listed.is_truncated = true;
            break;
        }
        count += 1;
        let common = page.common_prefix(&key).map(str::len);
        match common {
            Some(length) => {
                let mut prefix = key;
                prefix.truncate(length);
                rows.seek(&successor(&prefix));
                listed.common_prefixes.push(prefix);
            }
            None => listed.entries.push((key, entry)),
        }
    }
    let (key, common) = (listed.entries.last().map(|(key, _)| key), listed.common_prefixes.last());
    listed.last = match (key, common) {
        (Some(key), Some(common)) if key < common => Some(Last::CommonPrefix(common.clone())),
        (Some(key), _) => Some(Last::Key(key.clone())),
        (None, common) => common.cloned().map(Last::CommonPrefix),
    };
    Ok(listed)
}

/// The first bytes after everything that begins so. Text is never 0xFF.
fn successor(prefix: &str) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    bytes
}

/// Rows of one key space.
pub struct Scan<'t, T, V> {
    txn: &'t T,
    /// All of the bucket.
    space: fn(u64) -> Range<V>,
    bucket: u64,
    key: fn(&Key<V>) -> Result<String, Fault>,
    /// Keys from here on don't have the prefix.
    end: Option<Vec<u8>>,
    rest: Range<V>,
    queue: VecDeque<(Key<V>, V)>,
    is_exhausted: bool,
    batch: usize,
    most: usize,
}

impl<'t, T: Reader, V: Stored> Scan<'t, T, V> {
    /// Over the rows of a bucket, from where the page begins.
    pub fn new(
        txn: &'t T,
        bucket: u64,
        space: fn(u64) -> Range<V>,
        key: fn(&Key<V>) -> Result<String, Fault>,
        page: &Page<'_>,
        start: &Start<'_>,
    ) -> Self {
        let end = (!page.prefix.is_empty()).then(|| successor(page.prefix));
        let most = page.limit + 1;
        let batch = if page.delimiter.is_some() { FIRST_BATCH.min(most) } else { most };
        let rest = space(bucket);
        let queue = VecDeque::new();
        let mut scan = Scan { txn, space, bucket, key, end, rest, queue, is_exhausted: false, batch, most };
        scan.rest = match start {
            Start::First => scan.range_from(page.prefix.as_bytes()),
            Start::Past(prefix) => scan.range_from(&successor(prefix).max(page.prefix.as_bytes().to_vec())),
            Start::After(key) if *key < page.prefix => scan.range_from(page.prefix.as_bytes()),
            Start::After(key) => scan.bounded(space(bucket).after(*key)),
        };
        scan
    }

    /// Begins within the entries of a key: after this row.
    pub fn after(mut self, range: Range<V>) -> Self {
        self.rest = self.bounded(range);
        self
    }

    fn range_from(&self, key: &[u8]) -> Range<V> {
        let all = (self.space)(self.bucket);
        self.bounded(if key.is_empty() { all } else { all.from(key) })
    }

    fn bounded(&self, range: Range<V>) -> Range<V> {
        match &self.end {
            Some(end) => range.until(end.as_slice()),
            None => range,
        }
    }
}

impl<T: Reader, V: Stored> Rows for Scan<'_, T, V> {
    type Entry = (Key<V>, V);

    fn next(&mut self) -> Result<Option<(String, Self::Entry)>, Fault> {
        if self.queue.is_empty() && !self.is_exhausted {
            let rows = self.txn.scan(&self.rest, Direction::Forward, self.batch)?;
            self.is_exhausted = rows.len() < self.batch;
            if let Some((last, _)) = rows.last() {
                self.rest = self.rest.clone().after_key(last);
            }
            self.queue = rows.into();
            self.batch = (self.batch * 2).min(self.most);
        }
        let Some((key, value)) = self.queue.pop_front() else { return Ok(None) };
        Ok(Some(((self.key)(&key)?, (key, value))))
    }

    fn seek(&mut self, key: &[u8]) {
        // Most of what is rolled up has not been read.
        while let Some((next, _)) = self.queue.front() {
            match (self.key)(next) {
                Ok(next) if next.as_bytes() < key => drop(self.queue.pop_front()),
                _ => return,
            }
        }
        self.rest = self.range_from(key);
        self.is_exhausted = false;
        self.batch = FIRST_BATCH.min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys in memory.
    struct Keys(VecDeque<&'static str>);

    impl Rows for Keys {
        type Entry = ();

        fn next(&mut self) -> Result<Option<(String, ())>, Fault> {
            Ok(self.0.pop_front().map(|key| (key.to_owned(), ())))
        }

        fn seek(&mut self, key: &[u8]) {
            self.0.retain(|next| next.as_bytes() >= key);
        }
    }

    fn check(page: &Page<'_>, keys: &[&'static str]) -> (Vec<String>, Vec<String>, bool) {
        let keys = Keys(keys.iter().copied().filter(|key| key.starts_with(page.prefix)).collect());
        let listed = walk(keys, page, |()| true).ok().unwrap();
        let entries = listed.entries.into_iter().map(|(key, ())| key).collect();
        (entries, listed.common_prefixes, listed.is_truncated)
    }

    #[test]
    fn keys_are_rolled_up_to_the_delimiter() {
        let keys = ["a/1", "a/2", "b", "c/1", "c/d/1"];
        let (entries, prefixes, is_truncated) = check(&Page::new(None, Some("/"), 10), &keys);
        assert_eq!(
            (entries, prefixes, is_truncated),
            (vec!["b".into()], vec!["a/".into(), "c/".into()], false)
        );
        let (entries, prefixes, _) = check(&Page::new(Some("c/"), Some("/"), 10), &keys);
        assert_eq!((entries, prefixes), (vec!["c/1".into()], vec!["c/d/".into()]));
        let (entries, prefixes, is_truncated) = check(&Page::new(None, Some("/"), 2), &keys);
        assert_eq!((entries, prefixes, is_truncated), (vec!["b".into()], vec!["a/".into()], true));
    }

    #[test]
    fn a_marker_stands_for_what_it_is_rolled_up_with() {
        let page = Page::new(Some("f/"), Some("/"), 1);
        assert!(matches!(page.after_marker(Some("f/a/1")), Start::Past("f/a/")));
        assert!(matches!(page.after_marker(Some("f/a")), Start::After("f/a")));
        assert!(matches!(page.after_marker(Some("")), Start::First));
    }
}
