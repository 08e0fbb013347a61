//! The two operations on the auto scaling of a table in all its regions.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTableReplicaAutoScaling.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Read, Reader, Write};

use super::settings::{self, Update, shown};
use crate::error::Error;
use crate::item::Use;
use crate::records::Table;
use crate::rules::{TableAddress, no_replicas};
use crate::{behind, table};

/// Changes auto scaling: of writes in all regions, of reads in those that are named.
pub(crate) fn update_table_replica_auto_scaling(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateTableReplicaAutoScalingInput,
) -> Result<api::UpdateTableReplicaAutoScalingOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = table::find(txn, at).map_err(|error| not_global(error, at))?;
    if table.is_updating() {
        let reason = format!(
            "Attempt to change a resource which is still in use: Table is being updated: {}",
            at.name
        );
        return Err(Error::ResourceInUse { reason });
    }
    let regions = regions(at, &table);
    let of_replicas: Vec<_> = input.replica_updates().into_iter().flat_map(List::iter).collect();
    if let Some(unknown) =
        of_replicas.iter().find(|update| !regions.iter().any(|region| region == update.region_name()))
    {
        return Err(no_replicas(&[unknown.region_name()]));
    }
    let mut of_all = Vec::new();
    of_all.extend(
        input.provisioned_write_capacity_auto_scaling_update().map(|update| (None, Use::Write, update)),
    );
    for update in input.global_secondary_index_updates().into_iter().flat_map(List::iter) {
        let change = update.provisioned_write_capacity_auto_scaling_update();
        of_all.extend(change.map(|change| (update.index_name(), Use::Write, change)));
    }
    if of_all.is_empty() && of_replicas.is_empty() {
        return Err(refused(at, "because at least one update parameter must be specified."));
    }
    check_replicas(at, &of_replicas)?;
    for region in &regions {
        let there = TableAddress { region, ..at };
        let replica = table::find(txn, there)?;
        let mut updates = of_all.clone();
        let of_this = of_replicas.iter().filter(|update| update.region_name() == region);
        updates.extend(of_this.flat_map(|update| reads(update)));
        check_indexes(&replica, &updates)?;
        settings::set(ctx, txn, (there, &replica), &updates)?;
    }
    let description = describe(ctx, txn, at, &table)?;
    Ok(api::UpdateTableReplicaAutoScalingOutput::new().with_table_auto_scaling_description(description))
}

/// A refusal in the words of these operations.
fn refused(at: TableAddress<'_>, reason: impl std::fmt::Display) -> Error {
    Error::validation(format!("Failed to update settings for global table with name: ‘{}’ {reason}", at.name))
}

/// Each region is named once and has something to change.
fn check_replicas(at: TableAddress<'_>, updates: &[&api::ReplicaAutoScalingUpdate]) -> Result<(), Error> {
    for (place, update) in updates.iter().enumerate() {
        let region = update.region_name();
        if updates.iter().take(place).any(|known| known.region_name() == region) {
            return Err(refused(
                at,
                format!("because the regions: ‘[{region}]’ were specified more than once."),
            ));
        }
        if reads(update).is_empty() {
            return Err(refused(
                at,
                format!("because at least one update parameter must be specified for region: ‘{region}’."),
            ));
        }
    }
    Ok(())
}

/// What is asked for the reads of a replica.
fn reads(update: &api::ReplicaAutoScalingUpdate) -> Vec<Update<'_>> {
    let of_table = update.replica_provisioned_read_capacity_auto_scaling_update();
    let mut updates: Vec<Update<'_>> = of_table.map(|update| (None, Use::Read, update)).into_iter().collect();
    for index in update.replica_global_secondary_index_updates().into_iter().flat_map(List::iter) {
        let change = index.provisioned_read_capacity_auto_scaling_update();
        updates.extend(change.map(|change| (index.index_name(), Use::Read, change)));
    }
    updates
}

fn check_indexes(table: &Table, updates: &[Update<'_>]) -> Result<(), Error> {
    let mut named = updates.iter().filter_map(|(index, _, _)| *index);
    match named.find(|name| !table.indexes.iter().any(|index| index.is_global && index.name == **name)) {
        Some(_) => Err(Error::ResourceNotFound { reason: "Requested resource not found".to_owned() }),
        None => Ok(()),
    }
}

/// Shows the auto scaling of a table in all its regions.
pub(crate) fn describe_table_replica_auto_scaling(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeTableReplicaAutoScalingInput,
) -> Result<api::DescribeTableReplicaAutoScalingOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = table::find(txn, at).map_err(|error| not_global(error, at))?;
    let description = describe(ctx, txn, at, &table)?;
    Ok(api::DescribeTableReplicaAutoScalingOutput::new().with_table_auto_scaling_description(description))
}

/// A table that is not there, in the words of these operations.
fn not_global(error: Error, at: TableAddress<'_>) -> Error {
    match error {
        Error::ResourceNotFound { .. } => Error::ResourceNotFound {
            reason: format!("Global table with name: '{}' does not exist.", at.name),
        },
        error => error,
    }
}

/// The regions of a table: its own, when it is in no other.
fn regions(at: TableAddress<'_>, table: &Table) -> Vec<String> {
    if table.replicas.is_empty() { vec![at.region.to_owned()] } else { table.replicas.clone() }
}

fn describe(
    ctx: &Ctx,
    txn: &impl Reader,
    at: TableAddress<'_>,
    table: &Table,
) -> Result<api::TableAutoScalingDescription, Error> {
    let mut regions = regions(at, table);
    regions.sort_unstable();
    let replicas = regions.into_iter().map(|region| {
        let there = TableAddress { region: &region, ..at };
        describe_replica(ctx, txn, there)
    });
    let replicas: Vec<_> = replicas.collect::<Result<_, _>>()?;
    let status = if table.is_updating() { api::table_status::UPDATING } else { api::table_status::ACTIVE };
    Ok(api::TableAutoScalingDescription::new()
        .with_table_name(at.name)
        .with_table_status(status)
        .with_replicas(replicas))
}

fn describe_replica(
    ctx: &Ctx,
    txn: &impl Reader,
    at: TableAddress<'_>,
) -> Result<api::ReplicaAutoScalingDescription, Error> {
    let replica = table::find(txn, at)?;
    let scaling = settings::of(txn, &replica)?;
    let indexes = replica.indexes.iter().filter(|index| index.is_global).map(|index| {
        let shown = |what: Use| shown(at, &scaling, (Some(&index.name), what));
        api::ReplicaGlobalSecondaryIndexAutoScalingDescription::new()
            .with_index_name(&index.name)
            .with_index_status(index.state.word())
            .with_provisioned_read_capacity_auto_scaling_settings(shown(Use::Read))
            .with_provisioned_write_capacity_auto_scaling_settings(shown(Use::Write))
    });
    let indexes: Vec<_> = indexes.collect();
    let shown = |what: Use| shown(at, &scaling, (None, what));
    Ok(api::ReplicaAutoScalingDescription::new()
        .with_region_name(at.region)
        .with_replica_status(behind::status(ctx, txn, at)?)
        .with_replica_provisioned_read_capacity_auto_scaling_settings(shown(Use::Read))
        .with_replica_provisioned_write_capacity_auto_scaling_settings(shown(Use::Write))
        .with_global_secondary_indexes(indexes))
}
