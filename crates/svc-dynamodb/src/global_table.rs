//! Global tables of the version of 2017: tables that were made in several regions under one name, all of them empty, are
//! joined. From then on they are replicas like those of later global tables.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::item::Use;
use crate::records::{Capacity, Details, GlobalTable, StreamView, Table, TableClass};
use crate::rules::{TableAddress, check_region};
use crate::table::{self, billing, provision_as_asked};
use crate::{auto_scaling, behind, keys, quota, recovery};

/// The version of global tables that these are.
pub(crate) const VERSION: &str = "2017.11.29";
/// Global tables in a page of a listing, when nothing is said.
const PAGE: i32 = 100;

/// Finds a global table of the caller's account.
fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<GlobalTable, Error> {
    let missing = || Error::GlobalTableNotFound { name: name.to_owned() };
    txn.get(&keys::global_table(ctx.account(), name))?.ok_or_else(missing)
}

/// A global table that is not there, in the words of the operations on settings.
fn of_settings(error: Error) -> Error {
    match error {
        Error::GlobalTableNotFound { name } => Error::GlobalTableSettingsNotFound { name },
        error => error,
    }
}

/// Whether a table is a replica of a global table of this version.
pub(crate) fn is_replica(txn: &impl Reader, at: TableAddress<'_>) -> Result<bool, Fault> {
    let global = txn.get(&keys::global_table(at.account, at.name))?;
    Ok(global.is_some_and(|global| global.regions.iter().any(|region| region == at.region)))
}

/// Joins tables.
pub(crate) fn create_global_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateGlobalTableInput,
) -> Result<api::CreateGlobalTableOutput, Error> {
    let name = input.global_table_name();
    let key = keys::global_table(ctx.account(), name);
    if txn.contains(&key)? {
        return Err(Error::GlobalTableAlreadyExists { name: name.to_owned() });
    }
    let mut regions = Vec::<String>::new();
    for replica in input.replication_group().iter() {
        let region = replica.region_name().unwrap_or_else(|| ctx.region()).to_owned();
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    if regions.is_empty() {
        return Err(Error::invalid_values("ReplicationGroup must not be empty"));
    }
    regions.iter().try_for_each(|region| check_region(region))?;
    let global = GlobalTable { created: ctx.now().micros(), regions };
    let mut first = None;
    for region in &global.regions {
        let joining = check_joining(txn, address(ctx, region, name))?;
        check_alike(first.get_or_insert_with(|| joining.clone()), &joining)?;
    }
    connect(ctx, txn, name, &global.regions)?;
    txn.put(&key, &global)?;
    let shown = describe(ctx, txn, name, &global, api::global_table_status::CREATING)?;
    Ok(api::CreateGlobalTableOutput::new().with_global_table_description(shown))
}

/// Adds tables to a global table, and takes some out of it, which stay as they are.
pub(crate) fn update_global_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateGlobalTableInput,
) -> Result<api::UpdateGlobalTableOutput, Error> {
    let name = input.global_table_name();
    let mut global = find(ctx, txn, name)?;
    for update in input.replica_updates().iter() {
        if let Some(create) = update.create() {
            let region = create.region_name().to_owned();
            if global.regions.contains(&region) {
                return Err(Error::ReplicaAlreadyExists { name: name.to_owned(), region });
            }
            let joining = check_joining(txn, address(ctx, &region, name))?;
            if let Some(known) = global.regions.first() {
                check_alike(&table::find(txn, address(ctx, known, name))?, &joining)?;
            }
            global.regions.push(region);
        }
        if let Some(delete) = update.delete() {
            let region = delete.region_name();
            if !global.regions.iter().any(|known| known == region) {
                return Err(Error::ReplicaNotFound { name: name.to_owned(), region: region.to_owned() });
            }
            global.regions.retain(|known| known != region);
            connect(ctx, txn, name, &[region.to_owned()])?;
        }
    }
    connect(ctx, txn, name, &global.regions)?;
    put(ctx.account(), txn, name, &global)?;
    let shown = describe(ctx, txn, name, &global, api::global_table_status::UPDATING)?;
    Ok(api::UpdateGlobalTableOutput::new().with_global_table_description(shown))
}

/// Shows a global table.
pub(crate) fn describe_global_table(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeGlobalTableInput,
) -> Result<api::DescribeGlobalTableOutput, Error> {
    let name = input.global_table_name();
    let global = find(ctx, txn, name)?;
    let shown = describe(ctx, txn, name, &global, api::global_table_status::ACTIVE)?;
    Ok(api::DescribeGlobalTableOutput::new().with_global_table_description(shown))
}

/// Lists global tables, those with a replica in a region if one is named.
pub(crate) fn list_global_tables(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListGlobalTablesInput,
) -> Result<api::ListGlobalTablesOutput, Error> {
    let limit = usize::try_from(input.limit().unwrap_or(PAGE)).unwrap_or(0);
    let mut range = keys::global_tables(ctx.account());
    if let Some(last) = input.exclusive_start_global_table_name() {
        range = range.after(last);
    }
    let mut found = Vec::new();
    for (key, global) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let (_, name): (String, String) = key.parts()?;
        if input.region_name().is_none_or(|region| global.regions.iter().any(|known| known == region)) {
            found.push((name, global));
        }
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|(name, _)| name.clone()).filter(|_| has_more);
    let shown = found.into_iter().map(|(name, global)| {
        let replicas = global.regions.iter().map(|region| api::Replica::new().with_region_name(region));
        let group: Vec<_> = replicas.collect();
        api::GlobalTable::new().with_global_table_name(name).with_replication_group(group)
    });
    let shown: Vec<_> = shown.collect();
    Ok(api::ListGlobalTablesOutput::new()
        .with_global_tables(shown)
        .with_last_evaluated_global_table_name(last))
}

/// Shows the settings of the replicas.
pub(crate) fn describe_global_table_settings(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeGlobalTableSettingsInput,
) -> Result<api::DescribeGlobalTableSettingsOutput, Error> {
    let name = input.global_table_name();
    let global = find(ctx, txn, name).map_err(of_settings)?;
    Ok(api::DescribeGlobalTableSettingsOutput::new()
        .with_global_table_name(name)
        .with_replica_settings(settings(ctx, txn, name, &global)?))
}

/// Changes capacity and class of the replicas: what all of them write, and what each of them reads.
pub(crate) fn update_global_table_settings(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateGlobalTableSettingsInput,
) -> Result<api::UpdateGlobalTableSettingsOutput, Error> {
    let name = input.global_table_name();
    let global = find(ctx, txn, name).map_err(of_settings)?;
    let updates: Vec<_> = input.replica_settings_update().into_iter().flat_map(List::iter).collect();
    if let Some(unknown) =
        updates.iter().find(|update| !global.regions.iter().any(|known| known == update.region_name()))
    {
        let region = unknown.region_name().to_owned();
        return Err(Error::ReplicaNotFound { name: name.to_owned(), region });
    }
    for region in &global.regions {
        let at = address(ctx, region, name);
        let mut table = table::find(txn, at)?;
        let mut details = table::details(txn, &table)?;
        set(ctx, input, &mut table, &mut details)?;
        for update in updates.iter().filter(|update| update.region_name() == region) {
            set_of_replica(ctx, txn, update, &table, &mut details)?;
        }
        txn.put(&keys::table(at), &table)?;
        txn.put(&keys::details(&table), &details)?;
        let of_this = updates.iter().copied().filter(|update| update.region_name() == region);
        auto_scaling::set(ctx, txn, (at, &table), &scaling_updates(input, of_this))?;
    }
    Ok(api::UpdateGlobalTableSettingsOutput::new()
        .with_global_table_name(name)
        .with_replica_settings(settings(ctx, txn, name, &global)?))
}

/// Sets what is the same in all regions.
fn set(
    ctx: &Ctx,
    input: &api::UpdateGlobalTableSettingsInput,
    table: &mut Table,
    details: &mut Details,
) -> Result<(), Error> {
    let now = ctx.now().micros();
    if let Some(mode) = input.global_table_billing_mode() {
        let on_demand = mode == api::billing_mode::PAY_PER_REQUEST;
        if on_demand && !table.on_demand {
            details.on_demand_since = Some(now);
        }
        table.on_demand = on_demand;
    }
    if let Some(write) = input.global_table_provisioned_write_capacity_units() {
        let wanted = Capacity { write, ..details.throughput.provisioned };
        provision_as_asked(&mut details.throughput, wanted, now)?;
    }
    let updates = input.global_table_global_secondary_index_settings_update();
    for update in updates.into_iter().flat_map(List::iter) {
        let id = index_id(table, update.index_name())?;
        let throughput = details.index_throughput.entry(id).or_default();
        if let Some(write) = update.provisioned_write_capacity_units() {
            let wanted = Capacity { write, ..throughput.provisioned };
            provision_as_asked(throughput, wanted, now)?;
        }
    }
    Ok(())
}

/// Sets what each region has of its own.
fn set_of_replica(
    ctx: &Ctx,
    txn: &mut Write,
    update: &api::ReplicaSettingsUpdate,
    table: &Table,
    details: &mut Details,
) -> Result<(), Error> {
    let now = ctx.now().micros();
    if let Some(read) = update.replica_provisioned_read_capacity_units() {
        let wanted = Capacity { read, ..details.throughput.provisioned };
        provision_as_asked(&mut details.throughput, wanted, now)?;
    }
    if let Some(class) = update.replica_table_class().and_then(TableClass::of_word) {
        quota::change_class(ctx, txn, (table, details), (class, None))?;
    }
    let updates = update.replica_global_secondary_index_settings_update();
    for update in updates.into_iter().flat_map(List::iter) {
        let id = index_id(table, update.index_name())?;
        let throughput = details.index_throughput.entry(id).or_default();
        if let Some(read) = update.provisioned_read_capacity_units() {
            let wanted = Capacity { read, ..throughput.provisioned };
            provision_as_asked(throughput, wanted, now)?;
        }
    }
    Ok(())
}

/// What is asked for auto scaling: of the writes of all regions, and of the reads of one.
fn scaling_updates<'a>(
    input: &'a api::UpdateGlobalTableSettingsInput,
    of_replica: impl Iterator<Item = &'a api::ReplicaSettingsUpdate>,
) -> Vec<auto_scaling::Update<'a>> {
    let of_all = input.global_table_provisioned_write_capacity_auto_scaling_settings_update();
    let mut updates: Vec<_> = of_all.map(|update| (None, Use::Write, update)).into_iter().collect();
    let indexes = input.global_table_global_secondary_index_settings_update();
    for index in indexes.into_iter().flat_map(List::iter) {
        let change = index.provisioned_write_capacity_auto_scaling_settings_update();
        updates.extend(change.map(|change| (Some(index.index_name()), Use::Write, change)));
    }
    for replica in of_replica {
        let change = replica.replica_provisioned_read_capacity_auto_scaling_settings_update();
        updates.extend(change.map(|change| (None, Use::Read, change)));
        let indexes = replica.replica_global_secondary_index_settings_update();
        for index in indexes.into_iter().flat_map(List::iter) {
            let change = index.provisioned_read_capacity_auto_scaling_settings_update();
            updates.extend(change.map(|change| (Some(index.index_name()), Use::Read, change)));
        }
    }
    updates
}

fn index_id(table: &Table, name: &str) -> Result<u32, Error> {
    let index = table.indexes.iter().find(|index| index.is_global && index.name == name);
    index.map(|index| index.id).ok_or_else(|| Error::IndexNotFound { name: name.to_owned() })
}

/// Takes a table that is deleted out of its global table.
pub(crate) fn leave(txn: &mut Write, at: TableAddress<'_>) -> Result<(), Error> {
    let Some(mut global) = txn.get(&keys::global_table(at.account, at.name))? else { return Ok(()) };
    global.regions.retain(|region| region != at.region);
    put(at.account, txn, at.name, &global)
}

/// Stores a global table, which is gone when it has no table any more.
fn put(account: &str, txn: &mut Write, name: &str, global: &GlobalTable) -> Result<(), Error> {
    let key = keys::global_table(account, name);
    if global.regions.is_empty() {
        txn.delete(&key)?;
    } else {
        txn.put(&key, global)?;
    }
    Ok(())
}

fn address<'a>(ctx: &'a Ctx, region: &'a str, name: &'a str) -> TableAddress<'a> {
    TableAddress { account: ctx.account(), region, name }
}

/// A table that can join: it is empty and has a stream of both images.
fn check_joining(txn: &Write, at: TableAddress<'_>) -> Result<Table, Error> {
    let table = recovery::find_table(txn, at)?;
    if table.stream.as_ref().is_none_or(|stream| stream.view != StreamView::NewAndOldImages) {
        return Err(Error::validation(format!(
            "Table must have DynamoDB Streams enabled with StreamViewType set to NEW_AND_OLD_IMAGES: {}",
            at.arn()
        )));
    }
    if !table.replicas.is_empty() {
        return Err(Error::validation(format!(
            "The table is a replica of a global table already: {}",
            at.arn()
        )));
    }
    if txn.snapshot_counter(&keys::count(table.id, keys::TABLE_ITSELF))? != 0 {
        return Err(Error::validation(format!("Table must be empty to join a global table: {}", at.arn())));
    }
    Ok(table)
}

fn check_alike(one: &Table, other: &Table) -> Result<(), Error> {
    let alike = one.key == other.key && one.key.names().all(|name| one.type_of(name) == other.type_of(name));
    if alike {
        return Ok(());
    }
    Err(Error::validation("Tables of a global table must have the same key schema"))
}

/// Tells the tables of a global table in which regions it is.
fn connect(ctx: &Ctx, txn: &mut Write, name: &str, regions: &[String]) -> Result<(), Error> {
    let replicas = if regions.len() > 1 { regions } else { &[] };
    for region in regions {
        let key = keys::table(address(ctx, region, name));
        if let Some(table) = txn.get(&key)? {
            txn.put(&key, &Table { replicas: replicas.to_vec(), ..table })?;
        }
    }
    Ok(())
}

fn describe(
    ctx: &Ctx,
    txn: &impl Reader,
    name: &str,
    global: &GlobalTable,
    status: &str,
) -> Result<api::GlobalTableDescription, Fault> {
    let replicas = global.regions.iter().map(|region| {
        let replica = api::ReplicaDescription::new().with_region_name(region);
        Ok(replica.with_replica_status(behind::status(ctx, txn, address(ctx, region, name))?))
    });
    let replicas: Vec<_> = replicas.collect::<Result<_, Fault>>()?;
    Ok(api::GlobalTableDescription::new()
        .with_global_table_name(name)
        .with_global_table_arn(format!("arn:aws:dynamodb::{}:global-table/{name}", ctx.account()))
        .with_global_table_status(status)
        .with_creation_date_time(Timestamp::from_micros(global.created))
        .with_replication_group(replicas))
}

fn settings(
    ctx: &Ctx,
    txn: &impl Reader,
    name: &str,
    global: &GlobalTable,
) -> Result<Vec<api::ReplicaSettingsDescription>, Error> {
    let of_region = |region: &String| {
        let at = address(ctx, region, name);
        let table = table::find(txn, at)?;
        let details = table::details(txn, &table)?;
        let shown = table::Shown::new(at, &table, &details);
        let scaling = auto_scaling::of(txn, &table)?;
        let scaling = |index: Option<&str>, what: Use| auto_scaling::shown(at, &scaling, (index, what));
        let indexes = table.indexes.iter().filter(|index| index.is_global).map(|index| {
            let throughput = details.index_throughput.get(&index.id).cloned().unwrap_or_default();
            api::ReplicaGlobalSecondaryIndexSettingsDescription::new()
                .with_index_name(&index.name)
                .with_index_status(index.state.word())
                .with_provisioned_read_capacity_units(throughput.provisioned.read)
                .with_provisioned_write_capacity_units(throughput.provisioned.write)
                .with_provisioned_read_capacity_auto_scaling_settings(scaling(Some(&index.name), Use::Read))
                .with_provisioned_write_capacity_auto_scaling_settings(scaling(Some(&index.name), Use::Write))
        });
        let indexes: Vec<_> = indexes.collect();
        Ok(api::ReplicaSettingsDescription::new()
            .with_region_name(region)
            .with_replica_status(behind::status(ctx, txn, at)?)
            .with_replica_billing_mode_summary(billing(&shown))
            .with_replica_provisioned_read_capacity_units(details.throughput.provisioned.read)
            .with_replica_provisioned_write_capacity_units(details.throughput.provisioned.write)
            .with_replica_provisioned_read_capacity_auto_scaling_settings(scaling(None, Use::Read))
            .with_replica_provisioned_write_capacity_auto_scaling_settings(scaling(None, Use::Write))
            .with_replica_global_secondary_index_settings((!indexes.is_empty()).then_some(indexes)))
    };
    global.regions.iter().map(of_region).collect()
}
