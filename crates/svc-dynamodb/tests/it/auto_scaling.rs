//! Auto scaling: settings in all regions, and capacity that follows its use.

use virga_api::dynamodb as api;
use virga_kit::testing::error;
use virga_model::ApiError;

use crate::cloud::Cloud;

/// A provisioned table `tab` with a global index, five units of each.
async fn create(cloud: &Cloud) {
    cloud.create("tab").await;
    let units =
        || api::ProvisionedThroughput::new().with_read_capacity_units(5_i64).with_write_capacity_units(5_i64);
    let index = api::UpdateGlobalSecondaryIndexAction::new()
        .with_index_name("by-c")
        .with_provisioned_throughput(units());
    let input = api::UpdateTableInput::new()
        .with_table_name("tab")
        .with_billing_mode("PROVISIONED")
        .with_provisioned_throughput(units())
        .with_global_secondary_index_updates(vec![api::GlobalSecondaryIndexUpdate::new().with_update(index)]);
    cloud.call::<api::op::UpdateTable>(input).await.unwrap();
}

async fn replicate(cloud: &Cloud, region: &str) {
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name(region);
    let update = api::ReplicationGroupUpdate::new().with_create(create);
    let input = api::UpdateTableInput::new().with_table_name("tab").with_replica_updates(vec![update]);
    cloud.call::<api::op::UpdateTable>(input).await.unwrap();
}

fn settings(minimum: i64, maximum: i64, target: f64) -> api::AutoScalingSettingsUpdate {
    let configuration =
        api::AutoScalingTargetTrackingScalingPolicyConfigurationUpdate::new().with_target_value(target);
    let policy =
        api::AutoScalingPolicyUpdate::new().with_target_tracking_scaling_policy_configuration(configuration);
    api::AutoScalingSettingsUpdate::new()
        .with_minimum_units(minimum)
        .with_maximum_units(maximum)
        .with_scaling_policy_update(policy)
}

fn writes(update: api::AutoScalingSettingsUpdate) -> api::UpdateTableReplicaAutoScalingInput {
    api::UpdateTableReplicaAutoScalingInput::new().with_provisioned_write_capacity_auto_scaling_update(update)
}

fn reads(region: &str, update: api::AutoScalingSettingsUpdate) -> api::UpdateTableReplicaAutoScalingInput {
    let update = api::ReplicaAutoScalingUpdate::new()
        .with_region_name(region)
        .with_replica_provisioned_read_capacity_auto_scaling_update(update);
    api::UpdateTableReplicaAutoScalingInput::new().with_replica_updates(vec![update])
}

async fn set(
    cloud: &Cloud,
    input: api::UpdateTableReplicaAutoScalingInput,
) -> Result<api::TableAutoScalingDescription, ApiError> {
    let input = input.with_table_name("tab");
    let output = cloud.call::<api::op::UpdateTableReplicaAutoScaling>(input).await?;
    Ok(output.table_auto_scaling_description().unwrap().clone())
}

/// Read and write units of the table, and write units of its index.
async fn units(cloud: &Cloud) -> [i64; 3] {
    let table = cloud.describe("tab").await.unwrap();
    let units = table.provisioned_throughput().unwrap();
    let index = table.global_secondary_indexes().unwrap().iter().next().unwrap();
    let of_index = index.provisioned_throughput().unwrap();
    [
        units.read_capacity_units().unwrap(),
        units.write_capacity_units().unwrap(),
        of_index.write_capacity_units().unwrap(),
    ]
}

/// A minute in which so many units are written, 4 at a time, to the index too.
async fn minute(cloud: &Cloud, written: usize) {
    let long = "l".repeat(3500);
    for number in 0..written / 4 {
        let sort = format!("b{}-{number}", cloud.world.clock().now().micros());
        cloud.put("tab", &[("a", "x"), ("b", &sort), ("c", "c"), ("l", &long)]).await.unwrap();
    }
    cloud.advance(60).await;
}

#[tokio::test]
async fn writes_follow_their_use() {
    let cloud = Cloud::new();
    create(&cloud).await;
    let index = api::GlobalSecondaryIndexAutoScalingUpdate::new()
        .with_index_name("by-c")
        .with_provisioned_write_capacity_auto_scaling_update(settings(5, 7, 50.0));
    let input = writes(settings(4, 100, 70.0)).with_global_secondary_index_updates(vec![index]);
    set(&cloud, input).await.unwrap();
    minute(&cloud, 240).await;
    assert_eq!(units(&cloud).await, [5, 5, 5], "one minute is not enough");
    minute(&cloud, 240).await;
    assert_eq!(
        units(&cloud).await,
        [5, 6, 7],
        "four a second are 70 % of six; the index may have seven at most"
    );
    minute(&cloud, 480).await;
    minute(&cloud, 480).await;
    assert_eq!(units(&cloud).await[1], 12);
    for _ in 0..14 {
        minute(&cloud, 60).await;
    }
    assert_eq!(units(&cloud).await[1], 12);
    minute(&cloud, 60).await;
    assert_eq!(units(&cloud).await[1], 4, "fifteen quiet minutes let it shrink, not below the minimum");
}

#[tokio::test]
async fn what_nobody_uses_does_not_shrink() {
    let cloud = Cloud::new();
    create(&cloud).await;
    set(&cloud, writes(settings(1, 100, 70.0))).await.unwrap();
    cloud.advance(3600).await;
    assert_eq!(units(&cloud).await[1], 5);
    set(&cloud, writes(settings(8, 100, 70.0))).await.unwrap();
    cloud.advance(60).await;
    assert_eq!(units(&cloud).await[1], 8, "what is below the minimum comes to it");
    let off = api::AutoScalingSettingsUpdate::new().with_auto_scaling_disabled(true);
    let shown = set(&cloud, writes(off)).await.unwrap();
    let replica = shown.replicas().unwrap().iter().next().unwrap();
    let settings = replica.replica_provisioned_write_capacity_auto_scaling_settings().unwrap();
    assert_eq!((settings.auto_scaling_disabled(), settings.minimum_units()), (Some(true), None));
    minute(&cloud, 1200).await;
    minute(&cloud, 1200).await;
    assert_eq!(units(&cloud).await[1], 8);
}

#[tokio::test]
async fn replicas_write_as_one_and_read_for_themselves() {
    let cloud = Cloud::new();
    let (other, third) = (cloud.in_region("us-east-1"), cloud.in_region("us-west-2"));
    create(&cloud).await;
    replicate(&cloud, "us-east-1").await;
    set(&cloud, writes(settings(5, 100, 70.0))).await.unwrap();
    let shown = set(&cloud, reads("us-east-1", settings(5, 50, 50.0))).await.unwrap();
    let regions: Vec<_> = shown.replicas().unwrap().iter().collect();
    let described = |place: usize| {
        let replica = &regions[place];
        let read = replica.replica_provisioned_read_capacity_auto_scaling_settings().unwrap();
        let write = replica.replica_provisioned_write_capacity_auto_scaling_settings().unwrap();
        (replica.region_name().unwrap(), read.maximum_units(), write.maximum_units())
    };
    assert_eq!(described(0), ("eu-west-1", None, Some(100)));
    assert_eq!(described(1), ("us-east-1", Some(50), Some(100)));
    let write = regions[0].replica_provisioned_write_capacity_auto_scaling_settings().unwrap();
    let role = "arn:aws:iam::111122223333:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/\
                AWSServiceRoleForApplicationAutoScaling_DynamoDBTable";
    assert_eq!(write.auto_scaling_role_arn(), Some(role));
    let policy = write.scaling_policies().unwrap().iter().next().unwrap();
    assert_eq!(policy.policy_name(), Some("DynamoDBWriteCapacityUtilization:table/tab"));
    let configuration = policy.target_tracking_scaling_policy_configuration().unwrap();
    assert_eq!((configuration.target_value(), configuration.disable_scale_in()), (70.0, None));
    minute(&cloud, 480).await;
    replicate(&cloud, "us-west-2").await;
    minute(&cloud, 480).await;
    assert_eq!([units(&cloud).await[1], units(&other).await[1], units(&third).await[1]], [12, 12, 12]);
    for _ in 0..2 {
        for _ in 0..40 {
            // Ten units each: eventually consistent, eighty thousand bytes.
            other.all("tab", None).await;
        }
        cloud.advance(60).await;
    }
    assert_eq!(units(&cloud).await[0], 5);
    assert!(units(&other).await[0] > 5);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let cloud = Cloud::new();
    create(&cloud).await;
    let wrong = "ValidationException";
    let index = |name: &str| {
        let update = api::GlobalSecondaryIndexAutoScalingUpdate::new()
            .with_index_name(name)
            .with_provisioned_write_capacity_auto_scaling_update(settings(1, 2, 70.0));
        api::UpdateTableReplicaAutoScalingInput::new().with_global_secondary_index_updates(vec![update])
    };
    for (input, code) in [
        (api::UpdateTableReplicaAutoScalingInput::new(), wrong),
        (writes(settings(2, 1, 70.0)), wrong),
        (writes(settings(1, 2, 9.9)), wrong),
        (writes(settings(1, 2, 90.1)), wrong),
        (writes(api::AutoScalingSettingsUpdate::new().with_minimum_units(1_i64)), wrong),
        (reads("us-east-1", settings(1, 2, 70.0)), wrong),
        (index("other"), "ResourceNotFoundException"),
    ] {
        assert_eq!(error(set(&cloud, input).await).0, code);
    }
    let input = writes(settings(1, 2, 70.0)).with_table_name("none");
    let refused = cloud.call::<api::op::UpdateTableReplicaAutoScaling>(input).await;
    assert_eq!(error(refused).0, "ResourceNotFoundException");
    set(&cloud, index("by-c")).await.unwrap();
    // What is not said stays as it was.
    set(&cloud, writes(settings(1, 9, 70.0))).await.unwrap();
    let update = api::AutoScalingSettingsUpdate::new().with_minimum_units(3_i64);
    let shown = set(&cloud, writes(update)).await.unwrap();
    let replica = shown.replicas().unwrap().iter().next().unwrap();
    let settings = replica.replica_provisioned_write_capacity_auto_scaling_settings().unwrap();
    assert_eq!((settings.minimum_units(), settings.maximum_units()), (Some(3), Some(9)));
    assert_eq!(settings.scaling_policies().unwrap().iter().count(), 1);
}

#[tokio::test]
async fn capacity_is_decreased_four_times_a_day_and_then_once_an_hour() {
    let cloud = Cloud::new();
    create(&cloud).await;
    let decrease = async |write: i64| {
        let units = api::ProvisionedThroughput::new()
            .with_read_capacity_units(50_i64)
            .with_write_capacity_units(write);
        let input = api::UpdateTableInput::new().with_table_name("tab").with_provisioned_throughput(units);
        cloud.call::<api::op::UpdateTable>(input).await.map(|_| ())
    };
    decrease(50).await.unwrap();
    for write in (45..49).rev() {
        decrease(write).await.unwrap();
    }
    let (code, text) = error(decrease(44).await);
    assert_eq!(code, "LimitExceededException");
    assert!(text.contains("Number of decreases today: 4. Last decrease at"), "{text}");
    decrease(46).await.unwrap();
    cloud.advance(3600).await;
    decrease(44).await.unwrap();
    assert_eq!(error(decrease(43).await).0, "LimitExceededException");
    cloud.advance(24 * 3600).await;
    decrease(43).await.unwrap();
}
