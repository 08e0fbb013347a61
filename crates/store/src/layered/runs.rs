//! Writing sorted entries to the base's tree: neighbours by the run, others one by one.
//!
//! Queues put rows behind one another and take them from the front. For a run of such rows the tree writes each leaf once, where
//! it would search the leaf, and move what follows within it, for each of them. A run that ends early costs more than its
//! entries do alone: after one, the next are written alone.

use std::iter::Peekable;
use std::ops::Bound;

use redb::{CursorError, ReadableTable as _, Table};

use super::base::failed;
use crate::Fault;
use crate::entry::Entry;

/// The tree of the base, open for changes.
pub(super) type Tree<'t> = Table<'t, &'static [u8], &'static [u8]>;
type Source<'a> = Peekable<&'a mut dyn Iterator<Item = Result<Entry, Fault>>>;

/// From this length on, a run is worth its making.
const SHORTEST: usize = 4;
/// The most entries that are removed at once.
const MOST_REMOVED: usize = 256;
/// The entries that are written alone after a run that was none.
const ALONE: usize = 32;

/// Applies entries, which come in key order.
pub(super) fn apply(
    tree: &mut Tree<'_>,
    entries: &mut dyn Iterator<Item = Result<Entry, Fault>>,
) -> Result<(), Fault> {
    let mut entries = entries.peekable();
    let (mut inserted_alone, mut removed_alone) = (0, 0);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let (alone, run): (&mut usize, fn(&mut _, _, &mut _) -> _) = match entry.is_tombstone() {
            true => (&mut removed_alone, remove_run),
            false => (&mut inserted_alone, insert_run),
        };
        if *alone > 0 {
            *alone -= 1;
            apply_one(tree, &entry)?;
        } else if run(tree, entry, &mut entries)? < SHORTEST {
            *alone = ALONE;
        }
    }
    Ok(())
}

fn apply_one(tree: &mut Tree<'_>, entry: &Entry) -> Result<(), Fault> {
    let replaced = match entry.is_tombstone() {
        true => tree.remove(entry.key()),
        false => tree.insert(entry.key(), entry.value()),
    };
    replaced.map(drop).map_err(failed)
}

/// Inserts an entry and those that follow it, as long as the tree has nothing between them. How many those were.
fn insert_run(tree: &mut Tree<'_>, first: Entry, rest: &mut Source<'_>) -> Result<usize, Fault> {
    let mut gap = tree.lower_bound_mut(Bound::Included(first.key())).map_err(failed)?;
    let (mut entry, mut length) = (first, 0);
    let outside = loop {
        match gap.insert_before(entry.key(), entry.value()) {
            Ok(()) => length += 1,
            Err(CursorError::UnorderedKey) => break Some(entry),
            Err(error) => return Err(failed(error)),
        }
        match rest.next_if(|next| next.as_ref().map_or(true, |next| !next.is_tombstone())) {
            Some(next) => entry = next?,
            None => break None,
        }
    };
    gap.close().map_err(failed)?;
    // It takes the place of one that is there, or lies behind the next that is there.
    outside.map_or(Ok(()), |entry| apply_one(tree, &entry))?;
    Ok(length)
}

/// Removes an entry and those that are to be removed behind it: at once, if few others lie between them. How many went so.
fn remove_run(tree: &mut Tree<'_>, first: Entry, rest: &mut Source<'_>) -> Result<usize, Fault> {
    let mut run = vec![first];
    while run.len() < MOST_REMOVED
        && let Some(next) = rest.next_if(|next| next.as_ref().map_or(true, Entry::is_tombstone))
    {
        run.push(next?);
    }
    let bounds = run[0].key()..=run[run.len() - 1].key();
    let passed = 2 * run.len();
    let is_dense = run.len() >= SHORTEST
        && tree.range::<&[u8]>(bounds.clone()).map_err(failed)?.take(passed + 1).count() <= passed;
    if !is_dense {
        run.iter().try_for_each(|entry| apply_one(tree, entry))?;
        return Ok(0);
    }
    let is_kept = |key: &[u8], _: &[u8]| run.binary_search_by(|entry| entry.key().cmp(key)).is_err();
    tree.retain_in::<&[u8], _>(bounds, is_kept).map_err(failed)?;
    Ok(run.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use redb::{Database, ReadableDatabase as _, TableDefinition};

    use super::*;

    const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

    fn key(row: u16) -> [u8; 2] {
        row.to_be_bytes()
    }

    /// Rows that follow one another, or a few apart, are put or taken away.
    fn changes(random: &mut fastrand::Rng, turn: u8) -> BTreeMap<u16, Option<Vec<u8>>> {
        let mut changes = BTreeMap::new();
        for _ in 0..random.usize(1..6) {
            let (first, length) = (random.u16(..4000), random.u16(1..600));
            let step = [1, 1, 2, 50][random.usize(..4)];
            let value = random.bool().then(|| vec![turn; random.usize(..100)]);
            changes.extend((first..first + length).step_by(step).map(|row| (row, value.clone())));
        }
        changes
    }

    #[test]
    fn what_is_written_in_runs_is_what_would_be_written_one_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(dir.path().join("base")).unwrap();
        let mut random = fastrand::Rng::with_seed(3);
        let mut model = BTreeMap::new();
        for turn in 0..60 {
            let changes = changes(&mut random, turn);
            let mut entries = changes.iter().map(|(row, value)| {
                let key = key(*row);
                Ok(value.as_ref().map_or_else(|| Entry::tombstone(&key), |value| Entry::set(&key, value)))
            });
            let txn = database.begin_write().unwrap();
            apply(&mut txn.open_table(ROWS).unwrap(), &mut entries).unwrap();
            txn.commit().unwrap();
            for (row, value) in changes {
                match value {
                    Some(value) => drop(model.insert(key(row).to_vec(), value)),
                    None => drop(model.remove(key(row).as_slice())),
                }
            }
            let table = database.begin_read().unwrap().open_table(ROWS).unwrap();
            let found = table.range::<&[u8]>(..).unwrap().map(|pair| pair.unwrap());
            let found: Vec<_> =
                found.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect();
            assert_eq!(found, model.clone().into_iter().collect::<Vec<_>>(), "turn {turn}");
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_ends_the_writing() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::create(dir.path().join("base")).unwrap();
        for first in [Entry::set(b"a", b""), Entry::tombstone(b"a")] {
            let txn = database.begin_write().unwrap();
            let mut entries = [Ok(first), Err(Fault::new("broken"))].into_iter();
            assert!(apply(&mut txn.open_table(ROWS).unwrap(), &mut entries).is_err());
        }
    }
}
