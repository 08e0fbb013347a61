//! Files that nobody finds any more once snapshots are forgotten.

use std::collections::HashSet;

use virga_iceberg::{ManifestFile, Snapshot, Status, TableMetadata};
use virga_kit::Ctx;

use crate::commit::entries;
use crate::{Error, Table};

/// The files of forgotten snapshots that no snapshot in the metadata has. `written` are files of the newest snapshot
/// that are not in the warehouse yet: their content is known to be new.
pub(crate) async fn unreachable(
    ctx: &Ctx,
    table: &Table<'_>,
    metadata: &TableMetadata,
    expired: &[Snapshot],
    written: HashSet<&str>,
) -> Result<Vec<String>, Error> {
    let kept =
        metadata.snapshots.iter().filter(|snapshot| !written.contains(snapshot.manifest_list.as_str()));
    let kept = lists(ctx, table, kept).await?;
    let gone = lists(ctx, table, expired.iter()).await?;
    let there: HashSet<&str> = kept.iter().map(|manifest| manifest.path.as_str()).collect();
    let gone: Vec<ManifestFile> =
        gone.into_iter().filter(|manifest| !there.contains(manifest.path.as_str())).collect();
    let live = entries(ctx, table, &kept).await?;
    let live: HashSet<&str> = live
        .iter()
        .filter(|entry| entry.status != Status::Deleted)
        .map(|entry| entry.file.path.as_str())
        .collect();
    let data = entries(ctx, table, &gone).await?;
    let data = data.into_iter().map(|entry| entry.file.path).filter(|path| !live.contains(path.as_str()));
    let manifests = gone.iter().map(|manifest| manifest.path.clone());
    let lists = expired.iter().map(|snapshot| snapshot.manifest_list.clone());
    let dead: HashSet<String> = data.chain(manifests).chain(lists).collect();
    Ok(dead.into_iter().collect())
}

/// The manifests of snapshots, each once.
async fn lists<'s>(
    ctx: &Ctx,
    table: &Table<'_>,
    snapshots: impl Iterator<Item = &'s Snapshot>,
) -> Result<Vec<ManifestFile>, Error> {
    let mut found: Vec<ManifestFile> = Vec::new();
    let mut seen = HashSet::new();
    for snapshot in snapshots {
        for manifest in ManifestFile::read(&table.read(ctx, &snapshot.manifest_list).await?)? {
            if seen.insert(manifest.path.clone()) {
                found.push(manifest);
            }
        }
    }
    Ok(found)
}
