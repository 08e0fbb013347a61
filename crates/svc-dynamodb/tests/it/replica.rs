//! Global tables.

use virga_api::dynamodb as api;

use virga_model::ApiError;

use crate::cloud::Cloud;

async fn update(cloud: &Cloud, update: api::ReplicationGroupUpdate) {
    let input = api::UpdateTableInput::new().with_table_name("tab").with_replica_updates(vec![update]);
    cloud.call::<api::op::UpdateTable>(input).await.unwrap();
    cloud.advance(1).await;
}

#[tokio::test]
async fn what_is_written_in_one_region_is_in_all() {
    let cloud = Cloud::new();
    let other = cloud.in_region("us-east-1");
    cloud.create("tab").await;
    for number in 0..250 {
        cloud.put("tab", &[("a", "x"), ("b", &format!("b{number}"))]).await.unwrap();
    }
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name("us-east-1");
    update(&cloud, api::ReplicationGroupUpdate::new().with_create(create)).await;
    assert_eq!(other.all("tab", None).await.len(), 250);
    let shown = other.describe("tab").await.unwrap();
    assert_eq!(shown.global_table_version(), Some("2019.11.21"));
    let regions: Vec<_> =
        shown.replicas().unwrap().iter().map(|replica| replica.region_name().unwrap()).collect();
    assert_eq!(regions, ["eu-west-1"]);
    other.put("tab", &[("a", "new"), ("b", "b"), ("c", "c")]).await.unwrap();
    cloud.delete("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
    assert_eq!(cloud.all("tab", None).await, other.all("tab", None).await);
    assert_eq!(cloud.all("tab", Some("by-c")).await.len(), 1);
    assert_eq!(other.changes("tab").await.last().unwrap().0, "REMOVE");
    let delete = api::DeleteReplicationGroupMemberAction::new().with_region_name("us-east-1");
    update(&cloud, api::ReplicationGroupUpdate::new().with_delete(delete)).await;
    assert_eq!(other.describe("tab").await.unwrap_err().code, "ResourceNotFoundException");
    assert!(cloud.describe("tab").await.unwrap().replicas().is_none());
}

async fn try_update(cloud: &Cloud, input: api::UpdateTableInput) -> Result<api::TableDescription, ApiError> {
    let input = input.with_table_name("tab");
    cloud.call::<api::op::UpdateTable>(input).await.map(|output| output.table_description().unwrap().clone())
}

fn replicas(update: api::ReplicationGroupUpdate) -> api::UpdateTableInput {
    api::UpdateTableInput::new().with_replica_updates(vec![update])
}

fn units(read: i64, write: i64) -> api::ProvisionedThroughput {
    api::ProvisionedThroughput::new().with_read_capacity_units(read).with_write_capacity_units(write)
}

/// Read and write units of the table and of its index.
fn capacity(table: &api::TableDescription) -> [Option<i64>; 4] {
    let index = table.global_secondary_indexes().unwrap().iter().next().unwrap();
    let (table, index) = (table.provisioned_throughput().unwrap(), index.provisioned_throughput().unwrap());
    [
        table.read_capacity_units(),
        table.write_capacity_units(),
        index.read_capacity_units(),
        index.write_capacity_units(),
    ]
}

fn reads(units: i64) -> api::ProvisionedThroughputOverride {
    api::ProvisionedThroughputOverride::new().with_read_capacity_units(units)
}

fn index_units(read: i64, write: i64) -> Vec<api::GlobalSecondaryIndexUpdate> {
    let update = api::UpdateGlobalSecondaryIndexAction::new()
        .with_index_name("by-c")
        .with_provisioned_throughput(units(read, write));
    vec![api::GlobalSecondaryIndexUpdate::new().with_update(update)]
}

#[tokio::test]
async fn a_replica_reads_with_units_and_a_class_of_its_own() {
    let cloud = Cloud::new();
    let other = cloud.in_region("us-east-1");
    cloud.create("tab").await;
    let provisioned = api::UpdateTableInput::new()
        .with_billing_mode("PROVISIONED")
        .with_provisioned_throughput(units(5, 6))
        .with_global_secondary_index_updates(index_units(7, 8));
    try_update(&cloud, provisioned).await.unwrap();
    let create = api::CreateReplicationGroupMemberAction::new()
        .with_region_name("us-east-1")
        .with_provisioned_throughput_override(reads(50));
    let shown =
        try_update(&cloud, replicas(api::ReplicationGroupUpdate::new().with_create(create))).await.unwrap();
    let status = |table: &api::TableDescription| {
        let replicas = table.replicas().into_iter().flat_map(virga_model::view::List::iter);
        replicas.map(|replica| replica.replica_status().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(status(&shown), ["CREATING"]);
    assert_eq!(capacity(&other.describe("tab").await.unwrap()), [Some(50), Some(6), Some(7), Some(8)]);
    // What changes everywhere changes there, too, but for what the replica has of its own.
    let more = api::UpdateTableInput::new()
        .with_provisioned_throughput(units(50, 10))
        .with_global_secondary_index_updates(index_units(9, 8));
    try_update(&cloud, more).await.unwrap();
    let class = api::UpdateTableInput::new().with_table_class("STANDARD_INFREQUENT_ACCESS");
    try_update(&cloud, class).await.unwrap();
    assert_eq!(capacity(&other.describe("tab").await.unwrap()), [Some(50), Some(10), Some(9), Some(8)]);
    let class = |table: &api::TableDescription| {
        table.table_class_summary().and_then(|summary| summary.table_class()).map(str::to_owned)
    };
    assert_eq!(class(&other.describe("tab").await.unwrap()).as_deref(), Some("STANDARD_INFREQUENT_ACCESS"));
    let index = api::ReplicaGlobalSecondaryIndex::new()
        .with_index_name("by-c")
        .with_provisioned_throughput_override(reads(70));
    let change = api::UpdateReplicationGroupMemberAction::new()
        .with_region_name("us-east-1")
        .with_table_class_override("STANDARD")
        .with_global_secondary_indexes(vec![index]);
    let shown =
        try_update(&cloud, replicas(api::ReplicationGroupUpdate::new().with_update(change))).await.unwrap();
    assert_eq!(status(&shown), ["UPDATING"]);
    try_update(&cloud, api::UpdateTableInput::new().with_table_class("STANDARD_INFREQUENT_ACCESS"))
        .await
        .unwrap();
    let there = other.describe("tab").await.unwrap();
    assert_eq!(capacity(&there), [Some(50), Some(10), Some(70), Some(8)]);
    assert_eq!(class(&there).as_deref(), Some("STANDARD"));
    let here = cloud.describe("tab").await.unwrap();
    assert_eq!(capacity(&here), [Some(50), Some(10), Some(9), Some(8)]);
    let replica = here.replicas().unwrap().iter().next().unwrap();
    let own = replica.provisioned_throughput_override().unwrap();
    assert_eq!(own.read_capacity_units(), Some(50));
    let of_index = replica.global_secondary_indexes().unwrap().iter().next().unwrap();
    assert_eq!(of_index.provisioned_throughput_override().unwrap().read_capacity_units(), Some(70));
    let summary = replica.replica_table_class_summary().unwrap();
    assert_eq!(summary.table_class(), Some("STANDARD"));
    // What is set in the region of the replica stays when the others change.
    let own = api::UpdateTableInput::new().with_provisioned_throughput(units(60, 10));
    try_update(&other, own).await.unwrap();
    let more = api::UpdateTableInput::new().with_provisioned_throughput(units(5, 11));
    try_update(&cloud, more).await.unwrap();
    assert_eq!(capacity(&other.describe("tab").await.unwrap()), [Some(60), Some(11), Some(70), Some(8)]);
}

#[tokio::test]
async fn what_a_replica_cannot_have_is_refused() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name("us-east-1");
    update(&cloud, api::ReplicationGroupUpdate::new().with_create(create)).await;
    let change = || api::UpdateReplicationGroupMemberAction::new().with_region_name("us-east-1");
    let on_demand = api::OnDemandThroughputOverride::new().with_max_read_request_units(100_i64);
    let unknown = api::ReplicaGlobalSecondaryIndex::new()
        .with_index_name("no-index")
        .with_on_demand_throughput_override(on_demand.clone());
    let cases = [
        (change().with_provisioned_throughput_override(reads(5)), "ValidationException"),
        (change().with_global_secondary_indexes(vec![unknown]), "ResourceNotFoundException"),
        (change().with_region_name("eu-west-3"), "ValidationException"),
    ];
    for (case, code) in cases {
        let input = replicas(api::ReplicationGroupUpdate::new().with_update(case));
        assert_eq!(try_update(&cloud, input).await.unwrap_err().code, code);
    }
    let capped = change().with_on_demand_throughput_override(on_demand);
    update(&cloud, api::ReplicationGroupUpdate::new().with_update(capped)).await;
    let maximum = cloud.in_region("us-east-1").describe("tab").await.unwrap();
    assert_eq!(maximum.on_demand_throughput().unwrap().max_read_request_units(), Some(100));
    assert!(cloud.describe("tab").await.unwrap().on_demand_throughput().is_none());
}

#[tokio::test]
async fn a_protected_replica_stays() {
    let cloud = Cloud::new();
    let other = cloud.in_region("us-east-1");
    cloud.create("tab").await;
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name("us-east-1");
    update(&cloud, api::ReplicationGroupUpdate::new().with_create(create)).await;
    let protect = |on: bool| api::UpdateTableInput::new().with_deletion_protection_enabled(on);
    try_update(&other, protect(true)).await.unwrap();
    assert_eq!(cloud.describe("tab").await.unwrap().deletion_protection_enabled(), Some(false));
    let delete = || {
        let delete = api::DeleteReplicationGroupMemberAction::new().with_region_name("us-east-1");
        replicas(api::ReplicationGroupUpdate::new().with_delete(delete))
    };
    let refused = "Cannot delete table tab in region us-east-1 because it has deletion protection enabled. Disable deletion \
                   protection first.";
    assert_eq!(try_update(&cloud, delete()).await.unwrap_err().message, refused);
    let input = api::DeleteTableInput::new().with_table_name("tab");
    assert_eq!(other.call::<api::op::DeleteTable>(input).await.unwrap_err().message, refused);
    let input = api::DescribeTableReplicaAutoScalingInput::new().with_table_name("tab");
    let shown = cloud.call::<api::op::DescribeTableReplicaAutoScaling>(input).await.unwrap();
    let described = shown.table_auto_scaling_description().unwrap().replicas().unwrap();
    let regions: Vec<_> = described.iter().map(|replica| replica.region_name().unwrap()).collect();
    assert_eq!(regions, ["eu-west-1", "us-east-1"]);
    try_update(&other, protect(false)).await.unwrap();
    let shown = try_update(&cloud, delete()).await.unwrap();
    let leaving = shown.replicas().unwrap().iter().next().unwrap();
    assert_eq!(leaving.replica_status(), Some("DELETING"));
    assert!(cloud.describe("tab").await.unwrap().replicas().is_none());
}

fn creation(region: &str) -> api::ReplicationGroupUpdate {
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name(region);
    api::ReplicationGroupUpdate::new().with_create(create)
}

fn deletion(region: &str) -> api::ReplicationGroupUpdate {
    let delete = api::DeleteReplicationGroupMemberAction::new().with_region_name(region);
    api::ReplicationGroupUpdate::new().with_delete(delete)
}

fn all(updates: Vec<api::ReplicationGroupUpdate>) -> api::UpdateTableInput {
    api::UpdateTableInput::new().with_replica_updates(updates)
}

#[tokio::test]
async fn replicas_come_and_go_one_by_one() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    // The same creation twice is one.
    try_update(&cloud, all(vec![creation("us-east-1"), creation("us-east-1")])).await.unwrap();
    let several = "Update table operation with more than one create or delete replica actions not allowed";
    let kinds = "Update table operation with more than one type of replica actions not allowed.";
    let local = "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
                 UpdateTable as required.";
    let nothing = "There are no actions specified in the Replica Update Action of the request.";
    let only = "One or more parameter values were invalid: Replica modification must be the only operation in the request";
    let unknown = "Update global table operation failed because one or more replicas were not part of the global table. \
                   Please retry the request without these replicas: [eu-west-3].";
    let there = "Failed to create a the new replica of table with name: ‘tab’ because one or more replicas already \
                 existed as tables.";
    let unsupported = "Region us-fake-1 is not supported. The latest version of global tables are only supported in the \
                       following regions: [ap-south-2, ap-south-1, ";
    let of_nothing = api::ReplicationGroupUpdate::new()
        .with_update(api::UpdateReplicationGroupMemberAction::new().with_region_name("us-east-1"));
    let of_two = creation("us-east-1")
        .with_delete(api::DeleteReplicationGroupMemberAction::new().with_region_name("x"));
    for (input, expected) in [
        (all(vec![creation("us-east-2"), creation("us-west-2")]), several),
        (all(vec![deletion("us-east-1"), deletion("us-west-2")]), several),
        (all(vec![creation("us-east-2"), deletion("us-east-1")]), kinds),
        (all(vec![of_two]), kinds),
        (all(vec![creation("eu-west-1")]), local),
        (all(vec![deletion("eu-west-1")]), local),
        (all(vec![of_nothing]), nothing),
        (all(vec![api::ReplicationGroupUpdate::new()]), nothing),
        (all(vec![creation("eu-west-3")]).with_deletion_protection_enabled(true), only),
        (all(vec![creation("eu-west-3")]).with_table_class("STANDARD"), only),
        (all(vec![deletion("eu-west-3")]), unknown),
        (all(vec![creation("us-east-1")]), there),
        (all(vec![creation("us-fake-1")]), unsupported),
    ] {
        let message = try_update(&cloud, input).await.unwrap_err().message;
        assert!(message.starts_with(expected), "{message}");
    }
}

#[tokio::test]
async fn replicas_have_streams_of_the_same_view() {
    let cloud = Cloud::new();
    let other = cloud.in_region("us-east-1");
    for view in ["NEW_AND_OLD_IMAGES", "KEYS_ONLY"] {
        cloud.create("tab").await;
        let off = api::StreamSpecification::new().with_stream_enabled(false);
        let off = || api::UpdateTableInput::new().with_stream_specification(off.clone());
        try_update(&cloud, off()).await.unwrap();
        // Without a stream, the table gets one of both images.
        if view == "KEYS_ONLY" {
            let on = api::StreamSpecification::new().with_stream_enabled(true).with_stream_view_type(view);
            try_update(&cloud, api::UpdateTableInput::new().with_stream_specification(on)).await.unwrap();
        }
        try_update(&cloud, all(vec![creation("us-east-1")])).await.unwrap();
        for table in [cloud.describe("tab").await.unwrap(), other.describe("tab").await.unwrap()] {
            assert_eq!(table.stream_specification().unwrap().stream_view_type(), Some(view));
            let refused = try_update(&cloud, off()).await.unwrap_err();
            assert!(refused.message.ends_with("Disabling Stream is not allowed for a Global Table replica."));
        }
        try_update(&cloud, all(vec![deletion("us-east-1")])).await.unwrap();
        try_update(&cloud, off()).await.unwrap();
        let input = api::DeleteTableInput::new().with_table_name("tab");
        cloud.call::<api::op::DeleteTable>(input).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_as_everywhere_is_no_override() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    // On demand, read units of a new replica are passed over, as is an index that is not there.
    let create = api::CreateReplicationGroupMemberAction::new()
        .with_region_name("us-east-1")
        .with_provisioned_throughput_override(reads(9))
        .with_global_secondary_indexes(vec![api::ReplicaGlobalSecondaryIndex::new().with_index_name("none")]);
    update(&cloud, api::ReplicationGroupUpdate::new().with_create(create)).await;
    let provisioned = api::UpdateTableInput::new()
        .with_billing_mode("PROVISIONED")
        .with_provisioned_throughput(units(5, 6))
        .with_global_secondary_index_updates(index_units(7, 8));
    try_update(&cloud, provisioned).await.unwrap();
    for (given, expected) in [(10, Some(10)), (10, Some(10)), (5, None)] {
        let change = api::UpdateReplicationGroupMemberAction::new()
            .with_region_name("us-east-1")
            .with_provisioned_throughput_override(reads(given));
        update(&cloud, api::ReplicationGroupUpdate::new().with_update(change)).await;
        let shown = cloud.describe("tab").await.unwrap();
        let replica = shown.replicas().unwrap().iter().next().unwrap();
        let own = replica.provisioned_throughput_override();
        let units = own.map(|own| own.read_capacity_units().unwrap());
        assert_eq!(units, expected);
        assert_eq!(replica.global_table_settings_replication_mode(), Some("ENABLED_WITH_OVERRIDES"));
        assert_eq!(shown.global_table_settings_replication_mode(), Some("ENABLED_WITH_OVERRIDES"));
    }
}
