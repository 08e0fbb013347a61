//! The live inventory of a bucket: all of its versions, listed anew in the hour after something happened to them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html>

use virga_kit::{Ctx, Delivering, Timer};
use virga_model::Timestamp;
use virga_object::Error;
use virga_object::metadata_table::INVENTORY;
use virga_store::Write;
use virga_warehouse::{Error as TableError, Retention, Rows, Update, commit};

use super::{Followed, Tables, failed, given_up, row};
use crate::inventory::Walk;
use crate::records::{MetadataConfiguration, MetadataTable, TableStatus};
use crate::workers;

const HOUR: i64 = 3600;
/// Snapshots of the table that can be read: each has all of the bucket.
const RETENTION: Retention = Retention { most: 4, kept: 2 };

/// Has the bucket listed. Its name tells when, so that asking twice is asking once.
pub(super) fn arm(ctx: &Ctx, txn: &mut Write, followed: &Followed, due: Timestamp) -> Result<(), Error> {
    let id = format!("{:016x}-{}", followed.bucket_id, due.secs());
    workers::set(ctx, txn, workers::LIVE_INVENTORY, id, due.micros(), followed)
}

/// When an inventory is made that follows from something that happens now: at the next full hour.
pub(super) fn next_refresh(ctx: &Ctx) -> Timestamp {
    Timestamp::from_secs((ctx.now().secs().div_euclid(HOUR) + 1) * HOUR)
}

/// Lists a bucket into its table, which is made if it is new.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(followed) = timer.read::<Followed>() else { return Ok(()) };
        write(&ctx, &followed).await.map_err(|error| failed(&error, &followed.name))
    })
}

fn of(configuration: &mut MetadataConfiguration) -> Option<&mut MetadataTable> {
    configuration.inventory.as_mut()
}

async fn write(ctx: &Ctx, followed: &Followed) -> Result<(), TableError> {
    let found = followed.find(&ctx.world().store().read()?)?;
    let Some(mut tables) = found else { return Ok(()) };
    let journal = &tables.configuration.journal.status;
    match tables.configuration.inventory.as_ref().map(|table| table.status.clone()) {
        None | Some(TableStatus::Failed(_)) => return Ok(()),
        Some(TableStatus::Creating) if matches!(journal, TableStatus::Failed(_)) => {
            let status = TableStatus::Failed("JournalTableNotAvailable".to_owned());
            return followed.set_status(ctx, &tables, of, &status).await;
        }
        Some(TableStatus::Creating) => {
            let made = (INVENTORY, "InventoryTableAlreadyExists", TableStatus::Backfilling);
            if !followed.make(ctx, &mut tables, of, made).await? {
                return Ok(());
            }
        }
        Some(TableStatus::Backfilling | TableStatus::Active) => {}
    }
    match list(ctx, followed, &tables).await {
        Err(error) => followed.set_status(ctx, &tables, of, &given_up(error)?).await,
        done => done,
    }
}

async fn list(ctx: &Ctx, followed: &Followed, tables: &Tables) -> Result<(), TableError> {
    let Some(inventory) = &tables.configuration.inventory else { return Ok(()) };
    let table = tables.table(inventory, INVENTORY);
    let mut rows = Rows::new(ctx, table, &followed.name);
    let mut walk = Walk::of(&tables.bucket, "", true);
    while walk.page(ctx, &mut |key, version, _| rows.add(row::of_version(key, version)))? {
        rows.deliver_long().await?;
    }
    let files = rows.finish().await?;
    commit(ctx, &table, &Update::Replace(&files), RETENTION).await?;
    followed.set_status(ctx, tables, of, &TableStatus::Active).await
}
