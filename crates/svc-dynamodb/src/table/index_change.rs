//! Global indexes that are added to a table, taken from it, or given other throughput.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::view::{List, Structure as _};
use virga_store::Write;

use super::describe::warm_of;
use super::new_index;
use super::update::{keep_warm, provision_as_asked, unchanged};
use crate::error::Error;
use crate::records::{Details, IndexState, KeySchema, ScalarType, Table};
use crate::rules::{self, TableAddress};
use crate::workers;

/// Applies the updates in order.
pub(super) fn apply(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&mut Table, &mut Details),
    updates: List<'_, &api::GlobalSecondaryIndexUpdate>,
    given: &[(String, ScalarType)],
) -> Result<(), Error> {
    check(updates)?;
    for update in updates.iter() {
        if let Some(create) = update.create() {
            let index = add(table, details, create, given)?;
            workers::fill_index_later(ctx, txn, at, table.id, index)?;
        }
        if let Some(delete) = update.delete() {
            let index = remove(table, delete.index_name())?;
            workers::drop_index_later(ctx, txn, at, table.id, index)?;
        }
        if let Some(change) = update.update() {
            set_throughput(ctx, table, details, change)?;
        }
    }
    Ok(())
}

fn check(updates: List<'_, &api::GlobalSecondaryIndexUpdate>) -> Result<(), Error> {
    let mut names: Vec<&str> = Vec::new();
    let mut online = 0;
    for update in updates.iter() {
        let create = update.create().map(api::CreateGlobalSecondaryIndexAction::index_name);
        let delete = update.delete().map(api::DeleteGlobalSecondaryIndexAction::index_name);
        let change = update.update().map(api::UpdateGlobalSecondaryIndexAction::index_name);
        online += usize::from(create.is_some()) + usize::from(delete.is_some());
        let Some(name) = create.or(delete).or(change) else {
            return Err(Error::invalid_values(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                 GlobalSecondaryIndexUpdate.Delete must not be null",
            ));
        };
        if [create, delete, change].into_iter().flatten().count() > 1 {
            return Err(Error::invalid_values(
                "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
            ));
        }
        if names.contains(&name) {
            return Err(Error::invalid_values(format!(
                "Only one global secondary index update per index is allowed simultaneously. Index: {name}"
            )));
        }
        names.push(name);
    }
    if online > 1 {
        return Err(Error::LimitExceeded {
            reason:
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per \
                     table"
                    .to_owned(),
        });
    }
    Ok(())
}

/// Adds an index to the table's record: written from now on, to be read once it is filled. Gives its id.
fn add(
    table: &mut Table,
    details: &mut Details,
    create: &api::CreateGlobalSecondaryIndexAction,
    given: &[(String, ScalarType)],
) -> Result<u32, Error> {
    let name = create.index_name();
    if table.indexes.iter().any(|index| index.name == name) {
        return Err(Error::validation(format!("Attempting to create an index which already exists: {name}")));
    }
    // What the table defines already has to be said again.
    rules::global_key_schema(create.key_schema(), &given.to_vec())?;
    let mut attributes = table.attributes.clone();
    for (attribute, kind) in given {
        match attributes.iter().find(|(known, _)| known == attribute) {
            Some((_, known)) if known != kind => {
                return Err(Error::invalid_values(format!(
                    "Attribute {attribute} is defined with another type in the table"
                )));
            }
            Some(_) => {}
            None => attributes.push((attribute.clone(), *kind)),
        }
    }
    // The action has the members of a new table's index, under the same names.
    let mut wanted = api::GlobalSecondaryIndex::new().into_record();
    for member in [
        "IndexName",
        "KeySchema",
        "Projection",
        "ProvisionedThroughput",
        "OnDemandThroughput",
        "WarmThroughput",
    ] {
        let value = create.as_record().by_name(member).cloned().unwrap_or_default();
        wanted.set_by_name(member, value);
    }
    let wanted = api::GlobalSecondaryIndex::from_record(wanted);
    let definition = rules::global_index(&wanted, table.on_demand, &attributes)?;
    let count = table.indexes.iter().filter(|index| index.is_global).count();
    rules::check_index_count(count + 1)?;
    let projections = table.indexes.iter().map(|index| &index.projection);
    rules::check_projected(projections.chain([&definition.projection]))?;
    table.attributes = attributes;
    let index = new_index(&definition, details, IndexState::Creating);
    let id = index.id;
    table.indexes.push(index);
    Ok(id)
}

/// Takes an index out of use. Gives its id.
fn remove(table: &mut Table, name: &str) -> Result<u32, Error> {
    let index = table.indexes.iter_mut().find(|index| index.is_global && index.name == name);
    let index = index.ok_or_else(not_found)?;
    index.state = IndexState::Deleting;
    Ok(index.id)
}

fn not_found() -> Error {
    Error::ResourceNotFound { reason: "Requested resource not found".to_owned() }
}

fn set_throughput(
    ctx: &Ctx,
    table: &Table,
    details: &mut Details,
    change: &api::UpdateGlobalSecondaryIndexAction,
) -> Result<(), Error> {
    let name = change.index_name();
    let index = table.indexes.iter().find(|index| index.is_global && index.name == name);
    let index = index.ok_or_else(not_found)?;
    let throughput = details.index_throughput.entry(index.id).or_default();
    let was = warm_of(throughput, table.on_demand);
    if let Some(given) = change.provisioned_throughput() {
        let wanted = rules::capacity(table.on_demand, Some(given), Some(name))?;
        if wanted == throughput.provisioned {
            return Err(unchanged(wanted, &format!("index {name}")));
        }
        provision_as_asked(throughput, wanted, ctx.now().micros())?;
    }
    keep_warm(throughput, was, table.on_demand);
    let (given, maximum) = (change.on_demand_throughput(), throughput.maximum);
    if let Some(maximum) = rules::on_demand(table.on_demand, given, maximum, Some(name))? {
        throughput.maximum = (maximum.read.is_some() || maximum.write.is_some()).then_some(maximum);
    }
    let least = warm_of(throughput, table.on_demand);
    if let Some(warm) = rules::warm(least, change.warm_throughput(), rules::Lower::Current, Some(name))? {
        throughput.warm = Some(warm);
    }
    Ok(())
}

/// Definitions that no key uses any more go with the index that used them.
pub(crate) fn prune_definitions(table: &mut Table) {
    let keys: Vec<KeySchema> =
        [table.key.clone()].into_iter().chain(table.indexes.iter().map(|index| index.key.clone())).collect();
    table.attributes.retain(|(name, _)| keys.iter().any(|key| key.names().any(|used| used == name)));
}
