//! The rounds: load, kill, start again, check.

use std::{
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::json;

use super::{
    drain,
    ledger::Ledger,
    objects,
    table::{self, TableLedger},
    worker::Worker,
};
use crate::{
    http, sqs,
    subject::{BinaryArgs, Store, Subject},
};

/// Kills the binary under load and checks that every acknowledged write is there and no half transaction is.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    binary: BinaryArgs,
    /// How often to kill, per store.
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// The seed of the first round; each further round takes the next number. A failure prints its seed.
    #[arg(long)]
    seed: Option<u64>,
    /// The stores to test: both disk modes by default.
    #[arg(long, value_enum)]
    store: Vec<Store>,
    /// Connections that write at the same time.
    #[arg(long, default_value_t = 8)]
    workers: usize,
    /// Loads S3 instead of SQS and DynamoDB.
    #[arg(long)]
    s3: bool,
}

/// The shortest and the longest life of a subject under load, in milliseconds.
const LIFE: std::ops::Range<u64> = 5..400;
/// Connections that write to the table.
const TABLE_WRITERS: usize = 2;
/// Every so many rounds the data folder begins anew, so that both small and grown stores are killed.
const ROUNDS_PER_FOLDER: u64 = 25;

pub(crate) fn run(args: &Args) -> Result<()> {
    let binary = args.binary.path()?;
    let stores = if args.store.is_empty() { &[Store::Relaxed, Store::Strict][..] } else { &args.store };
    ensure!(!stores.contains(&Store::Memory), "the memory store keeps nothing");
    let seed = args.seed.unwrap_or_else(fresh_seed);
    for store in stores {
        println!("==> crash: {}, {} rounds from seed {seed}", store.name(), args.rounds);
        let mut remaining = args.rounds;
        while remaining > 0 {
            let rounds = remaining.min(ROUNDS_PER_FOLDER);
            let first = seed + (args.rounds - remaining);
            let seeds = first..first + rounds;
            match args.s3 {
                true => objects::run_folder(&binary, *store, seeds, args.workers)?,
                false => run_folder(&binary, *store, seeds, args.workers)?,
            }
            remaining -= rounds;
        }
    }
    println!("no acknowledged write lost, no half transaction seen");
    Ok(())
}

/// Some rounds on one data folder, which is kept for a look when one fails.
fn run_folder(binary: &Path, store: Store, seeds: std::ops::Range<u64>, workers: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut subject = Subject::start(binary, store, &data)?;
    for seed in seeds {
        let result = run_round(&mut subject, seed, workers, || Subject::start(binary, store, &data));
        if let Err(error) = result {
            drop(subject);
            let kept = folder.keep();
            let advice = format!(
                "crash: {} failed with seed {seed}; again with `cargo xtask crash --seed {seed} --rounds 1`, data in {}",
                store.name(),
                kept.display()
            );
            return Err(error.context(advice));
        }
    }
    subject.stop()
}

fn run_round(
    subject: &mut Subject,
    seed: u64,
    workers: usize,
    restart: impl Fn() -> Result<Subject>,
) -> Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut client = subject.client()?;
    let standard = sqs::create_queue(&mut client, &format!("crash-{seed}"))?;
    let fifo_name = format!("crash-{seed}.fifo");
    let fifo = sqs::call(
        &mut client,
        "CreateQueue",
        &json!({ "QueueName": fifo_name, "Attributes": { "FifoQueue": "true" } }),
    )?;
    let fifo = fifo["QueueUrl"].as_str().context("CreateQueue answered without a QueueUrl")?.to_owned();

    let table = format!("crash-{seed}");
    table::create(&mut client, &table)?;
    let life = Duration::from_millis(random.u64(LIFE));
    let workers: Vec<Worker> =
        (0..workers).map(|number| Worker::new(number, random.fork(), &standard, &fifo)).collect();
    let (ledger, table_ledger) = load_and_kill(subject, workers, &table, life)?;

    *subject = restart().context("start again after the kill")?;
    let mut client = subject.client()?;
    // What was received and not deleted becomes visible again.
    let clock = json!({ "seconds": 2 * super::worker::VISIBILITY_SECONDS }).to_string();
    let headers = [("Content-Type", "application/json")];
    client
        .send(&http::request("POST", "/_virga/clock/advance", &headers, clock.as_bytes()))?
        .json()
        .context("advance the clock")?;
    let kept = drain::standard(&mut client, &standard)?;
    let kept_fifo = drain::fifo(&mut client, &fifo)?;
    let mut violations = ledger.violations(&kept, &kept_fifo);
    violations.extend(table::violations(&mut client, &table, &table_ledger)?);
    println!(
        "seed {seed}: killed after {} ms, {} items and {} sends acknowledged, {} deletes, {} messages kept",
        life.as_millis(),
        table_ledger.acknowledged(),
        ledger.acknowledged_sends(),
        ledger.acknowledged_deletes(),
        kept.len() + kept_fifo.len(),
    );
    if !violations.is_empty() {
        bail!(
            "{} violations, the first: {}",
            violations.len(),
            violations[..violations.len().min(20)].join("; ")
        );
    }
    crate::dynamodb::call(&mut client, "DeleteTable", &json!({ "TableName": table }))?;
    for queue in [standard, fifo] {
        sqs::call(&mut client, "DeleteQueue", &json!({ "QueueUrl": queue }))?;
    }
    Ok(())
}

/// Lets the workers load the subject until its life is over; what they did and what was acknowledged.
fn load_and_kill(
    subject: &mut Subject,
    workers: Vec<Worker>,
    table: &str,
    life: Duration,
) -> Result<(Ledger, TableLedger)> {
    let address: SocketAddr = subject.address();
    thread::scope(|scope| {
        let threads: Vec<_> =
            workers.into_iter().map(|worker| scope.spawn(move || worker.run_until_killed(address))).collect();
        let writers: Vec<_> = (0..TABLE_WRITERS)
            .map(|number| scope.spawn(move || table::write_until_killed(address, table, number)))
            .collect();
        thread::sleep(life);
        subject.kill()?;
        let mut all = Ledger::default();
        for thread in threads {
            all.merge(thread.join().unwrap_or_else(|_| Err(anyhow!("a worker died")))?);
        }
        let mut of_table = TableLedger::default();
        for thread in writers {
            of_table.merge(thread.join().unwrap_or_else(|_| Err(anyhow!("a writer died")))?);
        }
        Ok((all, of_table))
    })
}

#[expect(clippy::disallowed_methods, reason = "each run kills at other points; the seed is printed")]
fn fresh_seed() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
