//! Global tables whose regions are strongly consistent.

use virga_api::dynamodb as api;
use virga_model::ApiError;
use virga_model::view::Structure as _;

use crate::cloud::{Cloud, attributes};

fn create(region: &str) -> api::ReplicationGroupUpdate {
    let create = api::CreateReplicationGroupMemberAction::new().with_region_name(region);
    api::ReplicationGroupUpdate::new().with_create(create)
}

fn delete(region: &str) -> api::ReplicationGroupUpdate {
    let delete = api::DeleteReplicationGroupMemberAction::new().with_region_name(region);
    api::ReplicationGroupUpdate::new().with_delete(delete)
}

fn witness(region: &str) -> api::GlobalTableWitnessGroupUpdate {
    let create = api::CreateGlobalTableWitnessGroupMemberAction::new().with_region_name(region);
    api::GlobalTableWitnessGroupUpdate::new().with_create(create)
}

fn no_witness(region: &str) -> api::GlobalTableWitnessGroupUpdate {
    let delete = api::DeleteGlobalTableWitnessGroupMemberAction::new().with_region_name(region);
    api::GlobalTableWitnessGroupUpdate::new().with_delete(delete)
}

/// Changes of replicas and of a witness, with a consistency or without.
fn request(
    updates: Vec<api::ReplicationGroupUpdate>,
    witness: Option<api::GlobalTableWitnessGroupUpdate>,
    consistency: Option<&str>,
) -> api::UpdateTableInput {
    api::UpdateTableInput::new()
        .with_table_name("tab")
        .with_replica_updates(updates)
        .with_global_table_witness_updates(witness.map(|witness| vec![witness]))
        .with_multi_region_consistency(consistency)
}

async fn update(cloud: &Cloud, input: api::UpdateTableInput) -> Result<api::TableDescription, ApiError> {
    cloud.call::<api::op::UpdateTable>(input).await.map(|output| output.table_description().unwrap().clone())
}

async fn check(cloud: &Cloud, cases: Vec<(api::UpdateTableInput, &str)>) {
    for (input, expected) in cases {
        let refused = update(cloud, input).await.unwrap_err();
        assert_eq!((&*refused.code, &*refused.message), ("ValidationException", expected));
    }
}

async fn delete_table(cloud: &Cloud) -> Result<api::DeleteTableOutput, ApiError> {
    cloud.call::<api::op::DeleteTable>(api::DeleteTableInput::new().with_table_name("tab")).await
}

const STRONG: Option<&str> = Some("STRONG");
const COUNT: &str = "Unsupported replica count for global tables with MultiRegionConsistency set to STRONG.";
const ONE_ONLY: &str = "Deletion of only one table replica is not supported for global tables with \
                        MultiRegionConsistency set to STRONG.";

#[tokio::test]
async fn less_than_three_regions_are_not_strongly_consistent() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let needs_strong =
        "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present.";
    let unsupported = "Unsupported Region(s) specified for global tables with MultiRegionConsistency set to STRONG: [us-west-1].";
    let same = "Cannot add a witness in the same region as an existing replica when creating a global table with \
                MultiRegionConsistency set to STRONG.";
    let with_others = "One or more parameter values were invalid: Requests that modify replicas or witnesses must not also \
                       modify other fields";
    check(
        &cloud,
        vec![
            (request(vec![create("us-east-1")], None, STRONG), COUNT),
            (request(vec![create("us-east-1")], Some(witness("us-east-2")), None), needs_strong),
            (request(vec![create("us-east-1")], Some(witness("us-east-2")), Some("EVENTUAL")), needs_strong),
            (
                request(vec![create("us-east-1")], Some(witness("us-east-1")), STRONG),
                "Cannot target multiple regions with the same action",
            ),
            (request(vec![create("us-east-1")], Some(witness("eu-west-1")), STRONG), same),
            (request(vec![create("us-east-1")], Some(witness("us-west-1")), STRONG), unsupported),
            (request(vec![create("us-west-1"), create("us-east-2")], None, STRONG), unsupported),
            (
                request(vec![create("us-east-1"), create("us-east-2")], None, STRONG)
                    .with_deletion_protection_enabled(true),
                with_others,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn three_regions_are_made_strongly_consistent_and_parted_together() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let shown = update(&cloud, request(vec![create("us-east-1")], Some(witness("us-east-2")), STRONG)).await;
    assert_eq!(shown.unwrap().multi_region_consistency(), STRONG);
    let other = cloud.in_region("us-east-1");
    for region in [&cloud, &other] {
        let shown = region.describe("tab").await.unwrap();
        assert_eq!(shown.multi_region_consistency(), STRONG);
        let witness = shown.global_table_witnesses().unwrap().iter().next().unwrap();
        assert_eq!((witness.region_name(), witness.witness_status()), (Some("us-east-2"), Some("ACTIVE")));
        assert_eq!(delete_table(region).await.unwrap_err().message, ONE_ONLY);
    }
    // A witness is no table.
    let witnessing = cloud.in_region("us-east-2");
    assert_eq!(witnessing.describe("tab").await.unwrap_err().code, "ResourceNotFoundException");
    check(
        &cloud,
        vec![
            (
                request(vec![create("eu-west-2")], None, None),
                "Cannot add replicas to a global table with strong MultiRegionConsistency",
            ),
            (request(vec![create("eu-west-2")], None, STRONG), COUNT),
            (
                request(vec![create("eu-west-2")], None, Some("EVENTUAL")),
                "MultiRegionConsistency parameter is unsupported on existing global table",
            ),
            (
                request(vec![delete("us-east-1")], None, STRONG),
                "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.",
            ),
            (
                request(vec![delete("us-east-1")], None, None),
                "Update table delete operation does not include all witnesses.",
            ),
            (
                request(vec![delete("us-east-1")], Some(no_witness("eu-west-2")), None),
                "Update global table operation failed because one or more witnesses were not part of the global table. \
                 Please retry the request without these witnesses: [eu-west-2].",
            ),
        ],
    )
    .await;
    other.put("tab", &[("a", "x"), ("b", "y")]).await.unwrap();
    assert_eq!(cloud.all("tab", None).await.len(), 1);
    update(&cloud, request(vec![delete("us-east-1")], Some(no_witness("us-east-2")), None)).await.unwrap();
    let shown = cloud.describe("tab").await.unwrap();
    assert!(shown.multi_region_consistency().is_none() && shown.global_table_witnesses().is_none());
    assert_eq!(other.describe("tab").await.unwrap_err().code, "ResourceNotFoundException");
    delete_table(&cloud).await.unwrap();
}

#[tokio::test]
async fn three_replicas_have_neither_time_to_live_nor_transactions() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    update(&cloud, request(vec![create("us-east-1"), create("us-east-2")], None, STRONG)).await.unwrap();
    check(&cloud, vec![(request(vec![delete("us-east-1")], None, None), ONE_ONLY)]).await;
    let specification = api::TimeToLiveSpecification::new().with_enabled(true).with_attribute_name("ttl");
    let input = api::UpdateTimeToLiveInput::new()
        .with_table_name("tab")
        .with_time_to_live_specification(specification);
    assert_eq!(cloud.call::<api::op::UpdateTimeToLive>(input).await.unwrap_err().code, "ValidationException");
    let mut get = api::Get::new().with_table_name("tab").into_record();
    get.set_by_name("Key", attributes(&[("a", "x"), ("b", "y")]));
    let get = api::Get::from_record(get);
    let input = api::TransactGetItemsInput::new()
        .with_transact_items(vec![api::TransactGetItem::new().with_get(get)]);
    assert_eq!(
        cloud.call::<api::op::TransactGetItems>(input).await.unwrap_err().message,
        "Transactions are not supported for global tables with MultiRegionConsistency set to STRONG."
    );
    update(&cloud, request(vec![delete("us-east-1"), delete("us-east-2")], None, None)).await.unwrap();
    assert!(cloud.describe("tab").await.unwrap().replicas().is_none());
    // What is not empty is not made so any more.
    cloud.put("tab", &[("a", "x"), ("b", "y")]).await.unwrap();
    let refused = update(&cloud, request(vec![create("us-east-1"), create("us-east-2")], None, STRONG)).await;
    assert_eq!(refused.unwrap_err().code, "ValidationException");
}

#[tokio::test]
async fn what_replicas_were_made_from_stays_for_a_day() {
    let cloud = Cloud::new();
    let (other, third) = (cloud.in_region("us-east-1"), cloud.in_region("us-west-1"));
    cloud.create("tab").await;
    update(&cloud, request(vec![create("us-east-1")], None, None)).await.unwrap();
    cloud.advance(1).await;
    update(&other, request(vec![create("us-west-1")], None, None)).await.unwrap();
    cloud.advance(1).await;
    let expected = "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to \
                    the table in the last 24 hours.";
    assert_eq!(delete_table(&cloud).await.unwrap_err().message, expected);
    check(&cloud, vec![(request(vec![delete("us-east-1")], None, None), expected)]).await;
    // The last one is no source.
    delete_table(&third).await.unwrap();
    update(&cloud, request(vec![delete("us-east-1")], None, None)).await.unwrap();
    update(&cloud, request(vec![create("us-east-1")], None, None)).await.unwrap();
    cloud.advance(24 * 3600).await;
    delete_table(&cloud).await.unwrap();
    assert!(other.describe("tab").await.unwrap().replicas().is_none());
}
