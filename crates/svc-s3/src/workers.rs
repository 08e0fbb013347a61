//! What happens later: the timers of S3, and how they are set.

use serde::Serialize;
use virga_kit::{Ctx, Timer, TimerHandler, TimerKind};
use virga_model::Timestamp;
use virga_store::{Fault, Write};

use crate::{
    access_log, analytics, batch, control, express, intelligent_tiering, inventory, lifecycle,
    metadata_table, notification, replication, restore,
};
use virga_object::Error;

const SERVICE: &str = "s3";
/// Hands an event notification to its receiver.
pub(crate) const NOTIFY: &str = "notify";
/// Copies a version by the rules of replication.
pub(crate) const REPLICATE: &str = "replicate";
/// A replica is late.
pub(crate) const REPLICATION_THRESHOLD: &str = "replication-threshold";
/// Looks at a bucket for what its lifecycle rules want.
pub(crate) const LIFECYCLE: &str = "lifecycle";
/// Goes on with the versions of a key that has many.
pub(crate) const LIFECYCLE_VERSIONS: &str = "lifecycle-versions";
/// A restored copy is there.
pub(crate) const RESTORE: &str = "restore";
/// A query over an archived object is done.
pub(crate) const RESTORE_SELECT: &str = "restore-select";
/// A restored copy goes.
pub(crate) const RESTORE_END: &str = "restore-end";
/// Delivers access logs.
pub(crate) const ACCESS_LOG: &str = "access-log";
/// Makes an inventory.
pub(crate) const INVENTORY: &str = "inventory";
/// Writes the journal of a bucket into its metadata table.
pub(crate) const JOURNAL: &str = "journal";
/// Lists a bucket into its live inventory table.
pub(crate) const LIVE_INVENTORY: &str = "live-inventory";
/// Takes old records out of a journal.
pub(crate) const JOURNAL_EXPIRATION: &str = "journal-expiration";
/// Exports a storage class analysis.
pub(crate) const ANALYTICS: &str = "analytics";
/// Looks at a bucket for objects of Intelligent-Tiering that nobody reads.
pub(crate) const TIERING: &str = "tiering";
/// Goes on with the older versions of a key that has many.
pub(crate) const TIERING_VERSIONS: &str = "tiering-versions";
/// Goes on with the uploads of a bucket that has many.
pub(crate) const LIFECYCLE_UPLOADS: &str = "lifecycle-uploads";
/// A batch job takes its next step.
pub(crate) const JOB: &str = "job";

/// A session of a directory bucket is forgotten.
pub(crate) const SESSION_END: &str = "session-end";

/// The token of a rename is forgotten.
pub(crate) const RENAME_TOKEN_END: &str = "rename-token-end";

/// A request about a multi-Region access point is done.
pub(crate) const MULTI_REGION: &str = "multi-region";

/// The timers of S3.
pub(crate) static TIMERS: &[TimerKind] = &[
    TimerKind { name: NOTIFY, handler: TimerHandler::Delivery(notification::deliver) },
    TimerKind { name: REPLICATE, handler: TimerHandler::Delivery(replication::deliver) },
    TimerKind {
        name: REPLICATION_THRESHOLD,
        handler: TimerHandler::Transaction(replication::punctuality::missed),
    },
    TimerKind { name: LIFECYCLE, handler: TimerHandler::Transaction(lifecycle::pass) },
    TimerKind { name: LIFECYCLE_VERSIONS, handler: TimerHandler::Transaction(lifecycle::versions) },
    TimerKind { name: LIFECYCLE_UPLOADS, handler: TimerHandler::Transaction(lifecycle::uploads) },
    TimerKind { name: RESTORE, handler: TimerHandler::Transaction(restore::complete) },
    TimerKind { name: RESTORE_END, handler: TimerHandler::Transaction(restore::end) },
    TimerKind { name: RESTORE_SELECT, handler: TimerHandler::Delivery(restore::select::deliver) },
    TimerKind { name: ACCESS_LOG, handler: TimerHandler::Delivery(access_log::deliver) },
    TimerKind { name: INVENTORY, handler: TimerHandler::Delivery(inventory::deliver) },
    TimerKind { name: JOURNAL, handler: TimerHandler::Delivery(metadata_table::journal::deliver) },
    TimerKind {
        name: JOURNAL_EXPIRATION,
        handler: TimerHandler::Delivery(metadata_table::expiration::deliver),
    },
    TimerKind { name: LIVE_INVENTORY, handler: TimerHandler::Delivery(metadata_table::inventory::deliver) },
    TimerKind { name: ANALYTICS, handler: TimerHandler::Delivery(analytics::deliver) },
    TimerKind { name: TIERING, handler: TimerHandler::Transaction(intelligent_tiering::pass) },
    TimerKind { name: TIERING_VERSIONS, handler: TimerHandler::Transaction(intelligent_tiering::versions) },
    TimerKind { name: SESSION_END, handler: TimerHandler::Transaction(express::forget) },
    TimerKind { name: RENAME_TOKEN_END, handler: TimerHandler::Transaction(express::forget_token) },
    TimerKind { name: MULTI_REGION, handler: TimerHandler::Transaction(control::complete) },
    TimerKind { name: JOB, handler: TimerHandler::Delivery(batch::run::step) },
];

/// Sets a timer, in place of an earlier one of the same kind and id. `due` is in microseconds.
pub(crate) fn set<T: Serialize>(
    ctx: &Ctx,
    txn: &mut Write,
    kind: &'static str,
    id: String,
    due: i64,
    payload: &T,
) -> Result<(), Error> {
    Ok(ctx.schedule(txn, &Timer::new(SERVICE, kind, id, Timestamp::from_micros(due), payload)?)?)
}

/// Removes a timer, if it is set.
pub(crate) fn cancel(ctx: &Ctx, txn: &mut Write, kind: &'static str, id: &str) -> Result<(), Fault> {
    ctx.unschedule(txn, SERVICE, kind, id)
}
