//! Deleting tables. What is in them goes away in batches, under an id that nothing has any more.

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::Write;

use super::describe::{Shown, describe};
use super::{check_simultaneous, details, find};
use crate::error::Error;
use crate::records::{Details, Table};
use crate::rules::TableAddress;
use crate::{
    auto_scaling, backup, data_key, keys, membership, overrides, quota, replica, stream, table_key, workers,
};

/// Deletes a table.
pub(crate) fn delete_table(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableInput,
) -> Result<api::DeleteTableOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = find(txn, at)?;
    let details = details(txn, &table)?;
    if details.deletion_protection && !table.replicas.is_empty() {
        return Err(replica::protected(at));
    }
    if details.deletion_protection {
        return Err(Error::validation(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection \
             first.",
        ));
    }
    if table.is_updating() {
        let reason = format!(
            "Attempt to change a resource which is still in use: Table is being updated: {}",
            at.name
        );
        return Err(Error::ResourceInUse { reason });
    }
    membership::check_alone(txn, &table)?;
    membership::check_no_source(ctx, txn, at, &table)?;
    check_simultaneous(txn, at)?;
    let shown = Shown {
        status: Some(api::table_status::DELETING),
        is_short: true,
        ..Shown::new(at, &table, &details)
    };
    let description = describe(txn, &shown)?;
    // A table whose changes are kept leaves a backup.
    let keeps_items = table.recoverable;
    if keeps_items {
        backup::keep_deleted(ctx, txn, at, &table, &details)?;
    }
    drop_table(ctx, txn, at, (&table, &details), keeps_items)?;
    Ok(api::DeleteTableOutput::new().with_table_description(description))
}

/// Takes a table away, with its settings, tags and policies. Its items may be kept, for a backup.
pub(crate) fn drop_table(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&Table, &Details),
    keeps_items: bool,
) -> Result<(), Error> {
    replica::leave(txn, at, table)?;
    if let Some(stream) = &table.stream {
        stream::disable(ctx, txn, at, stream)?;
    }
    for arn in details.policy_revisions.keys() {
        ctx.delete_resource_policy(txn, arn)?;
    }
    txn.delete(&keys::table(at))?;
    txn.delete(&keys::details(table))?;
    txn.delete(&keys::tags(table))?;
    overrides::remove(txn, table)?;
    quota::remove(txn, table)?;
    membership::leave(txn, table)?;
    auto_scaling::remove(ctx, txn, at, table)?;
    table_key::remove(ctx, txn, table.id)?;
    if keeps_items {
        return workers::drop_rest_later(ctx, txn, table.id);
    }
    data_key::drop_later(ctx, txn, table.id)?;
    workers::drop_content_later(ctx, txn, table.id)
}
