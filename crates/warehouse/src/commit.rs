//! Changes of a table: new files first, then the metadata that names them, by compare and set.

use std::collections::BTreeMap;

use virga_iceberg::{
    Change, Committed, DataFile, File, ManifestEntry, ManifestFile, NewTable, TableMetadata, append,
    metadata_path, rewrite,
};
use virga_kit::Ctx;

use crate::table::Head;
use crate::{Error, Table, expiry};

/// How often a change is begun again that others were faster than.
const ATTEMPTS: usize = 8;
/// Manifests that a table has before they are merged.
const MOST_MANIFESTS: usize = 100;

/// A change of a table.
pub enum Update<'a> {
    /// Rows come.
    Append {
        /// The files that they are in.
        files: &'a [DataFile],
        /// The number of the snapshot, by which the caller finds out whether it is there ([`has_snapshot`]).
        snapshot_id: i64,
    },
    /// All rows go, and these come.
    Replace(&'a [DataFile]),
    /// Files go.
    Drop(&'a (dyn Fn(&DataFile) -> bool + Sync)),
}

/// How many snapshots of a table can be read.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// When there are more, old ones are forgotten.
    pub most: usize,
    /// How many are left then.
    pub kept: usize,
}

/// Makes a table that was never written to an empty one.
///
/// # Errors
/// When the table is gone or an operation is refused.
pub async fn create(ctx: &Ctx, table: &Table<'_>) -> Result<(), Error> {
    open(ctx, table).await.map(|_| ())
}

/// Whether a table has a snapshot.
///
/// # Errors
/// When the table is gone or an operation is refused.
pub async fn has_snapshot(ctx: &Ctx, table: &Table<'_>, id: i64) -> Result<bool, Error> {
    let opened = open(ctx, table).await?;
    Ok(opened.metadata.snapshots.iter().any(|snapshot| snapshot.snapshot_id == id))
}

/// The number of a new snapshot.
pub fn snapshot_id(ctx: &Ctx) -> i64 {
    i64::try_from(ctx.random() >> 1).unwrap_or(i64::MAX)
}

/// Changes a table. Files of data have been written before.
///
/// # Errors
/// When the table is gone, others keep changing it, or an operation is refused.
pub async fn commit(
    ctx: &Ctx,
    table: &Table<'_>,
    update: &Update<'_>,
    retention: Retention,
) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        match attempt(ctx, table, update, retention).await {
            Err(Error::Contended) => {}
            done => return done,
        }
    }
    Err(Error::Contended)
}

async fn attempt(
    ctx: &Ctx,
    table: &Table<'_>,
    update: &Update<'_>,
    retention: Retention,
) -> Result<(), Error> {
    let opened = open(ctx, table).await?;
    let Some(Committed { files, mut metadata }) = changed(ctx, table, &opened.metadata, update).await? else {
        return Ok(());
    };
    let mut dead = if metadata.snapshots.len() > retention.most {
        // The one before the newest stays: it has all older files that the newest has.
        let expired = metadata.expire_snapshots(retention.kept.max(2));
        let written = files.iter().map(|file| file.path.as_str()).collect();
        expiry::unreachable(ctx, table, &metadata, &expired, written).await?
    } else {
        Vec::new()
    };
    for file in files {
        table.write(ctx, file).await?;
    }
    dead.extend(metadata.log(&opened.path, opened.metadata.last_updated_ms));
    let path = metadata_path(&table.location(), version_of(&opened.path) + 1, &ctx.uuid());
    table.write(ctx, File { path: path.clone(), bytes: metadata.to_json() }).await?;
    table.set_head(ctx, &opened.token, &path).await?;
    for path in dead {
        // It is done; a file too many does no harm.
        if let Err(error) = table.delete(ctx, &path).await {
            tracing::warn!(path, "a file of a table that nobody needs can't be deleted: {error}");
        }
    }
    Ok(())
}

/// The table after a change; none when there is nothing to change.
async fn changed(
    ctx: &Ctx,
    table: &Table<'_>,
    metadata: &TableMetadata,
    update: &Update<'_>,
) -> Result<Option<Committed>, Error> {
    let uuid = ctx.uuid();
    let snapshot_id = match update {
        Update::Append { snapshot_id, .. } => *snapshot_id,
        Update::Replace(_) | Update::Drop(_) => snapshot_id(ctx),
    };
    let change = Change { millis: ctx.now().millis(), snapshot_id, uuid: &uuid };
    let manifests = manifests(ctx, table, metadata).await?;
    Ok(Some(match update {
        Update::Append { files, .. } if manifests.len() < MOST_MANIFESTS => {
            append(metadata, change, manifests, files.to_vec())
        }
        Update::Append { files, .. } => {
            rewrite(metadata, change, entries(ctx, table, &manifests).await?, |_| true, files.to_vec())
        }
        Update::Replace(files) => {
            rewrite(metadata, change, entries(ctx, table, &manifests).await?, |_| false, files.to_vec())
        }
        Update::Drop(goes) => {
            let entries = entries(ctx, table, &manifests).await?;
            if !entries.iter().any(|entry| goes(&entry.file)) {
                return Ok(None);
            }
            rewrite(metadata, change, entries, |file| !goes(file), Vec::new())
        }
    }))
}

/// The manifests of the newest snapshot.
async fn manifests(
    ctx: &Ctx,
    table: &Table<'_>,
    metadata: &TableMetadata,
) -> Result<Vec<ManifestFile>, Error> {
    match metadata.current_snapshot() {
        Some(snapshot) => Ok(ManifestFile::read(&table.read(ctx, &snapshot.manifest_list).await?)?),
        None => Ok(Vec::new()),
    }
}

/// What is in manifests.
pub(crate) async fn entries(
    ctx: &Ctx,
    table: &Table<'_>,
    manifests: &[ManifestFile],
) -> Result<Vec<ManifestEntry>, Error> {
    let mut entries = Vec::new();
    for manifest in manifests {
        entries.extend(ManifestEntry::read(&table.read(ctx, &manifest.path).await?, manifest)?);
    }
    Ok(entries)
}

/// A table as it is now.
struct Opened {
    token: String,
    path: String,
    metadata: TableMetadata,
}

/// Reads the metadata of a table, which is made if there is none.
async fn open(ctx: &Ctx, table: &Table<'_>) -> Result<Opened, Error> {
    let Head { token, metadata } = table.head(ctx).await?;
    if let Some(path) = metadata {
        let metadata = TableMetadata::from_json(&table.read(ctx, &path).await?)?;
        return Ok(Opened { token, path, metadata });
    }
    let location = table.location();
    let metadata = TableMetadata::create(NewTable {
        uuid: &ctx.uuid(),
        location: &location,
        millis: ctx.now().millis(),
        schema: table.schema.to_json(),
        partition_spec: None,
        sort_order: None,
        properties: BTreeMap::new(),
    });
    let path = metadata_path(&location, 0, &ctx.uuid());
    table.write(ctx, File { path: path.clone(), bytes: metadata.to_json() }).await?;
    let token = table.set_head(ctx, &token, &path).await?;
    Ok(Opened { token, path, metadata })
}

/// The version of a file of metadata, by its name.
fn version_of(path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('-').next().and_then(|version| version.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_counts_its_versions() {
        let path = metadata_path("s3://bucket", 12, "a-b");
        assert_eq!(version_of(&path), 12);
        assert_eq!(version_of("s3://bucket/metadata/v3.json"), 0);
    }
}
