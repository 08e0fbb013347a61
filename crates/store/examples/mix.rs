//! Measures the store on the mix of work that virga does, and prints one line per figure.
//!
//! `cargo run --release -p virga-store --example mix [memory|relaxed|strict]...`

#![expect(clippy::disallowed_methods, reason = "measuring needs the real clock")]
#![expect(clippy::unwrap_used, reason = "a failed measurement ends the program")]

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use virga_store::{Direction, Durability, Fault, Reader, Space, Store, Stored, Write};

/// Bytes as they are: the measured cost is the store's, not an encoding's.
struct Row(Vec<u8>);

impl Stored for Row {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        body.extend_from_slice(&self.0);
        Ok(())
    }

    fn decode(_: u8, body: &[u8]) -> Result<Self, Fault> {
        Ok(Self(body.to_vec()))
    }
}

/// The allocator that the binary uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static ROWS: Space<Row> = Space::new("mix.row");
static MESSAGES: Space<Row> = Space::new("mix.message");
static INDEX: Space<()> = Space::new("mix.index");

const ROWS_LOADED: u64 = 100_000;
const BACKLOG: u64 = 1_000_000;
const RUN: Duration = Duration::from_secs(3);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for engine in ["memory", "relaxed", "strict"] {
        if wanted.is_empty() || wanted.iter().any(|name| name == engine) {
            measure(engine);
        }
    }
}

fn open(engine: &str, dir: &Path) -> Store {
    match engine {
        "memory" => Store::memory(),
        "relaxed" => Store::open(dir, Durability::Relaxed).unwrap(),
        _ => Store::open(dir, Durability::Strict).unwrap(),
    }
}

fn measure(engine: &str) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let store = open(engine, dir.path());
    println!("== {engine}: idle RSS {} MiB", rss());
    for start in (0..ROWS_LOADED).step_by(1000) {
        let load = |txn: &mut Write| (start..start + 1000).try_for_each(|n| txn.put(&ROWS.key(n), &row(n)));
        store.write(load).unwrap();
    }
    let threads = if engine == "strict" { 64 } else { 2 };
    run("mix", threads, |thread, turn| mix(&store, thread, turn));
    run("queue (send, later receive + delete)", threads, |thread, turn| queue(&store, thread, turn));
    if engine == "strict" {
        return;
    }
    run("mix", 1, |thread, turn| mix(&store, thread, turn));
    run("queue", 1, |thread, turn| queue(&store, thread, turn));
    let get = |_, turn: u64| {
        for n in 0..100 {
            assert!(
                store.read().unwrap().contains(&ROWS.key(turn.wrapping_mul(7919 + n) % ROWS_LOADED)).unwrap()
            );
        }
    };
    run("100 x snapshot and get", 2, get);
    let scan = |_, turn: u64| {
        let range = ROWS.all().from(turn.wrapping_mul(7919) % ROWS_LOADED);
        store.read().unwrap().scan(&range, Direction::Forward, 100).unwrap();
    };
    run("scan of 100", 2, scan);
    backlog(&store);
    fork(&store);
    if engine != "memory" {
        reopen(engine, store, dir.path());
    }
}

/// Fills a queue, brings it to the base, and receives from its head until it is empty: as one request that
/// looks at one message, then as requests that take the first of a few.
fn backlog(store: &Store) {
    for (queue, looked_at) in [("one", 1), ("few", 18)] {
        let key = |n: u64| INDEX.key((queue, n));
        for start in (0..BACKLOG).step_by(1000) {
            store.write(|txn| (start..start + 1000).try_for_each(|n| txn.put_new(&key(n), &()))).unwrap();
        }
        store.close().unwrap();
        let left = AtomicU64::new(BACKLOG);
        let receive = |txn: &mut Write| {
            let keys = txn.snapshot_scan(&INDEX.prefix(queue), Direction::Forward, looked_at)?;
            let Some((key, ())) = keys.get(fastrand::usize(0..keys.len().max(1))) else { return Ok(false) };
            let found = txn.contains(key)?;
            txn.delete(key)?;
            Ok::<_, Fault>(found)
        };
        run(&format!("receive the first of {looked_at} of a backlog"), 2, |_, _| {
            if store.write(receive).unwrap().value {
                left.fetch_sub(1, Ordering::Relaxed);
            }
        });
        println!("left of the backlog of {BACKLOG}: {}", left.into_inner());
    }
}

fn fork(store: &Store) {
    let start = Instant::now();
    let fork = store.fork().unwrap();
    let forked = start.elapsed();
    fork.write(|txn| txn.put(&ROWS.key(1u64), &row(1))).unwrap();
    println!("fork: {forked:?}, with a first write {:?}", start.elapsed());
}

fn reopen(engine: &str, store: Store, dir: &Path) {
    drop(store);
    let start = Instant::now();
    let store = open(engine, dir);
    println!("open after a crash: {:?}", start.elapsed());
    let start = Instant::now();
    store.close().unwrap();
    drop(store);
    println!("close: {:?}, then {} MiB on disk", start.elapsed(), size(dir) >> 20);
    let start = Instant::now();
    let store = open(engine, dir);
    println!("open after a close: {:?}", start.elapsed());
    let empty = size(dir) >> 20;
    million(&store, "ordered", |n| n);
    let ordered = size(dir) >> 20;
    million(&store, "random", |n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    drop(store);
    println!("disk: {empty} MiB, with the ordered {ordered} MiB, with the random {} MiB", size(dir) >> 20);
    let start = Instant::now();
    let store = open(engine, dir);
    let opened = start.elapsed();
    drop(store);
    println!("open: {opened:?}, and drop: {:?}", start.elapsed());
}

/// A million messages of 200 B with an index entry each. Their ids say how far apart they are stored.
fn million(store: &Store, queue: &str, id: impl Fn(u64) -> u64) {
    let before = rss();
    let start = Instant::now();
    let mut peak = before;
    for n in 0..1_000_000u64 {
        let id = id(n);
        let send = |txn: &mut Write| {
            txn.put_new(&MESSAGES.key(("000000000000", "eu-west-1", queue, id)), &Row(vec![1; 200]))?;
            txn.put_new(&INDEX.key(("000000000000", "eu-west-1", queue, n, id)), &())
        };
        store.write(send).unwrap();
        if n % 50_000 == 0 {
            peak = peak.max(rss());
        }
    }
    let rate = 1e6 / start.elapsed().as_secs_f64();
    store.close().unwrap();
    println!(
        "1,000,000 messages, {queue} ids: {rate:.0}/s, RSS {before} MiB before, {peak} MiB peak, {} MiB after",
        rss()
    );
}

/// 2 gets and 4 puts of 300 B.
fn mix(store: &Store, thread: u64, turn: u64) {
    let mut random = fastrand::Rng::with_seed(turn << 8 | thread);
    let keys: [u64; 6] = std::array::from_fn(|_| random.u64(0..ROWS_LOADED));
    let transact = |txn: &mut Write| {
        for n in &keys[..2] {
            txn.get(&ROWS.key(*n))?;
        }
        keys[2..].iter().try_for_each(|n| txn.put(&ROWS.key(*n), &row(*n)))
    };
    let committed = store.write(transact).unwrap();
    block_on(store.durable(committed.ticket)).unwrap();
}

/// Even turns send a message, odd ones receive and delete the oldest.
fn queue(store: &Store, thread: u64, turn: u64) {
    let transact = |txn: &mut Write| {
        if turn.is_multiple_of(2) {
            txn.put_new(&MESSAGES.key(("queue", thread, turn)), &Row(vec![1; 200]))?;
            return txn.put_new(&INDEX.key(("queue", thread, turn)), &());
        }
        let Some((key, ())) = txn.first(&INDEX.prefix(("queue", thread)))? else { return Ok(()) };
        let (_, _, sent): (String, u64, u64) = key.parts()?;
        let message = MESSAGES.key(("queue", thread, sent));
        txn.get(&message)?.ok_or_else(|| Fault::new("an index entry without its message"))?;
        txn.delete(&message)?;
        txn.delete(&key)
    };
    let committed = store.write(transact).unwrap();
    block_on(store.durable(committed.ticket)).unwrap();
}

fn row(n: u64) -> Row {
    Row(vec![n.to_le_bytes()[0]; 300])
}

/// Runs `work` on some threads for a while; prints its rate and what a turn costs in processor time,
/// which says more on a machine that does other things too.
fn run(name: &str, threads: u64, work: impl Fn(u64, u64) + Sync) {
    let (start, turns, before) = (Instant::now(), AtomicU64::new(0), processor_time());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (turns, work) = (&turns, &work);
            scope.spawn(move || {
                let mut turn = 0;
                while start.elapsed() < RUN {
                    work(thread, turn);
                    turn += 1;
                }
                turns.fetch_add(turn, Ordering::Relaxed);
            });
        }
    });
    let turns = turns.into_inner() as f64;
    let cost = (processor_time() - before).as_secs_f64() * 1e6 / turns;
    println!("{name}, {threads} threads: {:.0}/s, {cost:.2} us each", turns / start.elapsed().as_secs_f64());
}

/// User and system time of the process, in ticks of 10 ms.
fn processor_time() -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = status.rsplit(") ").next().unwrap().split(' ');
    Duration::from_millis(fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() / 256
}

fn size(dir: &Path) -> u64 {
    let items = dir.read_dir().unwrap().map(|item| item.unwrap());
    let size_of = |item: std::fs::DirEntry| match item.path() {
        path if path.is_dir() => size(&path),
        _ => item.metadata().unwrap().blocks() * 512,
    };
    items.map(size_of).sum()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
