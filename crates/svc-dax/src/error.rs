//! The errors that a caller of DAX can see.

virga_kit::service_errors! {
    /// Errors of DAX.
    pub(crate) enum Error in virga_api::dax {
        /// The name is taken.
        ClusterAlreadyExists => modelled cluster_already_exists_fault: "Cluster already exists.";
        /// No such cluster.
        ClusterNotFound => modelled cluster_not_found_fault: "Cluster not found.";
        /// No cluster of the name that a description asks for.
        NamedClusterNotFound { name: String } => modelled cluster_not_found_fault: "Cluster {name} not found.";
        /// The cluster is being created, changed or deleted.
        InvalidClusterState { name: String, status: &'static str } => modelled invalid_cluster_state_fault:
            "Cluster {name} is not in the available state. Current state: {status}.";
        /// The cluster has no node of this name.
        NodeNotFound { id: String } => modelled node_not_found_fault: "Node {id} not found.";
        /// More nodes than a cluster may have.
        NodeQuotaForCluster { limit: usize } => modelled node_quota_for_cluster_exceeded_fault:
            "You have exceeded the allowed number of nodes in a DAX cluster: {limit}.";
        /// More nodes than an account may have in a region.
        NodeQuotaForCustomer { limit: usize } => modelled node_quota_for_customer_exceeded_fault:
            "You have exceeded the allowed number of nodes for your account: {limit}.";
        /// The name is taken.
        ParameterGroupAlreadyExists { name: String } => modelled parameter_group_already_exists_fault:
            "Parameter group {name} already exists.";
        /// No such group.
        ParameterGroupNotFound { name: String } => modelled parameter_group_not_found_fault:
            "Parameter group {name} not found.";
        /// More groups than an account may have in a region.
        ParameterGroupQuota { limit: usize } => modelled parameter_group_quota_exceeded_fault:
            "You have exceeded the allowed number of parameter groups: {limit}.";
        /// The group is in use, or is AWS's own.
        InvalidParameterGroupState { reason: String } => modelled invalid_parameter_group_state_fault: "{reason}";
        /// The name is taken.
        SubnetGroupAlreadyExists { name: String } => modelled subnet_group_already_exists_fault:
            "Subnet group {name} already exists.";
        /// No such group.
        SubnetGroupNotFound { name: String } => modelled subnet_group_not_found_fault: "Subnet group {name} not found.";
        /// Clusters are in its subnets, or it is the default.
        SubnetGroupInUse { reason: String } => modelled subnet_group_in_use_fault: "{reason}";
        /// More groups than an account may have in a region.
        SubnetGroupQuota { limit: usize } => modelled subnet_group_quota_exceeded_fault:
            "You have exceeded the allowed number of subnet groups: {limit}.";
        /// More subnets than a group may have.
        SubnetQuota { limit: usize } => modelled subnet_quota_exceeded_fault:
            "You have exceeded the allowed number of subnets in a subnet group: {limit}.";
        /// What is no subnet.
        InvalidSubnet { id: String } => modelled invalid_subnet: "The subnet ID '{id}' does not exist.";
        /// A subnet that is to be taken out of a group has nodes in it.
        SubnetInUse { id: String } => modelled subnet_in_use: "The subnet {id} is in use by a DAX cluster.";
        /// What is no ARN of a cluster.
        InvalidArn { arn: String } => modelled invalid_arn_fault: "Invalid ARN: {arn}.";
        /// More tags than a cluster may have.
        TagQuota { limit: usize } => modelled tag_quota_per_resource_exceeded:
            "You have exceeded the maximum number of tags for this DAX cluster: {limit}.";
        /// The cluster has no such tag.
        TagNotFound { key: String } => modelled tag_not_found_fault: "Tag {key} not found.";
        /// A parameter has no such value.
        InvalidParameterValue { reason: String } => modelled invalid_parameter_value_exception: "{reason}";
        /// Parameters that do not go together.
        InvalidParameterCombination { reason: String } => modelled invalid_parameter_combination_exception: "{reason}";
    }
}

impl Error {
    /// A parameter whose value is not allowed.
    pub(crate) fn value(reason: impl Into<String>) -> Self {
        Error::InvalidParameterValue { reason: reason.into() }
    }
}
