//! Decisions that need no store.

mod arn;
mod maintenance_window;
mod name;
mod network;
mod node_type;

pub(crate) use arn::check_arn;
pub(crate) use maintenance_window::{check_window, default_window};
pub(crate) use name::{check_cluster_name, check_group_name};
pub(crate) use network::{availability_zones, is_subnet, security_group, subnet_zone, subnets, vpc};
pub(crate) use node_type::check_node_type;
