//! How a table comes to be that a service writes: its table bucket and namespace are made where they are missing.

use virga_api::s3tables as api;
use virga_iam::AccountId;
use virga_kit::Ctx;
use virga_model::ApiError;
use virga_object::metadata_table::MadeTable;

use crate::Error;

/// A table to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewTable<'a> {
    /// Whose it is to be.
    pub account: AccountId,
    /// Its region.
    pub region: &'a str,
    /// The ARN of its table bucket.
    pub table_bucket: &'a str,
    /// The name of the table bucket, if AWS manages it: it is made when it is missing.
    pub managed: Option<&'a str>,
    /// Its namespace, which is made when it is missing.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The key of KMS under which its files are to be.
    pub kms_key: Option<&'a str>,
    /// Since when it is wanted, in microseconds: a table that is younger was made by an earlier attempt.
    pub since: i64,
}

/// Makes a table; none when there is another one of its name.
///
/// # Errors
/// [`Error::Gone`] when the table bucket is not there, or what an operation was refused for.
pub async fn make(ctx: &Ctx, table: &NewTable<'_>) -> Result<Option<MadeTable>, Error> {
    if let Some(name) = table.managed {
        let input = api::CreateTableBucketInput::new().with_name(name);
        let made = ctx.call_trusted::<api::op::CreateTableBucket>(table.account, table.region, input).await;
        unless_there(made)?;
    }
    let input = api::CreateNamespaceInput::new()
        .with_table_bucket_arn(table.table_bucket)
        .with_namespace(vec![table.namespace.to_owned()]);
    let made = ctx.call_trusted::<api::op::CreateNamespace>(table.account, table.region, input).await;
    unless_there(made)?;
    let encryption = table
        .kms_key
        .map(|key| api::EncryptionConfiguration::new().with_sse_algorithm("aws:kms").with_kms_key_arn(key));
    let input = api::CreateTableInput::new()
        .with_table_bucket_arn(table.table_bucket)
        .with_namespace(table.namespace)
        .with_name(table.name)
        .with_format("ICEBERG")
        .with_encryption_configuration(encryption);
    let made = ctx.call_trusted::<api::op::CreateTable>(table.account, table.region, input).await;
    unless_there(made)?;
    let input = api::GetTableInput::new()
        .with_table_bucket_arn(table.table_bucket)
        .with_namespace(table.namespace)
        .with_name(table.name);
    let found = ctx.call_trusted::<api::op::GetTable>(table.account, table.region, input).await?;
    if found.managed_by_service().is_none() || found.created_at().micros() < table.since {
        return Ok(None);
    }
    let warehouse = found.warehouse_location();
    Ok(Some(MadeTable {
        arn: found.table_arn().to_owned(),
        warehouse: warehouse.strip_prefix("s3://").unwrap_or(warehouse).to_owned(),
    }))
}

/// What is there already need not be made.
fn unless_there<T>(made: Result<T, ApiError>) -> Result<(), Error> {
    match made.map_err(Error::from) {
        Ok(_) | Err(Error::Contended) => Ok(()),
        Err(error) => Err(error),
    }
}
