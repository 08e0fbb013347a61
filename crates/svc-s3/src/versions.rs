//! Versions of objects: which is the newest, how a new one takes its place, how one goes for good. Everything that writes
//! or deletes objects does so by these functions, within a transaction.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html>

use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Fault, Reader, Write};

use crate::body::remove_later;
use crate::keys;
use crate::records::{
    Bucket, Content, Etag, NullVersion, OpaqueId, StorageClass, Summary, Version, VersionId, Versioning,
};
use virga_object::Error;
use virga_object::opaque_id;

/// A key of a bucket.
#[derive(Clone, Copy)]
pub(crate) struct ObjectAt<'a> {
    /// The name of the bucket.
    pub(crate) bucket_name: &'a str,
    /// The bucket.
    pub(crate) bucket: &'a Bucket,
    /// The key.
    pub(crate) key: &'a str,
}

/// A version that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The version: an object or a delete marker.
    pub(crate) version: Version,
    /// Whether it is the newest of its key.
    pub(crate) is_current: bool,
}

impl<'a> ObjectAt<'a> {
    /// A key of a bucket.
    pub(crate) fn new(bucket_name: &'a str, bucket: &'a Bucket, key: &'a str) -> Self {
        ObjectAt { bucket_name, bucket, key }
    }

    /// The newest version.
    pub(crate) fn current(&self, txn: &impl Reader) -> Result<Option<Version>, Fault> {
        txn.get(&keys::current(self.bucket.id, self.key))
    }

    /// The version of this id; none when it is not there, or not any more.
    pub(crate) fn version(&self, txn: &impl Reader, id: &str) -> Result<Option<Found>, Error> {
        let wanted = self.parse(id)?;
        let current = self.current(txn)?;
        let is_wanted = |version: &VersionId| match wanted {
            None => version.is_null,
            Some(id) => !version.is_null && version.id == id,
        };
        if let Some(version) = current.filter(|version| is_wanted(&version.summary.version)) {
            return Ok(Some(Found { version, is_current: true }));
        }
        let sequence = match wanted {
            Some(id) => id.sequence,
            None => match txn.get(&keys::null_version(self.bucket.id, self.key))? {
                Some(null) => null.sequence,
                None => return Ok(None),
            },
        };
        let older = txn.get(&keys::noncurrent(self.bucket.id, self.key, sequence))?;
        let older = older.filter(|version: &Version| is_wanted(&version.summary.version));
        Ok(older.map(|version| Found { version, is_current: false }))
    }

    /// Reads the id of a version; none for `null`.
    fn parse(&self, id: &str) -> Result<Option<OpaqueId>, Error> {
        if id == "null" {
            return Ok(None);
        }
        let reason = if id.is_empty() {
            "Version id cannot be the empty string"
        } else {
            "Invalid version id specified"
        };
        opaque_id::parse(id).map(Some).ok_or_else(|| Error::argument(reason, "versionId", id))
    }

    /// The version that a request names, or the newest. Delete markers are found where they are named.
    pub(crate) fn find(&self, txn: &impl Reader, id: Option<&str>) -> Result<Found, Error> {
        let key = self.key.to_owned();
        match id {
            Some(id) => {
                let version_id = id.to_owned();
                self.version(txn, id)?.ok_or(Error::NoSuchVersion { key, version_id })
            }
            None => {
                let version = self.current(txn)?.ok_or(Error::NoSuchKey { key })?;
                Ok(Found { version, is_current: true })
            }
        }
    }

    /// The same, where a delete marker is no object.
    pub(crate) fn find_object(
        &self,
        txn: &impl Reader,
        id: Option<&str>,
        method: &str,
    ) -> Result<Found, Error> {
        let found = self.find(txn, id)?;
        if !found.version.summary.is_delete_marker {
            return Ok(found);
        }
        let marker = &found.version.summary;
        let is_marker = ("x-amz-delete-marker", "true".to_owned());
        let version_id = ("x-amz-version-id", marker.version.text());
        Err(match id {
            None => Error::NoSuchKey { key: self.key.to_owned() }.with_headers([is_marker, version_id]),
            Some(_) => {
                let modified = virga_wire::timestamp::rfc822(Timestamp::from_micros(marker.modified));
                let allow = ("allow", "DELETE".to_owned());
                let resource_type = "DeleteMarker".to_owned();
                Error::MethodNotAllowed { method: method.to_owned(), resource_type }.with_headers([
                    is_marker,
                    version_id,
                    allow,
                    ("last-modified", modified),
                ])
            }
        })
    }

    /// The same for the tags of a version: those of a delete marker are not allowed, whether it is named or the newest.
    pub(crate) fn find_tagged(
        &self,
        txn: &impl Reader,
        id: Option<&str>,
        method: &str,
    ) -> Result<Found, Error> {
        let found = self.find(txn, id)?;
        if !found.version.summary.is_delete_marker {
            return Ok(found);
        }
        let resource_type = "DeleteMarker".to_owned();
        Err(Error::MethodNotAllowed { method: method.to_owned(), resource_type })
    }

    /// Makes a version the newest of its key and gives it its id. What it replaces for good goes away; `current` is the
    /// newest version so far, as this transaction has read it.
    pub(crate) fn place(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        current: Option<&Version>,
        version: &mut Version,
    ) -> Result<(), Error> {
        // Time may have been set back: the order of the versions must not be.
        let after = current.map_or(0, |current| current.summary.version.id.sequence + 1);
        let id = OpaqueId { sequence: ctx.sequence().max(after), salt: ctx.random() };
        let is_null = self.bucket.versioning != Versioning::Enabled;
        version.summary.version = VersionId { id, is_null };
        if let Some(current) = current {
            if is_null && current.summary.version.is_null {
                remove_later(ctx, txn, self.bucket.id, &current.content.body)?;
            } else {
                if is_null {
                    self.remove_older_null(ctx, txn)?;
                }
                self.demote(txn, current)?;
            }
        }
        Ok(txn.put(&keys::current(self.bucket.id, self.key), version)?)
    }

    /// Puts a copy of a version of another bucket, with its id, where it belongs among those of its key. Says whether it
    /// is new; one that is there already is replaced.
    pub(crate) fn place_replica(&self, ctx: &Ctx, txn: &mut Write, version: &Version) -> Result<bool, Error> {
        let id = version.summary.version.id;
        if let Some(found) = self.version(txn, &version.summary.version.text())? {
            remove_later(ctx, txn, self.bucket.id, &found.version.content.body)?;
            self.save(txn, &Found { version: version.clone(), is_current: found.is_current })?;
            return Ok(false);
        }
        let newest = keys::current(self.bucket.id, self.key);
        match txn.get(&newest)? {
            Some(current) if current.summary.version.id.sequence > id.sequence => {
                txn.put(&keys::noncurrent(self.bucket.id, self.key, id.sequence), version)?;
            }
            current => {
                if let Some(current) = current {
                    self.demote(txn, &current)?;
                }
                txn.put(&newest, version)?;
            }
        }
        Ok(true)
    }

    /// Keeps what was the newest version as an older one.
    fn demote(&self, txn: &mut Write, version: &Version) -> Result<(), Fault> {
        let VersionId { id, is_null } = version.summary.version;
        if is_null {
            let null = NullVersion { sequence: id.sequence };
            txn.put(&keys::null_version(self.bucket.id, self.key), &null)?;
        }
        txn.put(&keys::noncurrent(self.bucket.id, self.key, id.sequence), version)
    }

    fn remove_older_null(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        let null_key = keys::null_version(self.bucket.id, self.key);
        let Some(null) = txn.get(&null_key)? else { return Ok(()) };
        txn.delete(&null_key)?;
        let key = keys::noncurrent(self.bucket.id, self.key, null.sequence);
        if let Some(version) = txn.get(&key)? {
            remove_later(ctx, txn, self.bucket.id, &version.content.body)?;
            txn.delete(&key)?;
        }
        Ok(())
    }

    /// Puts a delete marker over the object, as the newest version of its key; `modified` is in microseconds.
    pub(crate) fn place_delete_marker(
        &self,
        ctx: &Ctx,
        txn: &mut Write,
        current: Option<&Version>,
        modified: i64,
    ) -> Result<Version, Error> {
        let summary = Summary {
            version: VersionId { id: OpaqueId { sequence: 0, salt: 0 }, is_null: false },
            is_delete_marker: true,
            modified,
            size: 0,
            etag: Etag::default(),
            class: StorageClass::Standard,
            checksum: None,
            owner: (ctx.account() != self.bucket.account).then(|| ctx.account().to_owned()),
            restore: None,
        };
        let mut marker = Version { summary, content: Content::default() };
        self.place(ctx, txn, current, &mut marker)?;
        Ok(marker)
    }

    /// Deletes a version for good, with its body. The version before it becomes the newest where it was that. Locks are
    /// the caller's to check ([`crate::lock::check_delete`]).
    pub(crate) fn remove(&self, ctx: &Ctx, txn: &mut Write, found: &Found) -> Result<(), Error> {
        let VersionId { id, is_null } = found.version.summary.version;
        remove_later(ctx, txn, self.bucket.id, &found.version.content.body)?;
        if !found.is_current {
            if is_null {
                txn.delete(&keys::null_version(self.bucket.id, self.key))?;
            }
            return Ok(txn.delete(&keys::noncurrent(self.bucket.id, self.key, id.sequence))?);
        }
        let current = keys::current(self.bucket.id, self.key);
        // Where versioning never was, there are no older ones to look for.
        let older = match self.bucket.versioning {
            Versioning::Never => None,
            _ => txn.first(&keys::noncurrents(self.bucket.id, self.key))?,
        };
        let Some((key, version)) = older else { return Ok(txn.delete(&current)?) };
        txn.delete(&key)?;
        if version.summary.version.is_null {
            txn.delete(&keys::null_version(self.bucket.id, self.key))?;
        }
        Ok(txn.put(&current, &version)?)
    }

    /// Saves a version whose metadata, tags, storage class or lock has changed. Its id and body stay.
    pub(crate) fn save(&self, txn: &mut Write, found: &Found) -> Result<(), Fault> {
        let sequence = found.version.summary.version.id.sequence;
        let key = match found.is_current {
            true => keys::current(self.bucket.id, self.key),
            false => keys::noncurrent(self.bucket.id, self.key, sequence),
        };
        txn.put(&key, &found.version)
    }
}
