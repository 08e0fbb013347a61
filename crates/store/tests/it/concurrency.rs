//! Many threads at once: what must hold in every serial order holds.

use std::sync::atomic::{AtomicBool, Ordering};

use virga_store::{Counter, Direction, Durability, Fault, Key, Reader, Space, Store};

static ACCOUNTS: Space<Counter> = Space::new("test.account");
static TOTALS: Space<Counter> = Space::new("test.total");
static LOG: Space<Counter> = Space::new("test.log");

const COUNT: u64 = 12;
const TURNS: u64 = 300;

fn account(number: u64) -> Key<Counter> {
    ACCOUNTS.key(number)
}

fn sum(reader: &impl Reader) -> Result<i64, Fault> {
    let accounts = reader.scan(&ACCOUNTS.all(), Direction::Forward, usize::MAX)?;
    Ok(accounts.iter().map(|(_, count)| count.0).sum())
}

/// Moves an amount, or opens and closes accounts; the sum stays, and each turn is counted and logged.
fn turn(store: &Store, random: &mut fastrand::Rng) {
    let (from, to, amount) = (random.u64(0..COUNT), random.u64(0..COUNT), random.i64(1..50));
    let result = store.write(|txn| {
        let before = sum(txn)?;
        assert_eq!(before, 1000, "what is read holds together");
        match (txn.get(&account(from))?, txn.get(&account(to))?) {
            (Some(Counter(source)), Some(Counter(target))) if from != to => {
                txn.put(&account(from), &Counter(source - amount))?;
                txn.put(&account(to), &Counter(target + amount))?;
            }
            (Some(Counter(0)), _) => txn.delete(&account(from))?,
            (None, _) => txn.insert(&account(from), &Counter(0))?,
            _ => {}
        }
        assert_eq!(sum(txn)?, before);
        txn.add(&TOTALS.key("turns"), 1)?;
        let next = txn.last(&LOG.all())?.map_or(0, |(_, count)| count.0 + 1);
        txn.insert(&LOG.key(next), &Counter(next))
    });
    result.unwrap();
}

fn run(store: &Store, threads: u64) {
    store.write(|txn| txn.put(&account(0), &Counter(1000))).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|seed| {
                scope.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(seed);
                    (0..TURNS).for_each(|_| turn(store, &mut random));
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert_eq!(sum(&store.read().unwrap()).unwrap(), 1000);
                store.close().unwrap();
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    check(store, threads);
}

fn check(store: &Store, threads: u64) {
    let turns = i64::try_from(threads * TURNS).unwrap();
    let read = store.read().unwrap();
    assert_eq!(sum(&read).unwrap(), 1000);
    assert_eq!(read.counter(&TOTALS.key("turns")).unwrap(), turns);
    let log = read.scan(&LOG.all(), Direction::Forward, usize::MAX).unwrap();
    assert!(log.iter().map(|(_, count)| count.0).eq(0..turns), "each turn has seen the one before");
}

#[test]
fn invariants_hold_in_memory() {
    run(&Store::memory(), 4);
}

#[test]
fn invariants_hold_on_disk_under_checkpoints_and_after_a_crash() {
    for durability in [Durability::Relaxed, Durability::Strict] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), durability).unwrap();
        run(&store, 3);
        drop(store);
        // Nobody waited for the strict commits; the last checkpoint or sync has them all or a prefix.
        if durability == Durability::Relaxed {
            check(&Store::open(dir.path(), durability).unwrap(), 3);
        }
    }
}

#[test]
fn a_snapshot_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
    let step = |amount| store.write(|txn| txn.put(&account(1), &Counter(amount))).map(|_| ());
    step(1).unwrap();
    let read = store.read().unwrap();
    let see = || read.get(&account(1)).unwrap();
    let change = || -> Result<(), Fault> {
        step(2)?;
        store.close()?;
        step(3)?;
        store.clear()?;
        store.close()
    };
    change().unwrap();
    assert_eq!(see(), Some(Counter(1)));
    assert_eq!(store.read().unwrap().get(&account(1)).unwrap(), None);
}
