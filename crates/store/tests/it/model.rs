//! Random histories against a reference model: a plain ordered map.
//!
//! On disk the histories include checkpoints under way, crashes and restarts. A failure prints its seed.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use virga_store::{Counter, Direction, Durability, Fault, Key, Reader, Space, Store, Write, stored};

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Row(Vec<u8>);
stored!(Row, 1);

static ROWS: Space<Row> = Space::new("test.row");
static COUNTS: Space<Counter> = Space::new("test.count");

/// So few keys that transactions often meet what others left.
const KEYS: u16 = 60;
const COUNTERS: u8 = 4;

#[derive(Clone, Default, PartialEq, Debug)]
struct Model {
    rows: BTreeMap<u16, Row>,
    counts: BTreeMap<u8, i64>,
}

impl Model {
    fn range(&self, from: u16, until: u16, direction: Direction, limit: usize) -> Vec<(u16, Row)> {
        if from >= until {
            return Vec::new();
        }
        let rows = self.rows.range(from..until).map(|(number, row)| (*number, row.clone()));
        match direction {
            Direction::Forward => rows.take(limit).collect(),
            Direction::Backward => rows.rev().take(limit).collect(),
        }
    }
}

fn row_key(number: u16) -> Key<Row> {
    ROWS.key(("r", number))
}

/// Compares a random range, in a random direction, up to a random limit.
fn check_range(rng: &mut fastrand::Rng, reader: &impl Reader, model: &Model) {
    let (from, until) = (rng.u16(0..KEYS), rng.u16(0..=KEYS));
    let direction = if rng.bool() { Direction::Forward } else { Direction::Backward };
    let limit = rng.usize(0..20);
    let found = reader.scan(&ROWS.prefix("r").from(from).until(until), direction, limit).unwrap();
    let found: Vec<_> =
        found.into_iter().map(|(key, row)| (key.parts::<(String, u16)>().unwrap().1, row)).collect();
    assert_eq!(found, model.range(from, until, direction, limit));
}

fn check_all(store: &Store, model: &Model) {
    let read = store.read().unwrap();
    let rows = read.scan(&ROWS.all(), Direction::Forward, usize::MAX).unwrap();
    let rows = rows.into_iter().map(|(key, row)| (key.parts::<(String, u16)>().unwrap().1, row)).collect();
    let counts = read.scan(&COUNTS.all(), Direction::Forward, usize::MAX).unwrap();
    let counts = counts.into_iter().map(|(key, count)| (key.parts::<(u8,)>().unwrap().0, count.0)).collect();
    assert_eq!(Model { rows, counts }, *model);
}

/// One random step of a transaction, on the transaction and on the model.
fn step(rng: &mut fastrand::Rng, txn: &mut Write, model: &mut Model) {
    let number = rng.u16(0..KEYS);
    let key = row_key(number);
    let row = Row((0..rng.usize(0..300)).map(|_| rng.u8(..)).collect());
    match rng.u8(0..10) {
        0..3 => {
            txn.put(&key, &row).unwrap();
            model.rows.insert(number, row);
        }
        3 if !model.rows.contains_key(&number) => {
            txn.put_new(&key, &row).unwrap();
            model.rows.insert(number, row);
        }
        3..5 => {
            let inserted = txn.insert(&key, &row).is_ok();
            assert_eq!(inserted, !model.rows.contains_key(&number));
            model.rows.entry(number).or_insert(row);
        }
        5..7 => {
            txn.delete(&key).unwrap();
            model.rows.remove(&number);
        }
        7 => {
            let counter = rng.u8(0..COUNTERS);
            let delta = rng.i64(-9..9);
            txn.add(&COUNTS.key(counter), delta).unwrap();
            *model.counts.entry(counter).or_default() += delta;
        }
        8 => {
            let counter = rng.u8(0..COUNTERS);
            let count = txn.counter(&COUNTS.key(counter)).unwrap();
            assert_eq!(count, model.counts.get(&counter).copied().unwrap_or(0));
            if rng.u8(..) < 20 {
                txn.delete(&COUNTS.key(counter)).unwrap();
                model.counts.remove(&counter);
            }
        }
        _ => {
            assert_eq!(txn.get(&key).unwrap(), model.rows.get(&number).cloned());
            check_range(rng, txn, model);
        }
    }
}

/// One random transaction, which may be given up.
fn transact(rng: &mut fastrand::Rng, store: &Store, model: &mut Model) {
    let mut after = model.clone();
    let steps = rng.usize(1..8);
    let give_up = rng.u8(..) < 25;
    let result = store.write(|txn| {
        for _ in 0..steps {
            step(rng, txn, &mut after);
        }
        if give_up { Err(Fault::new("given up")) } else { Ok(()) }
    });
    assert_eq!(result.is_ok(), !give_up);
    if result.is_ok() {
        *model = after;
    }
}

/// Runs `run` with a fresh seed and names the seed if it fails.
fn seeded(rounds: u32, run: impl Fn(&mut fastrand::Rng)) {
    for _ in 0..rounds {
        let seed = fastrand::u64(..);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run(&mut fastrand::Rng::with_seed(seed));
        }));
        assert!(result.is_ok(), "failed with seed {seed}");
    }
}

#[test]
fn memory_histories_agree_with_the_model() {
    seeded(10, |rng| {
        let (mut store, mut model) = (Store::memory(), Model::default());
        for _ in 0..300 {
            transact(rng, &store, &mut model);
            match rng.u8(..) {
                0..4 => {
                    store.clear().unwrap();
                    model = Model::default();
                }
                4..8 => store = store.fork().unwrap(),
                _ => {}
            }
        }
        check_all(&store, &model);
    });
}

/// A store that was dropped without being closed has done what a killed one has: the log is written,
/// nothing else.
fn disk_history(rng: &mut fastrand::Rng, dir: &Path, durability: Durability) {
    let mut store = Store::open(dir, durability).unwrap();
    let mut model = Model::default();
    let mut forks: Vec<(Store, Model)> = Vec::new();
    for _ in 0..250 {
        match rng.u8(..) {
            0..10 => {
                drop(store);
                forks.clear();
                store = Store::open(dir, durability).unwrap();
                check_all(&store, &model);
            }
            10..22 => std::thread::scope(|scope| {
                scope.spawn(|| store.close().unwrap());
                for _ in 0..rng.usize(0..6) {
                    transact(rng, &store, &mut model);
                }
            }),
            22..25 => {
                store.clear().unwrap();
                model = Model::default();
            }
            25..30 => forks.push((store.fork().unwrap(), model.clone())),
            30..60 if !forks.is_empty() => {
                let choice = rng.usize(0..forks.len());
                let (fork, model) = &mut forks[choice];
                transact(rng, fork, model);
                check_range(rng, &fork.read().unwrap(), model);
            }
            _ => transact(rng, &store, &mut model),
        }
        check_range(rng, &store.read().unwrap(), &model);
    }
    for (fork, model) in &forks {
        check_all(fork, model);
    }
    store.close().unwrap();
    check_all(&store, &model);
}

#[test]
fn disk_histories_with_crashes_agree_with_the_model() {
    seeded(6, |rng| {
        let dir = tempfile::tempdir().unwrap();
        disk_history(rng, dir.path(), Durability::Relaxed);
    });
}
