//! Continuous backups: what items were before each change is kept, so that the table can be restored as it was at any
//! moment of the last days.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html>

use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Read, Write};

use crate::error::Error;
use crate::records::{Recovery, Table};
use crate::rules::TableAddress;
use crate::workers::{self, OfTable};
use crate::{keys, table};

/// How many days are kept when nothing is said.
const DAYS: i32 = 35;
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;
/// Former items that one firing of the timer removes.
const BATCH: usize = 500;

/// The table in the words of operations on backups.
pub(crate) fn find_table(txn: &impl virga_store::Reader, at: TableAddress<'_>) -> Result<Table, Error> {
    txn.get(&keys::table(at))?.ok_or_else(|| Error::TableNotFound { name: at.name.to_owned() })
}

/// Enables or disables point-in-time recovery.
pub(crate) fn update_continuous_backups(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateContinuousBackupsInput,
) -> Result<api::UpdateContinuousBackupsOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let mut table = find_table(txn, at)?;
    let mut details = table::details(txn, &table)?;
    let specification = input.point_in_time_recovery_specification();
    let given = specification.recovery_period_in_days();
    if specification.point_in_time_recovery_enabled() {
        let now = ctx.now().micros();
        let since = details.recovery.map_or(now, |known| known.since);
        let days = given.or(details.recovery.map(|known| known.days)).unwrap_or(DAYS);
        if details.recovery.is_none() {
            set_trim(ctx, txn, at, table.id, now + DAY_MICROS)?;
        }
        details.recovery = Some(Recovery { since, days });
        table.recoverable = true;
    } else {
        if given.is_some() {
            return Err(Error::validation(
                "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
            ));
        }
        details.recovery = None;
        table.recoverable = false;
        set_trim(ctx, txn, at, table.id, ctx.now().micros())?;
    }
    txn.put(&keys::table(at), &table)?;
    txn.put(&keys::details(&table), &details)?;
    let shown = describe(ctx, details.recovery);
    Ok(api::UpdateContinuousBackupsOutput::new().with_continuous_backups_description(shown))
}

/// Shows whether point-in-time recovery is enabled, and which times can be restored.
pub(crate) fn describe_continuous_backups(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeContinuousBackupsInput,
) -> Result<api::DescribeContinuousBackupsOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = find_table(txn, at)?;
    let details = table::details(txn, &table)?;
    let shown = describe(ctx, details.recovery);
    Ok(api::DescribeContinuousBackupsOutput::new().with_continuous_backups_description(shown))
}

/// The first moment that can be restored; the last is now.
pub(crate) fn earliest(recovery: Recovery, now: i64) -> i64 {
    recovery.since.max(now - i64::from(recovery.days) * DAY_MICROS)
}

fn describe(ctx: &Ctx, recovery: Option<Recovery>) -> api::ContinuousBackupsDescription {
    let description = api::PointInTimeRecoveryDescription::new();
    let now = ctx.now().micros();
    let description = match recovery {
        None => description.with_point_in_time_recovery_status(api::point_in_time_recovery_status::DISABLED),
        Some(recovery) => description
            .with_point_in_time_recovery_status(api::point_in_time_recovery_status::ENABLED)
            .with_recovery_period_in_days(recovery.days)
            .with_earliest_restorable_date_time(Timestamp::from_micros(earliest(recovery, now)))
            .with_latest_restorable_date_time(Timestamp::from_micros(now)),
    };
    api::ContinuousBackupsDescription::new()
        .with_continuous_backups_status(api::continuous_backups_status::ENABLED)
        .with_point_in_time_recovery_description(description)
}

fn set_trim(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, id: u64, due: i64) -> Result<(), Error> {
    workers::set(ctx, txn, workers::TRIM_FORMER, id.to_string(), due, &OfTable::new(at, id, 0))
}

/// Removes former items that are too old, once a day; all of them when recovery was disabled.
pub(crate) fn trim(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfTable = timer.read()?;
    let Some(table) = of.table(txn)? else { return Ok(()) };
    let now = ctx.now().micros();
    let recovery = table::details(txn, &table)?.recovery;
    let oldest = recovery.map_or(u64::MAX, |recovery| u64::try_from(earliest(recovery, now)).unwrap_or(0));
    let is_all = txn.delete_range(&keys::formers(of.id).until(oldest), BATCH)? < BATCH;
    match recovery {
        _ if !is_all => set_trim(ctx, txn, of.at(), of.id, now)?,
        Some(_) => set_trim(ctx, txn, of.at(), of.id, now + DAY_MICROS)?,
        None => {}
    }
    Ok(())
}
