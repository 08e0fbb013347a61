//! Passes over the objects of a bucket, a batch of keys at a time: what lifecycle and Intelligent-Tiering have in
//! common. Buckets are looked at only at midnights at which something can be due.

use serde::{Deserialize, Serialize};
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_object::{Error, midnight};
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::records::{Bucket, Version};
use crate::{keys, workers};

/// Keys that one transaction looks at.
const BATCH: usize = 100;

/// A pass over a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pass {
    pub(crate) bucket: String,
    bucket_id: u64,
    /// The last key that was looked at.
    after: Option<String>,
    /// When something is due next, as far as the pass has seen; in Unix seconds.
    pub(crate) next: Option<i64>,
}

/// Keys that one transaction looks at, each with its current version.
pub(crate) struct Batch {
    pub(crate) rows: Vec<(String, Version)>,
    /// Whether the bucket has no more.
    pub(crate) is_last: bool,
}

/// Has a bucket looked at, whose rules are new, at the next midnight. `kind` is the timer's.
pub(crate) fn arm(
    ctx: &Ctx,
    txn: &mut Write,
    kind: &'static str,
    name: &str,
    bucket: &Bucket,
) -> Result<(), Error> {
    let pass = Pass { bucket: name.to_owned(), bucket_id: bucket.id, after: None, next: None };
    pass.set(ctx, txn, kind, midnight::after(ctx.now().secs()))
}

/// The earlier of two times at which something is due.
pub(crate) fn earlier(next: &mut Option<i64>, other: Option<i64>) {
    *next = next.iter().copied().chain(other).min();
}

impl Pass {
    /// The bucket, if it is still the same one.
    pub(crate) fn find_bucket(&self, txn: &Write) -> Result<Option<Bucket>, Fault> {
        Ok(txn.get(&keys::bucket(&self.bucket))?.filter(|bucket| bucket.id == self.bucket_id))
    }

    /// Takes the next keys, without conflict detection.
    pub(crate) fn take(&mut self, txn: &Write) -> Result<Batch, Fault> {
        let mut range = keys::currents(self.bucket_id);
        if let Some(after) = &self.after {
            range = range.after(after.as_str());
        }
        let mut rows = Vec::new();
        for (place, current) in txn.snapshot_scan(&range, Direction::Forward, BATCH)? {
            let (_, key): (u64, String) = place.parts()?;
            rows.push((key, current));
        }
        if let Some((last, _)) = rows.last() {
            self.after = Some(last.clone());
        }
        Ok(Batch { is_last: rows.len() < BATCH, rows })
    }

    /// Has the pass go on after this key, before the end of the batch.
    pub(crate) fn stop_after(&mut self, key: &str) {
        self.after = Some(key.to_owned());
    }

    /// Goes on with the next keys at once.
    pub(crate) fn go_on(&self, ctx: &Ctx, txn: &mut Write, kind: &'static str) -> Result<(), Error> {
        self.set(ctx, txn, kind, ctx.now().secs())
    }

    /// Begins again when something is due: of what the pass has seen, or `for_new`, of what may be written now.
    pub(crate) fn begin_again(
        self,
        ctx: &Ctx,
        txn: &mut Write,
        kind: &'static str,
        for_new: Option<i64>,
    ) -> Result<(), Error> {
        match self.next.into_iter().chain(for_new).min() {
            Some(next) => {
                let due = next.max(midnight::after(ctx.now().secs()));
                Pass { after: None, next: None, ..self }.set(ctx, txn, kind, due)
            }
            None => Ok(()),
        }
    }

    fn set(&self, ctx: &Ctx, txn: &mut Write, kind: &'static str, due: i64) -> Result<(), Error> {
        self.set_timer(ctx, txn, kind, due, self)
    }

    /// Sets a timer of this pass; `due` is in Unix seconds.
    pub(crate) fn set_timer(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        kind: &'static str,
        due: i64,
        payload: &impl Serialize,
    ) -> Result<(), Error> {
        let due = Timestamp::from_secs(due).micros();
        workers::set(ctx, txn, kind, Pass::id(self.bucket_id), due, payload)
    }

    /// What the timers of a bucket are called.
    pub(crate) fn id(bucket_id: u64) -> String {
        format!("{bucket_id:016x}")
    }
}
