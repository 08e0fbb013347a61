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

    let (mut shallow_p99, mut deep_p99, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("shallow-{round}"))?;
        let (shallow, deep) = (receive_p99(&subject, &queue)?, receive_p99(&subject, &deep)?);
        println!("round {round}: p99 of {SHALLOW} {shallow:.2} ms, of {messages} {deep:.2} ms");
        shallow_p99.push(shallow);
        deep_p99.push(deep);
        ratios.push(deep / shallow);
    }
    let mut report = Report::new("depth");
    report.row(format!("receive p99 at {SHALLOW} messages"), median(&shallow_p99), "ms", Target::None);
    report.row(format!("receive p99 at {messages} messages"), median(&deep_p99), "ms", Target::None);
    report.row("deep to shallow", median(&ratios), "ratio", Target::AtMost(2.0));
    report.row("RSS growth", grown, "MiB", Target::AtMost(250.0));
    report.finish(options.enforce)
}

/// The 99th percentile of receives, in milliseconds.
fn receive_p99(subject: &Subject, queue: &str) -> Result<f64> {
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
    Ok(outcome.latency.value_at_quantile(0.99) as f64 / 1000.0)
}
