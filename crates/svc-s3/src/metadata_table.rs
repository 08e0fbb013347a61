//! S3 Metadata: what happens to the objects of a bucket is noted in its journal, and the bucket listed in its live
//! inventory; both are tables of S3 Tables, written some time later. Who wants which tables is in the configuration.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-overview.html>

pub(crate) mod expiration;
pub(crate) mod inventory;
pub(crate) mod journal;
mod row;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_iam::AccountId;
use virga_iceberg::Schema;
use virga_kit::{Ctx, DeliveryFailure};
use virga_store::{Fault, Reader, Write};
use virga_warehouse::{Error as TableError, Table};

use crate::configuration::{self, Kind};
use crate::events::{Event, Subject};
use crate::keys;
use crate::records::{Bucket, MetadataConfiguration, MetadataTable, TableStatus};
use virga_object::Error;

/// How long a table that can't be written waits.
const WAIT: Duration = Duration::from_secs(300);
/// Why a table can't be written: its owner has deleted it.
const GONE: &str = "TableNotFound";

/// A bucket whose tables are to be written.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Followed {
    name: String,
    bucket_id: u64,
}

/// Which tables a bucket has.
struct Tables {
    bucket: Bucket,
    configuration: MetadataConfiguration,
}

/// Begins to follow a bucket that has a configuration now: its tables are made, and filled from now on.
#[expect(dead_code, reason = "its operation comes next")]
pub(crate) fn begin(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    bucket: &Bucket,
    configuration: &MetadataConfiguration,
) -> Result<(), Error> {
    journal::arm(ctx, txn, &Followed::of(name, bucket), ctx.now())?;
    if configuration.inventory.is_some() {
        inventory_enabled(ctx, txn, name, bucket)?;
    }
    expiration_changed(ctx, txn, name, bucket, configuration)
}

/// Has the bucket listed in an inventory table that is new.
pub(crate) fn inventory_enabled(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    bucket: &Bucket,
) -> Result<(), Error> {
    inventory::arm(ctx, txn, &Followed::of(name, bucket), ctx.now())
}

/// Has old records taken out of the journal, if they are not to stay.
pub(crate) fn expiration_changed(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    bucket: &Bucket,
    configuration: &MetadataConfiguration,
) -> Result<(), Error> {
    match configuration.expiration_days {
        Some(_) => expiration::arm(ctx, txn, &Followed::of(name, bucket)),
        None => Ok(()),
    }
}

/// Forgets what is not in the tables yet. The tables stay; they are the customer's.
pub(crate) fn end(txn: &mut Write, bucket: &Bucket) -> Result<(), Fault> {
    txn.delete_range(&keys::journal_rows(bucket.id), usize::MAX)?;
    txn.delete(&keys::journal_armed(bucket.id))
}

/// Notes what happened in the journal, in the transaction in which it does.
pub(crate) fn note(ctx: &Ctx, txn: &mut Write, event: Event, subject: &Subject<'_>) -> Result<(), Error> {
    let Some(row) = row::of_event(ctx, event, subject) else { return Ok(()) };
    txn.put(&keys::journal_row(subject.bucket.id, ctx.sequence()), &row)?;
    let due = ctx.now().plus(journal::GATHERED);
    journal::arm(ctx, txn, &Followed::of(subject.bucket_name, subject.bucket), due)
}

impl Followed {
    fn of(name: &str, bucket: &Bucket) -> Self {
        Followed { name: name.to_owned(), bucket_id: bucket.id }
    }

    /// Which tables there are, if the bucket is still the same and has any.
    fn find(&self, txn: &impl Reader) -> Result<Option<Tables>, Fault> {
        let bucket: Option<Bucket> = txn.get(&keys::bucket(&self.name))?;
        let Some(bucket) = bucket.filter(|bucket| bucket.id == self.bucket_id) else { return Ok(None) };
        let configuration = configuration::get(txn, &bucket, Kind::Metadata)?;
        Ok(configuration.map(|configuration| Tables { bucket, configuration }))
    }

    /// Says how far a table is, unless the configuration is another one by now.
    async fn set_status(
        &self,
        ctx: &Ctx,
        tables: &Tables,
        table: fn(&mut MetadataConfiguration) -> Option<&mut MetadataTable>,
        status: &TableStatus,
    ) -> Result<(), TableError> {
        let set = ctx.transact(|txn| -> Result<(), Fault> {
            let Some(Tables { bucket, mut configuration }) = self.find(txn)? else { return Ok(()) };
            let is_same = configuration.created == tables.configuration.created;
            let Some(table) = table(&mut configuration).filter(|table| is_same && table.status != *status)
            else {
                return Ok(());
            };
            table.status = status.clone();
            txn.put(&keys::configuration(bucket.id, Kind::Metadata, ""), &configuration)
        });
        Ok(set.await?)
    }
}

impl Tables {
    fn table<'a>(&'a self, table: &'a MetadataTable, schema: Schema) -> Table<'a> {
        Table {
            account: self.bucket.account.parse().unwrap_or(AccountId::DEFAULT),
            region: &self.bucket.region,
            table_bucket: &self.configuration.table_bucket_arn,
            namespace: &self.configuration.namespace,
            name: &table.name,
            warehouse: &table.warehouse,
            schema,
        }
    }
}

/// What a delivery that failed says: it is tried again.
fn failed(error: &TableError, name: &str) -> DeliveryFailure {
    tracing::error!(bucket = name, "a metadata table can't be written: {error}");
    DeliveryFailure::Retry(WAIT)
}
