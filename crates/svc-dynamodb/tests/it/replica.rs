//! Global tables.

use virga_api::dynamodb as api;

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
