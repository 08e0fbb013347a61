//! Throttling, where quotas are enforced: what tables and indexes may take, from token buckets that hold what was not used
//! in the last 300 seconds. However much the table may take, the items with one partition key take what one partition can.
//! What is left is remembered in this process only.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html>

use std::collections::HashMap;

use parking_lot::Mutex;
use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_model::{ApiError, Timestamp, Value};
use virga_store::Reader;

use super::capacity::Units;
use super::key::ItemKey;
use super::open::Open;
use crate::records::{Capacity, Details, Throughput};
use crate::{keys, table};

/// Seconds for which unused capacity is kept.
const BURST_SECONDS: f64 = 300.0;
/// What an on-demand table takes when it is new.
const ON_DEMAND: Capacity = Capacity { read: 12_000, write: 4_000 };

/// What one partition takes each second. Adaptive capacity lets a busy one have so much, and gives a busy key a partition of
/// its own; it can't give it more.
const OF_PARTITION: Capacity = Capacity { read: 3_000, write: 1_000 };
/// Seconds for which a partition keeps what was not used.
const PARTITION_SECONDS: f64 = 1.0;
/// Buckets that are kept; past that, all partitions are full again.
const KEPT: usize = 65_536;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Use {
    Read,
    Write,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Use::Read => "Read",
            Use::Write => "Write",
        }
    }

    fn of(self, capacity: Capacity) -> i64 {
        match self {
            Use::Read => capacity.read,
            Use::Write => capacity.write,
        }
    }
}

/// What has a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    /// The table itself, or an index.
    Resource(u32),
    /// The items with one partition key, by its hash.
    Partition(u64),
}

/// What is left, by table, what of it, and use.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<(u64, Holder, Use), Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// Why something takes no more.
struct Limit {
    per_second: i64,
    /// As reasons tell it.
    kind: &'static str,
}

fn limit(throughput: &Throughput, on_demand: bool, what: Use) -> Limit {
    if !on_demand {
        return Limit { per_second: what.of(throughput.provisioned), kind: "ProvisionedThroughputExceeded" };
    }
    let maximum = throughput.maximum.and_then(|maximum| match what {
        Use::Read => maximum.read,
        Use::Write => maximum.write,
    });
    match maximum {
        Some(per_second) => Limit { per_second, kind: "MaxOnDemandThroughputExceeded" },
        None => {
            let warm = throughput.warm.unwrap_or(ON_DEMAND);
            Limit { per_second: what.of(warm), kind: "KeyRangeThroughputExceeded" }
        }
    }
}

/// The same for a call on one item, which its partition may refuse as well.
pub(crate) fn admit_item(
    ctx: &Ctx,
    txn: &impl Reader,
    open: &Open<'_>,
    key: &ItemKey,
    what: Use,
) -> Result<(), Failure> {
    admit(ctx, txn, open, what)?;
    let per_second = what.of(OF_PARTITION);
    let bucket = (open.table.id, Holder::Partition(keys::spread(&key.hash)), what);
    if ctx.world().settings().enforce_quotas && !has_tokens(ctx, bucket, per_second, PARTITION_SECONDS) {
        return Err(refused_by_partition(open, what));
    }
    Ok(())
}

/// Refuses a call when its table, or a global index that it writes, has used up what it may take.
pub(crate) fn admit(ctx: &Ctx, txn: &impl Reader, open: &Open<'_>, what: Use) -> Result<(), Failure> {
    if !ctx.world().settings().enforce_quotas {
        return Ok(());
    }
    let details = table::details(txn, open.table)?;
    let on_demand = open.table.on_demand;
    let of_table = limit(&details.throughput, on_demand, what);
    let bucket = (open.table.id, Holder::Resource(keys::TABLE_ITSELF), what);
    if !has_tokens(ctx, bucket, of_table.per_second, BURST_SECONDS) {
        return Err(refused(open.at.arn(), "Table", what, &of_table));
    }
    let indexes = open.table.indexes.iter().filter(|index| index.is_global && what == Use::Write);
    for index in indexes {
        let of_index = limit_of_index(&details, index.id, on_demand, what);
        let bucket = (open.table.id, Holder::Resource(index.id), what);
        if !has_tokens(ctx, bucket, of_index.per_second, BURST_SECONDS) {
            return Err(refused(open.at.index_arn(&index.name), "Index", what, &of_index));
        }
    }
    Ok(())
}

fn limit_of_index(details: &Details, index: u32, on_demand: bool, what: Use) -> Limit {
    limit(details.index_throughput.get(&index).unwrap_or(&Throughput::default()), on_demand, what)
}

fn has_tokens(ctx: &Ctx, bucket: (u64, Holder, Use), per_second: i64, kept_seconds: f64) -> bool {
    let now = ctx.now();
    let rate = per_second as f64;
    let buckets = ctx.world().memory::<Buckets>();
    let mut buckets = buckets.0.lock();
    if buckets.len() >= KEPT && !buckets.contains_key(&bucket) {
        buckets.retain(|(_, holder, _), _| matches!(holder, Holder::Resource(_)));
    }
    let bucket = buckets.entry(bucket).or_insert(Bucket { tokens: rate * kept_seconds, at: now });
    let filled = bucket.tokens + now.since(bucket.at).as_secs_f64() * rate;
    *bucket = Bucket { tokens: filled.min(rate * kept_seconds), at: now };
    bucket.tokens > 0.0
}

/// Takes what a call on one item has used.
pub(crate) fn charge_item(ctx: &Ctx, open: &Open<'_>, key: &ItemKey, what: Use, units: &Units) {
    charge(ctx, open, what, units);
    if !ctx.world().settings().enforce_quotas {
        return;
    }
    let bucket = (open.table.id, Holder::Partition(keys::spread(&key.hash)), what);
    if let Some(bucket) = ctx.world().memory::<Buckets>().0.lock().get_mut(&bucket) {
        bucket.tokens -= units.table;
    }
}

/// Takes what a call has used.
pub(crate) fn charge(ctx: &Ctx, open: &Open<'_>, what: Use, units: &Units) {
    if !ctx.world().settings().enforce_quotas {
        return;
    }
    let buckets = ctx.world().memory::<Buckets>();
    let mut buckets = buckets.0.lock();
    let mut take = |index: u32, units: f64| {
        if let Some(bucket) = buckets.get_mut(&(open.table.id, Holder::Resource(index), what)) {
            bucket.tokens -= units;
        }
    };
    // Local indexes live on the capacity of their table.
    take(keys::TABLE_ITSELF, units.table + units.local.values().sum::<f64>());
    for index in &open.table.indexes {
        if let Some(units) = units.global.get(&index.name) {
            take(index.id, *units);
        }
    }
}

fn refused_by_partition(open: &Open<'_>, what: Use) -> Failure {
    let mut error = if open.table.on_demand {
        api::error::throttling_exception(
            "Throughput exceeds the current throughput limit for one or more partitions of your table or index. DynamoDB \
             is automatically scaling your table or index so please try again shortly.",
        )
    } else {
        api::error::provisioned_throughput_exceeded_exception(
            "The throughput limit for one or more partitions of the table was exceeded. Consider spreading your requests \
             over more partition key values.",
        )
    };
    add_reason(&mut error, format!("Table{}KeyRangeThroughputExceeded", what.name()), open.at.arn());
    error.into()
}

fn refused(arn: String, resource: &str, what: Use, limit: &Limit) -> Failure {
    let mut error = match (limit.kind, resource) {
        ("ProvisionedThroughputExceeded", "Table") => api::error::provisioned_throughput_exceeded_exception(
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
             provisioning level with the UpdateTable API.",
        ),
        ("ProvisionedThroughputExceeded", _) => api::error::provisioned_throughput_exceeded_exception(
            "The level of configured provisioned throughput for one or more global secondary indexes of the table was \
             exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes \
             with the UpdateTable API",
        ),
        _ => api::error::throttling_exception(
            "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your \
             table or index so please try again shortly.",
        ),
    };
    add_reason(&mut error, format!("{resource}{}{}", what.name(), limit.kind), arn);
    error.into()
}

fn add_reason(error: &mut ApiError, reason: String, arn: String) {
    let reason = api::ThrottlingReason::new().with_reason(reason).with_resource(arn).into_record();
    if let Some(record) = error.record.as_mut() {
        let reasons = Value::List(vec![Value::Structure(Box::new(reason))]);
        // The two errors spell the member in two ways.
        if !record.set_by_name("ThrottlingReasons", reasons.clone()) {
            record.set_by_name("throttlingReasons", reasons);
        }
    }
}
