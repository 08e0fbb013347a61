//! What is used of tables whose capacity scales, since it was looked at last. It is remembered in this process only:
//! what was used in the minute of a restart is not counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use virga_kit::Ctx;
use virga_store::Write;

use crate::item::{Open, Units, Use};
use crate::rules::TableAddress;

/// Whether any table of this process scales: most have none, and calls on items need not look for it.
static WATCHES: AtomicBool = AtomicBool::new(false);

/// Units by index, none for the table itself, and use.
pub(super) type Used = BTreeMap<(Option<String>, Use), f64>;

/// What was used, by the ARNs of the tables that are watched.
#[derive(Default)]
struct Consumption(Mutex<HashMap<String, Used>>);

/// Counts what a call has used. Writes are counted in all regions of a global table.
pub(crate) fn note(ctx: &Ctx, open: &Open<'_>, what: Use, units: &Units) {
    if !WATCHES.load(Ordering::Relaxed) {
        return;
    }
    let consumption = ctx.world().memory::<Consumption>();
    let mut watched = consumption.0.lock();
    let here = [open.at.region.to_owned()];
    let regions = match what {
        Use::Write if !open.table.replicas.is_empty() => open.table.replicas.as_slice(),
        _ => &here,
    };
    for region in regions {
        let Some(used) = watched.get_mut(&TableAddress { region, ..open.at }.arn()) else { continue };
        // Local indexes live on the capacity of their table.
        *used.entry((None, what)).or_default() += units.table + units.local.values().sum::<f64>();
        for (index, units) in &units.global {
            *used.entry((Some(index.clone()), what)).or_default() += units;
        }
    }
}

/// Watches a table from now on, and says what was used of it since it was looked at last.
pub(super) fn look(ctx: &Ctx, at: TableAddress<'_>) -> Used {
    WATCHES.store(true, Ordering::Relaxed);
    let consumption = ctx.world().memory::<Consumption>();
    consumption.0.lock().entry(at.arn()).or_default().clone()
}

/// Takes what was seen away once that is committed.
pub(super) fn take(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, seen: Used) {
    let (consumption, arn) = (ctx.world().memory::<Consumption>(), at.arn());
    txn.on_commit(move || {
        let mut watched = consumption.0.lock();
        let Some(used) = watched.get_mut(&arn) else { return };
        for (place, units) in seen {
            if let Some(used) = used.get_mut(&place) {
                *used -= units;
            }
        }
    });
}

/// Forgets a table that scales no more.
pub(super) fn forget(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>) {
    let (consumption, arn) = (ctx.world().memory::<Consumption>(), at.arn());
    txn.on_commit(move || drop(consumption.0.lock().remove(&arn)));
}
