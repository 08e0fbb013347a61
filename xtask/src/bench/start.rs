//! How soon a started virga serves SQS from an existing data folder, and how little it weighs when idle.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    Options, load,
    report::{Report, Target, median},
};
use crate::{
    http::Client,
    sqs,
    subject::{Store, Subject, free_port},
};

/// How many starts the median is taken of.
const STARTS: usize = 20;
/// How long the idle process is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(1);

pub(crate) fn run(binary: &Path, options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    fill(binary, &data)?;
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let (subject, milliseconds) = start(binary, &data)?;
        ready.push(milliseconds);
        if resident.len() < 3 {
            thread::sleep(IDLE);
            resident.push(subject.resident_kib()? as f64 / 1024.0);
        }
        subject.stop()?;
    }
    let mut report = Report::new("start");
    report.row("ready, median of 20", median(&ready), "ms", Target::AtMost(15.0));
    report.row("ready, fastest", ready.iter().copied().fold(f64::MAX, f64::min), "ms", Target::None);
    report.row("ready, slowest", ready.iter().copied().fold(0.0, f64::max), "ms", Target::None);
    report.row("idle RSS", median(&resident), "MiB", Target::AtMost(20.0));
    report.row("binary", fs::metadata(binary)?.len() as f64 / 1e6, "MB", Target::AtMost(40.0));
    report.finish(options.enforce)
}

/// Makes a data folder with a queue of a thousand messages.
fn fill(binary: &Path, data: &Path) -> Result<()> {
    let subject = Subject::start(binary, Store::Relaxed, data)?;
    let queue = sqs::create_queue(&mut subject.client()?, "existing")?;
    load::fill(subject.address(), sqs::send_message_batch(&queue, &"m".repeat(200)), 100)?;
    subject.stop()
}

/// Starts the binary; milliseconds until the first successful call of SQS.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn start(binary: &Path, data: &Path) -> Result<(Subject, f64)> {
    let port = free_port()?;
    let request = sqs::request("GetQueueUrl", &json!({ "QueueName": "existing" }));
    let start = Instant::now();
    let subject = Subject::spawn(binary, Store::Relaxed, data, port)?;
    loop {
        let answer = Client::connect(subject.address()).and_then(|mut client| client.send(&request));
        if answer.is_ok_and(|answer| answer.status == 200) {
            return Ok((subject, start.elapsed().as_secs_f64() * 1000.0));
        }
        ensure!(start.elapsed() < Duration::from_secs(30), "the binary does not serve SQS");
        // Not at once again: the subject needs the processor more.
        thread::sleep(Duration::from_micros(200));
    }
}
