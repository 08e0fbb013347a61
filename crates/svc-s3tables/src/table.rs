//! Tables: what they are, where their metadata is, and how they are renamed and removed. How they come to be is in
//! `table_creation`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-tables.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_kit::{Ctx, Failure};
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use crate::address::{BucketAddress, TableAddress};
use crate::error::Error;
use crate::page::Page;
use crate::records::{Table, TableBucket, TableName};
use crate::{keys, name, policy, table_bucket, warehouse};

/// What tokens of versions are made of, and how long they are.
const TOKEN_LETTERS: &[u8] = b"0123456789abcdef";
const TOKEN_LENGTH: usize = 20;
/// `type` of a table that a customer made, and of one that a service writes.
const CUSTOMER: &str = "customer";
const MANAGED: &str = "aws";
/// How the names of files of metadata end.
const SUFFIXES: [&str; 2] = [".metadata.json", ".metadata.json.gz"];

/// A table as inputs name it: the ARN of its table bucket, its namespace, its name.
pub(crate) type Named<'a> = (&'a str, &'a str, &'a str);

impl Table {
    /// Where it is.
    pub(crate) fn at<'a>(&'a self, bucket: &'a TableBucket) -> TableAddress<'a> {
        TableAddress { bucket: bucket.at(), id: &self.id }
    }

    /// Notes a change.
    fn change(&mut self, ctx: &Ctx) {
        self.version_token = version_token(ctx);
        self.modified = ctx.now().micros();
        ctx.account().clone_into(&mut self.modified_by);
    }

    fn kind(&self) -> &'static str {
        if self.managed_by.is_some() { MANAGED } else { CUSTOMER }
    }
}

/// A token for a new version of a table.
pub(crate) fn version_token(ctx: &Ctx) -> String {
    ctx.random_letters(TOKEN_LETTERS, TOKEN_LENGTH)
}

/// Finds a table and its table bucket.
pub(crate) fn find(
    ctx: &Ctx,
    txn: &impl Reader,
    (arn, namespace, name): Named<'_>,
) -> Result<(TableBucket, Table), Error> {
    let bucket = table_bucket::find(ctx, txn, arn)?;
    let table = txn.get(&keys::table(&bucket, namespace, name))?.ok_or(Error::TableNotFound)?;
    Ok((bucket, table))
}

/// The table of an ARN.
pub(crate) fn find_by_arn(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<(TableBucket, Table), Error> {
    let at = TableAddress::of_arn(arn).filter(|at| at.bucket.region == ctx.region());
    let at = at.ok_or(Error::TableNotFound)?;
    let bucket = txn.get(&keys::table_bucket(at.bucket))?.ok_or(Error::TableNotFound)?;
    let named = txn.get(&keys::table_name(&bucket, at.id))?.ok_or(Error::TableNotFound)?;
    let table = txn.get(&keys::table(&bucket, &named.namespace, &named.name))?.ok_or(Error::TableNotFound)?;
    Ok((bucket, table))
}

/// The table of an ARN, for what needs no error: permissions.
pub(crate) fn known(txn: &impl Reader, at: TableAddress<'_>) -> Option<Table> {
    let bucket = txn.get(&keys::table_bucket(at.bucket)).ok()??;
    let named = txn.get(&keys::table_name(&bucket, at.id)).ok()??;
    txn.get(&keys::table(&bucket, &named.namespace, &named.name)).ok()?
}

/// The ARN of a table, for what needs no error: permissions.
pub(crate) fn known_arn(txn: &impl Reader, (arn, namespace, name): Named<'_>) -> Option<String> {
    let at = BucketAddress::of_arn(arn)?;
    let bucket = txn.get(&keys::table_bucket(at)).ok()??;
    let table = txn.get(&keys::table(&bucket, namespace, name)).ok()??;
    Some(table.at(&bucket).arn())
}

/// Saves a table.
pub(crate) fn save(txn: &mut Write, bucket: &TableBucket, table: &Table) -> Result<(), Error> {
    Ok(txn.put(&keys::table(bucket, &table.namespace, &table.name), table)?)
}

/// Finds a table to change: those of a service are changed by that service only.
fn find_to_change(ctx: &Ctx, txn: &impl Reader, named: Named<'_>) -> Result<(TableBucket, Table), Error> {
    let (bucket, table) = find(ctx, txn, named)?;
    match table.managed_by.is_some() && !table_bucket::is_service(ctx) {
        true => Err(Error::Managed),
        false => Ok((bucket, table)),
    }
}

/// Describes a table.
pub(crate) fn get_table(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableRequest,
) -> Result<api::GetTableResponse, Error> {
    let names = (input.table_bucket_arn(), input.namespace(), input.name());
    let (bucket, table) = match (input.table_arn(), names) {
        (Some(arn), (None, None, None)) => find_by_arn(ctx, txn, arn)?,
        (None, (Some(arn), Some(namespace), Some(name))) => find(ctx, txn, (arn, namespace, name))?,
        _ => return Err(Error::NoTableNamed),
    };
    let namespace = txn.get(&keys::namespace(&bucket, &table.namespace))?;
    Ok(api::GetTableResponse::new()
        .with_name(&table.name)
        .with_type(table.kind())
        .with_table_arn(table.at(&bucket).arn())
        .with_namespace(vec![&*table.namespace])
        .with_namespace_id(namespace.map(|namespace| namespace.id))
        .with_version_token(&table.version_token)
        .with_metadata_location(table.metadata_location.as_deref())
        .with_warehouse_location(warehouse::location(&table.warehouse))
        .with_created_at(Timestamp::from_micros(table.created))
        .with_created_by(&table.created_by)
        .with_managed_by_service(table.managed_by.as_deref())
        .with_modified_at(Timestamp::from_micros(table.modified))
        .with_modified_by(&table.modified_by)
        .with_owner_account_id(&bucket.account)
        .with_format(api::open_table_format::ICEBERG)
        .with_table_bucket_id(&bucket.id))
}

/// Where the metadata of a table is.
pub(crate) fn get_table_metadata_location(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableMetadataLocationRequest,
) -> Result<api::GetTableMetadataLocationResponse, Error> {
    let (_, table) = find(ctx, txn, (input.table_bucket_arn(), input.namespace(), input.name()))?;
    Ok(api::GetTableMetadataLocationResponse::new()
        .with_version_token(&table.version_token)
        .with_metadata_location(table.metadata_location)
        .with_warehouse_location(warehouse::location(&table.warehouse)))
}

/// Says where the metadata of a table is from now on, unless somebody else has said so meanwhile.
pub(crate) fn update_table_metadata_location(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateTableMetadataLocationRequest,
) -> Result<api::UpdateTableMetadataLocationResponse, Error> {
    let named = (input.table_bucket_arn(), input.namespace(), input.name());
    let (bucket, mut table) = find_to_change(ctx, txn, named)?;
    let location = input.metadata_location();
    let inside = location.strip_prefix(&warehouse::location(&table.warehouse));
    let is_file = inside.is_some_and(|path| path.starts_with('/'));
    if !is_file || !SUFFIXES.iter().any(|suffix| location.ends_with(suffix)) {
        return Err(Error::InvalidMetadataLocation);
    }
    if input.version_token() != table.version_token {
        return Err(Error::VersionTokenMismatch);
    }
    table.metadata_location = Some(location.to_owned());
    table.change(ctx);
    save(txn, &bucket, &table)?;
    Ok(api::UpdateTableMetadataLocationResponse::new()
        .with_name(&table.name)
        .with_table_arn(table.at(&bucket).arn())
        .with_namespace(vec![&*table.namespace])
        .with_version_token(&table.version_token)
        .with_metadata_location(location))
}

/// Lists the tables of a table bucket, or of one of its namespaces.
pub(crate) fn list_tables(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTablesRequest,
) -> Result<api::ListTablesResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let page = Page::new(input.prefix(), input.continuation_token(), input.max_tables())?;
    let (tables, next) = match input.namespace() {
        Some(namespace) => {
            if !txn.contains(&keys::namespace(&bucket, namespace))? {
                return Err(Error::NamespaceNotFound);
            }
            page.read(txn, keys::tables_of(&bucket, namespace), |table| &table.name)?
        }
        None => page.read_pairs(txn, keys::tables(&bucket), |table| (&table.namespace, &table.name))?,
    };
    let shown: Vec<_> = tables.iter().map(|table| summary(&bucket, table)).collect();
    Ok(api::ListTablesResponse::new().with_tables(shown).with_continuation_token(next))
}

fn summary(bucket: &TableBucket, table: &Table) -> api::TableSummary {
    api::TableSummary::new()
        .with_namespace(vec![&*table.namespace])
        .with_name(&table.name)
        .with_type(table.kind())
        .with_table_arn(table.at(bucket).arn())
        .with_created_at(Timestamp::from_micros(table.created))
        .with_modified_at(Timestamp::from_micros(table.modified))
        .with_managed_by_service(table.managed_by.as_deref())
        .with_table_bucket_id(&bucket.id)
}

/// Gives a table another name, or another namespace of its table bucket.
pub(crate) fn rename_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RenameTableRequest,
) -> Result<Nothing, Failure> {
    let (bucket, table) = rename(ctx, txn, input)?;
    warehouse::rename(ctx, txn, table.at(&bucket), &table)?;
    Ok(Nothing::new())
}

fn rename(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RenameTableRequest,
) -> Result<(TableBucket, Table), Error> {
    let named = (input.table_bucket_arn(), input.namespace(), input.name());
    if input.new_name().is_none() && input.new_namespace_name().is_none() {
        return Err(Error::NothingToRename);
    }
    let (bucket, mut table) = find_to_change(ctx, txn, named)?;
    if input.version_token().is_some_and(|token| token != table.version_token) {
        return Err(Error::VersionTokenMismatch);
    }
    let (namespace, name) =
        (input.new_namespace_name().unwrap_or(named.1), input.new_name().unwrap_or(named.2));
    if !name::is_of_table(name) {
        return Err(Error::InvalidTableName);
    }
    if !txn.contains(&keys::namespace(&bucket, namespace))? {
        return Err(Error::NewNamespaceNotFound);
    }
    if txn.contains(&keys::table(&bucket, namespace, name))? {
        return Err(Error::TableExists);
    }
    txn.delete(&keys::table(&bucket, named.1, named.2))?;
    (table.namespace, table.name) = (namespace.to_owned(), name.to_owned());
    table.change(ctx);
    save_name(txn, &bucket, &table)?;
    Ok((bucket, table))
}

/// Saves a table under a new name.
pub(crate) fn save_name(txn: &mut Write, bucket: &TableBucket, table: &Table) -> Result<(), Error> {
    let named = TableName { namespace: table.namespace.clone(), name: table.name.clone() };
    txn.put(&keys::table_name(bucket, &table.id), &named)?;
    save(txn, bucket, table)
}

/// Deletes a table, and all that is in its warehouse.
pub(crate) fn delete_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableRequest,
) -> Result<Nothing, Error> {
    let (bucket, table) = find(ctx, txn, (input.table_bucket_arn(), input.namespace(), input.name()))?;
    if input.version_token().is_some_and(|token| token != table.version_token) {
        return Err(Error::VersionTokenMismatch);
    }
    txn.delete(&keys::table(&bucket, &table.namespace, &table.name))?;
    txn.delete(&keys::table_name(&bucket, &table.id))?;
    policy::forget(ctx, txn, &bucket, &table)?;
    warehouse::remove(ctx, txn, table.at(&bucket), &table.warehouse)?;
    Ok(Nothing::new())
}

/// Whether a namespace has tables.
pub(crate) fn are_in(txn: &impl Reader, bucket: &TableBucket, namespace: &str) -> Result<bool, Error> {
    Ok(!txn.scan_keys(&keys::tables_of(bucket, namespace), Direction::Forward, 1)?.is_empty())
}
