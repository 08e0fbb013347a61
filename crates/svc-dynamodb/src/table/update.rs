//! Changes of a table: capacity and billing, stream, class, protection, encryption, global indexes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::Write;

use super::create::is_of_several_accounts;
use super::describe::{Shown, describe, warm_of};
use super::{check_simultaneous, details, find, index_change};
use crate::error::Error;
use crate::records::{Capacity, Details, Table, TableClass, Throughput};
use crate::rules::{self, TableAddress};
use crate::{encryption, keys, overrides, quota, replica, stream, table_key};

/// Microseconds of a day, by which decreases are counted.
const DAY: i64 = 86_400_000_000;

/// Changes a table.
pub(crate) fn update_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateTableInput,
) -> Result<api::UpdateTableOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    check_built(input)?;
    check_something(input)?;
    rules::check_only_replicas(input)?;
    rules::check_one_change(input)?;
    let mut table = find(txn, at)?;
    let mut details = details(txn, &table)?;
    if table.is_updating() && changes_more_than_settings(input) {
        let reason = format!(
            "Attempt to change a resource which is still in use: Table is being updated: {}",
            at.name
        );
        return Err(Error::ResourceInUse { reason });
    }
    check_simultaneous(txn, at)?;
    let (mut former_key, mut changing_replicas) = (None, Vec::new());
    let before = details.clone();
    let mut is_updating = set_billing(ctx, input, &mut table, &mut details)?;
    if let Some(specification) = input.stream_specification() {
        replica::check_stream(&table, specification)?;
        stream::apply(ctx, txn, at, &mut table, &mut details, (specification, false))?;
        is_updating = true;
    }
    is_updating |= change_indexes(ctx, txn, at, input, (&mut table, &mut details))?;
    update_others(ctx, txn, at, input, (&table, &before))?;
    if let Some(updates) = input.replica_updates() {
        changing_replicas = replica::apply(ctx, txn, at, (&mut table, &mut details), (input, updates))?;
        is_updating = true;
    }
    if let Some(specification) = input.sse_specification() {
        quota::change_encryption(ctx, txn, &table)?;
        let key = encryption::key_of(ctx, txn, at.region, Some(specification), None)?;
        encryption::check_changed(specification, key.as_deref(), details.kms_key.as_deref())?;
        if key != details.kms_key {
            former_key = details.kms_key.take().or_else(|| key.clone());
            details.kms_key = key;
            table_key::set(ctx, txn, at, table.id, details.kms_key.as_deref())?;
            is_updating = true;
        }
    }
    if let Some(class) = input.table_class().and_then(TableClass::of_word) {
        quota::change_class(ctx, txn, (&table, &mut details), (class, None))?;
        is_updating = true;
    }
    if let Some(protected) = input.deletion_protection_enabled() {
        details.deletion_protection = protected;
    }
    overrides::keep(txn, &table, &details)?;
    txn.put(&keys::table(at), &table)?;
    txn.put(&keys::details(&table), &details)?;
    let status = is_updating.then_some(api::table_status::UPDATING);
    let changing_key = former_key.as_deref();
    let changing_replicas = &changing_replicas;
    let shown = Shown { status, changing_key, changing_replicas, ..Shown::new(at, &table, &details) };
    Ok(api::UpdateTableOutput::new().with_table_description(describe(txn, &shown)?))
}

/// Changes the replicas of a table in other regions: keys, indexes, billing and class are the same there, but for what a
/// replica has of its own.
fn update_others(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    input: &api::UpdateTableInput,
    (table, before): (&Table, &Details),
) -> Result<(), Error> {
    let class = input.table_class().and_then(TableClass::of_word);
    for there in replica::others(at, table) {
        let mut replica = find(txn, there)?;
        let mut details = details(txn, &replica)?;
        let own = overrides::of(txn, &replica)?;
        overrides::lift(&own, &replica, &mut details, before);
        set_billing(ctx, input, &mut replica, &mut details)?;
        change_indexes(ctx, txn, there, input, (&mut replica, &mut details))?;
        if let Some(class) = class.filter(|_| own.table_class.is_none()) {
            quota::change_class(ctx, txn, (&replica, &mut details), (class, Some(there.region)))?;
        }
        overrides::apply(&own, &replica, &mut details);
        txn.put(&keys::table(there), &replica)?;
        txn.put(&keys::details(&replica), &details)?;
    }
    Ok(())
}

fn change_indexes(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    input: &api::UpdateTableInput,
    (table, details): (&mut Table, &mut Details),
) -> Result<bool, Error> {
    let Some(updates) = input.global_secondary_index_updates() else { return Ok(false) };
    let given = rules::definitions(input.attribute_definitions())?;
    index_change::apply(ctx, txn, at, (table, details), updates, &given)?;
    Ok(!updates.is_empty())
}

/// What is not built is refused by its name.
fn check_built(input: &api::UpdateTableInput) -> Result<(), Error> {
    if is_of_several_accounts(input.global_table_settings_replication_mode()) {
        return Err(Error::NotImplemented { what: "Global tables of several accounts" });
    }
    Ok(())
}

fn check_something(input: &api::UpdateTableInput) -> Result<(), Error> {
    let is_something = changes_more_than_settings(input)
        || input.deletion_protection_enabled().is_some()
        || input.table_class().is_some();
    if is_something {
        return Ok(());
    }
    if input.global_secondary_index_updates().is_some() {
        return Err(Error::invalid_values("List of GlobalSecondaryIndexUpdates is empty"));
    }
    // Consistency is told to be missing unless it is there, without replicas that it could be of.
    let consistency =
        if input.multi_region_consistency().is_some() { "" } else { "MultiRegionConsistency, " };
    Err(Error::validation(format!(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, \
         SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, {consistency}\
         DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required"
    )))
}

fn changes_more_than_settings(input: &api::UpdateTableInput) -> bool {
    input.billing_mode().is_some()
        || input.provisioned_throughput().is_some()
        || input.on_demand_throughput().is_some()
        || input.warm_throughput().is_some()
        || input.stream_specification().is_some()
        || input.sse_specification().is_some()
        || input.global_secondary_index_updates().is_some_and(|updates| !updates.is_empty())
        || input.replica_updates().is_some()
}

/// Sets billing mode and throughput of the table. Whether something changes.
fn set_billing(
    ctx: &Ctx,
    input: &api::UpdateTableInput,
    table: &mut Table,
    details: &mut Details,
) -> Result<bool, Error> {
    let now = ctx.now().micros();
    let before = table.on_demand;
    let warm = warm_of(&details.throughput, before);
    if let Some(mode) = input.billing_mode() {
        table.on_demand = mode == api::billing_mode::PAY_PER_REQUEST;
        if !table.on_demand && input.provisioned_throughput().is_none() {
            let reason = "ProvisionedThroughput must be specified when BillingMode is PROVISIONED";
            return Err(Error::invalid_values(reason));
        }
    }
    let mut is_changed = before != table.on_demand;
    if is_changed {
        change_mode(input, table, details, now)?;
    }
    if let Some(given) = input.provisioned_throughput() {
        let wanted = rules::capacity(table.on_demand, Some(given), None)?;
        if before == table.on_demand && wanted == details.throughput.provisioned {
            return Err(unchanged(wanted, "table"));
        }
        provision_as_asked(&mut details.throughput, wanted, now)?;
        is_changed = true;
    }
    let maximum = details.throughput.maximum;
    if let Some(maximum) = rules::on_demand(table.on_demand, input.on_demand_throughput(), maximum, None)? {
        details.throughput.maximum = (maximum.read.is_some() || maximum.write.is_some()).then_some(maximum);
        is_changed = true;
    }
    keep_warm(&mut details.throughput, warm, table.on_demand);
    let least = warm_of(&details.throughput, table.on_demand);
    if let Some(warm) = rules::warm(least, input.warm_throughput(), rules::Lower::Current, None)? {
        details.throughput.warm = Some(warm);
        is_changed = true;
    }
    Ok(is_changed)
}

/// Changes between on-demand and provisioned: on-demand tables have no units, provisioned indexes need theirs.
fn change_mode(
    input: &api::UpdateTableInput,
    table: &Table,
    details: &mut Details,
    now: i64,
) -> Result<(), Error> {
    if table.on_demand {
        details.on_demand_since = Some(now);
        details.throughput.provisioned = Capacity::default();
        for throughput in details.index_throughput.values_mut() {
            throughput.provisioned = Capacity::default();
        }
        return Ok(());
    }
    details.throughput.maximum = None;
    for index in table.indexes.iter().filter(|index| index.is_global) {
        let updates = input.global_secondary_index_updates().into_iter().flat_map(List::iter);
        let is_given = updates
            .filter_map(|update| update.update())
            .any(|update| update.index_name() == index.name && update.provisioned_throughput().is_some());
        if !is_given {
            return Err(Error::invalid_values(format!(
                "ProvisionedThroughput must be specified for index: {}",
                index.name
            )));
        }
    }
    Ok(())
}

/// What was warm stays warm.
pub(super) fn keep_warm(throughput: &mut Throughput, was: Capacity, on_demand: bool) {
    let is = warm_of(throughput, on_demand);
    let kept = Capacity { read: is.read.max(was.read), write: is.write.max(was.write) };
    if kept != is {
        throughput.warm = Some(kept);
    }
}

/// The refusal of a throughput that is there already.
pub(super) fn unchanged(units: Capacity, of: &str) -> Error {
    let Capacity { read, write } = units;
    Error::validation(format!(
        "The provisioned throughput for the {of} will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the {of}: {read}. Requested ReadCapacityUnits: {read}. Current \
         WriteCapacityUnits provisioned for the {of}: {write}. Requested WriteCapacityUnits: {write}. Refer to the \
         Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
    ))
}

/// Sets the units that a caller asks for, unless they were decreased too often today.
///
/// # Errors
/// [`Error::LimitExceeded`] with the time of the next decrease.
pub(crate) fn provision_as_asked(
    throughput: &mut Throughput,
    wanted: Capacity,
    now: i64,
) -> Result<(), Error> {
    let before = throughput.provisioned;
    let is_decrease = wanted.read < before.read || wanted.write < before.write;
    if let Some(next) = rules::next_decrease(throughput, now).filter(|_| is_decrease) {
        let decreases = throughput.decreases;
        let last = rules::date_text(throughput.decreased.unwrap_or(now));
        return Err(Error::LimitExceeded {
            reason: format!(
                "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the \
                 first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 \
                 seconds. Number of decreases today: {decreases}. Last decrease at {last}. Next decrease can be made at {}",
                rules::date_text(next)
            ),
        });
    }
    provision(throughput, wanted, now);
    Ok(())
}

/// Sets units and notes when they grew or shrank.
pub(crate) fn provision(throughput: &mut Throughput, wanted: Capacity, now: i64) {
    let before = throughput.provisioned;
    if wanted.read > before.read || wanted.write > before.write {
        throughput.increased = Some(now);
    }
    if wanted.read < before.read || wanted.write < before.write {
        let is_today = throughput.decreased.is_some_and(|last| last / DAY == now / DAY);
        throughput.decreases = if is_today { throughput.decreases + 1 } else { 1 };
        throughput.decreased = Some(now);
    }
    throughput.provisioned = wanted;
}
