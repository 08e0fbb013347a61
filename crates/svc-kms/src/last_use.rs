//! When a key was last used. Uses of the same kind within a minute are written down once.

use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use crate::error::Error;
use crate::key::shown_time;
use crate::keys;
use crate::lookup::{self, KeyAt, now};
use crate::records::LastUse;

/// How long a use stands for further ones, in microseconds.
const FRESH: i64 = 60_000_000;

/// Writes down that a key was used.
pub(crate) fn note(ctx: &Ctx, txn: &mut Write, found: &KeyAt, operation: &str) -> Result<(), Error> {
    let (key, now) = (keys::last_use(&found.at), now(ctx));
    let known = txn.snapshot_get(&key)?;
    if known.is_some_and(|last| last.operation == operation && (0..FRESH).contains(&(now - last.at))) {
        return Ok(());
    }
    let last = LastUse { operation: operation.to_owned(), at: now, request_id: ctx.request_id().to_owned() };
    Ok(txn.put(&key, &last)?)
}

/// Shows when and for what a key was last used.
pub(crate) fn get_key_last_usage(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetKeyLastUsageRequest,
) -> Result<api::GetKeyLastUsageResponse, Error> {
    let found = lookup::own(ctx, txn, "GetKeyLastUsage", input.key_id())?;
    let created = shown_time(found.key.created);
    let usage = txn.get(&keys::last_use(&found.at))?.map(|last| {
        api::KeyLastUsageData::new()
            .with_operation(last.operation)
            .with_timestamp(shown_time(last.at))
            .with_kms_request_id(last.request_id)
    });
    Ok(api::GetKeyLastUsageResponse::new()
        .with_key_id(found.arn())
        .with_key_last_usage(usage)
        .with_tracking_start_date(created)
        .with_key_creation_date(created))
}
