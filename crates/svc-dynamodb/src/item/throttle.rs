//! Throttling, where quotas are enforced: what tables and indexes may take, from token buckets that hold what was not used
//! in the last 300 seconds. However much the table may take, the items with one partition key take what one partition can.
//! What is left is remembered in this process only.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html>

use std::collections::HashMap;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_model::{ApiError, Timestamp, Value};
use virga_store::{Fault, Reader};

use super::capacity::{Reading, Units};
use super::key::ItemKey;
use super::open::Open;
use super::write::Old;
use crate::records::{Capacity, Details, Index, Throughput};
use crate::{auto_scaling, index, keys, table};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Use {
    Read,
    Write,
}

impl Use {
    /// As reasons and names of policies tell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Use::Read => "Read",
            Use::Write => "Write",
        }
    }

    /// Its units.
    pub(crate) fn of(self, capacity: Capacity) -> i64 {
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
    /// What has one partition key, by its hash, in the table itself or an index.
    Partition(u32, u64),
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
    if !is_on(ctx) {
        return Ok(());
    }
    admit(ctx, txn, open, what)?;
    if partition_takes(ctx, open.table.id, keys::TABLE_ITSELF, keys::spread(&key.hash), what) {
        return Ok(());
    }
    Err(refused_by_partition(open, None, what))
}

/// Refuses a change of an item when the partition of an entry that follows it in a global index takes no more.
pub(crate) fn admit_entries(
    ctx: &Ctx,
    open: &Open<'_>,
    old: Option<&Old>,
    new: Option<&Item>,
) -> Result<(), Failure> {
    for (index, partition) in partitions_of_entries(ctx, open, old, new)? {
        if !partition_takes(ctx, open.table.id, index.id, partition, Use::Write) {
            return Err(refused_by_partition(open, Some(index), Use::Write));
        }
    }
    Ok(())
}

/// The partitions of global indexes in which a change of an item changes entries; none where quotas are not enforced.
fn partitions_of_entries<'a>(
    ctx: &Ctx,
    open: &Open<'a>,
    old: Option<&Old>,
    new: Option<&Item>,
) -> Result<Vec<(&'a Index, u64)>, Fault> {
    let mut partitions = Vec::new();
    if is_on(ctx) && open.table.indexes.iter().any(|index| index.is_global) {
        let old = old.map(Old::item).transpose()?;
        for index in open.table.indexes.iter().filter(|index| index.is_global) {
            let changed = index::partitions_changed(open.table, index, old, new);
            partitions.extend(changed.into_iter().map(|hash| (index, keys::spread(&hash))));
        }
    }
    Ok(partitions)
}

/// Refuses a query or a scan when what it reads, the table or a global index, has used up what it may take.
pub(crate) fn admit_reading(
    ctx: &Ctx,
    txn: &impl Reader,
    open: &Open<'_>,
    index: Option<&Index>,
) -> Result<(), Failure> {
    let Some(index) = index.filter(|index| index.is_global) else { return admit(ctx, txn, open, Use::Read) };
    if !is_on(ctx) {
        return Ok(());
    }
    let of_index =
        limit_of_index(&table::details(txn, open.table)?, index.id, open.table.on_demand, Use::Read);
    let bucket = (open.table.id, Holder::Resource(index.id), Use::Read);
    if has_tokens(ctx, bucket, of_index.per_second, BURST_SECONDS) {
        return Ok(());
    }
    Err(refused(open.at.index_arn(&index.name), "Index", Use::Read, &of_index))
}

fn is_on(ctx: &Ctx) -> bool {
    ctx.world().settings().enforce_quotas
}

fn partition_takes(ctx: &Ctx, table: u64, resource: u32, partition: u64, what: Use) -> bool {
    let bucket = (table, Holder::Partition(resource, partition), what);
    has_tokens(ctx, bucket, what.of(OF_PARTITION), PARTITION_SECONDS)
}

/// What a page of a query or a scan takes of the partitions that it goes through.
pub(super) struct Meter<'a> {
    ctx: &'a Ctx,
    table: u64,
    /// The table itself or a global index; local ones are on the partitions of their table.
    resource: u32,
    /// Bytes that were read of each partition, in the order in which they come.
    read: Vec<(u64, u64)>,
}

impl<'a> Meter<'a> {
    /// A meter; none where quotas are not enforced.
    pub(super) fn of(ctx: &'a Ctx, open: &Open<'_>, index: Option<&Index>) -> Option<Self> {
        let resource = index.filter(|index| index.is_global).map_or(keys::TABLE_ITSELF, |index| index.id);
        is_on(ctx).then(|| Meter { ctx, table: open.table.id, resource, read: Vec::new() })
    }

    /// Whether a partition takes what is read of it.
    pub(super) fn takes(&mut self, partition: u64, bytes: u64) -> bool {
        if let Some((known, read)) = self.read.last_mut()
            && *known == partition
        {
            *read += bytes;
            return true;
        }
        let takes = partition_takes(self.ctx, self.table, self.resource, partition, Use::Read);
        if takes {
            self.read.push((partition, bytes));
        }
        takes
    }

    /// Charges the partitions with what was read of them.
    pub(super) fn charge(self, reading: Reading) {
        let buckets = self.ctx.world().memory::<Buckets>();
        let mut buckets = buckets.0.lock();
        for (partition, bytes) in self.read {
            let bucket = (self.table, Holder::Partition(self.resource, partition), Use::Read);
            if let Some(bucket) = buckets.get_mut(&bucket) {
                bucket.tokens -= reading.units(bytes);
            }
        }
    }
}

/// Refuses a call when its table, or a global index that it writes, has used up what it may take.
pub(crate) fn admit(ctx: &Ctx, txn: &impl Reader, open: &Open<'_>, what: Use) -> Result<(), Failure> {
    if !is_on(ctx) {
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
    charge_partition(ctx, open.table.id, (keys::TABLE_ITSELF, keys::spread(&key.hash)), what, units.table);
}

/// The same for a change of an item, whose entries in global indexes have partitions of their own.
pub(crate) fn charge_change(
    ctx: &Ctx,
    open: &Open<'_>,
    key: &ItemKey,
    (old, new): (Option<&Old>, Option<&Item>),
    units: &Units,
) -> Result<(), Fault> {
    charge_item(ctx, open, key, Use::Write, units);
    let partitions = partitions_of_entries(ctx, open, old, new)?;
    for (index, partition) in &partitions {
        // An entry that moves costs where it was and where it comes to.
        let shares = partitions.iter().filter(|(other, _)| other.id == index.id).count();
        let units = units.global.get(&index.name).copied().unwrap_or_default() / shares as f64;
        charge_partition(ctx, open.table.id, (index.id, *partition), Use::Write, units);
    }
    Ok(())
}

fn charge_partition(ctx: &Ctx, table: u64, (resource, partition): (u32, u64), what: Use, units: f64) {
    if !is_on(ctx) {
        return;
    }
    let bucket = (table, Holder::Partition(resource, partition), what);
    if let Some(bucket) = ctx.world().memory::<Buckets>().0.lock().get_mut(&bucket) {
        bucket.tokens -= units;
    }
}

/// Takes what a call has used.
pub(crate) fn charge(ctx: &Ctx, open: &Open<'_>, what: Use, units: &Units) {
    auto_scaling::note_use(ctx, open, what, units);
    if !is_on(ctx) {
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

/// The refusal of a call by a partition of a table, or of one of its indexes.
pub(super) fn refused_by_partition(open: &Open<'_>, index: Option<&Index>, what: Use) -> Failure {
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
    let index = index.filter(|index| index.is_global);
    let resource = if index.is_some() { "Index" } else { "Table" };
    let arn = index.map_or_else(|| open.at.arn(), |index| open.at.index_arn(&index.name));
    add_reason(&mut error, format!("{resource}{}KeyRangeThroughputExceeded", what.name()), arn);
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

/// The short code that transactions tell of a throttled part; none for a failure that is none of throttling.
pub(super) fn short_code(error: &ApiError) -> Option<&'static str> {
    match &*error.code {
        "ProvisionedThroughputExceededException" => Some("ProvisionedThroughputExceeded"),
        "ThrottlingException" => Some("ThrottlingError"),
        _ => None,
    }
}
