//! How often the class and the encryption of a table may be changed.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>

use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Fault, Reader as _, Write};
use virga_wire::timestamp::iso8601;

use crate::error::Error;
use crate::keys;
use crate::records::{Details, QuotaUse, Table, TableClass};

const HOUR: i64 = 3_600_000_000;
/// Changes of the class within 30 days.
const MOST_CLASSES: usize = 2;
const CLASS_WINDOW: i64 = 30 * 24 * HOUR;
/// Changes of the encryption within a day that may follow each other at once.
const FREE_ENCRYPTIONS: usize = 4;
const ENCRYPTION_WINDOW: i64 = 24 * HOUR;
/// Between two of the others.
const BETWEEN_ENCRYPTIONS: i64 = 6 * HOUR;

/// Sets the class of a table. The one that it has already is no change, but is refused like one.
///
/// # Errors
/// [`Error::LimitExceeded`] after two changes in 30 days; of a replica with its region.
pub(crate) fn change_class(
    ctx: &Ctx,
    txn: &mut Write,
    (table, details): (&Table, &mut Details),
    (class, of_replica): (TableClass, Option<&str>),
) -> Result<(), Error> {
    let now = ctx.now().micros();
    let mut used = of(txn, table)?;
    used.classes.retain(|changed| now - changed < CLASS_WINDOW);
    if used.classes.len() >= MOST_CLASSES {
        let text = format!("Updates to TableClass are limited to {MOST_CLASSES} times in 30 day(s)");
        let reason = match of_replica {
            None => format!("Subscriber limit exceeded: {text}."),
            Some(region) => format!("Limit exceeded for replica in {region}. {text}"),
        };
        return Err(Error::LimitExceeded { reason });
    }
    if details.table_class.map_or(TableClass::Standard, |(class, _)| class) != class {
        used.classes.push(now);
        details.table_class = Some((class, Some(now)));
        txn.put(&keys::quota_use(table.id), &used)?;
    }
    Ok(())
}

/// Counts a change of the encryption of a table.
///
/// # Errors
/// [`Error::LimitExceeded`] with the time of the next change.
pub(crate) fn change_encryption(ctx: &Ctx, txn: &mut Write, table: &Table) -> Result<(), Error> {
    let now = ctx.now().micros();
    let mut used = of(txn, table)?;
    if used.encryptions.first().is_some_and(|first| now - first >= ENCRYPTION_WINDOW) {
        used.encryptions.clear();
    }
    if let (Some(first), Some(last)) = (used.encryptions.first(), used.encryptions.last())
        && used.encryptions.len() >= FREE_ENCRYPTIONS
        && now - last < BETWEEN_ENCRYPTIONS
    {
        let end = first + ENCRYPTION_WINDOW;
        let count = used.encryptions.len();
        return Err(Error::LimitExceeded {
            reason: format!(
                "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at {}. After the \
                 first {FREE_ENCRYPTIONS} change, each subsequent change in the same window can be performed at most once \
                 every 21600 seconds. Number of updates today: {count}. Last change at {}. Next changes can be made at {}.",
                date(end),
                date(*last),
                date(end.min(last + BETWEEN_ENCRYPTIONS)),
            ),
        });
    }
    used.encryptions.push(now);
    txn.put(&keys::quota_use(table.id), &used)?;
    Ok(())
}

/// Forgets what a table that goes away has used.
pub(crate) fn remove(txn: &mut Write, table: &Table) -> Result<(), Fault> {
    let key = keys::quota_use(table.id);
    if txn.contains(&key)? { txn.delete(&key) } else { Ok(()) }
}

fn of(txn: &Write, table: &Table) -> Result<QuotaUse, Fault> {
    Ok(txn.get(&keys::quota_use(table.id))?.unwrap_or_default())
}

fn date(micros: i64) -> String {
    iso8601(Timestamp::from_micros(micros - micros.rem_euclid(1_000)))
}
