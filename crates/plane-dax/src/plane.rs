//! The ports: one for each node of each cluster that takes requests, in every world.

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use virga_gateway::http::Tls;
use virga_kit::dax_clusters::{self, DaxCluster};
use virga_kit::{DataPlane, World};

use crate::attribute_lists::AttributeLists;
use crate::cluster::Clusters;
use crate::connection::{self, Served};
use crate::metrics::ClusterMetrics;

/// How the ARNs of clusters begin.
const ARNS: &str = "arn:aws:dax:";
/// Most connections to a cluster at a time.
const MOST_CONNECTIONS: usize = 2000;

/// How long no connection is accepted after one that could not be.
const AFTER_AN_ERROR: Duration = Duration::from_millis(100);

/// The data plane of DAX.
pub struct DaxPlane {
    host: IpAddr,
    runtime: Handle,
    tls: Arc<Tls>,
    lists: Arc<AttributeLists>,
}

impl DaxPlane {
    /// A plane that listens on an address and serves connections on a runtime, with certificates for the clusters whose
    /// clients speak TLS.
    pub fn new(host: IpAddr, runtime: Handle, tls: Arc<Tls>) -> Self {
        DaxPlane { host, runtime, tls, lists: Arc::default() }
    }

    fn open(&self, world: &Arc<World>, cluster: &DaxCluster, node: &str) -> std::io::Result<()> {
        // Another node, another program, or another world may have the port: then any will do, and clients are told which.
        let wanted = TcpListener::bind((self.host, cluster.port));
        let listener = wanted.or_else(|_| TcpListener::bind((self.host, 0)))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let served = Served {
            world: Arc::downgrade(world),
            node: node.to_owned(),
            lists: Arc::clone(&self.lists),
            tls: cluster.is_tls.then(|| Arc::clone(&self.tls)),
        };
        let task = self.runtime.spawn(accept(listener, Arc::new(served)));
        world.listeners().add(node, address, task.abort_handle());
        tracing::info!(node, %address, "a node of DAX listens");
        Ok(())
    }
}

impl DataPlane for DaxPlane {
    fn refresh(&self, world: &Arc<World>) {
        let clusters = match world.store().read().and_then(|read| dax_clusters::all(&read)) {
            Ok(clusters) => clusters,
            Err(fault) => {
                tracing::error!("the clusters of DAX can't be read: {fault}");
                return;
            }
        };
        let served: Vec<DaxCluster> = clusters.into_iter().filter(|cluster| cluster.is_available).collect();
        let metrics = |arn: &str| ClusterMetrics::new(world.resource_metrics(), arn);
        world.memory::<Clusters>().update(&served, metrics);
        let nodes: Vec<(&DaxCluster, String)> = served.iter().flat_map(nodes).collect();
        world.listeners().retain(ARNS, |resource| nodes.iter().any(|(_, node)| node == resource));
        for (cluster, node) in &nodes {
            if world.listeners().address(node).is_none()
                && let Err(error) = self.open(world, cluster, node)
            {
                tracing::error!(node, "a node of DAX cannot listen: {error}");
            }
        }
    }
}

/// The nodes of a cluster, as resources.
fn nodes(cluster: &DaxCluster) -> impl Iterator<Item = (&DaxCluster, String)> {
    cluster.nodes.iter().map(move |node| (cluster, dax_clusters::node_resource(&cluster.arn, node)))
}

/// Accepts connections until it is aborted, and they with it.
async fn accept(listener: TcpListener, served: Arc<Served>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(node = served.node, "a port of DAX cannot be used: {error}");
            return;
        }
    };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) if connections.len() < MOST_CONNECTIONS => {
                    let served = Arc::clone(&served);
                    connections.spawn(async move { connection::serve(socket, peer, &served).await });
                }
                Ok((_, peer)) => tracing::warn!(node = served.node, %peer, "too many connections"),
                // Too many open files, or a connection that went away again: the next may be better.
                Err(error) => {
                    tracing::warn!(node = served.node, "a connection could not be accepted: {error}");
                    tokio::time::sleep(AFTER_AN_ERROR).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}
