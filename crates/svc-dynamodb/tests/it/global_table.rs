//! Global tables of the version of 2017.

use virga_api::dynamodb as api;

use crate::cloud::Cloud;

fn replica(region: &str) -> api::Replica {
    api::Replica::new().with_region_name(region)
}

fn creation(regions: &[&str]) -> api::CreateGlobalTableInput {
    let group: Vec<_> = regions.iter().map(|region| replica(region)).collect();
    api::CreateGlobalTableInput::new().with_global_table_name("tab").with_replication_group(group)
}

async fn change(cloud: &Cloud, update: api::ReplicaUpdate) -> Result<api::UpdateGlobalTableOutput, String> {
    let input =
        api::UpdateGlobalTableInput::new().with_global_table_name("tab").with_replica_updates(vec![update]);
    cloud.call::<api::op::UpdateGlobalTable>(input).await.map_err(|error| error.code.to_string())
}

#[tokio::test]
async fn tables_that_were_made_apart_are_joined_and_parted() {
    let cloud = Cloud::new();
    let (other, third) = (cloud.in_region("us-east-1"), cloud.in_region("us-west-2"));
    for region in [&cloud, &other, &third] {
        region.create("tab").await;
    }
    let output =
        cloud.call::<api::op::CreateGlobalTable>(creation(&["eu-west-1", "us-east-1"])).await.unwrap();
    let shown = output.global_table_description().unwrap();
    assert_eq!(shown.global_table_status(), Some("CREATING"));
    assert_eq!(shown.global_table_arn(), Some("arn:aws:dynamodb::111122223333:global-table/tab"));
    let again = cloud.call::<api::op::CreateGlobalTable>(creation(&["eu-west-1"])).await;
    assert_eq!(again.unwrap_err().code, "GlobalTableAlreadyExistsException");
    assert_eq!(other.describe("tab").await.unwrap().global_table_version(), Some("2017.11.29"));

    other.put("tab", &[("a", "x"), ("b", "y")]).await.unwrap();
    assert_eq!(cloud.all("tab", None).await.len(), 1);
    assert!(third.all("tab", None).await.is_empty());

    let add = |region: &str| {
        api::ReplicaUpdate::new().with_create(api::CreateReplicaAction::new().with_region_name(region))
    };
    assert_eq!(change(&cloud, add("us-east-1")).await.unwrap_err(), "ReplicaAlreadyExistsException");
    assert_eq!(change(&cloud, add("eu-west-3")).await.unwrap_err(), "TableNotFoundException");
    change(&cloud, add("us-west-2")).await.unwrap();
    third.put("tab", &[("a", "z"), ("b", "y")]).await.unwrap();
    assert_eq!(cloud.all("tab", None).await.len(), 2);

    let remove =
        api::ReplicaUpdate::new().with_delete(api::DeleteReplicaAction::new().with_region_name("us-west-2"));
    change(&cloud, remove.clone()).await.unwrap();
    assert_eq!(change(&cloud, remove).await.unwrap_err(), "ReplicaNotFoundException");
    third.delete("tab", &[("a", "z"), ("b", "y")]).await.unwrap();
    assert_eq!(other.all("tab", None).await.len(), 2, "a table that was taken out is alone");

    let input = api::ListGlobalTablesInput::new().with_region_name("us-east-1");
    let output = third.call::<api::op::ListGlobalTables>(input).await.unwrap();
    assert_eq!(output.global_tables().unwrap().iter().next().unwrap().global_table_name(), Some("tab"));
    for region in [&cloud, &other] {
        let input = api::DeleteTableInput::new().with_table_name("tab");
        region.call::<api::op::DeleteTable>(input).await.unwrap();
    }
    let input = api::DescribeGlobalTableInput::new().with_global_table_name("tab");
    let gone = cloud.call::<api::op::DescribeGlobalTable>(input).await;
    assert_eq!(gone.unwrap_err().code, "GlobalTableNotFoundException");
}

#[tokio::test]
async fn only_empty_tables_of_all_regions_are_joined() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let missing = cloud.call::<api::op::CreateGlobalTable>(creation(&["eu-west-1", "us-east-1"])).await;
    assert_eq!(missing.unwrap_err().code, "TableNotFoundException");
    let other = cloud.in_region("us-east-1");
    other.create("tab").await;
    other.put("tab", &[("a", "x"), ("b", "y")]).await.unwrap();
    let filled = cloud.call::<api::op::CreateGlobalTable>(creation(&["eu-west-1", "us-east-1"])).await;
    assert_eq!(filled.unwrap_err().code, "ValidationException");
}

#[tokio::test]
async fn settings_are_those_of_all_regions() {
    let cloud = Cloud::new();
    let other = cloud.in_region("us-east-1");
    cloud.create("tab").await;
    other.create("tab").await;
    cloud.call::<api::op::CreateGlobalTable>(creation(&["eu-west-1", "us-east-1"])).await.unwrap();
    let reading = api::ReplicaSettingsUpdate::new()
        .with_region_name("us-east-1")
        .with_replica_provisioned_read_capacity_units(7)
        .with_replica_provisioned_read_capacity_auto_scaling_settings_update(scaling(7, 70));
    let index = api::GlobalTableGlobalSecondaryIndexSettingsUpdate::new()
        .with_index_name("by-c")
        .with_provisioned_write_capacity_units(5)
        .with_provisioned_write_capacity_auto_scaling_settings_update(scaling(5, 50));
    let input = api::UpdateGlobalTableSettingsInput::new()
        .with_global_table_name("tab")
        .with_global_table_billing_mode("PROVISIONED")
        .with_global_table_provisioned_write_capacity_units(9)
        .with_global_table_provisioned_write_capacity_auto_scaling_settings_update(scaling(9, 90))
        .with_global_table_global_secondary_index_settings_update(vec![index])
        .with_replica_settings_update(vec![reading]);
    cloud.call::<api::op::UpdateGlobalTableSettings>(input).await.unwrap();
    let input = api::DescribeGlobalTableSettingsInput::new().with_global_table_name("tab");
    let output = cloud.call::<api::op::DescribeGlobalTableSettings>(input).await.unwrap();
    let units: Vec<_> = output
        .replica_settings()
        .unwrap()
        .iter()
        .map(|replica| {
            (
                replica.replica_provisioned_read_capacity_units(),
                replica.replica_provisioned_write_capacity_units(),
            )
        })
        .collect();
    assert_eq!(units[1], (Some(7), Some(9)));
    assert_eq!(units[0].1, Some(9));
    let most: Vec<_> = output.replica_settings().unwrap().iter().map(most_units).collect();
    assert_eq!(most, [[None, Some(90), Some(50)], [Some(70), Some(90), Some(50)]]);
}

fn scaling(minimum: i64, maximum: i64) -> api::AutoScalingSettingsUpdate {
    api::AutoScalingSettingsUpdate::new().with_minimum_units(minimum).with_maximum_units(maximum)
}

/// How far the reads and writes of a replica, and the writes of its index, may grow.
fn most_units(replica: &api::ReplicaSettingsDescription) -> [Option<i64>; 3] {
    let index = replica.replica_global_secondary_index_settings().unwrap().iter().next().unwrap();
    [
        replica.replica_provisioned_read_capacity_auto_scaling_settings().unwrap().maximum_units(),
        replica.replica_provisioned_write_capacity_auto_scaling_settings().unwrap().maximum_units(),
        index.provisioned_write_capacity_auto_scaling_settings().unwrap().maximum_units(),
    ]
}
