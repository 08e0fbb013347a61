//! Whether a deep queue costs more than a shallow one: latency of receives, and memory, with the disk engine.

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};

use super::{
    Options,
    load::{self, Load},
    report::{Report, Target, median},
};
use crate::{
    sqs,
    subject::{Store, Subject},
};

/// Messages in a shallow queue.
const SHALLOW: u64 = 1_000;
/// Receives from one queue in one turn: fewer than a shallow queue holds, so that none is empty.
const RECEIVES: u64 = 900;
/// Connections: few, so that the queue's work shows and not the waiting for a processor.
const CONNECTIONS: usize = 4;

pub(crate) fn run(binary: &Path, options: &Options, messages: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Relaxed, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    let body = "m".repeat(200);
    // The memory before counts the caches that any load fills.
    for round in 0..options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("shallow-{round}"))?;
        load::fill(subject.address(), sqs::send_message_batch(&queue, &body), SHALLOW / 10)?;
    }
    let before = subject.resident_kib()?;
    let deep = sqs::create_queue(&mut client, "deep")?;
    println!("filling a queue with {messages} messages");
    load::fill(subject.address(), sqs::send_message_batch(&deep, &body), messages / 10)?;
    let grown = subject.resident_kib()?.saturating_sub(before) as f64 / 1024.0;

    let (mut shallow_rounds, mut deep_rounds) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("shallow-{round}"))?;
        let (shallow, deep) = (receive(&subject, &queue)?, receive(&subject, &deep)?);
        println!(
            "round {round}: p50 and p99 in ms: {SHALLOW} messages {shallow:.2?}, {messages} messages {deep:.2?}"
        );
        shallow_rounds.push(shallow);
        deep_rounds.push(deep);
    }
    let mut report = Report::new("depth");
    for (count, rounds) in [(SHALLOW, &shallow_rounds), (messages, &deep_rounds)] {
        for (index, label) in ["p50", "p99"].into_iter().enumerate() {
            let values: Vec<f64> = rounds.iter().map(|round| round[index]).collect();
            report.row(format!("receive {label} at {count} messages"), median(&values), "ms", Target::None);
        }
    }
    let ratios: Vec<f64> =
        shallow_rounds.iter().zip(&deep_rounds).map(|(shallow, deep)| deep[1] / shallow[1]).collect();
    report.row("p99, deep to shallow", median(&ratios), "ratio", Target::AtMost(2.0));
    report.row("RSS growth", grown, "MiB", Target::AtMost(250.0));
    report.finish(options.enforce)
}

/// The median and the 99th percentile of receives, in milliseconds.
fn receive(subject: &Subject, queue: &str) -> Result<[f64; 2]> {
    let outcome = load::run(&Load {
        address: subject.address(),
        connections: CONNECTIONS,
        threads: 1,
        duration: Duration::from_secs(60),
        requests: &[sqs::receive_message(queue)],
        most_requests: Some(RECEIVES),
        full_answer_bytes: 0,
    })?;
    ensure!(outcome.requests == RECEIVES, "{} of {RECEIVES} receives within a minute", outcome.requests);
    Ok([0.5, 0.99].map(|quantile| outcome.latency.value_at_quantile(quantile) as f64 / 1000.0))
}
