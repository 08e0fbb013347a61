//! Permissions: statements of the queue's policy by label.

use std::sync::Arc;

use virga_api::Nothing;
use virga_api::sqs as api;
use virga_kit::Ctx;
use virga_store::Write;

use crate::delivery::{self, QueueAt, now};
use crate::error::Error;
use crate::records::Details;
use crate::rules::policy;
use crate::{keys, queue};

/// Adds a statement that lets other accounts do something with the queue.
pub(crate) fn add_permission(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AddPermissionRequest,
) -> Result<Nothing, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let details = queue::details_with_policy(ctx, txn, at.at, &at.queue)?;
    let accounts: Vec<&str> = input.aws_account_ids().iter().collect();
    let actions: Vec<&str> = input.actions().iter().collect();
    let policy = policy::add(details.policy.as_deref(), input.label(), &accounts, &actions, at.at)?;
    store(ctx, txn, at, &details, Some(policy))
}

/// Removes a statement by its label.
pub(crate) fn remove_permission(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RemovePermissionRequest,
) -> Result<Nothing, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let details = queue::details_with_policy(ctx, txn, at.at, &at.queue)?;
    let policy = policy::remove(details.policy.as_deref(), input.label(), at.at)?;
    store(ctx, txn, at, &details, policy)
}

fn store(
    ctx: &Ctx,
    txn: &mut Write,
    mut at: QueueAt<'_>,
    before: &Details,
    policy: Option<String>,
) -> Result<Nothing, Error> {
    Arc::make_mut(&mut at.queue).modified = now(ctx);
    txn.put(&keys::queue(at.at), &*at.queue)?;
    queue::put_details(ctx, txn, &at, Some(before), &Details { policy, ..before.clone() })?;
    Ok(Nothing::new())
}
