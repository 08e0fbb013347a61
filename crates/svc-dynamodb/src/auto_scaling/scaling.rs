//! Once a minute: what was used of a table is noted, and its capacity set to what its policies want.

use virga_kit::{Ctx, Failure, Timer};
use virga_store::{Reader as _, Write};

use super::consumption;
use crate::error::Error;
use crate::item::Use;
use crate::records::{AutoScaling, Capacity, Details, Scalable, Table, Throughput};
use crate::rules::{POINTS_TO_SHRINK, TableAddress, next_decrease, wanted_units};
use crate::workers::{self, OfTable};
use crate::{keys, overrides, replica, table};

/// Seconds between two data points.
const MINUTE: i64 = 60;

/// Begins to watch a table.
pub(super) fn begin(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: u64) -> Result<(), Error> {
    consumption::look(ctx, at);
    again(ctx, txn, &OfTable::new(at, table, 0))
}

fn again(ctx: &Ctx, txn: &mut Write, of: &OfTable) -> Result<(), Error> {
    let due = ctx.now().micros() + MINUTE * 1_000_000;
    workers::set(ctx, txn, workers::AUTO_SCALE, of.id.to_string(), due, of)
}

/// Scales what scales of a table.
pub(crate) fn scale(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfTable = timer.read()?;
    let (Some(mut scaling), Some(table)) = (txn.get(&keys::auto_scaling(of.id))?, of.table(txn)?) else {
        return Ok(());
    };
    let mut details = table::details(txn, &table)?;
    let seen = consumption::look(ctx, of.at());
    for (place, scalable) in &mut scaling.0 {
        let used = seen.get(place).copied().filter(|units| *units > 0.0);
        let kept = scalable.points.len().saturating_sub(POINTS_TO_SHRINK - 1);
        scalable.points.drain(..kept);
        scalable.points.push(used.map(|units| units / MINUTE as f64));
    }
    if !table.on_demand && adjust(&mut scaling, &table, &mut details, ctx.now().micros()) {
        txn.put(&keys::details(&table), &details)?;
        overrides::keep(txn, &table, &details)?;
        adjust_others(ctx, txn, of.at(), (&table, &details))?;
    }
    txn.put(&keys::auto_scaling(table.id), &scaling)?;
    consumption::take(ctx, txn, of.at(), seen);
    Ok(again(ctx, txn, &of)?)
}

/// Sets the capacity that the policies want. Whether something changes.
fn adjust(scaling: &mut AutoScaling, table: &Table, details: &mut Details, now: i64) -> bool {
    let mut is_changed = false;
    for ((index, what), scalable) in &mut scaling.0 {
        let throughput = match index {
            None => Some(&mut details.throughput),
            Some(name) => {
                let index = table.indexes.iter().find(|index| index.is_global && index.name == *name);
                index.map(|index| details.index_throughput.entry(index.id).or_default())
            }
        };
        is_changed |= throughput.is_some_and(|throughput| adjust_one(scalable, *what, throughput, now));
    }
    is_changed
}

fn adjust_one(scalable: &mut Scalable, what: Use, throughput: &mut Throughput, now: i64) -> bool {
    let before = throughput.provisioned;
    let units = what.of(before);
    let wanted = wanted_units(scalable, units, now);
    if wanted == units || (wanted < units && next_decrease(throughput, now).is_some()) {
        return false;
    }
    let last = if wanted > units { &mut scalable.scaled_out } else { &mut scalable.scaled_in };
    *last = Some(now);
    let wanted = match what {
        Use::Read => Capacity { read: wanted, ..before },
        Use::Write => Capacity { write: wanted, ..before },
    };
    table::provision(throughput, wanted, now);
    true
}

/// Replicas write as much as each other.
fn adjust_others(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    (table, details): (&Table, &Details),
) -> Result<(), Error> {
    let now = ctx.now().micros();
    for there in replica::others(at, table) {
        let Some(replica) = txn.get(&keys::table(there))? else { continue };
        let mut others = table::details(txn, &replica)?;
        let write = |own: &Throughput, other: &mut Throughput| {
            let wanted = Capacity { write: own.provisioned.write, ..other.provisioned };
            table::provision(other, wanted, now);
        };
        write(&details.throughput, &mut others.throughput);
        for index in table.indexes.iter().filter(|index| index.is_global) {
            let twin = replica.indexes.iter().find(|twin| twin.name == index.name);
            if let (Some(own), Some(twin)) = (details.index_throughput.get(&index.id), twin) {
                write(own, others.index_throughput.entry(twin.id).or_default());
            }
        }
        txn.put(&keys::details(&replica), &others)?;
    }
    Ok(())
}
