//! What a start finds after a crash, a power cut, or damage.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use virga_store::{Counter, Direction, Durability, Fault, Reader, Space, Store, Ticket};

static COUNTS: Space<Counter> = Space::new("test.count");

/// Commits that set two counters to the same number: a half transaction would show.
fn commit_pair(store: &Store, number: i64) -> Ticket {
    let committed = store.write(|txn| {
        txn.put(&COUNTS.key(("left", number)), &Counter(number))?;
        txn.put(&COUNTS.key(("right", number)), &Counter(number))
    });
    committed.unwrap().ticket
}

/// How many pairs there are; fails unless they are the first ones, each whole.
fn whole_pairs(store: &Store) -> usize {
    let read = store.read().unwrap();
    let side = |name| {
        let rows = read.scan(&COUNTS.prefix(name), Direction::Forward, usize::MAX).unwrap();
        rows.into_iter().map(|(_, count)| count.0).collect::<Vec<_>>()
    };
    let (left, right) = (side("left"), side("right"));
    assert_eq!(left, right);
    assert!(left.iter().copied().eq(1..=i64::try_from(left.len()).unwrap()));
    left.len()
}

fn log_file(dir: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(dir.join("log")).unwrap().map(|item| item.unwrap().path()).collect();
    files.sort();
    files.pop().unwrap()
}

/// A folder whose log holds `pairs` pairs, the store closed by a crash, and the log's used length.
fn crashed(pairs: i64) -> (tempfile::TempDir, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
    let mut end = Ticket(0);
    for number in 1..=pairs {
        end = commit_pair(&store, number);
    }
    drop(store);
    let mut log = fs::read(log_file(dir.path())).unwrap();
    log.truncate(usize::try_from(end.0).unwrap());
    (dir, log)
}

fn open(dir: &Path) -> Result<Store, Fault> {
    Store::open(dir, Durability::Relaxed)
}

#[test]
fn a_log_cut_short_opens_with_whole_transactions() {
    let (dir, log) = crashed(4);
    let path = log_file(dir.path());
    let mut seen = vec![0];
    for length in (log.len() % 23..=log.len()).step_by(23) {
        fs::write(&path, &log[..length]).unwrap();
        let store = open(dir.path()).unwrap();
        let pairs = whole_pairs(&store);
        assert!(pairs >= *seen.last().unwrap());
        seen.push(pairs);
        // What is written after the cut is found again.
        commit_pair(&store, i64::try_from(pairs).unwrap() + 1);
        drop(store);
        let store = open(dir.path()).unwrap();
        assert_eq!(whole_pairs(&store), pairs + 1);
        drop(store);
        for item in fs::read_dir(dir.path().join("log")).unwrap() {
            fs::remove_file(item.unwrap().path()).unwrap();
        }
    }
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}

#[test]
fn a_torn_end_is_cut_off_and_never_comes_back() {
    let (dir, log) = crashed(4);
    let path = log_file(dir.path());
    // The third record is torn, the fourth reached the device whole.
    let mut torn = log.clone();
    let third = log.len() / 2 + 40;
    torn[third] ^= 0xFF;
    fs::write(&path, &torn).unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(whole_pairs(&store), 2);
    commit_pair(&store, 3);
    drop(store);
    assert_eq!(whole_pairs(&open(dir.path()).unwrap()), 3);
}

#[test]
fn damage_to_synced_commits_is_an_error_that_names_the_place() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Strict).unwrap();
    let mut first_end = 0;
    for number in 1..=3 {
        let ticket = commit_pair(&store, number);
        block_on(store.durable(ticket)).unwrap();
        first_end = if number == 1 { ticket.0 } else { first_end };
    }
    drop(store);
    let path = log_file(dir.path());
    let mut log = fs::read(&path).unwrap();
    log[usize::try_from(first_end).unwrap() + 30] ^= 1;
    fs::write(&path, &log).unwrap();
    let message = open(dir.path()).err().unwrap().to_string();
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    assert!(message.contains(&format!("offset {first_end}")), "{message}");
}

#[test]
fn a_closed_store_opens_from_its_base_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    for number in 1..=100 {
        commit_pair(&store, number);
    }
    store.close().unwrap();
    drop(store);
    assert_eq!(fs::read_dir(dir.path().join("log")).unwrap().count(), 0);
    let store = open(dir.path()).unwrap();
    assert_eq!(whole_pairs(&store), 100);
    commit_pair(&store, 101);
    drop(store);
    assert_eq!(whole_pairs(&open(dir.path()).unwrap()), 101);
}

#[test]
fn a_cleared_store_stays_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    commit_pair(&store, 1);
    store.close().unwrap();
    store.clear().unwrap();
    drop(store);
    let store = open(dir.path()).unwrap();
    assert_eq!(whole_pairs(&store), 0);
    commit_pair(&store, 1);
    commit_pair(&store, 2);
    store.close().unwrap();
    assert_eq!(whole_pairs(&store), 2);
}

#[test]
fn a_second_process_is_kept_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    assert!(open(dir.path()).err().unwrap().to_string().contains("another process"));
    drop(store);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_log_that_cannot_be_written_refuses_commits_until_it_can() {
    for durability in [Durability::Relaxed, Durability::Strict] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), durability).unwrap();
        let log = dir.path().join("log");
        fs::remove_dir(&log).unwrap();
        let commit = |number| {
            let committed = store.write(|txn| txn.put(&COUNTS.key(("x", number)), &Counter(number)))?;
            block_on(store.durable(committed.ticket))
        };
        assert!(commit(1).is_err());
        let refused = store.write(|txn| txn.put(&COUNTS.key(("x", 2i64)), &Counter(2)));
        assert!(refused.unwrap_err().to_string().contains("cannot write the log"));
        fs::create_dir(&log).unwrap();
        commit(3).unwrap();
        drop(store);
        let store = Store::open(dir.path(), durability).unwrap();
        let found = store.read().unwrap().scan(&COUNTS.all(), Direction::Forward, 9).unwrap();
        // The first commit's outcome was unknown, and it happened; the refused one never did.
        assert_eq!(found.iter().map(|(_, count)| count.0).collect::<Vec<_>>(), [1, 3]);
    }
}

#[test]
fn strict_commits_of_many_threads_are_all_synced() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Strict).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..20u8 {
                    let key = COUNTS.key(("many", thread, number));
                    let committed = store.write(|txn| txn.put(&key, &Counter(1))).unwrap();
                    block_on(store.durable(committed.ticket)).unwrap();
                }
            });
        }
    });
    drop(store);
    let store = open(dir.path()).unwrap();
    let keys = store.read().unwrap().scan_keys(&COUNTS.all(), Direction::Forward, 1000).unwrap();
    assert_eq!(keys.len(), 160);
}

#[test]
fn the_log_rolls_over_segments_and_large_commits() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let body = vec![7u8; 3 << 20];
    for number in 0..4u8 {
        // One value of 9 MiB is larger than a segment.
        let value = Blob(body.repeat(if number == 2 { 3 } else { 1 }));
        store.write(|txn| txn.put(&BLOBS.key(number), &value)).unwrap();
    }
    drop(store);
    let store = open(dir.path()).unwrap();
    let sizes: Vec<_> = store
        .read()
        .unwrap()
        .scan(&BLOBS.all(), Direction::Forward, 9)
        .unwrap()
        .into_iter()
        .map(|(_, blob)| blob.0.len() >> 20)
        .collect();
    assert_eq!(sizes, [3, 3, 9, 3]);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Blob(Vec<u8>);
virga_store::stored!(Blob, 1);
static BLOBS: Space<Blob> = Space::new("test.blob");

/// Polls a future on this thread, which sleeps in between.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
