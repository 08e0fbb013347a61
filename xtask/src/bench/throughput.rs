//! Requests per second of SQS's hot operations, as a share of what the same binary's cheapest call reaches under
//! the same load. Machines are noisy, so reference and subject take turns, and the median of the rounds counts.

use std::{net::SocketAddr, path::Path};

use anyhow::Result;
use hdrhistogram::Histogram;

use super::{
    Options,
    load::{self, Load, Outcome},
    report::{Report, Target, median},
};
use crate::{
    http, sqs,
    subject::{Store, Subject},
};

/// The body that is sent.
const BODY_BYTES: usize = 200;
/// A receive that found a message answers with its body, which is longer than this.
const FULL_RECEIVE_BYTES: usize = BODY_BYTES;
/// How much of a queue is received: the last messages of a queue of many shards take several tries.
const RECEIVED_SHARE: f64 = 0.9;
/// What is received stays in flight, of which a queue refuses more than 120,000 messages.
const MOST_RECEIVED: u64 = 110_000;

/// What share of the reference each store has to reach.
fn target(store: Store) -> Target {
    match store {
        Store::Memory => Target::AtLeast(0.65),
        Store::Relaxed => Target::AtLeast(0.5),
        Store::Strict => Target::AtLeast(0.15),
    }
}

/// What the rounds found for one kind of request.
struct Series {
    rates: Vec<f64>,
    ratios: Vec<f64>,
    /// Processor time of the server per request, in microseconds.
    costs: Vec<f64>,
    latency: Histogram<u64>,
}

impl Series {
    fn new() -> Self {
        Self { rates: Vec::new(), ratios: Vec::new(), costs: Vec::new(), latency: load::empty_histogram() }
    }

    fn add(&mut self, (outcome, cost): &(Outcome, f64), reference_rate: f64) -> Result<()> {
        self.rates.push(outcome.rate());
        self.ratios.push(outcome.rate() / reference_rate);
        self.costs.push(*cost);
        Ok(self.latency.add(&outcome.latency)?)
    }

    fn report(&self, report: &mut Report, name: &str) {
        report.row(format!("{name}: rate"), median(&self.rates), "req/s", Target::None);
        report.row(format!("{name}: server CPU"), median(&self.costs), "us/req", Target::None);
        for (label, quantile) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            let value = self.latency.value_at_quantile(quantile) as f64 / 1000.0;
            report.row(format!("{name}: {label}"), value, "ms", Target::None);
        }
    }
}

pub(crate) fn run(binary: &Path, options: &Options, stores: &[Store]) -> Result<()> {
    let mut report = Report::new("throughput");
    for store in stores {
        run_store(binary, options, *store, &mut report)?;
    }
    report.finish(options.enforce)
}

/// Loads any server, without starting one.
pub(crate) fn load_alone(address: SocketAddr, path: &str, options: &Options) -> Result<()> {
    let requests = [http::request("GET", path, &[], b"")];
    for _ in 0..options.rounds {
        let outcome = load::run(&options.load(address, &requests))?;
        let milliseconds = |quantile| outcome.latency.value_at_quantile(quantile) as f64 / 1000.0;
        println!(
            "{:.0}/s, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            outcome.rate(),
            milliseconds(0.5),
            milliseconds(0.99),
            milliseconds(1.0)
        );
    }
    Ok(())
}

fn run_store(binary: &Path, options: &Options, store: Store, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, store, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    let health = [http::request("GET", "/_virga/health", &[], b"")];
    let body = "m".repeat(BODY_BYTES);
    let (mut reference, mut sends, mut receives) = (Series::new(), Series::new(), Series::new());
    for round in 0..=options.rounds {
        let queue = sqs::create_queue(&mut client, &format!("round-{round}"))?;
        let send = [sqs::send_message(&queue, &body)];
        let receive = [sqs::receive_message(&queue)];
        let before = measure(&subject, options, &health, None, 0)?;
        let sent = measure(&subject, options, &send, None, 0)?;
        let between = measure(&subject, options, &health, None, 0)?;
        let most = ((sent.0.requests as f64 * RECEIVED_SHARE) as u64).min(MOST_RECEIVED);
        let received = measure(&subject, options, &receive, Some(most), FULL_RECEIVE_BYTES)?;
        let after = measure(&subject, options, &health, None, 0)?;
        // The first round warms up.
        if round > 0 {
            let (first, second) = (mean_rate(&before, &between), mean_rate(&between, &after));
            reference.add(&between, first)?;
            sends.add(&sent, first)?;
            receives.add(&received, second)?;
            println!(
                "{} round {round}: health {first:.0}/s, send {:.3}, receive {:.3} ({} of {} empty)",
                store.name(),
                sent.0.rate() / first,
                received.0.rate() / second,
                received.0.empty,
                received.0.requests,
            );
        }
    }
    reference.report(report, &format!("{}: health", store.name()));
    for (operation, series) in [("SendMessage", sends), ("ReceiveMessage", receives)] {
        let name = format!("{}: {operation}", store.name());
        series.report(report, &name);
        report.row(format!("{name}: of health"), median(&series.ratios), "ratio", target(store));
    }
    Ok(())
}

fn mean_rate(one: &(Outcome, f64), other: &(Outcome, f64)) -> f64 {
    f64::midpoint(one.0.rate(), other.0.rate())
}

/// One load, and the server's processor time per request in microseconds.
fn measure(
    subject: &Subject,
    options: &Options,
    requests: &[Vec<u8>],
    most_requests: Option<u64>,
    full_answer_bytes: usize,
) -> Result<(Outcome, f64)> {
    costing(subject, &Load { most_requests, full_answer_bytes, ..options.load(subject.address(), requests) })
}

/// One load, and the server's processor time per request in microseconds.
pub(super) fn costing(subject: &Subject, load: &Load<'_>) -> Result<(Outcome, f64)> {
    let before = subject.processor_time()?;
    let outcome = load::run(load)?;
    let used = subject.processor_time()?.saturating_sub(before);
    let cost = used.as_secs_f64() * 1e6 / outcome.requests.max(1) as f64;
    Ok((outcome, cost))
}
