//! Ranges whose heads are deleted again and again, as queues do: hints must never hide what is set.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use virga_store::{Direction, Durability, Fault, Key, Read, Reader, Space, Store, Write};

static QUEUE: Space<()> = Space::new("test.queue");

const KEYS: u64 = 600;

type Model = BTreeSet<u64>;

fn key(number: u64) -> Key<()> {
    QUEUE.key(("q", number))
}

fn number(key: &Key<()>) -> u64 {
    key.parts::<(String, u64)>().unwrap().1
}

fn scan(reader: &impl Reader, from: u64, until: u64, direction: Direction, limit: usize) -> Vec<u64> {
    let range = QUEUE.prefix("q").from(from).until(until);
    reader.scan_keys(&range, direction, limit).unwrap().iter().map(number).collect()
}

/// Compares what is found from the head, from the tail and from somewhere within.
fn check(rng: &mut fastrand::Rng, reader: &impl Reader, model: &Model) {
    let bounds = [(0, KEYS), (rng.u64(0..KEYS), rng.u64(0..=KEYS))];
    for (from, until) in bounds {
        for direction in [Direction::Forward, Direction::Backward] {
            let limit = [1, 3, 50, usize::MAX][rng.usize(0..4)];
            let numbers = model.iter().copied().filter(|number| (from..until).contains(number));
            let expected: Vec<u64> = match direction {
                Direction::Forward => numbers.take(limit).collect(),
                Direction::Backward => numbers.rev().take(limit).collect(),
            };
            assert_eq!(scan(reader, from, until, direction, limit), expected);
        }
    }
}

/// One transaction: mostly takes from the head, sometimes from the tail, and puts some back anywhere.
fn transact(rng: &mut fastrand::Rng, txn: &mut Write, model: &mut Model) {
    let direction = if rng.u8(0..4) > 0 { Direction::Forward } else { Direction::Backward };
    let found = scan(txn, 0, KEYS, direction, rng.usize(1..50));
    for number in found {
        txn.delete(&key(number)).unwrap();
        model.remove(&number);
    }
    for _ in 0..rng.usize(0..3) {
        let first = model.first().copied().unwrap_or(KEYS);
        let number = if rng.bool() { rng.u64(0..=first.min(KEYS - 1)) } else { rng.u64(0..KEYS) };
        txn.put(&key(number), &()).unwrap();
        model.insert(number);
    }
    // The transaction sees its own puts below the hints, and not its own deletes.
    check(rng, txn, model);
}

fn history(rng: &mut fastrand::Rng, checkpoints: bool) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
    let mut model = Model::new();
    let mut held: Vec<(Read, Model)> = Vec::new();
    for turn in 0..120 {
        if turn % 30 == 0 {
            // Everything lies in the base, so that deletes leave tombstones.
            store.write(|txn| (0..KEYS).try_for_each(|number| txn.put(&key(number), &()))).unwrap();
            model = (0..KEYS).collect();
            store.close().unwrap();
        }
        match rng.u8(..) {
            0..2 => {
                store.clear().unwrap();
                model.clear();
            }
            2..6 => {
                let (fork, mut model) = (store.fork().unwrap(), model.clone());
                for _ in 0..5 {
                    let mut txn = fork.begin().unwrap();
                    transact(rng, &mut txn, &mut model);
                    fork.commit(txn).unwrap();
                }
            }
            6..14 if checkpoints => store.close().unwrap(),
            _ => {}
        }
        let mut after = model.clone();
        let mut txn = store.begin().unwrap();
        transact(rng, &mut txn, &mut after);
        if rng.u8(..) > 25 {
            store.commit(txn).unwrap();
            model = after;
        }
        held.push((store.read().unwrap(), model.clone()));
        if held.len() > 4 {
            held.swap_remove(rng.usize(0..4));
        }
        for (read, model) in &held {
            check(rng, read, model);
        }
    }
}

#[test]
fn deleted_heads_agree_with_the_model() {
    for checkpoints in [false, true, false, true] {
        let seed = fastrand::u64(..);
        let run = || history(&mut fastrand::Rng::with_seed(seed), checkpoints);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        assert!(result.is_ok(), "failed with seed {seed}");
    }
}

/// Takes the first of the queue, found with or without conflict detection.
fn receive(store: &Store, serializable: bool) -> Option<u64> {
    let transact = |txn: &mut Write| {
        let all = QUEUE.prefix("q");
        let found = if serializable {
            txn.first(&all)?.map(|(key, ())| key)
        } else {
            txn.snapshot_scan(&all, Direction::Forward, 1)?.pop().map(|(key, ())| key)
        };
        let Some(found) = found else { return Ok(None) };
        if !txn.contains(&found)? {
            return Ok(None);
        }
        txn.delete(&found)?;
        Ok::<_, Fault>(Some(number(&found)))
    };
    store.write(transact).unwrap().value
}

#[test]
fn every_message_is_received_once_while_others_are_put_before_it() {
    const BEFORE: u64 = 1500;
    const SENT: u64 = 1500;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
    // The backlog has odd numbers in the upper half; senders put even ones, at random places, mostly lower.
    let backlog = (0..BEFORE).map(|n| 20_001 + 2 * n);
    store.write(|txn| backlog.clone().try_for_each(|n| txn.put(&key(n), &()))).unwrap();
    store.close().unwrap();
    let mut numbers: Vec<u64> = (0..SENT).map(|n| 10 * n).collect();
    fastrand::shuffle(&mut numbers);
    let (received, senders) = (Mutex::new(BTreeMap::<u64, u32>::new()), AtomicUsize::new(2));
    std::thread::scope(|scope| {
        for half in numbers.chunks(numbers.len() / 2) {
            let (store, senders) = (&store, &senders);
            scope.spawn(move || {
                for number in half {
                    store.write(|txn| txn.put(&key(*number), &())).unwrap();
                }
                senders.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for receiver in 0..2 {
            let (store, received, senders) = (&store, &received, &senders);
            scope.spawn(move || {
                loop {
                    let all_sent = senders.load(Ordering::SeqCst) == 0;
                    if let Some(number) = receive(store, receiver == 0) {
                        *received.lock().entry(number).or_default() += 1;
                    } else if all_sent && store.read().unwrap().first(&QUEUE.prefix("q")).unwrap().is_none() {
                        break;
                    }
                }
            });
        }
    });
    let received = received.into_inner();
    assert!(received.values().all(|times| *times == 1));
    assert!(received.keys().copied().eq(backlog.chain(numbers).collect::<BTreeSet<u64>>()));
}
