//! Pure decisions: no transaction, no clock, no I/O.

mod address;
mod attributes_named;
mod decreases;
mod index_definition;
mod key_definition;
mod one_change;
pub(crate) mod own_access;
pub(crate) mod policy_document;
pub(crate) mod public_policy;
mod replica_updates;
mod strong_consistency;
mod table_definition;
mod target_tracking;
mod throughput;
mod violations;

pub(crate) use address::{ResourceAddress, TableAddress, check_region};
pub(crate) use attributes_named::attributes_named;
pub(crate) use decreases::{date_text, next_decrease};
pub(crate) use index_definition::{
    IndexDefinition, check_count_of_global as check_index_count, check_projected, global_index,
};
pub(crate) use key_definition::global_key_schema;
pub(crate) use one_change::check_one_change;
pub(crate) use replica_updates::{ReplicaAction, check_only_replicas, no_replicas, replica_actions};
pub(crate) use strong_consistency::{Plan, ReplicaRequest, one_only};
pub(crate) use table_definition::{TableDefinition, definitions};
pub(crate) use target_tracking::{POINTS_TO_SHRINK, wanted_units};
pub(crate) use throughput::{Lower, ON_DEMAND_WARM, capacity, on_demand, warm};
pub(crate) use violations::invalid_request;
