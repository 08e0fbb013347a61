//! When the files of a body go away: once the commit that names them no more is durable, and nobody reads them any
//! more.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use virga_kit::Ctx;
use virga_store::{BlobId, Fault, Store, Write};

use virga_bucket::keys;
use virga_bucket::records::{Body, Segment};

/// Files that are being read: by how many, and whether they are to be deleted.
#[derive(Default)]
struct Readers(Mutex<HashMap<BlobId, Reading>>);

#[derive(Default)]
struct Reading {
    readers: usize,
    doomed: bool,
}

/// Keeps files from being deleted.
pub(crate) struct Held {
    readers: Arc<Readers>,
    store: Store,
    blobs: Vec<BlobId>,
}

impl Held {
    pub(crate) fn new(ctx: &Ctx, segments: &[Segment]) -> Self {
        let readers = ctx.world().memory::<Readers>();
        let blobs: Vec<BlobId> = segments.iter().map(|segment| segment.blob).collect();
        let mut reading = readers.0.lock();
        for blob in &blobs {
            reading.entry(*blob).or_default().readers += 1;
        }
        drop(reading);
        Held { readers, store: ctx.world().store().clone(), blobs }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut doomed = Vec::new();
        let mut reading = self.readers.0.lock();
        for blob in &self.blobs {
            let Some(entry) = reading.get_mut(blob) else { continue };
            entry.readers -= 1;
            if entry.readers == 0 {
                doomed.extend(entry.doomed.then_some(*blob));
                reading.remove(blob);
            }
        }
        drop(reading);
        if !doomed.is_empty() {
            delete(self.store.clone(), doomed);
        }
    }
}

/// Removes a body: a small one in the transaction, files after it.
pub fn remove_later(ctx: &Ctx, txn: &mut Write, bucket: u64, body: &Body) -> Result<(), Fault> {
    match body {
        Body::Nothing | Body::Here(..) | Body::Counted(_) => {}
        Body::Inline(id, _) => txn.delete(&keys::inline_body(bucket, *id))?,
        Body::Blobs(segments) => {
            let blobs: Vec<BlobId> = segments.iter().map(|segment| segment.blob).collect();
            let world = Arc::clone(ctx.world());
            txn.on_commit(move || {
                let readers = world.memory::<Readers>();
                let store = world.store().clone();
                tokio::spawn(async move {
                    // A record that names them must not come back after a crash.
                    let Ok(ticket) = store.read().map(|read| read.ticket()) else { return };
                    if store.durable(ticket).await.is_ok() {
                        let free = unread(&readers, blobs);
                        delete(store, free);
                    }
                });
            });
        }
    }
    Ok(())
}

/// Those that nobody reads; whoever reads the others deletes them.
fn unread(readers: &Readers, blobs: Vec<BlobId>) -> Vec<BlobId> {
    let mut reading = readers.0.lock();
    let free = |blob: &BlobId| {
        let entry = reading.get_mut(blob);
        entry.map(|entry| entry.doomed = true).is_none()
    };
    blobs.into_iter().filter(free).collect()
}

/// Deletes files; what stays behind is collected at the next start.
fn delete(store: Store, blobs: Vec<BlobId>) {
    let delete = move || {
        for blob in blobs {
            if let Err(fault) = store.blobs().remove(blob) {
                tracing::warn!("{fault}");
            }
        }
    };
    match tokio::runtime::Handle::try_current() {
        Ok(_) => drop(spawn_blocking(delete)),
        Err(_) => delete(),
    }
}
