//! The journal of a bucket: rows are gathered in the store and written into the table every so often.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html>

use std::time::Duration;

use virga_kit::{Ctx, Delivering, Timer};
use virga_model::Timestamp;
use virga_object::Error;
use virga_object::metadata_table::JOURNAL;
use virga_store::{Direction, Fault, Reader as _, Write};
use virga_warehouse::{
    Error as TableError, Retention, Rows, Table, Update, commit, has_snapshot, snapshot_id,
};

use super::{Followed, Tables, failed, given_up, inventory};
use crate::records::{JournalBatch, MetadataConfiguration, MetadataTable, TableStatus};
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
        let taken = take(ctx, followed).await?;
        let is_last = taken.batch.rows.len() < MOST_ROWS;
        // What a process has begun that died may be done.
        if !taken.is_new && has_snapshot(ctx, &table, taken.batch.snapshot_id).await? {
            tracing::info!(bucket = followed.name, "records of a journal were written already");
        } else {
            write_rows(ctx, followed, table, &taken).await?;
        }
        let forget = |txn: &mut Write| {
            for sequence in &taken.batch.rows {
                txn.delete(&keys::journal_row(followed.bucket_id, *sequence))?;
            }
            txn.delete(&keys::journal_batch(followed.bucket_id))?;
            match is_last {
                true => rest(ctx, txn, followed, tables, !taken.batch.rows.is_empty()),
                false => Ok(()),
            }
        };
        ctx.transact(forget).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// Rows that are to be written.
struct Taken {
    batch: JournalBatch,
    /// Whether nobody has begun to write them.
    is_new: bool,
}

/// Takes rows, and notes which: whoever comes after a crash goes on with the same.
async fn take(ctx: &Ctx, followed: &Followed) -> Result<Taken, TableError> {
    let take = |txn: &mut Write| -> Result<Taken, Fault> {
        let key = keys::journal_batch(followed.bucket_id);
        if let Some(batch) = txn.get(&key)? {
            return Ok(Taken { batch, is_new: false });
        }
        let range = keys::journal_rows(followed.bucket_id);
        let mut rows = Vec::new();
        for place in txn.snapshot_scan_keys(&range, Direction::Forward, MOST_ROWS)? {
            let (_, sequence): (u64, u64) = place.parts()?;
            rows.push(sequence);
        }
        let batch = JournalBatch { snapshot_id: snapshot_id(ctx), rows };
        if !batch.rows.is_empty() {
            txn.put(&key, &batch)?;
        }
        Ok(Taken { batch, is_new: true })
    };
    Ok(ctx.transact(take).await?)
}

async fn write_rows(
    ctx: &Ctx,
    followed: &Followed,
    table: Table<'_>,
    taken: &Taken,
) -> Result<(), TableError> {
    let JournalBatch { snapshot_id, rows: sequences } = &taken.batch;
    let mut rows = Rows::new(ctx, table, &followed.name);
    {
        let read = ctx.world().store().read()?;
        for sequence in sequences {
            if let Some(row) = read.get(&keys::journal_row(followed.bucket_id, *sequence))? {
                rows.add(row)?;
            }
        }
    }
    let files = rows.finish().await?;
    if files.is_empty() {
        return Ok(());
    }
    let update = Update::Append { files: &files, snapshot_id: *snapshot_id };
    commit(ctx, &table, &update, RETENTION).await
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
