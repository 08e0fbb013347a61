//! Writers of a DynamoDB table with a stream and an index: what was acknowledged is there after the kill, and an item, its
//! change in the stream and its entry in the index are there together or not at all.

use std::{collections::BTreeSet, net::SocketAddr};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{dynamodb, http::Client};

/// What a writer was told to be done.
#[derive(Default)]
pub(crate) struct TableLedger {
    acknowledged: BTreeSet<String>,
}

impl TableLedger {
    pub(crate) fn merge(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }
}

/// Makes the table.
pub(crate) fn create(client: &mut Client, table: &str) -> Result<()> {
    let more = json!({
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" },
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-b",
            "KeySchema": [{ "AttributeName": "b", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }],
    });
    dynamodb::create_table(client, table, &more)
}

/// Puts items, one by one and in transactions of two, until the connection breaks.
pub(crate) fn write_until_killed(address: SocketAddr, table: &str, number: usize) -> Result<TableLedger> {
    let mut ledger = TableLedger::default();
    let Ok(mut client) = Client::connect(address) else { return Ok(ledger) };
    for sequence in 0.. {
        let key = |part: &str| format!("{number}-{sequence}-{part}");
        let item = |key: &str| json!({ "a": { "S": key }, "b": { "S": "b" }, "n": { "N": "1" } });
        let (keys, request) = if sequence % 3 == 0 {
            let keys = vec![key("one"), key("two")];
            let put = |key: &String| json!({ "Put": { "TableName": table, "Item": item(key) } });
            let parts: Vec<Value> = keys.iter().map(put).collect();
            (keys, dynamodb::request("TransactWriteItems", &json!({ "TransactItems": parts })))
        } else {
            let keys = vec![key("single")];
            let input = json!({ "TableName": table, "Item": item(&keys[0]) });
            (keys, dynamodb::request("PutItem", &input))
        };
        let Ok(answer) = client.send(&request) else { return Ok(ledger) };
        answer.json().context("a write of an item")?;
        ledger.acknowledged.extend(keys);
    }
    bail!("the numbers are used up")
}

/// What is wrong with the table after the kill.
pub(crate) fn violations(client: &mut Client, table: &str, ledger: &TableLedger) -> Result<Vec<String>> {
    let items = scan(client, table, None)?;
    let entries = scan(client, table, Some("by-b"))?;
    let changes = changes(client, table)?;
    let mut violations = Vec::new();
    let mut differences = |what: &str, one: &BTreeSet<String>, other: &BTreeSet<String>| {
        violations.extend(one.difference(other).map(|key| format!("{what}: {key}")));
    };
    differences("acknowledged but gone", &ledger.acknowledged, &items);
    differences("an item without its change", &items, &changes);
    differences("a change without its item", &changes, &items);
    differences("an item without its entry", &items, &entries);
    differences("an entry without its item", &entries, &items);
    for key in &items {
        let other = match (key.strip_suffix("-one"), key.strip_suffix("-two")) {
            (Some(key), _) => format!("{key}-two"),
            (_, Some(key)) => format!("{key}-one"),
            _ => continue,
        };
        if !items.contains(&other) {
            violations.push(format!("half a transaction: {key}"));
        }
    }
    Ok(violations)
}

fn scan(client: &mut Client, table: &str, index: Option<&str>) -> Result<BTreeSet<String>> {
    let mut input = json!({ "TableName": table });
    if let Some(index) = index {
        input["IndexName"] = json!(index);
    }
    let mut keys = BTreeSet::new();
    loop {
        let page = dynamodb::call(client, "Scan", &input)?;
        let items = page["Items"].as_array().context("a page without Items")?;
        keys.extend(items.iter().filter_map(|item| item["a"]["S"].as_str()).map(ToOwned::to_owned));
        match page.get("LastEvaluatedKey") {
            Some(last) => input["ExclusiveStartKey"] = last.clone(),
            None => return Ok(keys),
        }
    }
}

fn changes(client: &mut Client, table: &str) -> Result<BTreeSet<String>> {
    let shown = dynamodb::call(client, "DescribeTable", &json!({ "TableName": table }))?;
    let arn = &shown["Table"]["LatestStreamArn"];
    let shown = dynamodb::call_streams(client, "DescribeStream", &json!({ "StreamArn": arn }))?;
    let shard = &shown["StreamDescription"]["Shards"][0]["ShardId"];
    let input = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let mut iterator = dynamodb::call_streams(client, "GetShardIterator", &input)?["ShardIterator"].clone();
    let mut keys = BTreeSet::new();
    loop {
        let page = dynamodb::call_streams(client, "GetRecords", &json!({ "ShardIterator": iterator }))?;
        let records = page["Records"].as_array().context("a page without Records")?;
        if records.is_empty() {
            return Ok(keys);
        }
        let key = |record: &Value| record["dynamodb"]["Keys"]["a"]["S"].as_str().map(ToOwned::to_owned);
        keys.extend(records.iter().filter_map(key));
        iterator = page["NextShardIterator"].clone();
    }
}
