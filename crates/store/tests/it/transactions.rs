//! Transactions: own writes, conflicts, counters, hooks, forks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use virga_store::{CommitError, Counter, Direction, Durability, Fault, Reader, Space, Store, Write, stored};

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Row(String);
stored!(Row, 1);

static ROWS: Space<Row> = Space::new("test.row");
static COUNTS: Space<Counter> = Space::new("test.count");

fn row(text: &str) -> Row {
    Row(text.to_owned())
}

fn put(store: &Store, name: &str, text: &str) {
    store.write(|txn| txn.put(&ROWS.key(name), &row(text))).unwrap();
}

fn names(reader: &impl Reader, direction: Direction, limit: usize) -> Vec<String> {
    let rows = reader.scan(&ROWS.all(), direction, limit).unwrap();
    rows.iter().map(|(key, _)| key.parts::<(String,)>().unwrap().0).collect()
}

#[test]
fn a_transaction_sees_its_own_writes_in_gets_and_scans() {
    let store = Store::memory();
    for name in ["b", "d", "f"] {
        put(&store, name, "old");
    }
    store
        .write(|txn| {
            txn.put(&ROWS.key("a"), &row("new"))?;
            txn.put(&ROWS.key("d"), &row("new"))?;
            txn.delete(&ROWS.key("f"))?;
            assert_eq!(txn.get(&ROWS.key("d"))?, Some(row("new")));
            assert_eq!(txn.get(&ROWS.key("f"))?, None);
            assert_eq!(names(txn, Direction::Forward, 9), ["a", "b", "d"]);
            assert_eq!(names(txn, Direction::Backward, 2), ["d", "b"]);
            assert_eq!(names(&store.read()?, Direction::Forward, 9), ["b", "d", "f"]);
            Ok::<_, Fault>(())
        })
        .unwrap();
    assert_eq!(names(&store.read().unwrap(), Direction::Backward, 9), ["d", "b", "a"]);
}

/// The names and texts that a visit shows, up to the first name for which `is_last` is true.
fn visited(store: &Store, direction: Direction, is_last: fn(&str) -> bool) -> Vec<(String, Row)> {
    let mut seen = Vec::new();
    let visited = store.read().unwrap().visit(&ROWS.all(), direction, |row| {
        let (name,): (String,) = row.key().parts()?;
        assert!(row.body().is_some_and(|body| !body.is_empty()));
        seen.push((name, row.record()?));
        Ok::<_, Fault>(!is_last(&seen[seen.len() - 1].0))
    });
    visited.unwrap();
    seen
}

#[test]
fn a_visit_shows_what_a_scan_finds_in_memory_and_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    for store in [Store::memory(), Store::open(folder.path(), Durability::Relaxed).unwrap()] {
        for name in ["a", "b", "c", "d", "e"] {
            put(&store, name, name);
        }
        store.close().unwrap();
        put(&store, "c", "new");
        store.write(|txn| txn.delete(&ROWS.key("d"))).unwrap();
        let expected = [("a", "a"), ("b", "b"), ("c", "new"), ("e", "e")];
        let mut expected = expected.map(|(name, text)| (name.to_owned(), row(text)));
        assert_eq!(visited(&store, Direction::Forward, |_| false), expected);
        assert_eq!(visited(&store, Direction::Forward, |name| name == "b"), expected[..2]);
        expected.reverse();
        assert_eq!(visited(&store, Direction::Backward, |_| false), expected);
        assert_eq!(visited(&store, Direction::Backward, |name| name == "c"), expected[..2]);
    }
}

#[test]
fn what_a_visit_comes_to_is_what_its_look_says() {
    let store = Store::memory();
    let visit = |store: &Store| {
        store.read()?.visit(&ROWS.all(), Direction::Forward, |_| Err::<bool, _>(Fault::new("seen")))
    };
    assert!(visit(&store).is_ok());
    put(&store, "a", "x");
    assert_eq!(visit(&store).map_err(|fault| fault.to_string()), Err("seen".to_owned()));
}

#[test]
fn an_error_rolls_back() {
    let store = Store::memory();
    let result = store.write(|txn| {
        txn.put(&ROWS.key("a"), &row("x"))?;
        Err::<(), _>(Fault::new("no"))
    });
    assert!(result.is_err());
    assert_eq!(names(&store.read().unwrap(), Direction::Forward, 9), [""; 0]);
}

#[test]
fn write_skew_conflicts() {
    let store = Store::memory();
    put(&store, "a", "on");
    put(&store, "b", "on");
    let (mut one, mut two) = (store.begin().unwrap(), store.begin().unwrap());
    assert_eq!(one.get(&ROWS.key("b")).unwrap(), Some(row("on")));
    assert_eq!(two.get(&ROWS.key("a")).unwrap(), Some(row("on")));
    one.put(&ROWS.key("a"), &row("off")).unwrap();
    two.put(&ROWS.key("b"), &row("off")).unwrap();
    assert!(store.commit(one).is_ok());
    assert!(matches!(store.commit(two), Err(CommitError::Conflict)));
}

#[test]
fn phantoms_conflict_within_the_part_that_was_read() {
    let store = Store::memory();
    for name in ["b", "d", "f"] {
        put(&store, name, "x");
    }
    // Where a row appears, and whether a transaction that read the first or the last two rows minds.
    for (name, forward, backward) in
        [("a", true, false), ("c", true, false), ("e", false, true), ("g", false, true)]
    {
        let store = store.fork().unwrap();
        let (mut first, mut last) = (store.begin().unwrap(), store.begin().unwrap());
        assert_eq!(names(&first, Direction::Forward, 2), ["b", "d"]);
        assert_eq!(names(&last, Direction::Backward, 2), ["f", "d"]);
        put(&store, name, "phantom");
        first.put(&ROWS.key("z"), &row("x")).unwrap();
        last.put(&ROWS.key("0"), &row("x")).unwrap();
        assert_eq!(store.commit(first).is_err(), forward, "forward, {name}");
        // The first transaction's row lies past the last row that the second has read.
        let expect = backward || !forward;
        assert_eq!(store.commit(last).is_err(), expect, "backward, {name}");
    }
}

#[test]
fn absence_is_read_too_and_blind_writes_never_conflict() {
    let store = Store::memory();
    let (mut one, mut two, mut blind) =
        (store.begin().unwrap(), store.begin().unwrap(), store.begin().unwrap());
    one.insert(&ROWS.key("a"), &row("1")).unwrap();
    two.insert(&ROWS.key("a"), &row("2")).unwrap();
    blind.put(&ROWS.key("a"), &row("3")).unwrap();
    assert!(store.commit(one).is_ok());
    assert!(matches!(store.commit(two), Err(CommitError::Conflict)));
    assert!(store.commit(blind).is_ok());
    assert_eq!(store.read().unwrap().get(&ROWS.key("a")).unwrap(), Some(row("3")));
    let again = store.write(|txn| txn.insert(&ROWS.key("a"), &row("4")));
    assert!(again.unwrap_err().to_string().contains("exists"));
}

#[test]
fn snapshot_reads_do_not_conflict() {
    let store = Store::memory();
    put(&store, "a", "x");
    let mut txn = store.begin().unwrap();
    assert_eq!(txn.snapshot_scan(&ROWS.all(), Direction::Forward, 9).unwrap().len(), 1);
    assert!(txn.snapshot_get(&ROWS.key("a")).unwrap().is_some());
    txn.put(&ROWS.key("b"), &row("x")).unwrap();
    put(&store, "a", "y");
    assert!(store.commit(txn).is_ok());
}

#[test]
fn what_is_picked_conflicts_by_itself() {
    let store = Store::memory();
    for name in ["b", "d", "f", "h"] {
        put(&store, name, "x");
    }
    // Which row is changed, and whether a transaction minds that picked the second and the third.
    for (name, minds) in [("a", false), ("b", false), ("c", false), ("d", true), ("f", true), ("h", false)] {
        let store = store.fork().unwrap();
        let mut txn = store.begin().unwrap();
        let picked = txn.pick(&ROWS.all(), 1, 2).unwrap();
        assert_eq!(picked, [(ROWS.key("d"), row("x")), (ROWS.key("f"), row("x"))]);
        assert_eq!(txn.pick(&ROWS.all(), 4, 2).unwrap(), []);
        put(&store, name, "changed");
        txn.put(&ROWS.key("z"), &row("x")).unwrap();
        assert_eq!(store.commit(txn).is_err(), minds, "{name}");
    }
}

#[test]
fn what_is_picked_shows_the_changes_of_the_transaction() {
    let store = Store::memory();
    for name in ["b", "d", "f"] {
        put(&store, name, "x");
    }
    let mut txn = store.begin().unwrap();
    txn.delete(&ROWS.key("b")).unwrap();
    txn.put(&ROWS.key("e"), &row("own")).unwrap();
    let picked = txn.pick(&ROWS.all(), 1, 2).unwrap();
    assert_eq!(picked, [(ROWS.key("e"), row("own")), (ROWS.key("f"), row("x"))]);
    put(&store, "f", "changed");
    assert!(store.commit(txn).is_err());
}

#[test]
fn additions_commute_and_reading_a_counter_conflicts() {
    let store = Store::memory();
    let key = COUNTS.key("hot");
    let (mut one, mut two, mut reader) =
        (store.begin().unwrap(), store.begin().unwrap(), store.begin().unwrap());
    one.add(&key, 5).unwrap();
    one.add(&key, -2).unwrap();
    assert_eq!(one.snapshot_counter(&key).unwrap(), 3);
    two.add(&key, 10).unwrap();
    assert_eq!(reader.counter(&key).unwrap(), 0);
    reader.add(&key, 100).unwrap();
    assert!(store.commit(one).is_ok());
    assert!(store.commit(two).is_ok());
    assert!(store.commit(reader).is_err());
    assert_eq!(store.read().unwrap().counter(&key).unwrap(), 13);
    store
        .write(|txn| {
            txn.add(&key, 1)?;
            let found = txn.scan(&COUNTS.all(), Direction::Backward, 2)?;
            assert_eq!(found, [(key.clone(), Counter(14))]);
            txn.delete(&key)?;
            txn.add(&key, 7)?;
            assert_eq!(txn.counter(&key)?, 7);
            Ok::<_, Fault>(())
        })
        .unwrap();
    assert_eq!(store.read().unwrap().counter(&key).unwrap(), 7);
}

#[test]
fn concurrent_increments_by_reading_lose_nothing() {
    let store = Store::memory();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let step = store.write(|txn| {
                        let count = txn.get(&ROWS.key("n"))?.map_or(0, |row| row.0.parse::<u32>().unwrap());
                        txn.put(&ROWS.key("n"), &Row((count + 1).to_string()))
                    });
                    step.unwrap();
                }
            });
        }
    });
    assert_eq!(store.read().unwrap().get(&ROWS.key("n")).unwrap(), Some(row("800")));
}

#[test]
fn hooks_run_after_a_commit_and_not_after_a_conflict() {
    let store = Store::memory();
    let runs = Arc::new(AtomicUsize::new(0));
    let begin = || {
        let mut txn = store.begin().unwrap();
        let runs = Arc::clone(&runs);
        txn.on_commit(move || {
            runs.fetch_add(1, Ordering::Relaxed);
        });
        txn
    };
    let mut loser = begin();
    assert!(!loser.contains(&ROWS.key("a")).unwrap());
    loser.put(&ROWS.key("b"), &row("x")).unwrap();
    put(&store, "a", "x");
    assert!(store.commit(loser).is_err());
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    store.commit(begin()).unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn delete_range_is_bounded() {
    let store = Store::memory();
    for name in ["a", "b", "c"] {
        put(&store, name, "x");
    }
    let deleted = store.write(|txn| txn.delete_range(&ROWS.all(), 2)).unwrap().value;
    assert_eq!(deleted, 2);
    assert_eq!(names(&store.read().unwrap(), Direction::Forward, 9), ["c"]);
}

#[test]
fn forks_and_their_origin_do_not_see_each_other() {
    let store = Store::memory();
    put(&store, "a", "x");
    let fork = store.fork().unwrap();
    put(&store, "b", "x");
    fork.write(|txn| txn.delete(&ROWS.key("a"))).unwrap();
    put(&fork, "c", "x");
    assert_eq!(names(&store.read().unwrap(), Direction::Forward, 9), ["a", "b"]);
    assert_eq!(names(&fork.read().unwrap(), Direction::Forward, 9), ["c"]);
}

#[test]
fn clear_empties_and_conflicts_with_transactions_under_way() {
    let store = Store::memory();
    put(&store, "a", "x");
    let mut txn = store.begin().unwrap();
    assert!(txn.contains(&ROWS.key("a")).unwrap());
    txn.put(&ROWS.key("b"), &row("x")).unwrap();
    store.clear().unwrap();
    assert!(store.commit(txn).is_err());
    assert_eq!(names(&store.read().unwrap(), Direction::Forward, 9), [""; 0]);
}

#[test]
fn what_a_transaction_reads_holds_together() {
    let store = Store::memory();
    for name in ["a", "b", "c"] {
        put(&store, name, "old");
    }
    let (one, other) = (store.begin().unwrap(), store.begin().unwrap());
    assert_eq!(one.get(&ROWS.key("a")).unwrap(), Some(row("old")));
    assert_eq!(other.get(&ROWS.key("c")).unwrap(), Some(row("old")));
    put(&store, "a", "new");
    put(&store, "b", "new");
    // Nothing that the other has read has changed: it goes on with the newest state.
    assert_eq!(other.get(&ROWS.key("b")).unwrap(), Some(row("new")));
    assert!(!other.is_stale());
    assert!(one.get(&ROWS.key("b")).is_err());
    assert!(one.is_stale() && names_or_error(&one).is_err());
    assert!(matches!(store.commit(one), Err(CommitError::Conflict)));
    assert!(store.commit(other).is_ok());
}

fn names_or_error(txn: &Write) -> Result<usize, Fault> {
    txn.scan_keys(&ROWS.all(), Direction::Forward, 9).map(|keys| keys.len())
}

#[test]
fn a_void_error_is_no_answer() {
    let store = Store::memory();
    put(&store, "a", "old");
    put(&store, "b", "old");
    let mut runs = 0;
    let result = store.write(|txn| {
        runs += 1;
        let a = txn.get(&ROWS.key("a"))?;
        if runs == 1 {
            put(&store, "a", "new");
            put(&store, "b", "new");
        }
        match txn.get(&ROWS.key("b")) {
            Ok(b) if a == b => Ok(()),
            _ => Err(Fault::new("the rows differ")),
        }
    });
    assert!(result.is_ok());
    assert_eq!(runs, 2);
}

#[test]
fn a_long_scan_holds_together_and_with_what_was_read_before() {
    const ROWS_IN_ALL: usize = 300;
    let store = Store::memory();
    let fill = |value| {
        store.write(|txn| {
            (0..ROWS_IN_ALL).try_for_each(|number| txn.put(&ROWS.key(format!("{number:03}")), &row(value)))
        })
    };
    fill("old").unwrap();
    let writer = std::thread::spawn({
        let store = store.clone();
        move || {
            for round in 0..200 {
                let value = format!("{round}");
                store
                    .write(|txn| {
                        [0, 150, 299]
                            .into_iter()
                            .try_for_each(|number| txn.put(&ROWS.key(format!("{number:03}")), &row(&value)))
                    })
                    .unwrap();
            }
        }
    });
    for direction in [Direction::Forward, Direction::Backward].into_iter().cycle().take(100) {
        let rows = store.write(|txn| txn.scan(&ROWS.all(), direction, usize::MAX)).unwrap().value;
        assert_eq!(rows.len(), ROWS_IN_ALL);
        assert!(rows[0].1 == rows[ROWS_IN_ALL - 1].1, "the ends were written together");
    }
    writer.join().unwrap();
}
