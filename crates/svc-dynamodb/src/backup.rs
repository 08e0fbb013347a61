//! Backups on demand: the table and its items as they were at one moment, kept until they are deleted. And those that AWS
//! makes of deleted tables whose changes were kept.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Backup.Tutorial.html>

use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use crate::error::Error;
use crate::records::{Backup, Details, Table};
use crate::rules::{self, ResourceAddress, TableAddress};
use crate::sealing::handed_over;
use crate::table::{key_schema, projection};
use crate::{data_key, keys, table, workers};

/// Items that one transaction copies.
const BATCH: usize = 200;
/// Backups in a page of a listing, when nothing is said.
const PAGE: i32 = 100;
/// What follows the name of a deleted table in that of its backup. No caller can give such a name.
const OF_DELETED: &str = "$DeletedTableBackup";
/// How long the backup of a deleted table is kept: 35 days.
const KEPT_MICROS: i64 = 35 * 86_400_000_000;

impl Backup {
    /// When it ends by itself, as a backup that AWS has made does.
    fn expiry(&self) -> Option<i64> {
        self.name.ends_with(OF_DELETED).then_some(self.created + KEPT_MICROS)
    }

    fn kind(&self) -> &'static str {
        if self.expiry().is_some() { api::backup_type::SYSTEM } else { api::backup_type::USER }
    }
}

/// What the timer that ends a backup knows: its table's account, region and name, and its id.
type OfBackup = (String, String, String, String);

/// Keeps a table that is deleted as a backup: its items stay where they are, as the backup's.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html>
pub(crate) fn keep_deleted(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &Table,
    details: &Details,
) -> Result<(), Error> {
    let now = ctx.now().micros();
    let backup = Backup {
        name: format!("{}{OF_DELETED}", at.name),
        created: now,
        content: table.id,
        items: txn.counter(&keys::count(table.id, keys::TABLE_ITSELF))?,
        bytes: txn.counter(&keys::size(table.id, keys::TABLE_ITSELF))?,
        table: table.clone(),
        details: details.clone(),
    };
    let id = backup_id(now, table.id);
    txn.put_new(&keys::backup(at, &id), &backup)?;
    let of: OfBackup = (at.account.to_owned(), at.region.to_owned(), at.name.to_owned(), id);
    workers::set(ctx, txn, workers::END_BACKUP, arn(at, &of.3), now + KEPT_MICROS, &of)
}

/// Removes a backup whose time is over.
pub(crate) fn end(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let (account, region, name, id): OfBackup = timer.read()?;
    let at = TableAddress { account: &account, region: &region, name: &name };
    if let Some(backup) = txn.get(&keys::backup(at, &id))? {
        remove(ctx, txn, at, &id, &backup)?;
    }
    Ok(())
}

fn remove(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, id: &str, backup: &Backup) -> Result<(), Error> {
    txn.delete(&keys::backup(at, id))?;
    data_key::remove(ctx, txn, backup.content)?;
    workers::drop_content_later(ctx, txn, backup.content)
}

fn backup_id(now: i64, content: u64) -> String {
    format!("{:014}-{:08x}", now / 1000, content as u32)
}

/// Backs a table up.
pub(crate) async fn create_backup(
    ctx: &Ctx,
    input: &api::CreateBackupInput,
) -> Result<api::CreateBackupOutput, Failure> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    // All of the backup is from one snapshot.
    let read = ctx.world().store().read()?;
    let table = read.get(&keys::table(at))?;
    let table = table.ok_or_else(|| Error::TableNotFound { name: at.name.to_owned() })?;
    let details = table::details(&read, &table)?;
    let now = ctx.now().micros();
    let content = ctx.random();
    let mut backup = Backup {
        name: input.backup_name().to_owned(),
        created: now,
        content,
        items: 0,
        bytes: 0,
        table,
        details,
    };
    ctx.transact(|txn| data_key::copy(txn, backup.table.id, content)).await?;
    let mut range = keys::items(backup.table.id);
    loop {
        let found = read.scan(&range, Direction::Forward, BATCH)?;
        ctx.transact(|txn| {
            for (key, stored) in &found {
                let stored = handed_over(stored.clone(), content);
                txn.put_new(&keys::item(content, &keys::item_key(key)?), &stored)?;
            }
            Ok::<_, Failure>(())
        })
        .await?;
        backup.items += found.len() as i64;
        backup.bytes += found.iter().map(|(_, stored)| i64::from(stored.size)).sum::<i64>();
        match found.last() {
            Some((last, _)) if found.len() == BATCH => range = range.after_key(last),
            _ => break,
        }
    }
    let id = backup_id(now, content);
    ctx.transact(|txn| {
        txn.put_new(&keys::backup(at, &id), &backup)?;
        Ok::<_, Failure>(())
    })
    .await?;
    let shown = details_of(at, &id, &backup, api::backup_status::CREATING);
    Ok(api::CreateBackupOutput::new().with_backup_details(shown))
}

/// `arn:aws:dynamodb:…:table/name/backup/id`.
fn arn(at: TableAddress<'_>, id: &str) -> String {
    format!("{}/backup/{id}", at.arn())
}

fn details_of(at: TableAddress<'_>, id: &str, backup: &Backup, status: &str) -> api::BackupDetails {
    api::BackupDetails::new()
        .with_backup_arn(arn(at, id))
        .with_backup_name(&backup.name)
        .with_backup_size_bytes(backup.bytes)
        .with_backup_status(status)
        .with_backup_type(backup.kind())
        .with_backup_creation_date_time(Timestamp::from_micros(backup.created))
        .with_backup_expiry_date_time(backup.expiry().map(Timestamp::from_micros))
}

/// The backup that an ARN names.
pub(crate) fn find<'a>(
    txn: &impl Reader,
    arn: &'a str,
) -> Result<(TableAddress<'a>, &'a str, Backup), Error> {
    let missing = || Error::BackupNotFound { arn: arn.to_owned() };
    let address = ResourceAddress::parse(arn);
    let found = address.and_then(|address| Some((address, address.rest.strip_prefix("backup/")?)));
    let (address, id) = found.ok_or_else(|| Error::validation("Invalid Backup ARN"))?;
    let backup = txn.get(&keys::backup(address.table, id))?.ok_or_else(missing)?;
    Ok((address.table, id, backup))
}

/// Shows a backup.
pub(crate) fn describe_backup(
    _: &Ctx,
    txn: &Read,
    input: &api::DescribeBackupInput,
) -> Result<api::DescribeBackupOutput, Error> {
    let (at, id, backup) = find(txn, input.backup_arn())?;
    let description = describe(at, id, &backup, api::backup_status::AVAILABLE);
    Ok(api::DescribeBackupOutput::new().with_backup_description(description))
}

/// Deletes a backup.
pub(crate) fn delete_backup(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBackupInput,
) -> Result<api::DeleteBackupOutput, Error> {
    let (at, id, backup) = find(txn, input.backup_arn())?;
    if let Some(expiry) = backup.expiry() {
        return Err(Error::validation(format!(
            "Invalid Request: User is not allowed to delete the system backup with arn {}. It will automatically expire on \
             {}",
            input.backup_arn(),
            rules::date_text(expiry)
        )));
    }
    remove(ctx, txn, at, id, &backup)?;
    let description = describe(at, id, &backup, api::backup_status::DELETED);
    Ok(api::DeleteBackupOutput::new().with_backup_description(description))
}

fn describe(at: TableAddress<'_>, id: &str, backup: &Backup, status: &str) -> api::BackupDescription {
    let Backup { table, details, .. } = backup;
    let mode =
        if table.on_demand { api::billing_mode::PAY_PER_REQUEST } else { api::billing_mode::PROVISIONED };
    let units = |capacity: crate::records::Capacity| {
        api::ProvisionedThroughput::new()
            .with_read_capacity_units(capacity.read)
            .with_write_capacity_units(capacity.write)
    };
    let source = api::SourceTableDetails::new()
        .with_table_name(at.name)
        .with_table_id(&details.uuid)
        .with_table_arn(at.arn())
        .with_table_size_bytes(backup.bytes)
        .with_item_count(backup.items)
        .with_key_schema(key_schema(&table.key))
        .with_table_creation_date_time(Timestamp::from_micros(details.created))
        .with_provisioned_throughput(units(details.throughput.provisioned))
        .with_billing_mode(mode);
    let local = table.indexes.iter().filter(|index| !index.is_global).map(|index| {
        api::LocalSecondaryIndexInfo::new()
            .with_index_name(&index.name)
            .with_key_schema(key_schema(&index.key))
            .with_projection(projection(&index.projection))
    });
    let local: Vec<_> = local.collect();
    let global = table.indexes.iter().filter(|index| index.is_global).map(|index| {
        let throughput = details.index_throughput.get(&index.id).map(|known| units(known.provisioned));
        api::GlobalSecondaryIndexInfo::new()
            .with_index_name(&index.name)
            .with_key_schema(key_schema(&index.key))
            .with_projection(projection(&index.projection))
            .with_provisioned_throughput(throughput)
    });
    let global: Vec<_> = global.collect();
    let ttl = table.time_to_live.as_deref().map(|attribute| {
        api::TimeToLiveDescription::new()
            .with_time_to_live_status(api::time_to_live_status::ENABLED)
            .with_attribute_name(attribute)
    });
    let stream = table.stream.as_ref().map(|stream| {
        api::StreamSpecification::new().with_stream_enabled(true).with_stream_view_type(stream.view.word())
    });
    let features = api::SourceTableFeatureDetails::new()
        .with_local_secondary_indexes((!local.is_empty()).then_some(local))
        .with_global_secondary_indexes((!global.is_empty()).then_some(global))
        .with_time_to_live_description(ttl)
        .with_stream_description(stream)
        .with_sse_description(crate::encryption::describe(details.kms_key.as_deref(), "ENABLED"));
    api::BackupDescription::new()
        .with_backup_details(details_of(at, id, backup, status))
        .with_source_table_details(source)
        .with_source_table_feature_details(features)
}

/// Lists backups of one table or of all, by table and age.
pub(crate) fn list_backups(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListBackupsInput,
) -> Result<api::ListBackupsOutput, Error> {
    let limit = usize::try_from(input.limit().unwrap_or(PAGE)).unwrap_or(0);
    let kind = input.backup_type().unwrap_or(api::backup_type_filter::USER);
    let named = input.table_name().map(|name| TableAddress::parse(ctx, name)).transpose()?;
    let (from, to) = (input.time_range_lower_bound(), input.time_range_upper_bound());
    let mut range = keys::backups(ctx.account(), ctx.region());
    if let Some(last) = input.exclusive_start_backup_arn() {
        let (at, id, _) = find(txn, last)?;
        range = range.after_key(&keys::backup(at, id));
    }
    let mut summaries = Vec::new();
    let mut last = None;
    for (key, backup) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        let (account, region, name, id): (String, String, String, String) = key.parts()?;
        let at = TableAddress { account: &account, region: &region, name: &name };
        let created = Timestamp::from_micros(backup.created);
        let is_wanted = [api::backup_type_filter::ALL_, backup.kind()].contains(&kind)
            && named.is_none_or(|named| named.name == name)
            && from.is_none_or(|from| created >= from)
            && to.is_none_or(|to| created < to);
        if !is_wanted {
            continue;
        }
        if summaries.len() == limit {
            last = summaries.last().and_then(api::BackupSummary::backup_arn).map(str::to_owned);
            break;
        }
        summaries.push(
            api::BackupSummary::new()
                .with_table_name(at.name)
                .with_table_id(&backup.details.uuid)
                .with_table_arn(at.arn())
                .with_backup_arn(arn(at, &id))
                .with_backup_name(&backup.name)
                .with_backup_creation_date_time(created)
                .with_backup_status(api::backup_status::AVAILABLE)
                .with_backup_type(backup.kind())
                .with_backup_expiry_date_time(backup.expiry().map(Timestamp::from_micros))
                .with_backup_size_bytes(backup.bytes),
        );
    }
    Ok(api::ListBackupsOutput::new().with_backup_summaries(summaries).with_last_evaluated_backup_arn(last))
}
