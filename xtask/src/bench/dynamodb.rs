//! Requests per second of DynamoDB's hot operations, as a share of the health endpoint's under the same load, and
//! what a stream and a global index cost a table's writes.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::{
    Options,
    load::{self, Outcome},
    report::{Report, Target, median},
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

/// The operations, with the share of the health endpoint that they have to reach on disk.
const OPERATIONS: [(&str, f64); 4] =
    [("GetItem", 0.6), ("PutItem", 0.45), ("UpdateItem ADD", 0.4), ("Query of 10", 0.35)];
/// How much more it is in memory.
const MORE_IN_MEMORY: f64 = 0.1;
/// The share of the plain table's writes that one with a stream and an index keeps.
const WITH_STREAM_AND_INDEX: f64 = 0.6;

pub(crate) fn run(binary: &Path, options: &Options, stores: &[Store]) -> Result<()> {
    let mut report = Report::new("dynamodb");
    for store in stores {
        run_store(binary, options, *store, &mut report)?;
    }
    report.finish(options.enforce)
}

fn run_store(binary: &Path, options: &Options, store: Store, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, store, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    dynamodb::create_table(&mut client, "plain", &json!({}))?;
    dynamodb::create_table(&mut client, "followed", &followed())?;
    for request in puts("plain") {
        client.send(&request)?;
    }
    let health = vec![http::request("GET", "/_virga/health", &[], b"")];
    let loads = [gets(), puts("plain"), adds(), queries(), puts("followed")];
    let mut ratios = vec![Vec::new(); loads.len()];
    let mut rates = vec![Vec::new(); loads.len() + 1];
    for round in 0..=options.rounds {
        for (place, requests) in loads.iter().enumerate() {
            let reference = measure(&subject, options, &health)?.rate();
            let rate = measure(&subject, options, requests)?.rate();
            // The first round warms up.
            if round > 0 {
                ratios[place].push(rate / reference);
                rates[place].push(rate);
                rates[loads.len()].push(reference);
            }
        }
    }
    let name = store.name();
    report.row(format!("{name}: health"), median(&rates[loads.len()]), "req/s", Target::None);
    for (place, (operation, share)) in OPERATIONS.iter().enumerate() {
        let share = match store {
            Store::Memory => Target::AtLeast(share + MORE_IN_MEMORY),
            Store::Relaxed => Target::AtLeast(*share),
            Store::Strict => Target::None,
        };
        report.row(format!("{name}: {operation}"), median(&rates[place]), "req/s", Target::None);
        report.row(format!("{name}: {operation}: of health"), median(&ratios[place]), "ratio", share);
    }
    let kept = median(&rates[4]) / median(&rates[1]);
    let target = if store == Store::Strict { Target::None } else { Target::AtLeast(WITH_STREAM_AND_INDEX) };
    report.row(format!("{name}: PutItem with stream and index: of plain"), kept, "ratio", target);
    Ok(())
}

fn measure(subject: &Subject, options: &Options, requests: &[Vec<u8>]) -> Result<Outcome> {
    load::run(&options.load(subject.address(), requests))
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
