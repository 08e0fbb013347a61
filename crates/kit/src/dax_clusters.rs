//! The clusters of DAX as the data plane needs them: the service enters what it has made and removes what it has deleted,
//! the plane opens a port for each of their nodes. Neither knows the other.
//!
//! Which port a cluster should have is stored. The plane may find it taken by another program, so clients are told where
//! the process listens ([`crate::Listeners`], by [`node_resource`]) when it does.

use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

use crate::{Ctx, World};

/// The first port of clusters that speak in the clear, `dax://`, as AWS has it.
pub const FIRST_PORT: u16 = 8111;
/// The first port of clusters that speak TLS, `daxs://`.
pub const FIRST_TLS_PORT: u16 = 9111;

/// The most clusters that are listed: AWS lets an account have fewer nodes in a region.
const MOST: usize = 10_000;

/// A cluster that takes requests, or will as soon as it is available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaxCluster {
    /// Tells this cluster from others of its name, before and after it.
    pub id: u64,
    /// The account that it is in.
    pub account: String,
    /// The region that it is in.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Its ARN, the resource of the permissions `dax:GetItem` and so on.
    pub arn: String,
    /// The role with whose permissions it asks DynamoDB.
    pub role_arn: String,
    /// The port that it should have.
    pub port: u16,
    /// Whether its clients speak TLS (`daxs://`).
    pub is_tls: bool,
    /// Whether it takes requests: not while it is created or deleted.
    pub is_available: bool,
    /// The names of its nodes that take requests, the primary first: not of those that are started again.
    pub nodes: Vec<String>,
    /// How long an item stays in the item cache; 0 for ever.
    pub record_ttl_millis: u64,
    /// How long an answer stays in the query cache; 0 for not at all.
    pub query_ttl_millis: u64,
    /// How often its nodes were started again: what a node has cached stays, so a node that is missing from then on comes
    /// back with it.
    pub reboots: u64,
}
stored!(DaxCluster, 1);

/// By id.
static CLUSTERS: Space<DaxCluster> = Space::new("kit.dax-cluster");

/// Enters a cluster, in place of what was known of it; the planes hear of it once it is committed.
///
/// # Errors
/// When the store fails.
pub fn put(ctx: &Ctx, txn: &mut Write, cluster: &DaxCluster) -> Result<(), Fault> {
    let key = CLUSTERS.key(cluster.id);
    if txn.get(&key)?.as_ref() != Some(cluster) {
        txn.put(&key, cluster)?;
        ctx.planes_changed(txn);
    }
    Ok(())
}

/// Removes a cluster.
///
/// # Errors
/// When the store fails.
pub fn remove(ctx: &Ctx, txn: &mut Write, id: u64) -> Result<(), Fault> {
    txn.delete(&CLUSTERS.key(id))?;
    ctx.planes_changed(txn);
    Ok(())
}

/// All clusters of the world, of every account and region.
///
/// # Errors
/// When the store fails.
pub fn all(reader: &impl Reader) -> Result<Vec<DaxCluster>, Fault> {
    let rows = reader.scan(&CLUSTERS.all(), Direction::Forward, MOST)?;
    Ok(rows.into_iter().map(|(_, cluster)| cluster).collect())
}

/// A port that no cluster of the world should have yet.
///
/// # Errors
/// When the store fails.
pub fn free_port(reader: &impl Reader, is_tls: bool) -> Result<u16, Fault> {
    let taken: Vec<u16> = all(reader)?.iter().map(|cluster| cluster.port).collect();
    let first = if is_tls { FIRST_TLS_PORT } else { FIRST_PORT };
    Ok((first..=u16::MAX).find(|port| !taken.contains(port)).unwrap_or(first))
}

/// What a node of a cluster is among the resources that are listened for.
pub fn node_resource(arn: &str, node: &str) -> String {
    format!("{arn}/{node}")
}

/// The port that clients of a node should use: the one that is listened at, or else the one that its cluster should have.
pub fn port(world: &World, arn: &str, node: &str, stored: u16) -> u16 {
    world.listeners().address(&node_resource(arn, node)).map_or(stored, |address| address.port())
}

/// The host that clients of this cloud use for its ports.
pub fn host(world: &World) -> &str {
    let own: &str = &world.settings().own_host;
    own.rsplit_once(':').map_or(own, |(host, _)| host)
}
