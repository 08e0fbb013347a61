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
use virga_kit::{Access, Ctx, DeliveryFailure};
use virga_model::{Record, Value};
use virga_store::{Fault, Reader, Write};
use virga_warehouse::{Error as TableError, NewTable, Table};

use crate::configuration::{self, Kind};
use crate::events::{Event, Subject};
use crate::keys;
use crate::records::{Bucket, MetadataConfiguration, MetadataTable, TableStatus};
use virga_object::Error;
use virga_object::members;
use virga_object::metadata_table::{MANAGED_BUCKET, RecordType};

/// How long a table that can't be written waits.
const WAIT: Duration = Duration::from_secs(300);
/// Why a table can't be written: its owner has deleted it.
const GONE: &str = "DestinationTableNotFound";
/// Why a table can't be written: its key of KMS does not let S3.
const DENIED: &str = "AccessDeniedWritingToTable";

/// A bucket whose tables are to be written.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Followed {
    name: String,
    bucket_id: u64,
}

/// Finds one of the tables of a bucket.
type Of = fn(&mut MetadataConfiguration) -> Option<&mut MetadataTable>;

/// Which tables a bucket has.
#[derive(Clone)]
struct Tables {
    bucket: Bucket,
    configuration: MetadataConfiguration,
}

/// Begins to follow a bucket that has a configuration now: its tables are made, and filled from now on. The inventory
/// comes after the journal.
pub(crate) fn begin(
    ctx: &Ctx,
    txn: &mut Write,
    name: &str,
    bucket: &Bucket,
    configuration: &MetadataConfiguration,
) -> Result<(), Error> {
    journal::arm(ctx, txn, &Followed::of(name, bucket), ctx.now())?;
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

/// What else somebody has to be allowed who has tables made.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-permissions.html>
pub(crate) fn accesses(ctx: &Ctx, operation: &str, input: &Record) -> Vec<Access> {
    let Some(Value::Structure(given)) = (match operation {
        "CreateBucketMetadataConfiguration" => input.by_name("MetadataConfiguration"),
        "CreateBucketMetadataTableConfiguration" => input.by_name("MetadataTableConfiguration"),
        "UpdateBucketMetadataInventoryTableConfiguration" => input.by_name("InventoryTableConfiguration"),
        _ => None,
    }) else {
        return Vec::new();
    };
    let destination = match given.by_name("S3TablesDestination") {
        Some(Value::Structure(destination)) => members::owned(destination, "TableBucketArn"),
        _ => None,
    };
    let of_bucket: &[&'static str] = match &destination {
        Some(_) => &["s3tables:CreateNamespace"],
        None => &["s3tables:CreateTableBucket", "s3tables:CreateNamespace"],
    };
    let bucket = destination.unwrap_or_else(|| {
        format!("arn:aws:s3tables:{}:{}:bucket/{MANAGED_BUCKET}", ctx.region(), ctx.account())
    });
    let table = format!("{bucket}/table/*");
    let of_table = ["s3tables:CreateTable", "s3tables:GetTable", "s3tables:PutTablePolicy"];
    let of_bucket = of_bucket.iter().map(|action| Access::to(*action, bucket.as_str()));
    of_bucket.chain(of_table.into_iter().map(|action| Access::to(action, table.as_str()))).collect()
}

/// Forgets what is not in the tables yet. The tables stay; they are the customer's.
pub(crate) fn end(txn: &mut Write, bucket: &Bucket) -> Result<(), Fault> {
    txn.delete_range(&keys::journal_rows(bucket.id), usize::MAX)?;
    txn.delete(&keys::journal_batch(bucket.id))?;
    txn.delete(&keys::journal_armed(bucket.id))
}

/// Notes what happened in the journal, in the transaction in which it does.
pub(crate) fn note(ctx: &Ctx, txn: &mut Write, event: Event, subject: &Subject<'_>) -> Result<(), Error> {
    match row::record_type(event) {
        Some(record_type) => note_record(ctx, txn, record_type, subject),
        None => Ok(()),
    }
}

/// Notes a record in the journal.
pub(crate) fn note_record(
    ctx: &Ctx,
    txn: &mut Write,
    record_type: RecordType,
    subject: &Subject<'_>,
) -> Result<(), Error> {
    let row = row::of_change(ctx, record_type, subject);
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

    /// Changes the configuration, unless it is another one by now.
    async fn change(
        &self,
        ctx: &Ctx,
        tables: &Tables,
        change: impl Fn(&mut MetadataConfiguration) + Send,
    ) -> Result<(), TableError> {
        let changed = ctx.transact(|txn| -> Result<(), Fault> {
            let Some(Tables { bucket, mut configuration }) = self.find(txn)? else { return Ok(()) };
            if configuration.created != tables.configuration.created {
                return Ok(());
            }
            change(&mut configuration);
            txn.put(&keys::configuration(bucket.id, Kind::Metadata, ""), &configuration)
        });
        Ok(changed.await?)
    }

    /// Says how far a table is.
    async fn set_status(
        &self,
        ctx: &Ctx,
        tables: &Tables,
        of: Of,
        status: &TableStatus,
    ) -> Result<(), TableError> {
        let set = |configuration: &mut MetadataConfiguration| {
            if let Some(table) = of(configuration) {
                table.status = status.clone();
            }
        };
        self.change(ctx, tables, set).await
    }

    /// Makes a table that is wanted, empty, and says how far it is then. Answers whether it is there.
    async fn make(
        &self,
        ctx: &Ctx,
        tables: &mut Tables,
        of: Of,
        (schema, taken, status): (Schema, &str, TableStatus),
    ) -> Result<bool, TableError> {
        let wanted = tables.clone();
        let Some(table) = of(&mut tables.configuration) else { return Ok(false) };
        let made = match virga_warehouse::make(ctx, &wanted.new_table(table)).await {
            Ok(Some(made)) => Ok(made),
            Ok(None) => Err(taken),
            Err(TableError::Gone) => Err("TableBucketNotFound"),
            Err(error) => return Err(error),
        };
        match made {
            Ok(made) => {
                table.made = Some(made);
                table.status = status;
                if let Err(error) = virga_warehouse::create(ctx, &wanted.table(table, schema)).await {
                    table.status = given_up(error)?;
                }
            }
            Err(code) => table.status = TableStatus::Failed(code.to_owned()),
        }
        let (is_made, made) = (!matches!(table.status, TableStatus::Failed(_)), table.clone());
        let set = |configuration: &mut MetadataConfiguration| {
            if let Some(table) = of(configuration) {
                table.clone_from(&made);
            }
        };
        self.change(ctx, &wanted, set).await.map(|()| is_made)
    }
}

impl Tables {
    fn account(&self) -> AccountId {
        self.bucket.account.parse().unwrap_or(AccountId::DEFAULT)
    }

    fn new_table<'a>(&'a self, table: &'a MetadataTable) -> NewTable<'a> {
        let Tables { bucket, configuration } = self;
        NewTable {
            account: self.account(),
            region: &bucket.region,
            table_bucket: &configuration.table_bucket_arn,
            managed: (!configuration.is_v1).then_some(MANAGED_BUCKET),
            namespace: &configuration.namespace,
            name: &table.name,
            kms_key: table.kms_key.as_deref(),
            since: table.since,
        }
    }

    fn table<'a>(&'a self, table: &'a MetadataTable, schema: Schema) -> Table<'a> {
        Table {
            account: self.account(),
            region: &self.bucket.region,
            table_bucket: &self.configuration.table_bucket_arn,
            namespace: &self.configuration.namespace,
            name: &table.name,
            warehouse: table.made.as_ref().map_or("", |made| &made.warehouse),
            schema,
        }
    }
}

/// How far a table is that can't be written any more, or why it is to be tried again.
fn given_up(error: TableError) -> Result<TableStatus, TableError> {
    match error {
        TableError::Gone => Ok(TableStatus::Failed(GONE.to_owned())),
        TableError::Denied(_) => Ok(TableStatus::Failed(DENIED.to_owned())),
        error => Err(error),
    }
}

/// What a delivery that failed says: it is tried again.
fn failed(error: &TableError, name: &str) -> DeliveryFailure {
    tracing::error!(bucket = name, "a metadata table can't be written: {error}");
    DeliveryFailure::Retry(WAIT)
}
