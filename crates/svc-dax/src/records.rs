//! What DAX stores. Times are microseconds since the epoch by the world's clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// Tells this cluster from others of its name, before and after it.
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) node_type: String,
    pub(crate) status: Status,
    pub(crate) nodes: Vec<Node>,
    pub(crate) subnet_group: String,
    pub(crate) security_groups: Vec<String>,
    pub(crate) maintenance_window: String,
    pub(crate) topic: Option<Topic>,
    pub(crate) role_arn: String,
    pub(crate) parameter_group: String,
    /// Whether data at rest is said to be encrypted.
    pub(crate) is_encrypted: bool,
    /// Whether its clients speak TLS.
    pub(crate) is_tls: bool,
    pub(crate) network_type: String,
    /// The port that it should have.
    pub(crate) port: u16,
    /// How often nodes were rebooted.
    pub(crate) reboots: u64,
}
stored!(Cluster, 1);

/// `Status` of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Creating,
    Available,
    Modifying,
    Deleting,
}

impl Status {
    /// As AWS writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Creating => "creating",
            Status::Available => "available",
            Status::Modifying => "modifying",
            Status::Deleting => "deleting",
        }
    }
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Node {
    /// The cluster's name and a letter.
    pub(crate) id: String,
    pub(crate) availability_zone: String,
    /// When it was made, once it is.
    pub(crate) created: Option<i64>,
    pub(crate) status: NodeStatus,
}

/// `NodeStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NodeStatus {
    Creating,
    Available,
    Rebooting,
    Deleting,
}

impl NodeStatus {
    /// As AWS writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            NodeStatus::Creating => "creating",
            NodeStatus::Available => "available",
            NodeStatus::Rebooting => "rebooting",
            NodeStatus::Deleting => "deleting",
        }
    }
}

/// Whom events are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    pub(crate) is_active: bool,
}

/// The tags of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);
stored!(Tags, 1);

/// A parameter group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ParameterGroup {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// `query-ttl-millis`.
    pub(crate) query_ttl_millis: u64,
    /// `record-ttl-millis`.
    pub(crate) record_ttl_millis: u64,
}
stored!(ParameterGroup, 1);

/// A subnet group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SubnetGroup {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) subnets: Vec<String>,
}
stored!(SubnetGroup, 1);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) source: String,
    pub(crate) source_type: SourceType,
    pub(crate) message: String,
}
stored!(Event, 1);

/// `SourceType` of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SourceType {
    Cluster,
    ParameterGroup,
    SubnetGroup,
}
