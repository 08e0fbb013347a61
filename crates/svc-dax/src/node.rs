//! The nodes of a cluster: how many there are, and rebooting them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.cluster-management.html>

use virga_api::dax as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::Write;

use crate::cluster::{self, MOST_NODES};
use crate::error::Error;
use crate::records::{Cluster, Node, NodeStatus, Status};
use crate::{describe, rules, workers};

/// Reads a replication factor and the availability zones, one for each node where there are any.
pub(crate) fn count(factor: i32, zones: &[&str], region: &str) -> Result<usize, Error> {
    let count = usize::try_from(factor).ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| Error::value("Replication factor must be at least 1."))?;
    if count > MOST_NODES {
        return Err(Error::NodeQuotaForCluster { limit: MOST_NODES });
    }
    if !zones.is_empty() && zones.len() != count {
        let reason = "The number of availability zones must be equal to the replication factor.".to_owned();
        return Err(Error::InvalidParameterCombination { reason });
    }
    check_zones(zones, region)?;
    Ok(count)
}

fn check_zones(zones: &[&str], region: &str) -> Result<(), Error> {
    let known = rules::availability_zones(region);
    match zones.iter().find(|zone| !known.iter().any(|known| known == *zone)) {
        Some(zone) => Err(Error::value(format!("Invalid availability zone: {zone}."))),
        None => Ok(()),
    }
}

/// Adds nodes to come, in the zones that are given or spread over all of them.
pub(crate) fn add(ctx: &Ctx, cluster: &mut Cluster, count: usize, zones: &[&str]) {
    let known = rules::availability_zones(ctx.region());
    for place in 0..count {
        let Some(id) = ('a'..='z')
            .map(|letter| format!("{}-{letter}", cluster.name))
            .find(|id| cluster.nodes.iter().all(|node| node.id != *id))
        else {
            return;
        };
        let spread = &known[cluster.nodes.len() % known.len()];
        let availability_zone = zones.get(place).map_or_else(|| spread.clone(), |zone| (*zone).to_owned());
        cluster.nodes.push(Node { id, availability_zone, created: None, status: NodeStatus::Creating });
    }
    cluster.nodes.sort_by(|one, other| one.id.cmp(&other.id));
}

/// Adds nodes to a cluster.
pub(crate) fn increase_replication_factor(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::IncreaseReplicationFactorRequest,
) -> Result<api::IncreaseReplicationFactorResponse, Error> {
    let mut cluster = cluster::available(ctx, txn, input.cluster_name())?;
    let count = count(input.new_replication_factor(), &[], ctx.region())?;
    let present = cluster.nodes.len();
    if count <= present {
        return Err(Error::value(format!(
            "The new replication factor must be greater than the current one, which is {present}."
        )));
    }
    let zones: Vec<&str> = input.availability_zones().into_iter().flat_map(List::iter).collect();
    check_zones(&zones, ctx.region())?;
    if !zones.is_empty() && zones.len() != count - present {
        let reason =
            "The number of availability zones must be equal to the number of nodes to add.".to_owned();
        return Err(Error::InvalidParameterCombination { reason });
    }
    cluster::check_account(ctx, txn, count - present)?;
    add(ctx, &mut cluster, count - present, &zones);
    modify(ctx, txn, &mut cluster)?;
    Ok(api::IncreaseReplicationFactorResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

/// Removes nodes: those that are named, those in zones that are named, or the last ones.
pub(crate) fn decrease_replication_factor(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DecreaseReplicationFactorRequest,
) -> Result<api::DecreaseReplicationFactorResponse, Error> {
    let mut cluster = cluster::available(ctx, txn, input.cluster_name())?;
    let count = count(input.new_replication_factor(), &[], ctx.region())?;
    let present = cluster.nodes.len();
    if count >= present {
        return Err(Error::value(format!(
            "The new replication factor must be less than the current one, which is {present}."
        )));
    }
    let named: Vec<&str> = input.node_ids_to_remove().into_iter().flat_map(List::iter).collect();
    let zones: Vec<&str> = input.availability_zones().into_iter().flat_map(List::iter).collect();
    let removed = removed(&cluster, present - count, &named, &zones)?;
    for node in cluster.nodes.iter_mut().filter(|node| removed.contains(&node.id)) {
        node.status = NodeStatus::Deleting;
    }
    modify(ctx, txn, &mut cluster)?;
    Ok(api::DecreaseReplicationFactorResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

/// Which nodes go.
fn removed(cluster: &Cluster, count: usize, named: &[&str], zones: &[&str]) -> Result<Vec<String>, Error> {
    if let Some(unknown) = named.iter().find(|id| cluster.nodes.iter().all(|node| node.id != **id)) {
        return Err(Error::NodeNotFound { id: (*unknown).to_owned() });
    }
    if !named.is_empty() {
        if named.len() != count {
            let reason = format!("{} node IDs are given, but {count} nodes are to be removed.", named.len());
            return Err(Error::InvalidParameterCombination { reason });
        }
        return Ok(named.iter().map(|id| (*id).to_owned()).collect());
    }
    let in_zones = |node: &&Node| zones.is_empty() || zones.contains(&node.availability_zone.as_str());
    let removed: Vec<String> =
        cluster.nodes.iter().rev().filter(in_zones).take(count).map(|node| node.id.clone()).collect();
    if removed.len() < count {
        let reason = "There are not enough nodes in the availability zones.".to_owned();
        return Err(Error::InvalidParameterCombination { reason });
    }
    Ok(removed)
}

/// Reboots a node; its cache stays.
pub(crate) fn reboot_node(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RebootNodeRequest,
) -> Result<api::RebootNodeResponse, Error> {
    let mut cluster = cluster::available(ctx, txn, input.cluster_name())?;
    let missing = || Error::NodeNotFound { id: input.node_id().to_owned() };
    let node = cluster.nodes.iter_mut().find(|node| node.id == input.node_id()).ok_or_else(missing)?;
    node.status = NodeStatus::Rebooting;
    cluster.reboots += 1;
    modify(ctx, txn, &mut cluster)?;
    Ok(api::RebootNodeResponse::new().with_cluster(describe::shown(ctx, &cluster)))
}

fn modify(ctx: &Ctx, txn: &mut Write, cluster: &mut Cluster) -> Result<(), Error> {
    cluster.status = Status::Modifying;
    cluster::store(ctx, txn, cluster)?;
    workers::settle_later(ctx, txn, cluster)
}
