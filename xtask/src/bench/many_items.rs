//! Whether a large table costs more than a small one: latency of gets and of pages of a query, memory, and the time
//! until it is served again, with the disk engine.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    Options,
    load::{self, Load},
    report::{Report, Target, median},
};
use crate::{
    dynamodb,
    http::Client,
    subject::{Store, Subject, free_port},
};

/// Items of the small table.
const SMALL: u64 = 10_000;
const ITEM_BYTES: usize = 300;
/// Items of one partition, and of one batch of writes.
const PARTITION: u64 = 25;
/// Items that are made ready and written at a time.
const AT_ONCE: u64 = 100_000;
/// Requests of one turn.
const REQUESTS: u64 = 20_000;
/// Connections: few, so that the table's work shows and not the waiting for a processor.
const CONNECTIONS: usize = 4;

/// Runs in `data`, where the tables may be already, or in a folder that is deleted afterwards.
pub(crate) fn run(binary: &Path, options: &Options, items: u64, data: Option<&Path>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = data.map_or_else(|| folder.path().join("data"), Path::to_path_buf);
    let is_filled = data.exists();
    let subject = Subject::start(binary, Store::Relaxed, &data)?;
    for (table, count) in [("small", SMALL), ("large", items)].into_iter().filter(|_| !is_filled) {
        dynamodb::create_table(&mut subject.client()?, table, &json!({}))?;
        fill(&subject, table, count)?;
    }
    let mut report = Report::new("dynamodb-items");
    compare(&subject, options, items, ("GetItem", get), &mut report)?;
    compare(&subject, options, items, ("page of a query", query), &mut report)?;
    report.row("RSS", subject.resident_kib()? as f64 / 1024.0, "MiB", Target::AtMost(500.0));
    subject.stop()?;
    let ready: Vec<f64> = (0..options.rounds).map(|_| restart(binary, &data)).collect::<Result<_>>()?;
    report.row("ready again", median(&ready), "ms", Target::AtMost(200.0));
    report.finish(options.enforce)
}

/// A request for the item of this number, and its name.
type Request = (&'static str, fn(&str, u64) -> Vec<u8>);

/// Measures both tables in turns.
fn compare(
    subject: &Subject,
    options: &Options,
    items: u64,
    request: Request,
    report: &mut Report,
) -> Result<()> {
    let name = request.0;
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..options.rounds as u64 {
        for (table, count, place) in [("small", SMALL, 0), ("large", items, 1)] {
            rounds[place].push(measure(subject, &requests(table, count, round, request))?);
        }
    }
    for (count, latencies) in [SMALL, items].into_iter().zip(&rounds) {
        for (place, label) in ["p50", "p99"].into_iter().enumerate() {
            let values: Vec<f64> = latencies.iter().map(|latency| latency[place]).collect();
            report.row(format!("{name} {label} of {count} items"), median(&values), "ms", Target::None);
        }
    }
    for (place, label, target) in [(0, "p50", Target::None), (1, "p99", Target::AtMost(2.0))] {
        let ratios = rounds[0].iter().zip(&rounds[1]).map(|(small, large)| large[place] / small[place]);
        let ratios: Vec<f64> = ratios.collect();
        report.row(format!("{name} {label}, large to small"), median(&ratios), "ratio", target);
    }
    Ok(())
}

fn place(number: u64) -> (usize, usize) {
    ((number / PARTITION) as usize, (number % PARTITION) as usize)
}

fn get(table: &str, number: u64) -> Vec<u8> {
    let (a, b) = place(number);
    dynamodb::request("GetItem", &json!({ "TableName": table, "Key": dynamodb::key(a, b) }))
}

fn query(table: &str, number: u64) -> Vec<u8> {
    let (a, _) = place(number);
    let input = json!({
        "TableName": table,
        "KeyConditionExpression": "a = :a",
        "ExpressionAttributeValues": { ":a": dynamodb::key(a, 0)["a"] },
        "Limit": 10,
    });
    dynamodb::request("Query", &input)
}

/// Requests for items all over the table; each round has others.
fn requests(table: &str, count: u64, round: u64, request: Request) -> Vec<Vec<u8>> {
    // Steps of a large prime reach every item of a table before one comes again.
    let number = |at: u64| (at + round * REQUESTS) * 2_654_435_761 % count;
    (0..REQUESTS).map(|at| request.1(table, number(at))).collect()
}

fn fill(subject: &Subject, table: &str, count: u64) -> Result<()> {
    println!("filling a table with {count} items");
    for first in (0..count).step_by(AT_ONCE as usize) {
        let partitions = first / PARTITION..count.min(first + AT_ONCE) / PARTITION;
        let batches: Vec<Vec<u8>> = partitions.map(|partition| batch(table, partition)).collect();
        let most_requests = Some(batches.len() as u64);
        let outcome = load::run(&Load { connections: 16, most_requests, ..load(subject, &batches) })?;
        ensure!(outcome.requests == batches.len() as u64, "{first} items and no more within ten minutes");
    }
    Ok(())
}

fn batch(table: &str, partition: u64) -> Vec<u8> {
    let put = |b| json!({ "PutRequest": { "Item": dynamodb::item(partition as usize, b, ITEM_BYTES) } });
    let puts: Vec<_> = (0..PARTITION as usize).map(put).collect();
    dynamodb::request("BatchWriteItem", &json!({ "RequestItems": { table: puts } }))
}

fn load<'a>(subject: &Subject, requests: &'a [Vec<u8>]) -> Load<'a> {
    Load {
        address: subject.address(),
        connections: CONNECTIONS,
        threads: 1,
        duration: Duration::from_secs(600),
        requests,
        most_requests: Some(REQUESTS),
        full_answer_bytes: 0,
    }
}

/// The median and the 99th percentile, in milliseconds.
fn measure(subject: &Subject, requests: &[Vec<u8>]) -> Result<[f64; 2]> {
    let outcome = load::run(&load(subject, requests))?;
    ensure!(outcome.requests == REQUESTS, "{} of {REQUESTS} requests in ten minutes", outcome.requests);
    Ok([0.5, 0.99].map(|quantile| outcome.latency.value_at_quantile(quantile) as f64 / 1000.0))
}

/// Milliseconds from the start until an item of the large table is read.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn restart(binary: &Path, data: &Path) -> Result<f64> {
    let request = get("large", 0);
    let port = free_port()?;
    let start = Instant::now();
    let subject = Subject::spawn(binary, Store::Relaxed, data, port)?;
    loop {
        let answer = Client::connect(subject.address()).and_then(|mut client| client.send(&request));
        if answer.is_ok_and(|answer| answer.status == 200) {
            break;
        }
        ensure!(start.elapsed() < Duration::from_secs(60), "the table is not served again");
        thread::sleep(Duration::from_micros(200));
    }
    let took = start.elapsed().as_secs_f64() * 1000.0;
    subject.stop()?;
    Ok(took)
}
