//! Global tables: replicas of a table in other regions of the cloud, under one name.
//!
//! What is written in one region is written in all of them, in the same transaction: whoever writes last wins, and no
//! region is behind, except one whose key of KMS can't be used (`behind`). Each region has a stream of its own.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html>

use serde::{Deserialize, Serialize};
use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_model::view::{List, Structure as _};
use virga_store::{Direction, Fault, Reader, Write};

use crate::error::Error;
use crate::item::{self, Cause, ItemKey, Open};
use crate::overrides::Asked;
use crate::records::{Details, IndexState, StreamView, Table};
use crate::rules::{Plan, ReplicaAction, ReplicaRequest, TableAddress, no_replicas, replica_actions};
use crate::table::{drop_table, put_new_table};
use crate::workers::{self, OfTable, READ_AT_ONCE};
use crate::{
    auto_scaling, behind, data_key, encryption, expiry, global_table, keys, membership, overrides, stream,
    table,
};

/// The version of global tables that these are.
pub(crate) const VERSION: &str = "2019.11.21";

/// Replicas of one account share their settings, but for what each has of its own.
pub(crate) const OWN_SETTINGS: &str = api::global_table_settings_replication_mode::ENABLED_WITH_OVERRIDES;

/// What the timer that fills a replica knows.
#[derive(Serialize, Deserialize)]
struct Filling {
    from: OfTable,
    /// The region of the replica.
    to: String,
}

/// The tables of a global table in other regions.
pub(crate) fn others<'a>(at: TableAddress<'a>, table: &'a Table) -> impl Iterator<Item = TableAddress<'a>> {
    let regions = table.replicas.iter().filter(move |region| **region != at.region);
    regions.map(move |region| TableAddress { region, ..at })
}

/// Writes what an item has become into the other regions.
pub(crate) fn replicate(
    ctx: &Ctx,
    txn: &mut Write,
    open: &Open<'_>,
    key: &ItemKey,
    new: Option<&Item>,
) -> Result<(), Error> {
    for at in others(open.at, open.table) {
        let Some(table) = txn.get(&keys::table(at))? else { continue };
        let cipher = match data_key::of_table(ctx, table.id) {
            Err(Error::KmsAccessDenied { .. }) => {
                behind::note(ctx, txn, (at, &table), open.at.region, key)?;
                continue;
            }
            cipher => cipher?,
        };
        let there = Open { at, table: &table, cipher: cipher.as_deref() };
        let old = item::find(txn, &there, key)?;
        item::write_here(ctx, txn, &there, key, old.as_ref(), new, Cause::Call)?;
    }
    Ok(())
}

/// What the answer to a change of replicas says of them: the region and `ReplicaStatus`.
pub(crate) type Changing = Vec<(String, &'static str)>;

/// Adds replicas, changes them and takes them away.
pub(crate) fn apply(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&mut Table, &mut Details),
    (input, updates): (&api::UpdateTableInput, List<'_, &api::ReplicationGroupUpdate>),
) -> Result<Changing, Error> {
    let actions = replica_actions(at.region, updates)?;
    let plan = {
        let strong = membership::of(txn, table)?.strong;
        let (replicas, strong) = (&*table.replicas, strong.as_deref());
        ReplicaRequest { region: at.region, actions: &actions, input, replicas, strong }.plan()?
    };
    if matches!(plan, Plan::Strong(_)) {
        check_can_be_strong(txn, table)?;
    }
    let mut changing = Changing::new();
    for action in actions {
        let status = match action {
            ReplicaAction::Create(create) => {
                add(ctx, txn, at, (table, details), create)?;
                api::replica_status::CREATING
            }
            ReplicaAction::Delete(region) => {
                remove(ctx, txn, at, table, region)?;
                api::replica_status::DELETING
            }
            ReplicaAction::Update(update) => {
                change(ctx, txn, at, (table, details), update)?;
                api::replica_status::UPDATING
            }
        };
        changing.push((action.region().to_owned(), status));
    }
    if let Plan::Strong(witnesses) = plan {
        membership::make_strong(txn, at, table, &witnesses)?;
    }
    Ok(changing)
}

/// A table whose regions are to be strongly consistent is empty, and has neither local indexes nor time to live.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>
fn check_can_be_strong(txn: &Write, table: &Table) -> Result<(), Error> {
    let reason = if txn.snapshot_counter(&keys::count(table.id, keys::TABLE_ITSELF))? != 0 {
        "The table must be empty to have MultiRegionConsistency set to STRONG."
    } else if table.indexes.iter().any(|index| !index.is_global) {
        "Local secondary indexes are not supported for global tables with MultiRegionConsistency set to STRONG."
    } else if table.time_to_live.is_some() {
        "Time to live is not supported for global tables with MultiRegionConsistency set to STRONG."
    } else {
        return Ok(());
    };
    Err(Error::validation(reason))
}

/// Replicas are kept alike by their streams, which stay as they are.
pub(crate) fn check_stream(table: &Table, specification: &api::StreamSpecification) -> Result<(), Error> {
    if table.replicas.is_empty() || specification.stream_enabled() {
        return Ok(());
    }
    Err(Error::invalid_values("Disabling Stream is not allowed for a Global Table replica."))
}

/// Changes what a replica has of its own.
fn change(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&Table, &mut Details),
    update: &api::UpdateReplicationGroupMemberAction,
) -> Result<(), Error> {
    let region = update.region_name();
    if !table.replicas.iter().any(|known| known == region) {
        return Err(no_replicas(&[region]));
    }
    // The key of a replica changes in its own region only.
    if update.kms_master_key_id().is_some() {
        return Err(encryption::key_for_each());
    }
    if region == at.region {
        let asked = Asked { action: update.as_record(), is_new: false, base: None };
        return overrides::set(ctx, txn, (table, details), &asked);
    }
    let replica = table::find(txn, TableAddress { region, ..at })?;
    let mut own = table::details(txn, &replica)?;
    let asked = Asked { action: update.as_record(), is_new: false, base: Some(details) };
    overrides::set(ctx, txn, (&replica, &mut own), &asked)?;
    Ok(txn.put(&keys::details(&replica), &own)?)
}

fn add(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&mut Table, &mut Details),
    create: &api::CreateReplicationGroupMemberAction,
) -> Result<(), Error> {
    let region = create.region_name();
    let there = TableAddress { region, ..at };
    if txn.contains(&keys::table(there))? {
        return Err(Error::validation(format!(
            "Failed to create a the new replica of table with name: ‘{}’ because one or more replicas already existed \
             as tables.",
            at.name
        )));
    }
    if table.indexes.iter().any(|index| index.state != IndexState::Active) {
        let reason = format!(
            "Attempt to change a resource which is still in use: Table is being updated: {}",
            at.name
        );
        return Err(Error::ResourceInUse { reason });
    }
    let before: Vec<String> =
        if table.replicas.is_empty() { vec![at.region.to_owned()] } else { table.replicas.clone() };
    let mut regions = before.clone();
    regions.push(region.to_owned());
    set_regions(txn, at, table, &regions)?;
    let view = match &table.stream {
        Some(stream) => stream.view,
        None => {
            stream::apply(ctx, txn, at, table, details, (&with_stream(StreamView::NewAndOldImages), false))?;
            StreamView::NewAndOldImages
        }
    };
    let mut replica = Table { id: ctx.random(), stream: None, recoverable: false, ..table.clone() };
    let mut replica_details = Details {
        uuid: ctx.uuid(),
        created: ctx.now().micros(),
        deletion_protection: false,
        latest_stream_label: None,
        policy_revisions: Default::default(),
        recovery: None,
        restored: None,
        insights: Default::default(),
        kms_key: encryption::key_of_replica(
            ctx,
            txn,
            region,
            create.kms_master_key_id(),
            details.kms_key.as_deref(),
        )?,
        ..details.clone()
    };
    let asked = Asked { action: create.as_record(), is_new: true, base: Some(details) };
    overrides::set(ctx, txn, (&replica, &mut replica_details), &asked)?;
    put_new_table(ctx, txn, there, &mut replica, &mut replica_details, Some(&with_stream(view)))?;
    membership::join(ctx, txn, at.region, &replica)?;
    auto_scaling::begin_as(ctx, txn, table, (there, &replica))?;
    fill_later(ctx, txn, &Filling { from: OfTable::new(at, table.id, 0), to: region.to_owned() })
}

fn with_stream(view: StreamView) -> api::StreamSpecification {
    api::StreamSpecification::new().with_stream_enabled(true).with_stream_view_type(view.word())
}

/// Tells all tables of a global table in which regions it is.
fn set_regions(
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &mut Table,
    regions: &[String],
) -> Result<(), Error> {
    for region in regions.iter().filter(|region| **region != at.region) {
        let key = keys::table(TableAddress { region, ..at });
        if let Some(known) = txn.get(&key)? {
            txn.put(&key, &Table { replicas: regions.to_vec(), ..known })?;
        }
    }
    table.replicas = regions.to_vec();
    if regions.is_empty() {
        membership::leave(txn, table)?;
    }
    Ok(())
}

fn remove(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &mut Table,
    region: &str,
) -> Result<(), Error> {
    if !table.replicas.iter().any(|known| known == region) {
        return Err(no_replicas(&[region]));
    }
    let there = TableAddress { region, ..at };
    let replica = table::find(txn, there)?;
    let details = table::details(txn, &replica)?;
    if details.deletion_protection {
        return Err(protected(there));
    }
    membership::check_no_source(ctx, txn, there, &replica)?;
    drop_table(ctx, txn, there, (&Table { replicas: Vec::new(), ..replica }, &details), false)?;
    let rest: Vec<String> = table.replicas.iter().filter(|known| *known != region).cloned().collect();
    set_regions(txn, at, table, if rest.len() > 1 { &rest } else { &[] })
}

/// The refusal to delete a replica that is protected.
pub(crate) fn protected(at: TableAddress<'_>) -> Error {
    Error::validation(format!(
        "Cannot delete table {} in region {} because it has deletion protection enabled. Disable deletion protection \
         first.",
        at.name, at.region
    ))
}

/// Takes a table that is deleted out of its global table.
pub(crate) fn leave(txn: &mut Write, at: TableAddress<'_>, table: &Table) -> Result<(), Error> {
    global_table::leave(txn, at)?;
    let rest: Vec<String> = table.replicas.iter().filter(|region| *region != at.region).cloned().collect();
    for region in &rest {
        let key = keys::table(TableAddress { region, ..at });
        if let Some(known) = txn.get(&key)? {
            let replicas = if rest.len() > 1 { rest.clone() } else { Vec::new() };
            txn.put(&key, &Table { replicas, ..known })?;
        }
    }
    Ok(())
}

fn fill_later(ctx: &Ctx, txn: &mut Write, filling: &Filling) -> Result<(), Error> {
    let id = format!("{}-{}", filling.from.id, filling.to);
    workers::set(ctx, txn, workers::FILL_REPLICA, id, ctx.now().micros(), filling)
}

/// Puts some items into a new replica. Items that are written meanwhile are in it already.
pub(crate) fn fill(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let mut filling: Filling = timer.read()?;
    let there = TableAddress { region: &filling.to, ..filling.from.at() };
    let Some(table) = filling.from.table(txn)? else { return Ok(()) };
    let Some(replica) = txn.get(&keys::table(there))? else { return Ok(()) };
    let (from, to) = (data_key::of_table(ctx, table.id)?, data_key::of_table(ctx, replica.id)?);
    let source = Open { at: filling.from.at(), table: &table, cipher: from.as_deref() };
    let open = Open { at: there, table: &replica, cipher: to.as_deref() };
    let mut range = keys::items(table.id);
    if let Some(after) = &filling.from.after {
        range = range.after_key(&keys::item(table.id, after));
    }
    let found = txn.scan(&range, Direction::Forward, READ_AT_ONCE)?;
    let is_last = found.len() < READ_AT_ONCE;
    let mut last = None;
    for (key, stored) in found {
        let key = keys::item_key(&key)?;
        if item::find(txn, &open, &key)?.is_none() {
            item::write_here(
                ctx,
                txn,
                &open,
                &key,
                None,
                Some(&source.opened(stored)?.item()?),
                Cause::Call,
            )?;
        }
        last = Some(key);
    }
    if !is_last {
        filling.from.after = last;
        fill_later(ctx, txn, &filling)?;
    }
    Ok(())
}

/// Lets time to live be the same in all regions.
pub(crate) fn set_time_to_live(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &Table,
) -> Result<(), Error> {
    for there in others(at, table) {
        let Some(mut replica) = txn.get(&keys::table(there))? else { continue };
        replica.time_to_live.clone_from(&table.time_to_live);
        match replica.time_to_live {
            Some(_) => expiry::begin(ctx, txn, there, &replica)?,
            None => expiry::end(ctx, txn, &replica)?,
        }
        txn.put(&keys::table(there), &replica)?;
    }
    Ok(())
}

/// `Replicas`; none for a table in one region that no replica leaves.
pub(crate) fn describe(
    txn: &impl Reader,
    at: TableAddress<'_>,
    table: &Table,
    changing: &[(String, &'static str)],
) -> Result<Option<Vec<api::ReplicaDescription>>, Fault> {
    let gone = changing.iter().filter(|(region, _)| !table.replicas.contains(region));
    let regions = table.replicas.iter().filter(|region| **region != at.region);
    let mut replicas = Vec::new();
    for region in regions.chain(gone.map(|(region, _)| region)) {
        let there = TableAddress { region, ..at };
        let status = changing.iter().find(|(known, _)| known == region).map(|(_, status)| *status);
        let description = api::ReplicaDescription::new()
            .with_region_name(region)
            .with_replica_status(status.unwrap_or(api::replica_status::ACTIVE))
            .with_global_table_settings_replication_mode(OWN_SETTINGS);
        replicas.push(match txn.get(&keys::table(there))? {
            Some(replica) => describe_own(txn, &replica, description)?,
            None => description,
        });
    }
    Ok((!replicas.is_empty()).then_some(replicas))
}

/// Adds what a replica has of its own to its description.
fn describe_own(
    txn: &impl Reader,
    replica: &Table,
    description: api::ReplicaDescription,
) -> Result<api::ReplicaDescription, Fault> {
    let own = overrides::of(txn, replica)?;
    let details = txn.get(&keys::details(replica))?.ok_or_else(|| Fault::new("a table has no details"))?;
    let indexes = replica.indexes.iter().filter(|index| index.is_global).map(|index| {
        let reads = own.indexes.get(&index.name).copied().unwrap_or_default();
        let (provisioned, maximum) = overrides::describe(reads, replica.on_demand);
        api::ReplicaGlobalSecondaryIndexDescription::new()
            .with_index_name(&index.name)
            .with_provisioned_throughput_override(provisioned)
            .with_on_demand_throughput_override(maximum)
            .with_warm_throughput(details.index_throughput.get(&index.id).map(|throughput| {
                let units = table::warm_of(throughput, replica.on_demand);
                api::GlobalSecondaryIndexWarmThroughputDescription::new()
                    .with_read_units_per_second(units.read)
                    .with_write_units_per_second(units.write)
                    .with_status(index.state.word())
            }))
    });
    let indexes: Vec<_> = indexes.collect();
    let (provisioned, maximum) = overrides::describe(own.reads, replica.on_demand);
    let class = details.table_class.map(|(class, changed)| {
        api::TableClassSummary::new()
            .with_table_class(class.word())
            .with_last_update_date_time(changed.map(Timestamp::from_micros))
    });
    let warm = table::warm_of(&details.throughput, replica.on_demand);
    let warm = api::TableWarmThroughputDescription::new()
        .with_read_units_per_second(warm.read)
        .with_write_units_per_second(warm.write)
        .with_status(api::table_status::ACTIVE);
    Ok(description
        .with_warm_throughput(warm)
        .with_kms_master_key_id(details.kms_key.as_deref())
        .with_replica_inaccessible_date_time(behind::since(txn, replica)?)
        .with_provisioned_throughput_override(provisioned)
        .with_on_demand_throughput_override(maximum)
        .with_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .with_replica_table_class_summary(class))
}
