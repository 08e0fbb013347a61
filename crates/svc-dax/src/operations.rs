//! The operations of DAX: the one list. Security groups and subnets are taken by their form, for there is no VPC; data at
//! rest is what the nodes keep in memory.

use crate::{cluster, describe, event, node, parameter_group, subnet_group, tag};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::dax;
    write CreateCluster => cluster::create_cluster, ignoring ["SecurityGroupIds", "SSESpecification", "NetworkType"];
    read  DescribeClusters => describe::describe_clusters;
    write UpdateCluster => cluster::update_cluster, ignoring ["SecurityGroupIds"];
    write DeleteCluster => cluster::delete_cluster;
    write IncreaseReplicationFactor => node::increase_replication_factor;
    write DecreaseReplicationFactor => node::decrease_replication_factor;
    write RebootNode => node::reboot_node;
    write CreateParameterGroup => parameter_group::create_parameter_group;
    read  DescribeParameterGroups => parameter_group::describe_parameter_groups;
    write UpdateParameterGroup => parameter_group::update_parameter_group;
    write DeleteParameterGroup => parameter_group::delete_parameter_group;
    read  DescribeParameters => parameter_group::describe_parameters;
    read  DescribeDefaultParameters => parameter_group::describe_default_parameters;
    write CreateSubnetGroup => subnet_group::create_subnet_group;
    read  DescribeSubnetGroups => subnet_group::describe_subnet_groups;
    write UpdateSubnetGroup => subnet_group::update_subnet_group;
    write DeleteSubnetGroup => subnet_group::delete_subnet_group;
    read  DescribeEvents => event::describe_events;
    write TagResource => tag::tag_resource;
    write UntagResource => tag::untag_resource;
    read  ListTags => tag::list_tags;
}
