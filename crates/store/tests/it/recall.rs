//! Records that are recalled: decoded once, and never older than what is there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use virga_store::{CommitError, Durability, Fault, Reader, Space, Store, Write, stored};

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Row(String);
stored!(Row, 1);

static ROWS: Space<Row> = Space::new("recall.row");
static OTHERS: Space<Row> = Space::new("recall.other");

fn row(text: &str) -> Row {
    Row(text.to_owned())
}

fn put(store: &Store, space: &Space<Row>, text: &str) {
    store.write(|txn| txn.put(&space.key("a"), &row(text))).unwrap();
}

fn recalled(reader: &impl Reader) -> Option<Arc<Row>> {
    reader.recall(&ROWS.key("a")).unwrap()
}

fn committed(store: &Store) -> Option<Arc<Row>> {
    store
        .write(|txn| txn.recall(&ROWS.key("a")))
        .map(|committed: virga_store::Committed<_>| committed.value)
        .unwrap()
}

/// Makes the space known to the engine and the record to this thread.
fn learn(store: &Store) {
    recalled(&store.read().unwrap());
    recalled(&store.read().unwrap());
}

#[test]
fn a_record_is_decoded_once_until_its_space_changes() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    learn(&store);
    let first = recalled(&store.read().unwrap()).unwrap();
    put(&store, &OTHERS, "beside");
    assert!(
        Arc::ptr_eq(&first, &recalled(&store.read().unwrap()).unwrap()),
        "nothing of its space has changed"
    );
    assert!(Arc::ptr_eq(&first, &committed(&store).unwrap()), "transactions and views share it");
    store.write(|txn| txn.put(&ROWS.key("b"), &row("another"))).unwrap();
    let second = recalled(&store.read().unwrap()).unwrap();
    assert!(!Arc::ptr_eq(&first, &second), "its space has changed, so it is decoded again");
    assert_eq!(first, second);
}

#[test]
fn what_is_recalled_is_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Store::open(folder.path(), Durability::Relaxed).unwrap();
    for store in [Store::memory(), disk] {
        learn(&store);
        assert_eq!(recalled(&store.read().unwrap()), None);
        put(&store, &ROWS, "one");
        assert_eq!(committed(&store).as_deref(), Some(&row("one")));
        // What a checkpoint has moved to the base is recalled from there.
        store.close().unwrap();
        put(&store, &ROWS, "two");
        assert_eq!(recalled(&store.read().unwrap()).as_deref(), Some(&row("two")));
        store.write(|txn| txn.delete(&ROWS.key("a"))).unwrap();
        assert_eq!(committed(&store), None);
        put(&store, &ROWS, "three");
        assert_eq!(committed(&store).as_deref(), Some(&row("three")));
        store.clear().unwrap();
        assert_eq!(recalled(&store.read().unwrap()), None);
        assert_eq!(committed(&store), None);
    }
}

#[test]
fn a_view_recalls_its_own_moment() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    learn(&store);
    let before = store.read().unwrap();
    put(&store, &ROWS, "two");
    assert_eq!(recalled(&store.read().unwrap()).as_deref(), Some(&row("two")));
    assert_eq!(recalled(&store.read().unwrap()).as_deref(), Some(&row("two")));
    assert_eq!(recalled(&before).as_deref(), Some(&row("one")));
    assert_eq!(
        recalled(&store.read().unwrap()).as_deref(),
        Some(&row("two")),
        "the old view leaves no trace"
    );
}

#[test]
fn forks_and_their_origin_recall_their_own() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    learn(&store);
    let fork = store.fork().unwrap();
    put(&store, &ROWS, "two");
    learn(&fork);
    assert_eq!(recalled(&fork.read().unwrap()).as_deref(), Some(&row("one")));
    assert_eq!(recalled(&store.read().unwrap()).as_deref(), Some(&row("two")));
}

#[test]
fn a_transaction_recalls_its_own_writes() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    learn(&store);
    let own = |txn: &mut Write| {
        txn.put(&ROWS.key("a"), &row("own"))?;
        let own = txn.recall(&ROWS.key("a"))?;
        txn.delete(&ROWS.key("a"))?;
        Ok::<_, Fault>((own, txn.recall(&ROWS.key("a"))?))
    };
    let (put, deleted) = store.write(own).unwrap().value;
    assert_eq!((put.as_deref(), deleted), (Some(&row("own")), None));
}

#[test]
fn recalling_conflicts_with_a_change_of_the_space() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    learn(&store);
    let mut txn = store.begin().unwrap();
    assert_eq!(recalled(&txn).as_deref(), Some(&row("one")));
    txn.put(&OTHERS.key("b"), &row("decided on it")).unwrap();
    put(&store, &OTHERS, "beside");
    put(&store, &ROWS, "two");
    assert!(matches!(store.commit(txn), Err(CommitError::Conflict)));
}

#[test]
fn what_is_recalled_holds_together_with_other_reads() {
    let store = Store::memory();
    put(&store, &ROWS, "one");
    put(&store, &OTHERS, "one");
    learn(&store);
    let change_both = || {
        store.write(|txn| {
            txn.put(&ROWS.key("a"), &row("two"))?;
            txn.put(&OTHERS.key("a"), &row("two"))
        })
    };
    // First what is read, then what is recalled.
    let txn = store.begin().unwrap();
    txn.get(&OTHERS.key("a")).unwrap();
    change_both().unwrap();
    assert!(txn.recall(&ROWS.key("a")).is_err());
    assert!(txn.is_stale());
    // And the other way round, from memory and not.
    learn(&store);
    for space in [&OTHERS, &ROWS] {
        let txn = store.begin().unwrap();
        txn.recall(&ROWS.key("a")).unwrap();
        change_both().unwrap();
        let later = match std::ptr::eq(space, &raw const OTHERS) {
            true => txn.get(&space.key("a")).map(drop),
            false => txn.recall(&space.key("a")).map(drop),
        };
        assert!(later.is_err() && txn.is_stale());
    }
}

#[test]
fn reads_that_are_done_at_once_conflict_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Store::open(folder.path(), Durability::Relaxed).unwrap();
    for store in [Store::memory(), disk] {
        put(&store, &ROWS, "one");
        // On disk, what is looked for is in the base, which is read without the lock.
        store.close().unwrap();
        let mut txn = store.begin().unwrap();
        let found = txn.at_once(|txn| Ok::<_, Fault>((txn.get(&ROWS.key("a"))?, txn.get(&OTHERS.key("a"))?)));
        assert_eq!(found.unwrap(), (Some(row("one")), None));
        put(&store, &OTHERS, "beside");
        txn.put(&ROWS.key("b"), &row("decided on it")).unwrap();
        assert!(matches!(store.commit(txn), Err(CommitError::Conflict)));
    }
}

#[test]
fn many_threads_recall_nothing_that_is_over() {
    const CHANGES: usize = 2000;
    let store = Store::memory();
    put(&store, &ROWS, "0");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while last < CHANGES {
                    let found = committed(&store).unwrap().0.parse().unwrap();
                    assert!(found >= last, "{found} after {last}");
                    let viewed = recalled(&store.read().unwrap()).unwrap().0.parse().unwrap();
                    assert!(viewed >= found, "a view shows {viewed} after {found}");
                    last = viewed;
                }
            });
        }
        scope.spawn(|| (1..=CHANGES).for_each(|change| put(&store, &ROWS, &change.to_string())));
    });
}
