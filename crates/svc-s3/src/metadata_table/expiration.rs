//! Records leave a journal after the days that its configuration gives them, in whole files.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-expire-journal-table-records.html>

use std::time::Duration;

use virga_iceberg::DataFile;
use virga_kit::{Ctx, Delivering, Timer};
use virga_model::Timestamp;
use virga_object::Error;
use virga_object::metadata_table::{JOURNAL, RECORD_TIMESTAMP};
use virga_object::midnight;
use virga_store::Write;
use virga_warehouse::{Error as TableError, Retention, Update, commit};

use super::{Followed, failed};
use crate::records::TableStatus;
use crate::workers;

/// What has expired is not to be read in old snapshots for long.
const RETENTION: Retention = Retention { most: 2, kept: 2 };

/// Has old records taken out at the next midnight. Its name tells when, so that asking twice is asking once.
pub(super) fn arm(ctx: &Ctx, txn: &mut Write, followed: &Followed) -> Result<(), Error> {
    let due = midnight::after(ctx.now().secs());
    let id = format!("{:016x}-{due}", followed.bucket_id);
    workers::set(ctx, txn, workers::JOURNAL_EXPIRATION, id, Timestamp::from_secs(due).micros(), followed)
}

/// Takes old records out of a journal.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(followed) = timer.read::<Followed>() else { return Ok(()) };
        expire(&ctx, &followed).await.map_err(|error| failed(&error, &followed.name))
    })
}

async fn expire(ctx: &Ctx, followed: &Followed) -> Result<(), TableError> {
    let found = followed.find(&ctx.world().store().read()?)?;
    let Some(tables) = found else { return Ok(()) };
    let Some(days) = tables.configuration.expiration_days else { return Ok(()) };
    let age = Duration::from_secs(u64::try_from(days).unwrap_or(0) * midnight::DAY.unsigned_abs());
    let oldest = ctx.now().minus(age).micros();
    let goes = move |file: &DataFile| file.upper_bound(RECORD_TIMESTAMP).is_some_and(|last| last < oldest);
    let journal = &tables.configuration.journal;
    if journal.status == TableStatus::Active {
        let table = tables.table(journal, JOURNAL);
        match commit(ctx, &table, &Update::Drop(&goes), RETENTION).await {
            // Who writes the journal says so.
            Err(TableError::Gone | TableError::Denied(_)) => return Ok(()),
            done => done?,
        }
    }
    Ok(ctx.transact(|txn| arm(ctx, txn, followed)).await?)
}
