//! What a replica of a global table has in place of what all replicas have: read units of the table and its global indexes,
//! and the table class. Everything else that is not the same everywhere (deletion protection, tags, recovery, keys of
//! KMS) belongs to each table anyhow.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::Record;
use virga_model::view::{List, Structure as _};
use virga_store::{Fault, Reader, Write};

use crate::error::Error;
use crate::records::{Details, Maximum, Overrides, ReadOverride, Table, TableClass, Throughput};
use crate::{keys, quota};

/// What a table has of its own.
pub(crate) fn of(txn: &impl Reader, table: &Table) -> Result<Overrides, Fault> {
    Ok(txn.get(&keys::overrides(table.id))?.unwrap_or_default())
}

/// Forgets what a table that goes away had of its own.
pub(crate) fn remove(txn: &mut Write, table: &Table) -> Result<(), Fault> {
    let key = keys::overrides(table.id);
    if txn.contains(&key)? { txn.delete(&key) } else { Ok(()) }
}

/// What `Create` or `Update` of a replica asks for.
pub(crate) struct Asked<'a> {
    pub(crate) action: &'a Record,
    /// Of a new replica, what it can't have is passed over.
    pub(crate) is_new: bool,
    /// The table whose values a replica has that has none of its own; none for that table itself.
    pub(crate) base: Option<&'a Details>,
}

/// Sets what is asked for, and lets it count. What is as in the other regions is no override.
pub(crate) fn set(
    ctx: &Ctx,
    txn: &mut Write,
    (table, details): (&Table, &mut Details),
    asked: &Asked<'_>,
) -> Result<(), Error> {
    let action = read(asked.action);
    let mut overrides = of(txn, table)?;
    let given = (action.provisioned_throughput_override(), action.on_demand_throughput_override());
    let mut is_changed = change((table, asked.is_new), &mut overrides.reads, given)?;
    for index in action.global_secondary_indexes().into_iter().flat_map(List::iter) {
        let name = index.index_name();
        if !table.indexes.iter().any(|known| known.is_global && known.name == name) {
            if asked.is_new {
                continue;
            }
            return Err(Error::ResourceNotFound { reason: "Requested resource not found".to_owned() });
        }
        let given = (index.provisioned_throughput_override(), index.on_demand_throughput_override());
        let reads = overrides.indexes.entry(name.to_owned()).or_default();
        is_changed |= change((table, asked.is_new), reads, given)?;
    }
    if let Some(class) = action.table_class_override().and_then(TableClass::of_word) {
        overrides.table_class = Some(class);
        match asked.is_new {
            true => details.table_class = Some((class, Some(ctx.now().micros()))),
            false => quota::change_class(ctx, txn, (table, details), (class, None))?,
        }
        is_changed = true;
    }
    if is_changed {
        apply(&overrides, table, details);
        if let Some(base) = asked.base {
            forget_same(&mut overrides, table, base, &action);
        }
        txn.put(&keys::overrides(table.id), &overrides)?;
    }
    Ok(())
}

/// An override that is given as the value of all is none.
fn forget_same(
    overrides: &mut Overrides,
    table: &Table,
    base: &Details,
    given: &api::UpdateReplicationGroupMemberAction,
) {
    let forget = |reads: &mut ReadOverride, of_all: &Throughput, is_given: (bool, bool)| {
        let most = of_all.maximum.and_then(|maximum| maximum.read);
        if is_given.0 && reads.provisioned == Some(of_all.provisioned.read) {
            reads.provisioned = None;
        }
        if is_given.1 && reads.maximum == most {
            reads.maximum = None;
        }
    };
    let is_given =
        (given.provisioned_throughput_override().is_some(), given.on_demand_throughput_override().is_some());
    forget(&mut overrides.reads, &base.throughput, is_given);
    for index in given.global_secondary_indexes().into_iter().flat_map(List::iter) {
        let known = table.indexes.iter().find(|known| known.name == index.index_name());
        let of_all = known.and_then(|known| base.index_throughput.get(&known.id));
        if let (Some(reads), Some(of_all)) = (overrides.indexes.get_mut(index.index_name()), of_all) {
            let is_given = (
                index.provisioned_throughput_override().is_some(),
                index.on_demand_throughput_override().is_some(),
            );
            forget(reads, of_all, is_given);
        }
    }
}

/// The action that changes a replica, which the one that creates it is a twin of.
fn read(asked: &Record) -> api::UpdateReplicationGroupMemberAction {
    let mut action = api::UpdateReplicationGroupMemberAction::new().into_record();
    for member in [
        "ProvisionedThroughputOverride",
        "OnDemandThroughputOverride",
        "GlobalSecondaryIndexes",
        "TableClassOverride",
    ] {
        action.set_by_name(member, asked.by_name(member).cloned().unwrap_or_default());
    }
    api::UpdateReplicationGroupMemberAction::from_record(action)
}

/// Reads an override. Whether there is one.
fn change(
    (table, is_new): (&Table, bool),
    reads: &mut ReadOverride,
    (provisioned, maximum): (
        Option<&api::ProvisionedThroughputOverride>,
        Option<&api::OnDemandThroughputOverride>,
    ),
) -> Result<bool, Error> {
    let units = provisioned.and_then(api::ProvisionedThroughputOverride::read_capacity_units);
    match units {
        Some(_) if table.on_demand && is_new => {}
        Some(_) if table.on_demand => {
            return Err(Error::validation(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        Some(units) => reads.provisioned = Some(units),
        None => {}
    }
    if let Some(units) = maximum.and_then(api::OnDemandThroughputOverride::max_read_request_units) {
        if !table.on_demand {
            return Err(Error::validation(
                "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is \
                 PROVISIONED",
            ));
        }
        // −1 takes an override away, as it takes a maximum away.
        reads.maximum = (units != -1).then_some(units);
    }
    Ok(provisioned.is_some() || maximum.is_some())
}

/// Lets overrides count.
pub(crate) fn apply(overrides: &Overrides, table: &Table, details: &mut Details) {
    put(table.on_demand, overrides.reads, &mut details.throughput);
    for index in &table.indexes {
        let Some(reads) = overrides.indexes.get(&index.name) else { continue };
        put(table.on_demand, *reads, details.index_throughput.entry(index.id).or_default());
    }
}

/// Lets what a call in a replica's own region has set be what the replica has of its own.
pub(crate) fn keep(txn: &mut Write, table: &Table, details: &Details) -> Result<(), Fault> {
    let key = keys::overrides(table.id);
    let Some(mut own) = txn.get(&key)? else { return Ok(()) };
    let take = |reads: &mut ReadOverride, throughput: &Throughput| {
        if reads.provisioned.is_some() && !table.on_demand {
            reads.provisioned = Some(throughput.provisioned.read);
        }
        if reads.maximum.is_some() && table.on_demand {
            reads.maximum = throughput.maximum.and_then(|maximum| maximum.read);
        }
    };
    take(&mut own.reads, &details.throughput);
    for index in &table.indexes {
        let throughput = details.index_throughput.get(&index.id);
        if let (Some(reads), Some(throughput)) = (own.indexes.get_mut(&index.name), throughput) {
            take(reads, throughput);
        }
    }
    own.table_class = own.table_class.and(details.table_class.map(|(class, _)| class));
    txn.put(&key, &own)
}

fn put(on_demand: bool, reads: ReadOverride, throughput: &mut Throughput) {
    if let Some(units) = reads.provisioned.filter(|_| !on_demand) {
        throughput.provisioned.read = units;
    }
    if let Some(units) = reads.maximum.filter(|_| on_demand) {
        let maximum = throughput.maximum.unwrap_or_default();
        throughput.maximum = Some(Maximum { read: Some(units), ..maximum });
    }
}

/// Lets a replica have what the others have, for as long as a change of all of them is made.
pub(crate) fn lift(overrides: &Overrides, table: &Table, details: &mut Details, of_others: &Details) {
    let lift = |reads: &ReadOverride, own: &mut Throughput, others: &Throughput| {
        if reads.provisioned.is_some() {
            own.provisioned.read = others.provisioned.read;
        }
        if reads.maximum.is_some() {
            own.maximum = others.maximum;
        }
    };
    lift(&overrides.reads, &mut details.throughput, &of_others.throughput);
    for index in &table.indexes {
        let others = of_others.index_throughput.get(&index.id);
        if let (Some(reads), Some(others)) = (overrides.indexes.get(&index.name), others) {
            lift(reads, details.index_throughput.entry(index.id).or_default(), others);
        }
    }
}

/// The read units of a replica that are its own.
pub(crate) fn describe(
    reads: ReadOverride,
    on_demand: bool,
) -> (Option<api::ProvisionedThroughputOverride>, Option<api::OnDemandThroughputOverride>) {
    let provisioned = reads.provisioned.filter(|_| !on_demand);
    let maximum = reads.maximum.filter(|_| on_demand);
    (
        provisioned.map(|units| api::ProvisionedThroughputOverride::new().with_read_capacity_units(units)),
        maximum.map(|units| api::OnDemandThroughputOverride::new().with_max_read_request_units(units)),
    )
}
