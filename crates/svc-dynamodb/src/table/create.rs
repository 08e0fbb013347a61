//! New tables.

use std::collections::BTreeMap;

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::{Reader as _, Write};

use super::describe::{Shown, describe};
use crate::error::Error;
use crate::records::{Details, Index, IndexState, Table, TableClass, Tags, Throughput};
use crate::rules::{IndexDefinition, TableAddress, TableDefinition};
use crate::{encryption, keys, resource_policy, stream, table_key, tag};

/// The most tables of an account in a region.
const MOST_TABLES: usize = 2500;

/// Creates a table.
pub(crate) fn create_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateTableInput,
) -> Result<api::CreateTableOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    check_built(input)?;
    let definition = TableDefinition::read(input)?;
    let (mut table, mut details) = new_table(ctx, &definition);
    details.deletion_protection = input.deletion_protection_enabled().unwrap_or(false);
    details.table_class = input.table_class().and_then(TableClass::of_word).map(|class| (class, None));
    details.kms_key = encryption::key_of(ctx, txn, at.region, input.sse_specification(), None)?;
    let tags = input.tags().map(|given| tag::added(Tags::default(), given)).transpose()?.unwrap_or_default();
    put_new_table(ctx, txn, at, &mut table, &mut details, input.stream_specification())?;
    if !tags.0.is_empty() {
        txn.put(&keys::tags(&table), &tags)?;
    }
    if let Some(policy) = input.resource_policy() {
        resource_policy::put(ctx, txn, &at.arn(), policy, &mut details)?;
        txn.put(&keys::details(&table), &details)?;
    }
    let shown = Shown { status: Some(api::table_status::CREATING), ..Shown::new(at, &table, &details) };
    Ok(api::CreateTableOutput::new().with_table_description(describe(txn, &shown)?))
}

/// What is not built is refused by its name.
fn check_built(input: &api::CreateTableInput) -> Result<(), Error> {
    let is_replicated = is_of_several_accounts(input.global_table_settings_replication_mode());
    if is_replicated || input.global_table_source_arn().is_some() {
        return Err(Error::NotImplemented { what: "Global tables of several accounts" });
    }
    Ok(())
}

/// Whether settings are to be replicated as tables of several accounts need it. Replicas of one account have overrides.
pub(super) fn is_of_several_accounts(mode: Option<&str>) -> bool {
    mode == Some(api::global_table_settings_replication_mode::ENABLED)
}

/// Puts a new table under its name, with its stream.
pub(crate) fn put_new_table(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &mut Table,
    details: &mut Details,
    specification: Option<&api::StreamSpecification>,
) -> Result<(), Error> {
    let key = keys::table(at);
    if txn.contains(&key)? {
        return Err(Error::ResourceInUse { reason: format!("Table already exists: {}", at.name) });
    }
    if keys::has_tables(txn, at, MOST_TABLES)? {
        return Err(Error::LimitExceeded {
            reason: format!(
                "Subscriber limit exceeded: There is a limit of {MOST_TABLES} tables per account per region"
            ),
        });
    }
    if let Some(specification) = specification {
        stream::apply(ctx, txn, at, table, details, (specification, true))?;
    }
    table_key::set(ctx, txn, at, table.id, details.kms_key.as_deref())?;
    txn.put_new(&keys::details(table), details)?;
    txn.insert(&key, table)?;
    Ok(())
}

/// The records of a new table without items.
pub(crate) fn new_table(ctx: &Ctx, definition: &TableDefinition) -> (Table, Details) {
    let now = ctx.now().micros();
    let mut table = Table {
        id: ctx.random(),
        attributes: definition.attributes.clone(),
        key: definition.key.clone(),
        indexes: Vec::new(),
        on_demand: definition.on_demand,
        stream: None,
        time_to_live: None,
        replicas: Vec::new(),
        recoverable: false,
    };
    let mut details = Details {
        uuid: ctx.uuid(),
        created: now,
        throughput: Throughput {
            provisioned: definition.provisioned,
            maximum: definition.maximum,
            warm: definition.warm,
            ..Throughput::default()
        },
        index_throughput: BTreeMap::new(),
        on_demand_since: definition.on_demand.then_some(now),
        table_class: None,
        deletion_protection: false,
        kms_key: None,
        time_to_live_changed: None,
        latest_stream_label: None,
        policy_revisions: BTreeMap::new(),
        next_index: keys::TABLE_ITSELF + 1,
        recovery: None,
        restored: None,
        insights: BTreeMap::new(),
    };
    for index in &definition.indexes {
        let index = new_index(index, &mut details, IndexState::Active);
        table.indexes.push(index);
    }
    (table, details)
}

/// The record of a new index, with its throughput in the details.
pub(crate) fn new_index(definition: &IndexDefinition, details: &mut Details, state: IndexState) -> Index {
    let id = details.next_index;
    details.next_index += 1;
    if definition.is_global {
        let throughput = Throughput {
            provisioned: definition.provisioned,
            maximum: definition.maximum,
            warm: definition.warm,
            ..Throughput::default()
        };
        details.index_throughput.insert(id, throughput);
    }
    Index {
        id,
        name: definition.name.clone(),
        is_global: definition.is_global,
        key: definition.key.clone(),
        projection: definition.projection.clone(),
        state,
    }
}
