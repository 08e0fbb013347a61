//! The journal of a bucket: rows are gathered in the store and written into the table every so often.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html>

use std::time::Duration;

use virga_kit::{Ctx, Delivering, Timer};
use virga_model::Timestamp;
use virga_object::Error;
use virga_object::metadata_table::JOURNAL;
use virga_store::{Direction, Reader as _, Write};
use virga_warehouse::{Error as TableError, Retention, Rows, Update, commit};

use super::{Followed, Tables, failed, given_up, inventory};
use crate::records::{MetadataConfiguration, MetadataTable, TableStatus};
use crate::{keys, workers};

/// How long rows are gathered.
pub(super) const GATHERED: Duration = Duration::from_secs(60);
/// Rows of one file.
const MOST_ROWS: usize = 10_000;
/// Snapshots of the table that can be read.
const RETENTION: Retention = Retention { most: 100, kept: 20 };

/// Has the rows written, unless that is to happen anyway.
pub(super) fn arm(ctx: &Ctx, txn: &mut Write, followed: &Followed, due: Timestamp) -> Result<(), Error> {
    let armed = keys::journal_armed(followed.bucket_id);
    if txn.contains(&armed)? {
        return Ok(());
    }
    txn.put(&armed, &())?;
    let id = format!("{:016x}-{:016x}", followed.bucket_id, ctx.sequence());
    workers::set(ctx, txn, workers::JOURNAL, id, due.micros(), followed)
}

/// Writes the rows of a bucket into its table, which is made if it is new.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(followed) = timer.read::<Followed>() else { return Ok(()) };
        write(&ctx, &followed).await.map_err(|error| failed(&error, &followed.name))
    })
}

async fn write(ctx: &Ctx, followed: &Followed) -> Result<(), TableError> {
    let found = followed.find(&ctx.world().store().read()?)?;
    let Some(mut tables) = found else { return Ok(()) };
    if tables.configuration.journal.status == TableStatus::Creating {
        let taken =
            if tables.configuration.is_v1 { "TableAlreadyExists" } else { "JournalTableAlreadyExists" };
        followed.make(ctx, &mut tables, of, (JOURNAL, taken, TableStatus::Active)).await?;
        ctx.transact(|txn| inventory::arm(ctx, txn, followed, ctx.now())).await?;
    }
    match write_table(ctx, followed, &tables).await {
        Err(error) => {
            followed.set_status(ctx, &tables, of, &given_up(error)?).await?;
            Ok(ctx.transact(|txn| super::end(txn, &tables.bucket)).await?)
        }
        done => done,
    }
}

fn of(configuration: &mut MetadataConfiguration) -> Option<&mut MetadataTable> {
    Some(&mut configuration.journal)
}

async fn write_table(ctx: &Ctx, followed: &Followed, tables: &Tables) -> Result<(), TableError> {
    let journal = &tables.configuration.journal;
    let table = tables.table(journal, JOURNAL);
    if let TableStatus::Failed(_) = journal.status {
        return ctx.transact(|txn| super::end(txn, &tables.bucket)).await.map_err(TableError::from);
    }
    loop {
        let range = keys::journal_rows(followed.bucket_id);
        let found = ctx.world().store().read()?.scan(&range, Direction::Forward, MOST_ROWS)?;
        let is_last = found.len() < MOST_ROWS;
        let mut rows = Rows::new(ctx, table, &followed.name);
        let mut taken = Vec::with_capacity(found.len());
        for (key, row) in found {
            taken.push(key);
            rows.add(row)?;
        }
        let files = rows.finish().await?;
        if !files.is_empty() {
            commit(ctx, &table, &Update::Append(&files), RETENTION).await?;
        }
        let forget = |txn: &mut Write| {
            taken.iter().try_for_each(|key| txn.delete(key))?;
            if is_last { rest(ctx, txn, followed, tables, !taken.is_empty()) } else { Ok(()) }
        };
        ctx.transact(forget).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// What happens after the rows are written: those that came meanwhile are written soon, and the inventory follows.
fn rest(ctx: &Ctx, txn: &mut Write, followed: &Followed, tables: &Tables, any: bool) -> Result<(), Error> {
    txn.delete(&keys::journal_armed(followed.bucket_id))?;
    if txn.first(&keys::journal_rows(followed.bucket_id))?.is_some() {
        arm(ctx, txn, followed, ctx.now().plus(GATHERED))?;
    }
    if any && tables.configuration.inventory.is_some() {
        inventory::arm(ctx, txn, followed, inventory::next_refresh(ctx))?;
    }
    Ok(())
}
