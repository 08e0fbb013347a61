//! Namespaces: what tables of a table bucket are grouped in.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-namespace.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader as _, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::{Namespace, TableBucket};
use crate::{keys, name, table, table_bucket};

/// The most namespaces of a table bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-regions-quotas.html>
const MOST: usize = 10_000;

/// Creates a namespace; of its names, there is one.
pub(crate) fn create_namespace(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateNamespaceRequest,
) -> Result<api::CreateNamespaceResponse, Error> {
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    let is_service = table_bucket::is_service(ctx);
    let name = input.namespace().iter().next().filter(|name| is_service || name::is_of_namespace(name));
    let name = name.ok_or(Error::InvalidNamespaceName)?;
    let key = keys::namespace(&bucket, name);
    if txn.contains(&key)? {
        return Err(Error::NamespaceExists);
    }
    if txn.scan_keys(&keys::namespaces(&bucket), Direction::Forward, MOST)?.len() == MOST {
        return Err(Error::TooManyNamespaces);
    }
    let namespace = Namespace {
        id: ctx.uuid(),
        name: name.to_owned(),
        created: ctx.now().micros(),
        created_by: ctx.account().to_owned(),
    };
    txn.put(&key, &namespace)?;
    Ok(api::CreateNamespaceResponse::new()
        .with_table_bucket_arn(bucket.at().arn())
        .with_namespace(vec![name]))
}

/// Describes a namespace.
pub(crate) fn get_namespace(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetNamespaceRequest,
) -> Result<api::GetNamespaceResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let namespace = txn.get(&keys::namespace(&bucket, input.namespace()))?.ok_or(Error::NamespaceNotFound)?;
    Ok(api::GetNamespaceResponse::new()
        .with_namespace(vec![&*namespace.name])
        .with_created_at(Timestamp::from_micros(namespace.created))
        .with_created_by(&namespace.created_by)
        .with_owner_account_id(&bucket.account)
        .with_namespace_id(&namespace.id)
        .with_table_bucket_id(&bucket.id))
}

/// Lists the namespaces of a table bucket.
pub(crate) fn list_namespaces(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListNamespacesRequest,
) -> Result<api::ListNamespacesResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let page = Page::new(input.prefix(), input.continuation_token(), input.max_namespaces())?;
    let (namespaces, next) = page.read(txn, keys::namespaces(&bucket), |namespace| &namespace.name)?;
    let shown: Vec<_> = namespaces.iter().map(|namespace| summary(&bucket, namespace)).collect();
    Ok(api::ListNamespacesResponse::new().with_namespaces(shown).with_continuation_token(next))
}

fn summary(bucket: &TableBucket, namespace: &Namespace) -> api::NamespaceSummary {
    api::NamespaceSummary::new()
        .with_namespace(vec![&*namespace.name])
        .with_created_at(Timestamp::from_micros(namespace.created))
        .with_created_by(&namespace.created_by)
        .with_owner_account_id(&bucket.account)
        .with_namespace_id(&namespace.id)
        .with_table_bucket_id(&bucket.id)
}

/// Deletes a namespace.
pub(crate) fn delete_namespace(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteNamespaceRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let key = keys::namespace(&bucket, input.namespace());
    if !txn.contains(&key)? {
        return Err(Error::NamespaceNotFound);
    }
    if table::are_in(txn, &bucket, input.namespace())? {
        return Err(Error::NamespaceNotEmpty);
    }
    txn.delete(&key)?;
    Ok(Nothing::new())
}
