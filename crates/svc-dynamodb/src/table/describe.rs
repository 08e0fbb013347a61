//! How tables are shown.

use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader};

use super::{details, find};
use crate::error::Error;
use crate::records::{
    Capacity, Details, Index, IndexState, KeySchema, Maximum, Projection, Table, Throughput,
};
use crate::rules::{ON_DEMAND_WARM, TableAddress};
use crate::{behind, encryption, global_table, keys, membership, replica, restore, table_key};

/// Names in a page of a listing, when nothing is said.
const PAGE: i32 = 100;

/// A table to show.
pub(crate) struct Shown<'a> {
    pub(crate) at: TableAddress<'a>,
    pub(crate) table: &'a Table,
    pub(crate) details: &'a Details,
    /// What the answer that starts a change says.
    pub(crate) status: Option<&'static str>,
    /// Without keys and definitions, as DeleteTable shows it.
    pub(crate) is_short: bool,
    /// The KMS key that the answer to a change of it names.
    pub(crate) changing_key: Option<&'a str>,
    /// The replicas that the answer to a change of them names, and those that can't be used.
    pub(crate) changing_replicas: &'a [(String, &'static str)],
}

impl<'a> Shown<'a> {
    pub(crate) fn new(at: TableAddress<'a>, table: &'a Table, details: &'a Details) -> Self {
        Shown {
            at,
            table,
            details,
            status: None,
            is_short: false,
            changing_key: None,
            changing_replicas: &[],
        }
    }

    fn status(&self) -> &'static str {
        self.status.unwrap_or(if self.table.is_updating() {
            api::table_status::UPDATING
        } else {
            api::table_status::ACTIVE
        })
    }

    fn is_created(&self) -> bool {
        self.status != Some(api::table_status::CREATING)
    }
}

/// Shows a table.
pub(crate) fn describe_table(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeTableInput,
) -> Result<api::DescribeTableOutput, Failure> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = find(txn, at)?;
    let details = details(txn, &table)?;
    let closed = table_key::is_inaccessible(ctx, at.region, table.id)?;
    let status = closed.then_some(api::table_status::INACCESSIBLE_ENCRYPTION_CREDENTIALS);
    let changing_replicas = &*behind::inaccessible(ctx, txn, at, &table)?;
    let description =
        describe(txn, &Shown { status, changing_replicas, ..Shown::new(at, &table, &details) })?;
    Ok(api::DescribeTableOutput::new().with_table(description))
}

/// The description of a table.
pub(crate) fn describe(txn: &impl Reader, shown: &Shown<'_>) -> Result<api::TableDescription, Fault> {
    let Shown { at, table, details, is_short, .. } = *shown;
    let mut description = api::TableDescription::new()
        .with_table_name(at.name)
        .with_table_status(shown.status())
        .with_table_arn(at.arn())
        .with_table_id(&details.uuid)
        .with_item_count(txn.counter(&keys::count(table.id, keys::TABLE_ITSELF))?)
        .with_table_size_bytes(txn.counter(&keys::size(table.id, keys::TABLE_ITSELF))?)
        .with_provisioned_throughput(throughput(&details.throughput))
        .with_deletion_protection_enabled(details.deletion_protection)
        .with_billing_mode_summary(billing(shown))
        .with_on_demand_throughput(details.throughput.maximum.map(maximum))
        .with_table_class_summary(class(shown))
        .with_sse_description(match shown.changing_key {
            Some(key) => encryption::describe(Some(key), api::sse_status::UPDATING),
            None => encryption::describe(details.kms_key.as_deref(), api::sse_status::ENABLED),
        });
    if !is_short {
        description = description
            .with_key_schema(key_schema(&table.key))
            .with_attribute_definitions(definitions(table))
            .with_creation_date_time(Timestamp::from_micros(details.created))
            .with_warm_throughput(warm(shown));
    }
    let is_joined = !table.replicas.is_empty() && global_table::is_replica(txn, at)?;
    let replicas = if is_joined { None } else { replica::describe(txn, at, table, shown.changing_replicas)? };
    let version = replicas.as_ref().map(|_| replica::VERSION).or(is_joined.then_some(global_table::VERSION));
    description = description
        .with_global_table_settings_replication_mode(replicas.as_ref().map(|_| replica::OWN_SETTINGS))
        .with_replicas(replicas)
        .with_global_table_version(version)
        .with_restore_summary(restore::summary(details));
    let stream = table.stream.as_ref();
    let specification = stream.map(|stream| {
        api::StreamSpecification::new().with_stream_enabled(true).with_stream_view_type(stream.view.word())
    });
    description = description
        .with_stream_specification(specification)
        .with_latest_stream_label(details.latest_stream_label.as_deref())
        .with_latest_stream_arn(details.latest_stream_label.as_deref().map(|label| at.stream_arn(label)));
    let (local, global): (Vec<&Index>, Vec<&Index>) =
        table.indexes.iter().partition(|index| !index.is_global);
    let local = local.into_iter().map(|index| local_index(txn, shown, index));
    let local = local.collect::<Result<Vec<_>, Fault>>()?;
    let global = global.into_iter().map(|index| global_index(txn, shown, index));
    let global = global.collect::<Result<Vec<_>, Fault>>()?;
    description = membership::describe(txn, table, description)?;
    Ok(description
        .with_local_secondary_indexes((!local.is_empty()).then_some(local))
        .with_global_secondary_indexes((!global.is_empty()).then_some(global)))
}

pub(crate) fn billing(shown: &Shown<'_>) -> Option<api::BillingModeSummary> {
    let since = shown.details.on_demand_since?;
    let mode = if shown.table.on_demand {
        api::billing_mode::PAY_PER_REQUEST
    } else {
        api::billing_mode::PROVISIONED
    };
    let changed = shown.is_created().then(|| Timestamp::from_micros(since));
    Some(
        api::BillingModeSummary::new()
            .with_billing_mode(mode)
            .with_last_update_to_pay_per_request_date_time(changed),
    )
}

fn class(shown: &Shown<'_>) -> Option<api::TableClassSummary> {
    let (class, changed) = shown.details.table_class?;
    let changed = changed.map(Timestamp::from_micros);
    Some(api::TableClassSummary::new().with_table_class(class.word()).with_last_update_date_time(changed))
}

/// Warm throughput is shown once the table is there, unless it was asked for.
fn warm(shown: &Shown<'_>) -> Option<api::TableWarmThroughputDescription> {
    let throughput = &shown.details.throughput;
    if throughput.warm.is_none() && !shown.is_created() {
        return None;
    }
    let least = warm_of(throughput, shown.table.on_demand);
    Some(
        api::TableWarmThroughputDescription::new()
            .with_read_units_per_second(least.read)
            .with_write_units_per_second(least.write)
            .with_status(if shown.is_created() { shown.status() } else { api::table_status::UPDATING }),
    )
}

/// What a table or an index takes at once.
pub(crate) fn warm_of(throughput: &Throughput, on_demand: bool) -> Capacity {
    let least = if on_demand { ON_DEMAND_WARM } else { throughput.provisioned };
    throughput.warm.unwrap_or(least)
}

fn throughput(throughput: &Throughput) -> api::ProvisionedThroughputDescription {
    api::ProvisionedThroughputDescription::new()
        .with_read_capacity_units(throughput.provisioned.read)
        .with_write_capacity_units(throughput.provisioned.write)
        .with_number_of_decreases_today(i64::from(throughput.decreases))
        .with_last_increase_date_time(throughput.increased.map(Timestamp::from_micros))
        .with_last_decrease_date_time(throughput.decreased.map(Timestamp::from_micros))
}

fn maximum(maximum: Maximum) -> api::OnDemandThroughput {
    api::OnDemandThroughput::new()
        .with_max_read_request_units(maximum.read.unwrap_or(-1))
        .with_max_write_request_units(maximum.write.unwrap_or(-1))
}

pub(crate) fn key_schema(key: &KeySchema) -> Vec<api::KeySchemaElement> {
    let element = |name: &str, kind: &'static str| {
        api::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind)
    };
    let hashes = key.hashes().map(|name| element(name, api::key_type::HASH));
    hashes.chain(key.ranges().map(|name| element(name, api::key_type::RANGE))).collect()
}

/// Definitions are shown in the order of their names.
fn definitions(table: &Table) -> Vec<api::AttributeDefinition> {
    let mut attributes: Vec<_> = table.attributes.iter().collect();
    attributes.sort_by(|a, b| a.0.cmp(&b.0));
    let definition = |(name, kind): &(String, crate::records::ScalarType)| {
        api::AttributeDefinition::new().with_attribute_name(name).with_attribute_type(kind.word())
    };
    attributes.into_iter().map(definition).collect()
}

pub(crate) fn projection(projection: &Projection) -> api::Projection {
    let (kind, names) = match projection {
        Projection::All => (api::projection_type::ALL_, None),
        Projection::KeysOnly => (api::projection_type::KEYS_ONLY, None),
        Projection::Include(names) => (api::projection_type::INCLUDE, Some(names.clone())),
    };
    api::Projection::new().with_projection_type(kind).with_non_key_attributes(names)
}

fn local_index(
    txn: &impl Reader,
    shown: &Shown<'_>,
    index: &Index,
) -> Result<api::LocalSecondaryIndexDescription, Fault> {
    Ok(api::LocalSecondaryIndexDescription::new()
        .with_index_name(&index.name)
        .with_key_schema(key_schema(&index.key))
        .with_projection(projection(&index.projection))
        .with_index_size_bytes(txn.counter(&keys::size(shown.table.id, index.id))?)
        .with_item_count(txn.counter(&keys::count(shown.table.id, index.id))?)
        .with_index_arn(shown.at.index_arn(&index.name)))
}

fn global_index(
    txn: &impl Reader,
    shown: &Shown<'_>,
    index: &Index,
) -> Result<api::GlobalSecondaryIndexDescription, Fault> {
    let given = shown.details.index_throughput.get(&index.id).cloned().unwrap_or_default();
    let state = if shown.is_created() { index.state } else { IndexState::Creating };
    let units = warm_of(&given, shown.table.on_demand);
    let warm = (shown.is_created() || given.warm.is_some()).then(|| {
        api::GlobalSecondaryIndexWarmThroughputDescription::new()
            .with_read_units_per_second(units.read)
            .with_write_units_per_second(units.write)
            .with_status(state.word())
    });
    let backfilling = (shown.is_created() && state == IndexState::Creating).then_some(true);
    Ok(api::GlobalSecondaryIndexDescription::new()
        .with_index_name(&index.name)
        .with_key_schema(key_schema(&index.key))
        .with_projection(projection(&index.projection))
        .with_index_status(state.word())
        .with_backfilling(backfilling)
        .with_provisioned_throughput(throughput(&given))
        .with_on_demand_throughput(given.maximum.map(maximum))
        .with_warm_throughput(warm)
        .with_index_size_bytes(txn.counter(&keys::size(shown.table.id, index.id))?)
        .with_item_count(txn.counter(&keys::count(shown.table.id, index.id))?)
        .with_index_arn(shown.at.index_arn(&index.name)))
}

/// Lists the tables of the account and region by name.
pub(crate) fn list_tables(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTablesInput,
) -> Result<api::ListTablesOutput, Error> {
    let limit = usize::try_from(input.limit().unwrap_or(PAGE)).unwrap_or(0);
    let mut range = keys::tables(ctx.account(), ctx.region());
    if let Some(last) = input.exclusive_start_table_name() {
        range = range.after(last);
    }
    let found = txn.scan_keys(&range, Direction::Forward, limit + 1)?;
    let names = found.iter().take(limit).map(|key| Ok(key.parts::<(String, String, String)>()?.2));
    let names = names.collect::<Result<Vec<String>, Fault>>()?;
    let last = names.last().filter(|_| found.len() > limit).cloned();
    Ok(api::ListTablesOutput::new().with_table_names(names).with_last_evaluated_table_name(last))
}
