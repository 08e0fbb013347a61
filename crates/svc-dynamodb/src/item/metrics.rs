//! `ItemCollectionMetrics`: how large the items of one partition key are together, in tables with local indexes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html>

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_store::{Fault, Write};

use super::attributes::Shown;
use super::capacity::has_collections;
use super::key::{self, ItemKey};
use super::open::Open;
use crate::keys;

/// Bytes of a gigabyte.
const GIGABYTE: i64 = 1 << 30;

/// The metrics of the collection of a key, if they are asked for and there are any.
pub(crate) fn of(
    txn: &Write,
    open: &Open<'_>,
    key: &ItemKey,
    asked: Option<&str>,
) -> Result<Option<api::ItemCollectionMetrics>, Fault> {
    if asked != Some(api::return_item_collection_metrics::SIZE) || !has_collections(open.table) {
        return Ok(None);
    }
    let bytes = txn.snapshot_counter(&keys::collection(open.table.id, key))?;
    // The estimate is within a gigabyte.
    let least = (bytes.max(0) / GIGABYTE) as f64;
    let hash: Item = key::to_attributes(open.table, key)
        .into_iter()
        .filter(|(name, _)| **name == *open.table.key.hash)
        .collect();
    let metrics = api::ItemCollectionMetrics::new()
        .with_item_collection_key(Shown::of(&hash))
        .with_size_estimate_range_gb(vec![least, least + 1.0]);
    Ok(Some(metrics))
}

/// Adds the metrics of a write to those of its table; each collection is told once.
pub(crate) fn add(
    tables: &mut Vec<(String, Vec<api::ItemCollectionMetrics>)>,
    table: &str,
    metrics: api::ItemCollectionMetrics,
) {
    match tables.iter_mut().find(|(name, _)| name == table) {
        Some((_, known)) => {
            if !known.contains(&metrics) {
                known.push(metrics);
            }
        }
        None => tables.push((table.to_owned(), vec![metrics])),
    }
}
