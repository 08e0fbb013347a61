//! Requests per second of DynamoDB's hot operations, as a share of the health endpoint's under the same load, and
//! what a stream and a global index cost a table's writes.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum as _;
use serde_json::json;

use super::{
    Options,
    report::{Report, Target, median},
    throughput::costing,
};
use crate::{
    dynamodb, http,
    subject::{Store, Subject},
};

/// Bytes of an item.
const ITEM_BYTES: usize = 400;
/// Partitions and items of each that are read and written in turns.
const PARTITIONS: usize = 100;
const SORT_KEYS: usize = 10;

/// How much more it is in memory.
const MORE_IN_MEMORY: f64 = 0.1;
/// The share of the plain table's writes that one with a stream and an index keeps.
const WITH_STREAM_AND_INDEX: f64 = 0.6;

pub(crate) fn run(binary: &Path, options: &Options, stores: &[Store], only: &[Operation]) -> Result<()> {
    let mut report = Report::new("dynamodb");
    for store in stores {
        run_store(binary, options, *store, only, &mut report)?;
    }
    report.finish(options.enforce)
}

fn run_store(
    binary: &Path,
    options: &Options,
    store: Store,
    only: &[Operation],
    report: &mut Report,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, store, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    dynamodb::create_table(&mut client, "plain", &json!({}))?;
    dynamodb::create_table(&mut client, "followed", &followed())?;
    for request in puts("plain") {
        client.send(&request)?;
    }
    let health = [http::request("GET", "/_virga/health", &[], b"")];
    let measure = |requests: &[Vec<u8>]| costing(&subject, &options.load(subject.address(), requests));
    let is_wanted = |operation: &Operation| only.is_empty() || only.contains(operation);
    let mut series: Vec<(Operation, Vec<Vec<u8>>, Series)> = Operation::value_variants()
        .iter()
        .filter(|operation| is_wanted(operation))
        .map(|operation| (*operation, operation.requests(), Series::default()))
        .collect();
    let mut references = Vec::new();
    for round in 0..=options.rounds {
        for (_, requests, series) in &mut series {
            let reference = measure(&health)?.0.rate();
            let (outcome, cost) = measure(requests)?;
            // The first round warms up.
            if round > 0 {
                series.ratios.push(outcome.rate() / reference);
                series.rates.push(outcome.rate());
                series.costs.push(cost);
                references.push(reference);
            }
        }
    }
    let name = store.name();
    report.row(format!("{name}: health"), median(&references), "req/s", Target::None);
    let rate = |wanted: Operation| {
        series.iter().find(|(operation, ..)| *operation == wanted).map(|(_, _, series)| median(&series.rates))
    };
    for (operation, _, series) in &series {
        operation.report(store, series, report);
    }
    if let (Some(followed), Some(plain)) = (rate(Operation::Followed), rate(Operation::Put)) {
        let target =
            if store == Store::Strict { Target::None } else { Target::AtLeast(WITH_STREAM_AND_INDEX) };
        report.row(
            format!("{name}: PutItem with stream and index: of plain"),
            followed / plain,
            "ratio",
            target,
        );
    }
    Ok(())
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Operation {
    Get,
    Put,
    Add,
    Query,
    /// A put into a table with a stream and an index.
    Followed,
}

/// What the rounds found for one operation.
#[derive(Default)]
struct Series {
    rates: Vec<f64>,
    ratios: Vec<f64>,
    /// Processor time of the server per request, in microseconds.
    costs: Vec<f64>,
}

impl Operation {
    fn requests(self) -> Vec<Vec<u8>> {
        match self {
            Self::Get => gets(),
            Self::Put => puts("plain"),
            Self::Add => adds(),
            Self::Query => queries(),
            Self::Followed => puts("followed"),
        }
    }

    /// Its name, and the share of the health endpoint that it has to reach on disk.
    fn target(self) -> (&'static str, Option<f64>) {
        match self {
            Self::Get => ("GetItem", Some(0.6)),
            Self::Put => ("PutItem", Some(0.45)),
            Self::Add => ("UpdateItem ADD", Some(0.4)),
            Self::Query => ("Query of 10", Some(0.35)),
            Self::Followed => ("PutItem with stream and index", None),
        }
    }

    fn report(self, store: Store, series: &Series, report: &mut Report) {
        let (operation, share) = self.target();
        let share = match (store, share) {
            (Store::Memory, Some(share)) => Target::AtLeast(share + MORE_IN_MEMORY),
            (Store::Relaxed, Some(share)) => Target::AtLeast(share),
            _ => Target::None,
        };
        let name = format!("{}: {operation}", store.name());
        report.row(&name, median(&series.rates), "req/s", Target::None);
        report.row(format!("{name}: server CPU"), median(&series.costs), "us/req", Target::None);
        report.row(format!("{name}: of health"), median(&series.ratios), "ratio", share);
    }
}

/// A stream with both images, and an index by the sort key.
fn followed() -> serde_json::Value {
    json!({
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-b",
            "KeySchema": [{ "AttributeName": "b", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
    })
}

fn keys() -> impl Iterator<Item = (usize, usize)> {
    (0..PARTITIONS).flat_map(|a| (0..SORT_KEYS).map(move |b| (a, b)))
}

pub(super) fn puts(table: &str) -> Vec<Vec<u8>> {
    let put = |(a, b)| json!({ "TableName": table, "Item": dynamodb::item(a, b, ITEM_BYTES) });
    keys().map(|key| dynamodb::request("PutItem", &put(key))).collect()
}

pub(super) fn gets() -> Vec<Vec<u8>> {
    let get = |(a, b)| json!({ "TableName": "plain", "Key": dynamodb::key(a, b) });
    keys().map(|key| dynamodb::request("GetItem", &get(key))).collect()
}

fn adds() -> Vec<Vec<u8>> {
    let add = |(a, b)| {
        json!({
            "TableName": "plain",
            "Key": dynamodb::key(a, b),
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": { ":one": { "N": "1" } },
        })
    };
    keys().map(|key| dynamodb::request("UpdateItem", &add(key))).collect()
}

pub(super) fn queries() -> Vec<Vec<u8>> {
    let query = |a: usize| {
        json!({
            "TableName": "plain",
            "KeyConditionExpression": "a = :a",
            "ExpressionAttributeValues": { ":a": dynamodb::key(a, 0)["a"] },
        })
    };
    (0..PARTITIONS).map(|a| dynamodb::request("Query", &query(a))).collect()
}
