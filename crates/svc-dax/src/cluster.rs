//! Clusters: creation, changes, deletion. What is shown of them is in `describe`, their nodes in `node`.

use virga_api::dax as api;
use virga_kit::{Ctx, dax_clusters};
use virga_model::view::List;
use virga_store::{Direction, Reader, Write};

use crate::error::Error;
use crate::records::{Cluster, NodeStatus, Status, Topic};
use crate::{describe, event, keys, node, parameter_group, rules, subnet_group, tag, workers};

/// The most nodes of a cluster: the primary and ten read replicas.
pub(crate) const MOST_NODES: usize = 11;
/// The most nodes of an account in a region.
const MOST_NODES_OF_ACCOUNT: usize = 50;
/// Clusters of an account in a region: each has a node at least.
pub(crate) const MOST_CLUSTERS: usize = MOST_NODES_OF_ACCOUNT;

/// A text that was given: clients send empty ones for what they leave out.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// Creates a cluster; it is available a little later.
pub(crate) fn create_cluster(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateClusterRequest,
) -> Result<api::CreateClusterResponse, Error> {
    rules::check_arn(input.iam_role_arn())?;
    let name = input.cluster_name().to_ascii_lowercase();
    rules::check_cluster_name(&name)?;
    if txn.contains(&keys::cluster(ctx, &name))? {
        return Err(Error::ClusterAlreadyExists);
    }
    rules::check_node_type(input.node_type())?;
    let zones: Vec<&str> = input.availability_zones().into_iter().flat_map(List::iter).collect();
    let count = node::count(input.replication_factor(), &zones, ctx.region())?;
    check_account(ctx, txn, count)?;
    let parameter_group = given(input.parameter_group_name()).unwrap_or(parameter_group::DEFAULT);
    parameter_group::find(ctx, txn, parameter_group)?;
    let subnet_group = given(input.subnet_group_name()).unwrap_or(subnet_group::DEFAULT).to_ascii_lowercase();
    subnet_group::find(ctx, txn, &subnet_group)?;
    let tags = tag::given(input.tags())?;
    let is_tls = input
        .cluster_endpoint_encryption_type()
        .is_some_and(|kind| kind == api::cluster_endpoint_encryption_type::TLS);
    let mut cluster = Cluster {
        id: ctx.random(),
        description: input.description().map(str::to_owned),
        node_type: input.node_type().to_owned(),
        status: Status::Creating,
        nodes: Vec::new(),
        subnet_group,
        security_groups: security_groups(ctx, input.security_group_ids()),
        maintenance_window: window(ctx, given(input.preferred_maintenance_window()))?,
        topic: topic(given(input.notification_topic_arn()))?,
        role_arn: input.iam_role_arn().to_owned(),
        parameter_group: parameter_group.to_owned(),
        is_encrypted: input.sse_specification().is_some_and(api::SSESpecification::enabled),
        is_tls,
        network_type: input.network_type().unwrap_or(api::network_type::IPV4).to_owned(),
        port: dax_clusters::free_port(txn, is_tls)?,
        reboots: 0,
        name,
    };
    node::add(ctx, &mut cluster, count, &zones);
    if !tags.0.is_empty() {
        txn.put(&keys::tags(&cluster), &tags)?;
    }
    store(ctx, txn, &cluster)?;
    workers::settle_later(ctx, txn, &cluster)?;
    Ok(api::CreateClusterResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

/// Changes the settings of a cluster, at once.
pub(crate) fn update_cluster(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateClusterRequest,
) -> Result<api::UpdateClusterResponse, Error> {
    let mut cluster = available(ctx, txn, input.cluster_name())?;
    if let Some(description) = input.description() {
        cluster.description = Some(description.to_owned());
    }
    if let Some(window) = given(input.preferred_maintenance_window()) {
        rules::check_window(window)?;
        cluster.maintenance_window = window.to_ascii_lowercase();
    }
    if let Some(topic) = topic(given(input.notification_topic_arn()))? {
        cluster.topic = Some(topic);
    }
    if let Some(status) = input.notification_topic_status() {
        let is_active = match status {
            "active" => true,
            "inactive" => false,
            _ => return Err(Error::value(format!("Invalid notification topic status: {status}."))),
        };
        if let Some(topic) = &mut cluster.topic {
            topic.is_active = is_active;
        }
    }
    if let Some(group) = given(input.parameter_group_name()) {
        parameter_group::find(ctx, txn, group)?;
        group.clone_into(&mut cluster.parameter_group);
    }
    if input.security_group_ids().is_some_and(|groups| !groups.is_empty()) {
        cluster.security_groups = security_groups(ctx, input.security_group_ids());
    }
    store(ctx, txn, &cluster)?;
    Ok(api::UpdateClusterResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

/// Deletes a cluster; it is gone a little later.
pub(crate) fn delete_cluster(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteClusterRequest,
) -> Result<api::DeleteClusterResponse, Error> {
    let mut cluster = available(ctx, txn, input.cluster_name())?;
    cluster.status = Status::Deleting;
    for node in &mut cluster.nodes {
        node.status = NodeStatus::Deleting;
    }
    store(ctx, txn, &cluster)?;
    workers::settle_later(ctx, txn, &cluster)?;
    Ok(api::DeleteClusterResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

/// Finds a cluster that can be changed.
pub(crate) fn available(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Cluster, Error> {
    let name = name.to_ascii_lowercase();
    rules::check_cluster_name(&name)?;
    let cluster = txn.get(&keys::cluster(ctx, &name))?.ok_or(Error::ClusterNotFound)?;
    if cluster.status != Status::Available {
        return Err(Error::InvalidClusterState { name, status: cluster.status.name() });
    }
    Ok(cluster)
}

/// Stores a cluster, and tells the data plane what it has to know of it.
pub(crate) fn store(ctx: &Ctx, txn: &mut Write, cluster: &Cluster) -> Result<(), Error> {
    txn.put(&keys::cluster(ctx, &cluster.name), cluster)?;
    let group = parameter_group::find(ctx, txn, &cluster.parameter_group)?;
    let serving = cluster.nodes.iter().filter(|node| node.status == NodeStatus::Available);
    let nodes = serving.map(|node| node.id.clone());
    let told = dax_clusters::DaxCluster {
        id: cluster.id,
        account: ctx.account().to_owned(),
        region: ctx.region().to_owned(),
        name: cluster.name.clone(),
        arn: arn(ctx, &cluster.name),
        role_arn: cluster.role_arn.clone(),
        port: cluster.port,
        is_tls: cluster.is_tls,
        is_available: matches!(cluster.status, Status::Available | Status::Modifying),
        nodes: nodes.collect(),
        record_ttl_millis: group.record_ttl_millis,
        query_ttl_millis: group.query_ttl_millis,
        reboots: cluster.reboots,
    };
    Ok(dax_clusters::put(ctx, txn, &told)?)
}

/// Removes a cluster for good.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, cluster: &Cluster) -> Result<(), Error> {
    for node in &cluster.nodes {
        event::of_cluster(ctx, txn, cluster, format!("Removed node {}.", node.id))?;
    }
    event::of_cluster(ctx, txn, cluster, "Cluster deleted.".to_owned())?;
    txn.delete(&keys::tags(cluster))?;
    txn.delete(&keys::cluster(ctx, &cluster.name))?;
    Ok(dax_clusters::remove(ctx, txn, cluster.id)?)
}

/// The clusters of the account and region.
pub(crate) fn all(ctx: &Ctx, txn: &impl Reader) -> Result<Vec<Cluster>, Error> {
    let rows = txn.scan(&keys::clusters(ctx), Direction::Forward, MOST_CLUSTERS)?;
    Ok(rows.into_iter().map(|(_, cluster)| cluster).collect())
}

/// The ARN of a cluster.
pub(crate) fn arn(ctx: &Ctx, name: &str) -> String {
    ctx.arn("dax", &format!("cache/{name}"))
}

/// Refuses more nodes than an account may have in a region.
pub(crate) fn check_account(ctx: &Ctx, txn: &impl Reader, new: usize) -> Result<(), Error> {
    let present: usize = all(ctx, txn)?.iter().map(|cluster| cluster.nodes.len()).sum();
    if present + new > MOST_NODES_OF_ACCOUNT {
        return Err(Error::NodeQuotaForCustomer { limit: MOST_NODES_OF_ACCOUNT });
    }
    Ok(())
}

fn security_groups(ctx: &Ctx, ids: Option<List<'_, &str>>) -> Vec<String> {
    let ids: Vec<String> = ids.into_iter().flat_map(List::iter).map(str::to_owned).collect();
    if ids.is_empty() { vec![rules::security_group(ctx.account(), ctx.region())] } else { ids }
}

fn window(ctx: &Ctx, window: Option<&str>) -> Result<String, Error> {
    let Some(window) = window else { return Ok(rules::default_window(ctx.random())) };
    rules::check_window(window)?;
    Ok(window.to_ascii_lowercase())
}

fn topic(arn: Option<&str>) -> Result<Option<Topic>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    rules::check_arn(arn)?;
    Ok(Some(Topic { arn: arn.to_owned(), is_active: true }))
}
