//! Measures embedded engines, used plainly, on virga's mix of work: 2 gets and 4 puts of 300 B per
//! transaction over 100,000 keys. `cargo run --release [fjall|redb|heed]...`

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEYS: u64 = 100_000;
const RUN: Duration = Duration::from_secs(3);

/// An engine as the measurement sees it.
trait Engine: Sync + Sized {
    fn open(dir: &Path, synced: bool) -> Self;
    fn transact(&self, gets: &[u64], puts: &[u64]);
    /// Reads 100 values in one snapshot.
    fn read(&self, keys: &[u64]);
    fn scan(&self, from: u64, limit: usize);
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    if is_wanted("fjall") {
        measure::<Fjall>("fjall");
    }
    if is_wanted("redb") {
        measure::<Redb>("redb");
    }
    if is_wanted("heed") {
        measure::<Heed>("heed");
    }
}

fn measure<E: Engine>(name: &str) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let engine = E::open(dir.path(), false);
    for start in (0..KEYS).step_by(1000) {
        engine.transact(&[], &(start..start + 1000).collect::<Vec<_>>());
    }
    println!("== {name}: RSS {} MiB after loading", rss());
    let mix = |engine: &E, thread, turn: u64| {
        let mut random = fastrand::Rng::with_seed(turn << 8 | thread);
        let keys: [u64; 6] = std::array::from_fn(|_| random.u64(0..KEYS));
        engine.transact(&keys[..2], &keys[2..]);
    };
    run("mix", 2, |thread, turn| mix(&engine, thread, turn));
    run("mix", 1, |thread, turn| mix(&engine, thread, turn));
    run("100 gets in a snapshot", 2, |_, turn| {
        let keys: [u64; 100] = std::array::from_fn(|n| turn.wrapping_mul(7919 + n as u64) % KEYS);
        engine.read(&keys);
    });
    run("scan of 100", 2, |_, turn| engine.scan(turn.wrapping_mul(7919) % KEYS, 100));
    println!("RSS {} MiB", rss());
    drop(engine);
    let start = Instant::now();
    let engine = E::open(dir.path(), true);
    println!("open: {:?}, {} MiB on disk", start.elapsed(), size(dir.path()) >> 20);
    run("synced mix", 32, |thread, turn| mix(&engine, thread, turn));
}

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
    use std::os::unix::fs::MetadataExt;
    let items = dir.read_dir().unwrap().map(|item| item.unwrap());
    let size_of = |item: std::fs::DirEntry| match item.path() {
        path if path.is_dir() => size(&path),
        _ => item.metadata().unwrap().blocks() * 512,
    };
    items.map(size_of).sum()
}

fn key(n: u64) -> [u8; 16] {
    let mut key = *b"mix.row\0........";
    key[8..].copy_from_slice(&n.to_be_bytes());
    key
}

fn value(n: u64) -> [u8; 300] {
    [n.to_le_bytes()[0]; 300]
}

struct Fjall {
    db: fjall::OptimisticTxDatabase,
    rows: fjall::OptimisticTxKeyspace,
    mode: fjall::PersistMode,
}

impl Engine for Fjall {
    fn open(dir: &Path, synced: bool) -> Self {
        let db = fjall::OptimisticTxDatabase::builder(dir).open().unwrap();
        let rows = db.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
        let mode = if synced { fjall::PersistMode::SyncData } else { fjall::PersistMode::Buffer };
        Self { db, rows, mode }
    }

    fn transact(&self, gets: &[u64], puts: &[u64]) {
        use fjall::Readable;
        loop {
            let mut txn = self.db.write_tx().unwrap().durability(Some(self.mode));
            for n in gets {
                txn.get(&self.rows, key(*n)).unwrap();
            }
            for n in puts {
                txn.insert(&self.rows, key(*n), value(*n));
            }
            if txn.commit().unwrap().is_ok() {
                return;
            }
        }
    }

    fn read(&self, keys: &[u64]) {
        use fjall::Readable;
        let txn = self.db.read_tx();
        for n in keys {
            assert!(txn.get(&self.rows, key(*n)).unwrap().is_some());
        }
    }

    fn scan(&self, from: u64, limit: usize) {
        use fjall::Readable;
        let txn = self.db.read_tx();
        for guard in txn.range(&self.rows, key(from)..).take(limit) {
            guard.into_inner().unwrap();
        }
    }
}

struct Redb {
    db: redb::Database,
    durability: redb::Durability,
}

const ROWS: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new("rows");

impl Engine for Redb {
    fn open(dir: &Path, synced: bool) -> Self {
        let db = redb::Builder::new().set_cache_size(24 << 20).create(dir.join("rows.redb")).unwrap();
        let durability = if synced { redb::Durability::Immediate } else { redb::Durability::None };
        Self { db, durability }
    }

    fn transact(&self, gets: &[u64], puts: &[u64]) {
        use redb::ReadableTable;
        let mut txn = self.db.begin_write().unwrap();
        txn.set_durability(self.durability).unwrap();
        let mut table = txn.open_table(ROWS).unwrap();
        for n in gets {
            table.get(key(*n).as_slice()).unwrap();
        }
        for n in puts {
            table.insert(key(*n).as_slice(), value(*n).as_slice()).unwrap();
        }
        drop(table);
        txn.commit().unwrap();
    }

    fn read(&self, keys: &[u64]) {
        use redb::ReadableDatabase;
        let table = self.db.begin_read().unwrap().open_table(ROWS).unwrap();
        for n in keys {
            assert!(table.get(key(*n).as_slice()).unwrap().is_some());
        }
    }

    fn scan(&self, from: u64, limit: usize) {
        use redb::ReadableDatabase;
        let table = self.db.begin_read().unwrap().open_table(ROWS).unwrap();
        for item in table.range(key(from).as_slice()..).unwrap().take(limit) {
            item.unwrap();
        }
    }
}

struct Heed {
    env: heed::Env,
    rows: heed::Database<heed::types::Bytes, heed::types::Bytes>,
}

impl Engine for Heed {
    fn open(dir: &Path, synced: bool) -> Self {
        let mut options = heed::EnvOpenOptions::new();
        options.map_size(8 << 30);
        // SAFETY: nobody else opens or changes the files.
        let env = unsafe {
            if !synced {
                options.flags(heed::EnvFlags::NO_SYNC);
            }
            options.open(dir).unwrap()
        };
        let mut txn = env.write_txn().unwrap();
        let rows = env.create_database(&mut txn, None).unwrap();
        txn.commit().unwrap();
        Self { env, rows }
    }

    fn transact(&self, gets: &[u64], puts: &[u64]) {
        let mut txn = self.env.write_txn().unwrap();
        for n in gets {
            self.rows.get(&txn, &key(*n)).unwrap();
        }
        for n in puts {
            self.rows.put(&mut txn, &key(*n), &value(*n)).unwrap();
        }
        txn.commit().unwrap();
    }

    fn read(&self, keys: &[u64]) {
        let txn = self.env.read_txn().unwrap();
        for n in keys {
            assert!(self.rows.get(&txn, &key(*n)).unwrap().is_some());
        }
    }

    fn scan(&self, from: u64, limit: usize) {
        let txn = self.env.read_txn().unwrap();
        let from = key(from);
        let range = (std::ops::Bound::Included(from.as_slice()), std::ops::Bound::Unbounded);
        for item in self.rows.range(&txn, &range).unwrap().take(limit) {
            item.unwrap();
        }
    }
}
