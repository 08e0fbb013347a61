//! What a table is in its global table: where it was made from, and whether its regions are strongly consistent.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::{Fault, Reader, Write};

use crate::error::Error;
use crate::records::{Membership, Table};
use crate::rules::{TableAddress, one_only};
use crate::{keys, replica};

/// For how long the region that a replica was made from stays with it.
const SOURCE_MICROS: i64 = 24 * 3_600_000_000;

/// What a table is in its global table.
pub(crate) fn of(txn: &impl Reader, table: &Table) -> Result<Membership, Fault> {
    if table.replicas.is_empty() {
        return Ok(Membership::default());
    }
    Ok(txn.get(&keys::membership(table.id))?.unwrap_or_default())
}

/// Notes where a replica was made from.
pub(crate) fn join(ctx: &Ctx, txn: &mut Write, from: &str, replica: &Table) -> Result<(), Fault> {
    let source = Some((from.to_owned(), ctx.now().micros()));
    txn.put(&keys::membership(replica.id), &Membership { source, ..Membership::default() })
}

/// Makes the regions of a table strongly consistent.
pub(crate) fn make_strong(
    txn: &mut Write,
    at: TableAddress<'_>,
    table: &Table,
    witnesses: &[String],
) -> Result<(), Fault> {
    for region in &table.replicas {
        let there = TableAddress { region, ..at };
        let member = if region == at.region { Some(table.clone()) } else { txn.get(&keys::table(there))? };
        let Some(member) = member else { continue };
        let strong = Some(witnesses.to_vec());
        // Such tables go away together, wherever they were made from.
        txn.put(&keys::membership(member.id), &Membership { strong, source: None })?;
    }
    Ok(())
}

/// Forgets what a table was in a global table.
pub(crate) fn leave(txn: &mut Write, table: &Table) -> Result<(), Fault> {
    let key = keys::membership(table.id);
    if txn.contains(&key)? { txn.delete(&key) } else { Ok(()) }
}

/// Refuses to delete a table alone whose regions are strongly consistent.
pub(crate) fn check_alone(txn: &impl Reader, table: &Table) -> Result<(), Error> {
    if of(txn, table)?.strong.is_some() { Err(one_only()) } else { Ok(()) }
}

/// Transactions are not between regions.
pub(crate) fn check_transactions(txn: &impl Reader, table: &Table) -> Result<(), Error> {
    match of(txn, table)?.strong {
        None => Ok(()),
        Some(_) => Err(Error::validation(
            "Transactions are not supported for global tables with MultiRegionConsistency set to STRONG.",
        )),
    }
}

/// Refuses to take a table away that another one of its global table was made from in the last 24 hours.
pub(crate) fn check_no_source(
    ctx: &Ctx,
    txn: &impl Reader,
    at: TableAddress<'_>,
    table: &Table,
) -> Result<(), Error> {
    for there in replica::others(at, table) {
        let Some(other) = txn.get(&keys::table(there))? else { continue };
        let source = of(txn, &other)?.source;
        if source.is_some_and(|(from, made)| from == at.region && ctx.now().micros() < made + SOURCE_MICROS) {
            return Err(Error::validation(
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the \
                 table in the last 24 hours.",
            ));
        }
    }
    Ok(())
}

/// `MultiRegionConsistency` and `GlobalTableWitnesses`.
pub(crate) fn describe(
    txn: &impl Reader,
    table: &Table,
    description: api::TableDescription,
) -> Result<api::TableDescription, Fault> {
    let Some(witnesses) = of(txn, table)?.strong else { return Ok(description) };
    let shown = witnesses.iter().map(|region| {
        api::GlobalTableWitnessDescription::new()
            .with_region_name(region)
            .with_witness_status(api::witness_status::ACTIVE)
    });
    let shown: Vec<_> = shown.collect();
    Ok(description
        .with_multi_region_consistency(api::multi_region_consistency::STRONG)
        .with_global_table_witnesses((!shown.is_empty()).then_some(shown)))
}
