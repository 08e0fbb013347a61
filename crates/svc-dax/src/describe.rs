//! What is shown of clusters and their nodes.

use virga_api::dax as api;
use virga_kit::{Ctx, dax_clusters};
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::{Read, Reader as _};

use crate::error::Error;
use crate::page::Page;
use crate::records::{Cluster, Node, NodeStatus, Status};
use crate::{cluster, keys, rules};

/// Describes the clusters that are named, or all.
pub(crate) fn describe_clusters(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeClustersRequest,
) -> Result<api::DescribeClustersResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let names: Vec<&str> = input.cluster_names().into_iter().flat_map(List::iter).collect();
    let clusters = if names.is_empty() {
        cluster::all(ctx, txn)?
    } else {
        let find = |name: &&str| {
            let name = name.to_ascii_lowercase();
            rules::check_cluster_name(&name)?;
            txn.get(&keys::cluster(ctx, &name))?.ok_or(Error::NamedClusterNotFound { name })
        };
        names.iter().map(find).collect::<Result<Vec<_>, Error>>()?
    };
    let (clusters, next) = page.cut(clusters, |cluster| cluster.name.clone());
    let shown: Vec<_> = clusters.iter().map(|cluster| shown(ctx, cluster)).collect();
    Ok(api::DescribeClustersResponse::new().with_clusters(shown).with_next_token(next))
}

/// A cluster as its callers see it. While it is created or deleted its nodes do not show.
pub(crate) fn shown(ctx: &Ctx, cluster: &Cluster) -> api::Cluster {
    let has_nodes = matches!(cluster.status, Status::Available | Status::Modifying);
    let arn = cluster::arn(ctx, &cluster.name);
    let port_of = |node: &Node| i32::from(dax_clusters::port(ctx.world(), &arn, &node.id, cluster.port));
    let first = cluster.nodes.iter().find(|node| node.status == NodeStatus::Available);
    let port = first.map_or(cluster.port.into(), port_of);
    let active = cluster.nodes.iter().filter(|node| is_active(node)).count();
    let removed = cluster.nodes.iter().filter(|node| has_nodes && node.status == NodeStatus::Deleting);
    let removed: Vec<&str> = removed.map(|node| node.id.as_str()).collect();
    let nodes: Vec<_> = cluster.nodes.iter().map(|node| shown_node(ctx, node, port_of(node))).collect();
    let endpoint = match cluster.status {
        Status::Creating => api::Endpoint::new().with_port(port),
        _ => endpoint(ctx, port).with_url(format!(
            "{}://{}:{port}",
            scheme(cluster),
            dax_clusters::host(ctx.world())
        )),
    };
    let topic = cluster.topic.as_ref().map(|topic| {
        api::NotificationConfiguration::new()
            .with_topic_arn(&topic.arn)
            .with_topic_status(if topic.is_active { "active" } else { "inactive" })
    });
    let security_groups: Vec<_> = cluster.security_groups.iter().map(security_group).collect();
    let encryption = if cluster.is_tls { "TLS" } else { "NONE" };
    let sse = if cluster.is_encrypted { api::sse_status::ENABLED } else { api::sse_status::DISABLED };
    api::Cluster::new()
        .with_cluster_name(&cluster.name)
        .with_description(cluster.description.as_deref())
        .with_cluster_arn(&arn)
        .with_total_nodes(number(cluster.nodes.len()))
        .with_active_nodes(if has_nodes { number(active) } else { 0 })
        .with_node_type(&cluster.node_type)
        .with_status(cluster.status.name())
        .with_cluster_discovery_endpoint(endpoint)
        .with_node_ids_to_remove((!removed.is_empty()).then_some(removed))
        .with_nodes(has_nodes.then_some(nodes))
        .with_preferred_maintenance_window(&cluster.maintenance_window)
        .with_notification_configuration(topic)
        .with_subnet_group(&cluster.subnet_group)
        .with_security_groups(security_groups)
        .with_iam_role_arn(&cluster.role_arn)
        .with_parameter_group(parameter_group(cluster))
        .with_sse_description(api::SSEDescription::new().with_status(sse))
        .with_cluster_endpoint_encryption_type(encryption)
        .with_network_type(&cluster.network_type)
}

fn is_active(node: &Node) -> bool {
    matches!(node.status, NodeStatus::Available | NodeStatus::Deleting)
}

/// A node; one that is still made has neither endpoint nor time.
fn shown_node(ctx: &Ctx, node: &Node, port: i32) -> api::Node {
    let shown = api::Node::new().with_node_id(&node.id).with_node_status(node.status.name());
    let Some(created) = node.created else { return shown };
    shown
        .with_endpoint(endpoint(ctx, port))
        .with_node_create_time(Timestamp::from_micros(created))
        .with_availability_zone(&node.availability_zone)
        .with_parameter_group_status("in-sync")
}

fn endpoint(ctx: &Ctx, port: i32) -> api::Endpoint {
    api::Endpoint::new().with_address(dax_clusters::host(ctx.world())).with_port(port)
}

fn scheme(cluster: &Cluster) -> &'static str {
    if cluster.is_tls { "daxs" } else { "dax" }
}

fn security_group(id: &String) -> api::SecurityGroupMembership {
    api::SecurityGroupMembership::new().with_security_group_identifier(id).with_status("active")
}

fn parameter_group(cluster: &Cluster) -> api::ParameterGroupStatus {
    api::ParameterGroupStatus::new()
        .with_parameter_group_name(&cluster.parameter_group)
        .with_parameter_apply_status("in-sync")
        .with_node_ids_to_reboot(Vec::<&str>::new())
}

fn number(count: usize) -> i32 {
    i32::try_from(count).expect("a cluster has eleven nodes at most")
}
