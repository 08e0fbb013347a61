//! Tables made anew from a backup, or as they were at a moment of the last days.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html>

use std::collections::BTreeMap;

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_model::{Timestamp, Value};
use virga_store::{Direction, Read, Reader as _};

use crate::access::text;
use crate::error::Error;
use crate::item::{self, Cause, ItemKey, Open};
use crate::records::{Capacity, Details, IndexState, Restored, StoredItem, Table, Throughput};
use crate::rules::{self, TableAddress};
use crate::sealing::{Cipher, opened};
use crate::table::{Shown, describe, put_new_table};
use crate::{backup, data_key, encryption, keys, recovery, table, table_key};

/// Items that one transaction restores.
const BATCH: usize = 100;

/// Makes a table from a backup.
pub(crate) async fn restore_table_from_backup(
    ctx: &Ctx,
    input: &api::RestoreTableFromBackupInput,
) -> Result<api::RestoreTableFromBackupOutput, Failure> {
    let read = ctx.world().store().read()?;
    let (source, _, backup) = backup::find(&read, input.backup_arn())?;
    let target = Target::new(ctx, &read, input.target_table_name())?;
    let restored = Restored {
        backup_arn: Some(input.backup_arn().to_owned()),
        table_arn: source.arn(),
        at: backup.created,
    };
    let (table, details) =
        target.like(ctx, input.as_record(), (&backup.table, &backup.details), restored).await?;
    let cipher = data_key::of(ctx, backup.content)?;
    target.fill(ctx, &read, &table, (backup.content, cipher.as_deref()), BTreeMap::new()).await?;
    let description = target.put(ctx, table, details).await?;
    Ok(api::RestoreTableFromBackupOutput::new().with_table_description(description))
}

/// Makes a table as another was at a moment.
pub(crate) async fn restore_table_to_point_in_time(
    ctx: &Ctx,
    input: &api::RestoreTableToPointInTimeInput,
) -> Result<api::RestoreTableToPointInTimeOutput, Failure> {
    let ((Some(name), None) | (None, Some(name))) = (input.source_table_name(), input.source_table_arn())
    else {
        let reason = "Invalid Request: Must provide exactly one of: sourceTableArn, sourceTableName";
        return Err(Error::validation(reason).into());
    };
    let source = TableAddress::parse(ctx, name)?;
    let read = ctx.world().store().read()?;
    let from = recovery::find_table(&read, source)?;
    let from_details = table::details(&read, &from)?;
    let unavailable = || Error::RecoveryUnavailable { name: source.name.to_owned() };
    let kept = from_details.recovery.ok_or_else(unavailable)?;
    let now = ctx.now().micros();
    let at = moment(input, now)?;
    if at < recovery::earliest(kept, now) || at > now {
        return Err(Error::InvalidRestoreTime.into());
    }
    let target = Target::new(ctx, &read, input.target_table_name())?;
    let restored = Restored { backup_arn: None, table_arn: source.arn(), at };
    let (table, details) = target.like(ctx, input.as_record(), (&from, &from_details), restored).await?;
    let former = former(&read, from.id, at)?;
    let cipher = data_key::of_table(ctx, from.id)?;
    target.fill(ctx, &read, &table, (from.id, cipher.as_deref()), former).await?;
    let description = target.put(ctx, table, details).await?;
    Ok(api::RestoreTableToPointInTimeOutput::new().with_table_description(description))
}

fn moment(input: &api::RestoreTableToPointInTimeInput, now: i64) -> Result<i64, Error> {
    match (input.restore_date_time(), input.use_latest_restorable_time()) {
        (Some(time), None | Some(false)) => Ok(time.micros()),
        (None, Some(true)) => Ok(now),
        _ => Err(Error::validation(
            "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both",
        )),
    }
}

/// The items that have changed since a moment, as they were then.
pub(crate) fn former(
    read: &Read,
    table: u64,
    at: i64,
) -> Result<BTreeMap<ItemKey, Option<StoredItem>>, virga_store::Fault> {
    let mut former = BTreeMap::new();
    let mut range = keys::formers(table).from(u64::try_from(at).unwrap_or(0) + 1);
    loop {
        let found = read.scan(&range, Direction::Forward, BATCH)?;
        let last = found.last().map(|(key, _)| key.clone()).filter(|_| found.len() == BATCH);
        for (_, change) in found {
            // The first change after the moment tells what was there.
            former.entry(change.key).or_insert(change.old);
        }
        match last {
            Some(last) => range = range.after_key(&last),
            None => return Ok(former),
        }
    }
}

/// The table that is made.
struct Target<'a> {
    at: TableAddress<'a>,
}

impl<'a> Target<'a> {
    fn new(ctx: &'a Ctx, read: &Read, name: &'a str) -> Result<Self, Error> {
        let at = TableAddress::parse(ctx, name)?;
        if read.contains(&keys::table(at))? {
            return Err(Error::TableAlreadyExists { name: name.to_owned() });
        }
        Ok(Target { at })
    }

    /// The records of a table like another, but for what the request says. Streams, time to live, tags and policies
    /// are not restored.
    async fn like(
        &self,
        ctx: &Ctx,
        request: &Record,
        (table, details): (&Table, &Details),
        restored: Restored,
    ) -> Result<(Table, Details), Failure> {
        let now = ctx.now().micros();
        let mut table = Table {
            id: ctx.random(),
            stream: None,
            time_to_live: None,
            replicas: Vec::new(),
            recoverable: false,
            ..table.clone()
        };
        let mut details = Details {
            uuid: ctx.uuid(),
            created: now,
            deletion_protection: false,
            latest_stream_label: None,
            time_to_live_changed: None,
            policy_revisions: BTreeMap::new(),
            recovery: None,
            restored: Some(restored),
            insights: BTreeMap::new(),
            ..details.clone()
        };
        table.indexes.retain(|index| index.state != IndexState::Deleting);
        for index in &mut table.indexes {
            index.state = IndexState::Active;
        }
        keep_named(request, "GlobalSecondaryIndexOverride", &mut table, true)?;
        keep_named(request, "LocalSecondaryIndexOverride", &mut table, false)?;
        override_capacity(request, &mut table, &mut details, now)?;
        if let Some(Value::Structure(specification)) = request.by_name("SSESpecificationOverride") {
            let specification = api::SSESpecification::view(specification);
            let key = ctx
                .transact(|txn| encryption::key_of(ctx, txn, self.at.region, Some(specification), None))
                .await?;
            details.kms_key = key;
        } else {
            // Keys do not leave their region.
            let region = self.at.region;
            details.kms_key = details.kms_key.filter(|key| key.split(':').nth(3) == Some(region));
        }
        if let Some(key) = &details.kms_key {
            ctx.transact(|txn| table_key::set(ctx, txn, self.at, table.id, Some(key))).await?;
        }
        Ok((table, details))
    }

    /// Puts items into the table: those of another, but for those that were something else.
    async fn fill(
        &self,
        ctx: &Ctx,
        read: &Read,
        table: &Table,
        (from, cipher): (u64, Option<&Cipher>),
        mut former: BTreeMap<ItemKey, Option<StoredItem>>,
    ) -> Result<(), Failure> {
        let mut range = keys::items(from);
        loop {
            let found = read.scan(&range, Direction::Forward, BATCH)?;
            let last = found.last().map(|(key, _)| key.clone()).filter(|_| found.len() == BATCH);
            let mut items: Vec<(ItemKey, Item)> = Vec::with_capacity(found.len());
            for (key, stored) in found {
                let key = keys::item_key(&key)?;
                match former.remove(&key) {
                    None => items.push((key, opened(stored, cipher)?.item()?)),
                    Some(Some(was)) => items.push((key, opened(was, cipher)?.item()?)),
                    Some(None) => {}
                }
            }
            self.write(ctx, table, &items).await?;
            match last {
                Some(last) => range = range.after_key(&last),
                None => break,
            }
        }
        let deleted: Vec<(ItemKey, StoredItem)> =
            former.into_iter().filter_map(|(key, was)| Some((key, was?))).collect();
        for some in deleted.chunks(BATCH) {
            let items = some.iter().map(|(key, was)| Ok((key.clone(), opened(was.clone(), cipher)?.item()?)));
            let items = items.collect::<Result<Vec<_>, virga_store::Fault>>()?;
            self.write(ctx, table, &items).await?;
        }
        Ok(())
    }

    async fn write(&self, ctx: &Ctx, table: &Table, items: &[(ItemKey, Item)]) -> Result<(), Failure> {
        let cipher = data_key::of_table(ctx, table.id)?;
        let open = Open { at: self.at, table, cipher: cipher.as_deref() };
        ctx.transact(|txn| {
            for (key, item) in items {
                item::write(ctx, txn, &open, key, None, Some(item), Cause::Call)?;
            }
            Ok::<_, Failure>(())
        })
        .await
    }

    /// Puts the table under its name.
    async fn put(&self, ctx: &Ctx, table: Table, details: Details) -> Result<api::TableDescription, Failure> {
        ctx.transact(|txn| {
            let (mut table, mut details) = (table.clone(), details.clone());
            put_new_table(ctx, txn, self.at, &mut table, &mut details, None).map_err(
                |error| match error {
                    Error::ResourceInUse { .. } => {
                        Error::TableAlreadyExists { name: self.at.name.to_owned() }
                    }
                    error => error,
                },
            )?;
            let status = Some(api::table_status::CREATING);
            let shown = Shown { status, ..Shown::new(self.at, &table, &details) };
            Ok::<_, Failure>(describe(txn, &shown)?)
        })
        .await
    }
}

/// Keeps the indexes that the request names, if it names some or none.
fn keep_named(request: &Record, member: &str, table: &mut Table, is_global: bool) -> Result<(), Error> {
    let Some(Value::List(wanted)) = request.by_name(member) else { return Ok(()) };
    let names: Vec<&str> = wanted
        .iter()
        .filter_map(|value| match value {
            Value::Structure(index) => text(index, "IndexName"),
            _ => None,
        })
        .collect();
    let is_known =
        |name: &&str| table.indexes.iter().any(|index| index.is_global == is_global && index.name == **name);
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        return Err(Error::validation(format!(
            "Invalid Request: Index {name} does not match a secondary index that existed in the source table and cannot \
             be created during the restore operation"
        )));
    }
    table.indexes.retain(|index| index.is_global != is_global || names.contains(&index.name.as_str()));
    table::prune_definitions(table);
    Ok(())
}

fn override_capacity(
    request: &Record,
    table: &mut Table,
    details: &mut Details,
    now: i64,
) -> Result<(), Error> {
    let mode = text(request, "BillingModeOverride");
    let given = match request.by_name("ProvisionedThroughputOverride") {
        Some(Value::Structure(given)) => Some(api::ProvisionedThroughput::view(given)),
        _ => None,
    };
    if let Some(mode) = mode {
        table.on_demand = mode == api::billing_mode::PAY_PER_REQUEST;
    }
    if table.on_demand {
        details.on_demand_since = details.on_demand_since.or(Some(now));
        details.throughput.provisioned = Capacity::default();
        for throughput in details.index_throughput.values_mut() {
            *throughput = Throughput::default();
        }
    }
    if mode.is_some() || given.is_some() {
        details.throughput.provisioned = rules::capacity(table.on_demand, given, None)?;
    }
    Ok(())
}

/// `RestoreSummary`.
pub(crate) fn summary(details: &Details) -> Option<api::RestoreSummary> {
    let restored = details.restored.as_ref()?;
    Some(
        api::RestoreSummary::new()
            .with_source_backup_arn(restored.backup_arn.as_deref())
            .with_source_table_arn(&restored.table_arn)
            .with_restore_date_time(Timestamp::from_micros(restored.at))
            .with_restore_in_progress(false),
    )
}
