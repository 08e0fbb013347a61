//! How long it takes to fork and to reset a world full of messages, with the memory engine.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{
    Options, load,
    report::{Report, Target, median},
};
use crate::{
    http::{self, Client},
    sqs,
    subject::{Store, Subject},
};

/// How many forks the median is taken of.
const FORKS: usize = 20;
/// How many resets: each needs a full world before it.
const RESETS: usize = 3;

pub(crate) fn run(binary: &Path, options: &Options, messages: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Memory, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    fill(&subject, &mut client, messages)?;
    let mut forks = Vec::new();
    for _ in 0..FORKS {
        let (world, milliseconds) = post(&mut client, "/_virga/worlds", b"{}")?;
        forks.push(milliseconds);
        let id = world["id"].as_str().context("a world without an id")?;
        client.send(&http::request("DELETE", &format!("/_virga/worlds/{id}"), &[], b""))?.json()?;
    }
    let mut resets = Vec::new();
    for _ in 0..RESETS {
        fill(&subject, &mut client, messages)?;
        resets.push(post(&mut client, "/_virga/reset", b"{}")?.1);
    }
    let mut report = Report::new("fork");
    report.row(format!("fork of {messages} messages"), median(&forks), "ms", Target::AtMost(20.0));
    report.row("fork, slowest", forks.iter().copied().fold(0.0, f64::max), "ms", Target::None);
    report.row(format!("reset of {messages} messages"), median(&resets), "ms", Target::AtMost(20.0));
    report.finish(options.enforce)
}

fn fill(subject: &Subject, client: &mut Client, messages: u64) -> Result<()> {
    let queue = sqs::create_queue(client, "full")?;
    load::fill(subject.address(), sqs::send_message_batch(&queue, &"m".repeat(200)), messages / 10)
}

/// The answer of a call of the admin API, and the milliseconds it took.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn post(client: &mut Client, path: &str, body: &[u8]) -> Result<(Value, f64)> {
    let request = http::request("POST", path, &[("Content-Type", "application/json")], body);
    let start = Instant::now();
    let answer = client.send(&request)?;
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    Ok((answer.json().with_context(|| format!("POST {path}"))?, milliseconds))
}
