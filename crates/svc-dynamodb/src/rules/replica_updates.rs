//! What is asked of the replicas of a table: one creation, one deletion, or changes, and nothing else in the request.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ReplicationGroupUpdate.html>

use std::mem::discriminant;

use virga_api::dynamodb as api;
use virga_model::view::List;

use crate::error::Error;

/// The regions in which replicas can be.
const REGIONS: [&str; 34] = [
    "ap-south-2",
    "ap-south-1",
    "eu-south-1",
    "eu-south-2",
    "me-central-1",
    "il-central-1",
    "ca-central-1",
    "ap-east-2",
    "mx-central-1",
    "eu-central-1",
    "eu-central-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "eu-north-1",
    "eu-west-3",
    "eu-west-2",
    "eu-west-1",
    "ap-northeast-3",
    "ap-northeast-2",
    "ap-northeast-1",
    "me-south-1",
    "ca-west-1",
    "sa-east-1",
    "ap-east-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "us-east-1",
    "us-east-2",
];

/// What is asked of one replica.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReplicaAction<'a> {
    Create(&'a api::CreateReplicationGroupMemberAction),
    Delete(&'a str),
    Update(&'a api::UpdateReplicationGroupMemberAction),
}

impl<'a> ReplicaAction<'a> {
    /// The region of the replica.
    pub(crate) fn region(self) -> &'a str {
        match self {
            ReplicaAction::Create(create) => create.region_name(),
            ReplicaAction::Delete(region) => region,
            ReplicaAction::Update(update) => update.region_name(),
        }
    }

    fn of(update: &'a api::ReplicationGroupUpdate) -> Result<Self, Error> {
        match (update.create(), update.delete(), update.update()) {
            (Some(create), None, None) => Ok(ReplicaAction::Create(create)),
            (None, Some(delete), None) => Ok(ReplicaAction::Delete(delete.region_name())),
            (None, None, Some(update)) => {
                if is_change(update) {
                    Ok(ReplicaAction::Update(update))
                } else {
                    Err(no_action())
                }
            }
            (None, None, None) => Err(no_action()),
            _ => Err(several_kinds()),
        }
    }
}

fn no_action() -> Error {
    Error::validation("There are no actions specified in the Replica Update Action of the request.")
}

fn several_kinds() -> Error {
    Error::validation("Update table operation with more than one type of replica actions not allowed.")
}

/// Whether something is to be changed of a replica or of its indexes.
fn is_change(update: &api::UpdateReplicationGroupMemberAction) -> bool {
    let mut indexes = update.global_secondary_indexes().into_iter().flat_map(List::iter);
    update.kms_master_key_id().is_some()
        || update.provisioned_throughput_override().is_some()
        || update.on_demand_throughput_override().is_some()
        || update.table_class_override().is_some()
        || indexes.any(|index| {
            index.provisioned_throughput_override().is_some()
                || index.on_demand_throughput_override().is_some()
        })
}

/// What a request asks of the replicas of a table in the region `local`: of the same region only once.
pub(crate) fn replica_actions<'a>(
    local: &str,
    updates: List<'a, &'a api::ReplicationGroupUpdate>,
) -> Result<Vec<ReplicaAction<'a>>, Error> {
    let mut actions = Vec::<ReplicaAction<'a>>::new();
    for update in updates.iter() {
        let action = ReplicaAction::of(update)?;
        let is_other = |first: &ReplicaAction<'a>| discriminant(first) != discriminant(&action);
        if actions.first().is_some_and(is_other) {
            return Err(several_kinds());
        }
        let is_again = actions.iter().any(|known| known.region() == action.region());
        if is_again && matches!(action, ReplicaAction::Update(_)) {
            return Err(Error::validation("Cannot target multiple regions with the same action"));
        }
        if !is_again {
            actions.push(action);
        }
    }
    for action in &actions {
        check_region(local, action)?;
    }
    Ok(actions)
}

/// Refuses more than one creation or deletion.
pub(crate) fn check_one(actions: &[ReplicaAction<'_>]) -> Result<(), Error> {
    match actions {
        [ReplicaAction::Create(_) | ReplicaAction::Delete(_), _, ..] => Err(Error::validation(
            "Update table operation with more than one create or delete replica actions not allowed",
        )),
        _ => Ok(()),
    }
}

fn check_region(local: &str, action: &ReplicaAction<'_>) -> Result<(), Error> {
    let region = action.region();
    if matches!(action, ReplicaAction::Update(_)) {
        return Ok(());
    }
    if region == local {
        return Err(Error::validation(
            "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
             UpdateTable as required.",
        ));
    }
    if REGIONS.contains(&region) {
        return Ok(());
    }
    Err(Error::validation(format!(
        "Region {region} is not supported. The latest version of global tables are only supported in the following \
         regions: [{}]",
        REGIONS.join(", ")
    )))
}

/// Refuses other changes in a request that changes replicas.
pub(crate) fn check_only_replicas(input: &api::UpdateTableInput) -> Result<(), Error> {
    let others = [
        input.billing_mode().is_some(),
        input.deletion_protection_enabled().is_some(),
        input.global_secondary_index_updates().is_some(),
        input.on_demand_throughput().is_some(),
        input.provisioned_throughput().is_some(),
        input.sse_specification().is_some(),
        input.stream_specification().is_some(),
        input.table_class().is_some(),
        input.warm_throughput().is_some(),
    ];
    if input.replica_updates().is_none() || !others.contains(&true) {
        return Ok(());
    }
    let is_of_witnesses =
        input.multi_region_consistency().is_some() || input.global_table_witness_updates().is_some();
    Err(Error::invalid_values(if is_of_witnesses {
        "Requests that modify replicas or witnesses must not also modify other fields"
    } else {
        "Replica modification must be the only operation in the request"
    }))
}

/// The refusal of regions that are not among those of a table.
pub(crate) fn no_replicas(regions: &[&str]) -> Error {
    Error::validation(format!(
        "Update global table operation failed because one or more replicas were not part of the global table. Please \
         retry the request without these replicas: [{}].",
        regions.join(", ")
    ))
}
