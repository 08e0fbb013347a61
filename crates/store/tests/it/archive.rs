//! Blobs, and whole stores saved to a stream and loaded back.

use std::io::{Read, Write};
use std::ops::ControlFlow;

use virga_store::{BlobId, Counter, Direction, Durability, LeakedBlobs, Reader, Space, Store};

static COUNTS: Space<Counter> = Space::new("test.count");

fn filled(store: &Store, count: i64) {
    store
        .write(|txn| (0..count).try_for_each(|number| txn.put(&COUNTS.key(number), &Counter(number))))
        .unwrap();
}

fn count(store: &Store) -> usize {
    store.read().unwrap().scan_keys(&COUNTS.all(), Direction::Forward, usize::MAX).unwrap().len()
}

fn blob(store: &Store, content: &[u8]) -> BlobId {
    let mut writer = store.blobs().writer().unwrap();
    for piece in content.chunks(1000) {
        writer.write_all(piece).unwrap();
    }
    writer.finish().unwrap()
}

fn content(store: &Store, id: BlobId) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.blobs().open(id).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Runs a search in which the records name `live`.
fn collect(search: LeakedBlobs, live: &[BlobId]) -> usize {
    let walk = |_: &_, named: &mut dyn FnMut(&[BlobId])| {
        named(live);
        Ok(ControlFlow::Continue(()))
    };
    search.delete(walk).unwrap()
}

#[test]
fn an_archive_carries_entries_and_blobs_between_engines() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Store::memory();
    filled(&memory, 20_000);
    let body = vec![9; 700_000];
    let id = blob(&memory, &body);
    let mut archive = Vec::new();
    memory.save(&mut archive).unwrap();

    let disk = Store::open(dir.path(), Durability::Relaxed).unwrap();
    disk.write(|txn| txn.put(&COUNTS.key("gone after the load"), &Counter(1))).unwrap();
    let mut under_way = disk.begin().unwrap();
    assert_eq!(under_way.counter(&COUNTS.key(1i64)).unwrap(), 0);
    under_way.put(&COUNTS.key("late"), &Counter(1)).unwrap();
    disk.load(&mut archive.as_slice()).unwrap();
    assert!(disk.commit(under_way).is_err());
    assert_eq!(count(&disk), 20_000);
    disk.write(|txn| txn.delete(&COUNTS.key(7i64))).unwrap();
    drop(disk);

    let disk = Store::open(dir.path(), Durability::Relaxed).unwrap();
    assert_eq!(count(&disk), 19_999);
    assert_eq!(content(&disk, id), body);
    let mut again = Vec::new();
    disk.save(&mut again).unwrap();
    memory.load(&mut again.as_slice()).unwrap();
    assert_eq!(count(&memory), 19_999);
}

#[test]
fn a_broken_archive_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let source = Store::memory();
    filled(&source, 30);
    blob(&source, b"body");
    let mut archive = Vec::new();
    source.save(&mut archive).unwrap();
    for store in [Store::memory(), Store::open(dir.path(), Durability::Relaxed).unwrap()] {
        filled(&store, 3);
        for at in (0..archive.len()).step_by(11) {
            let mut flipped = archive.clone();
            flipped[at] ^= 4;
            assert!(store.load(&mut flipped.as_slice()).is_err(), "flipped at {at}");
            assert!(store.load(&mut &archive[..at]).is_err(), "cut at {at}");
        }
        let longer = [&archive[..], b"x"].concat();
        assert!(store.load(&mut longer.as_slice()).is_err(), "bytes after the end");
        assert_eq!(count(&store), 3);
        assert!(store.leaked_blobs().unwrap().is_none(), "no blob is left behind");
        store.load(&mut archive.as_slice()).unwrap();
        assert_eq!(count(&store), 30);
    }
}

#[test]
fn blobs_are_checked_and_collected() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Durability::Relaxed).unwrap();
    let (kept, lost) = (blob(&store, b"kept"), blob(&store, b"lost"));
    let mut piece = [0; 2];
    assert_eq!(store.blobs().open(kept).unwrap().read_at(&mut piece, 1).unwrap(), 2);
    assert_eq!((&piece, kept.length()), (b"ep", 4));
    drop(store.blobs().writer().unwrap());
    assert_eq!(collect(store.leaked_blobs().unwrap().unwrap(), &[kept]), 1);
    assert!(store.blobs().open(lost).is_err());
    std::fs::write(dir.path().join("blobs").join(kept.to_string()), b"kelt").unwrap();
    let mut bytes = Vec::new();
    let damaged = store.blobs().open(kept).unwrap().read_to_end(&mut bytes);
    assert!(damaged.unwrap_err().to_string().contains("damaged"));
}

#[test]
fn a_blob_outlives_its_removal_while_a_fork_may_name_it() {
    let store = Store::memory();
    let id = blob(&store, b"body");
    let fork = store.fork().unwrap();
    store.blobs().remove(id).unwrap();
    assert_eq!(content(&fork, id), b"body");
    drop(fork);
    store.blobs().remove(id).unwrap();
    assert!(store.blobs().open(id).is_err());
}

#[test]
fn a_search_for_leaked_blobs_leaves_those_begun_since() {
    let store = Store::memory();
    let leaked = blob(&store, b"leaked");
    let search = store.leaked_blobs().unwrap().unwrap();
    assert!(store.leaked_blobs().unwrap().is_none(), "one search at a time");
    let listed = blob(&store, b"before the walk");
    let mut late = None;
    let walk = |_: &_, _: &mut dyn FnMut(&[BlobId])| {
        late = Some(blob(&store, b"during the walk"));
        Ok(ControlFlow::Continue(()))
    };
    assert_eq!(search.delete(walk).unwrap(), 1);
    assert!(store.blobs().open(leaked).is_err());
    assert_eq!(content(&store, listed), b"before the walk");
    assert_eq!(content(&store, late.unwrap()), b"during the walk");
}

#[test]
fn a_search_for_leaked_blobs_leaves_those_of_a_loaded_archive() {
    let store = Store::memory();
    let here = blob(&store, b"here");
    let away = blob(&store, b"away");
    let mut archive = Vec::new();
    store.save(&mut archive).unwrap();
    store.blobs().remove(away).unwrap();
    let search = store.leaked_blobs().unwrap().unwrap();
    let walk = |_: &_, _: &mut dyn FnMut(&[BlobId])| {
        store.load(&mut archive.as_slice())?;
        Ok(ControlFlow::Continue(()))
    };
    assert_eq!(search.delete(walk).unwrap(), 0);
    assert_eq!((content(&store, here), content(&store, away)), (b"here".to_vec(), b"away".to_vec()));
}

#[test]
fn a_search_that_breaks_off_deletes_nothing() {
    let store = Store::memory();
    let id = blob(&store, b"body");
    let search = store.leaked_blobs().unwrap().unwrap();
    assert_eq!(search.delete(|_, _| Ok(ControlFlow::Break(()))).unwrap(), 0);
    assert_eq!(content(&store, id), b"body");
}
