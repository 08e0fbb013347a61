//! What calls cost, in capacity units.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>

use std::collections::BTreeMap;

use virga_api::dynamodb as api;

use crate::records::{Index, Table};

/// Bytes of a write unit.
const WRITE_UNIT: u32 = 1024;
/// Bytes of a read unit.
const READ_UNIT: u64 = 4096;

/// Units of writing an item of so many bytes, one at least.
pub(crate) fn write_units(bytes: u32) -> f64 {
    f64::from(bytes.div_ceil(WRITE_UNIT).max(1))
}

/// How a read is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Eventual,
    Consistent,
    Transactional,
}

impl Reading {
    pub(crate) fn of(consistent: Option<bool>) -> Self {
        if consistent == Some(true) { Reading::Consistent } else { Reading::Eventual }
    }

    /// Units of reading so many bytes, one block at least.
    pub(crate) fn units(self, bytes: u64) -> f64 {
        let blocks = bytes.div_ceil(READ_UNIT).max(1) as f64;
        match self {
            Reading::Eventual => blocks / 2.0,
            Reading::Consistent => blocks,
            Reading::Transactional => blocks * 2.0,
        }
    }
}

/// Units that a call takes of one table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) table: f64,
    /// By the names of indexes.
    pub(crate) local: BTreeMap<String, f64>,
    pub(crate) global: BTreeMap<String, f64>,
}

impl Units {
    /// Units of the table alone.
    pub(crate) fn of_table(units: f64) -> Self {
        Units { table: units, ..Units::default() }
    }

    /// Adds units of an index.
    pub(crate) fn add_index(&mut self, index: &Index, units: f64) {
        let indexes = if index.is_global { &mut self.global } else { &mut self.local };
        *indexes.entry(index.name.clone()).or_default() += units;
    }

    pub(crate) fn add(&mut self, other: Units, factor: f64) {
        self.table += other.table * factor;
        for (mine, theirs) in [(&mut self.local, other.local), (&mut self.global, other.global)] {
            for (name, units) in theirs {
                *mine.entry(name).or_default() += units * factor;
            }
        }
    }

    fn total(&self) -> f64 {
        self.table + self.local.values().sum::<f64>() + self.global.values().sum::<f64>()
    }
}

/// Whether units are told by kind as well: transactions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Untold,
    Read,
    Write,
}

/// `ConsumedCapacity`, as far as the caller asks for it.
pub(crate) fn consumed(
    asked: Option<&str>,
    name: &str,
    units: &Units,
    kind: Kind,
) -> Option<api::ConsumedCapacity> {
    let by_index = match asked {
        Some(api::return_consumed_capacity::TOTAL) => false,
        Some(api::return_consumed_capacity::INDEXES) => true,
        _ => return None,
    };
    let told = |wanted: Kind, units: f64| (kind == wanted).then_some(units);
    let total = units.total();
    let mut consumed = api::ConsumedCapacity::new()
        .with_table_name(name)
        .with_capacity_units(total)
        .with_read_capacity_units(told(Kind::Read, total))
        .with_write_capacity_units(told(Kind::Write, total));
    if by_index {
        let capacity = |units: f64| {
            api::Capacity::new()
                .with_capacity_units(units)
                .with_read_capacity_units(told(Kind::Read, units))
                .with_write_capacity_units(told(Kind::Write, units))
        };
        let indexes = |indexes: &BTreeMap<String, f64>| {
            let all = indexes.iter().map(|(name, units)| (name.clone(), capacity(*units)));
            (!indexes.is_empty()).then(|| all.collect::<Vec<_>>())
        };
        consumed = consumed
            .with_table(capacity(units.table))
            .with_local_secondary_indexes(indexes(&units.local))
            .with_global_secondary_indexes(indexes(&units.global));
    }
    Some(consumed)
}

/// Whether a table has collections whose sizes are told.
pub(crate) fn has_collections(table: &Table) -> bool {
    table.indexes.iter().any(|index| !index.is_global)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_whole_blocks() {
        for (bytes, expected) in [(0, 1.0), (1, 1.0), (1024, 1.0), (1025, 2.0), (409_600, 400.0)] {
            assert_eq!(write_units(bytes), expected, "{bytes}");
        }
        for (bytes, expected) in [(0, 0.5), (4096, 0.5), (4097, 1.0), (1 << 20, 128.0)] {
            assert_eq!(Reading::Eventual.units(bytes), expected, "{bytes}");
            assert_eq!(Reading::Consistent.units(bytes), expected * 2.0, "{bytes}");
            assert_eq!(Reading::Transactional.units(bytes), expected * 4.0, "{bytes}");
        }
    }
}
