//! All versions of a bucket, page by page: what is written meanwhile may be among them or not, as in AWS.

use virga_kit::Ctx;
use virga_store::{Direction, Fault, Range, Read, Reader as _};

use crate::keys;
use crate::records::{Bucket, Version, Versioning};

/// Keys that are read at once.
const PAGE: usize = 1000;

/// What is still to be listed of a bucket.
pub(crate) struct Walk<'a> {
    bucket: &'a Bucket,
    prefix: &'a str,
    /// Whether older versions and delete markers are listed.
    all_versions: bool,
    range: Range<Version>,
}

/// Takes a key, a version and whether it is the newest of the key.
pub(crate) type Visit<'v, E> = dyn FnMut(&str, &Version, bool) -> Result<(), E> + Send + 'v;

impl<'a> Walk<'a> {
    /// Over the keys that begin so.
    pub(crate) fn of(bucket: &'a Bucket, prefix: &'a str, all_versions: bool) -> Self {
        Walk { bucket, prefix, all_versions, range: keys::currents(bucket.id).from(prefix) }
    }

    /// Lists the next keys, and says whether there may be more.
    pub(crate) fn page<E: From<Fault>>(&mut self, ctx: &Ctx, visit: &mut Visit<'_, E>) -> Result<bool, E> {
        let read = ctx.world().store().read()?;
        let rows = read.scan(&self.range, Direction::Forward, PAGE)?;
        if let Some((last, _)) = rows.last() {
            self.range = self.range.clone().after_key(last);
        }
        let is_last = rows.len() < PAGE;
        for (place, version) in rows {
            let (_, key): (u64, String) = place.parts()?;
            if !key.starts_with(self.prefix) {
                return Ok(false);
            }
            if self.all_versions || !version.summary.is_delete_marker {
                visit(&key, &version, true)?;
            }
            self.older(&read, &key, visit)?;
        }
        Ok(!is_last)
    }

    /// Lists the older versions of a key.
    fn older<E: From<Fault>>(&self, read: &Read, key: &str, visit: &mut Visit<'_, E>) -> Result<(), E> {
        if !self.all_versions || self.bucket.versioning == Versioning::Never {
            return Ok(());
        }
        let mut range = keys::noncurrents(self.bucket.id, key);
        loop {
            let rows = read.scan(&range, Direction::Forward, PAGE)?;
            for (place, version) in &rows {
                visit(key, version, false)?;
                range = range.after_key(place);
            }
            if rows.len() < PAGE {
                return Ok(());
            }
        }
    }
}
