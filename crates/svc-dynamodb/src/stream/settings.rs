//! Enabling and disabling streams, and the end of old changes.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::macros::format_description;
use virga_api::dynamodb as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::error::Error;
use crate::records::{Details, Stream, StreamView, Table, TableStream};
use crate::rules::TableAddress;
use crate::{keys, workers};

/// How long a change is kept: 24 hours.
pub(crate) const KEPT_MICROS: i64 = 24 * 3_600_000_000;
/// Old changes are removed once an hour at most.
const TRIM_EVERY_MICROS: i64 = 3_600_000_000;
/// Changes that one firing of the timer removes.
const BATCH: usize = 500;

/// What the timer that trims a stream knows.
#[derive(Serialize, Deserialize)]
struct OfStream {
    account: String,
    region: String,
    table: String,
    label: String,
}

/// Applies a stream specification to a table's records.
pub(crate) fn apply(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &mut Table,
    details: &mut Details,
    (specification, is_new): (&api::StreamSpecification, bool),
) -> Result<(), Error> {
    let view = specification.stream_view_type().and_then(StreamView::of_word);
    let told = |new: &str, old: &str| Error::invalid_values(if is_new { new } else { old });
    match (specification.stream_enabled(), view, table.stream.as_ref()) {
        (true, _, Some(_)) => {
            Err(Error::validation(format!("Table already has an enabled stream: TableName: {}", at.name)))
        }
        (true, None, None) => Err(told(
            "Table is being created with a stream enabled, UpdateViewType is required",
            "If stream is being enabled then UpdateViewType is required",
        )),
        (true, Some(view), None) => enable(ctx, txn, at, table, details, view),
        (false, Some(_), _) => Err(told(
            "Table is being created with a stream disabled, UpdateViewType should not be specified",
            "If stream is being disabled, then UpdateViewType must not be specified",
        )),
        (false, None, None) if is_new => Ok(()),
        (false, None, Some(stream)) => {
            disable(ctx, txn, at, stream)?;
            table.stream = None;
            Ok(())
        }
        (false, None, None) => {
            Err(Error::validation(format!("Table has no stream to disable: TableName: {}", at.name)))
        }
    }
}

fn enable(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &mut Table,
    details: &mut Details,
    view: StreamView,
) -> Result<(), Error> {
    let now = ctx.now();
    let mut created = now.micros();
    // Labels are times in milliseconds, and no two streams of a table share one.
    while txn.contains(&keys::stream(at, &label(created)?))? {
        created += 1000;
    }
    let label = label(created)?;
    let id = ctx.random();
    let stream = Stream { id, view, key: table.key.clone(), created, disabled: None };
    txn.put_new(&keys::stream(at, &label), &stream)?;
    trim_at(ctx, txn, at, &label, created + KEPT_MICROS)?;
    table.stream = Some(TableStream { id, label: label.clone(), view });
    details.latest_stream_label = Some(label);
    Ok(())
}

/// A time as labels write it: `2026-01-31T12:00:00.000`.
fn label(micros: i64) -> Result<String, Fault> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000)
        .map_err(|error| Fault::with_source("a time has no text", error))?
        .format(format)
        .map_err(|error| Fault::with_source("a time has no text", error))
}

/// Disables a stream; it can be read for another day.
pub(crate) fn disable(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    stream: &TableStream,
) -> Result<(), Error> {
    let key = keys::stream(at, &stream.label);
    if let Some(stream) = txn.get(&key)? {
        txn.put(&key, &Stream { disabled: Some(ctx.now().micros()), ..stream })?;
    }
    Ok(())
}

fn trim_at(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, label: &str, due: i64) -> Result<(), Error> {
    let payload = OfStream {
        account: at.account.to_owned(),
        region: at.region.to_owned(),
        table: at.name.to_owned(),
        label: label.to_owned(),
    };
    workers::set(ctx, txn, workers::TRIM, at.stream_arn(label), due, &payload)
}

/// Removes changes that are older than a day, and the stream with its last ones when it was disabled.
pub(crate) fn trim(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfStream = timer.read()?;
    let at = TableAddress { account: &of.account, region: &of.region, name: &of.table };
    let Some(stream) = txn.get(&keys::stream(at, &of.label))? else { return Ok(()) };
    let now = ctx.now().micros();
    let oldest = oldest_sequence(now);
    let removed = txn.delete_range(&keys::changes(stream.id).until(oldest), BATCH)?;
    if removed == BATCH {
        return Ok(trim_at(ctx, txn, at, &of.label, now)?);
    }
    if stream.disabled.is_some_and(|disabled| disabled + KEPT_MICROS <= now) {
        txn.delete(&keys::stream(at, &of.label))?;
        return Ok(());
    }
    let first = txn.snapshot_scan_keys(&keys::changes(stream.id), Direction::Forward, 1)?;
    let first = first.first().map(virga_store::Key::parts::<(u64, u64)>).transpose()?;
    let first = first.and_then(|(_, sequence)| i64::try_from(sequence).ok());
    let due = first.unwrap_or(now).max(now - KEPT_MICROS + TRIM_EVERY_MICROS) + KEPT_MICROS;
    let due = stream.disabled.map_or(due, |disabled| due.min(disabled + KEPT_MICROS));
    Ok(trim_at(ctx, txn, at, &of.label, due)?)
}

/// The number of the oldest change that is kept: numbers are microseconds, but for those drawn at once.
pub(crate) fn oldest_sequence(now: i64) -> u64 {
    u64::try_from(Timestamp::from_micros(now - KEPT_MICROS).micros()).unwrap_or(0)
}
