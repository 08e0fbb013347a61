//! Multi-Region keys.

use virga_api::kms as api;
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, Cloud, DAY, arn, code, error};

const OTHER: &str = "us-east-1";

async fn create(cloud: &Cloud) -> String {
    cloud.create_with(api::CreateKeyRequest::new().with_multi_region(true)).await.unwrap()
}

async fn replicate(cloud: &Cloud, id: &str) -> Result<api::ReplicateKeyResponse, ApiError> {
    let input = api::ReplicateKeyRequest::new().with_key_id(id).with_replica_region(OTHER);
    cloud.call::<api::op::ReplicateKey>(input).await
}

/// Type of the key, region of the primary key, regions of the replicas.
async fn configuration(cloud: &Cloud, id: &str) -> (String, String, Vec<String>) {
    let key = cloud.describe(id).await.unwrap();
    let it = key.multi_region_configuration().unwrap();
    let replicas = it.replica_keys().unwrap().iter().map(|key| key.region().unwrap().to_owned()).collect();
    let kind = it.multi_region_key_type().unwrap().to_owned();
    (kind, it.primary_key().unwrap().region().unwrap().to_owned(), replicas)
}

#[tokio::test]
async fn a_replica_has_the_same_id_and_material() {
    let cloud = Cloud::new();
    let id = create(&cloud).await;
    assert!(id.starts_with("mrk-") && id.len() == 36);
    let there = cloud.in_region(OTHER);
    assert_eq!(code(there.describe(&id).await), "NotFoundException");
    let output = replicate(&cloud, &id).await.unwrap();
    let replica = output.replica_key_metadata().unwrap();
    assert_eq!((replica.key_state(), replica.enabled()), (Some("Creating"), Some(false)));
    assert!(output.replica_policy().unwrap().contains("key-default-1"));
    assert_eq!(
        error(there.encrypt(&id, b"x", &[]).await).1,
        format!("arn:aws:kms:{OTHER}:{ACCOUNT}:key/{id} is creating.")
    );
    cloud.advance(1).await;
    assert_eq!(there.state(&id).await, "Enabled");
    let expected = |kind: &str| (kind.to_owned(), "eu-west-1".to_owned(), vec![OTHER.to_owned()]);
    assert_eq!(configuration(&cloud, &id).await, expected("PRIMARY"));
    assert_eq!(configuration(&there, &id).await, expected("REPLICA"));
    let blob = cloud.encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(there.decrypt(&blob, &[]).await.unwrap().0, b"x");
    assert_eq!(code(replicate(&cloud, &id).await), "AlreadyExistsException");
}

#[tokio::test]
async fn only_primary_keys_are_replicated() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    assert_eq!(
        error(replicate(&cloud, &id).await).1,
        format!("{} is not a multi-region primary key.", arn(&id))
    );
    let id = create(&cloud).await;
    replicate(&cloud, &id).await.unwrap();
    cloud.advance(1).await;
    let input = api::ReplicateKeyRequest::new().with_key_id(&*id).with_replica_region("eu-west-2");
    let failed = cloud.in_region(OTHER).call::<api::op::ReplicateKey>(input).await;
    assert_eq!(code(failed), "UnsupportedOperationException");
}

#[tokio::test]
async fn replicas_rotate_with_the_primary_key() {
    let cloud = Cloud::new();
    let id = create(&cloud).await;
    replicate(&cloud, &id).await.unwrap();
    cloud.advance(1).await;
    let there = cloud.in_region(OTHER);
    let enable = || api::EnableKeyRotationRequest::new().with_key_id(&*id);
    assert_eq!(
        code(there.call::<api::op::EnableKeyRotation>(enable()).await),
        "UnsupportedOperationException"
    );
    cloud.call::<api::op::EnableKeyRotation>(enable()).await.unwrap();
    let status = api::GetKeyRotationStatusRequest::new().with_key_id(&*id);
    let status = there.call::<api::op::GetKeyRotationStatus>(status).await.unwrap();
    assert_eq!(status.key_rotation_enabled(), Some(true));
    cloud.advance(366 * DAY).await;
    let blob = cloud.encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(there.decrypt(&blob, &[]).await.unwrap().0, b"x");
    let blob = there.encrypt(&id, b"y", &[]).await.unwrap();
    assert_eq!(cloud.decrypt(&blob, &[]).await.unwrap().0, b"y");
}

#[tokio::test]
async fn a_replica_becomes_the_primary_key() {
    let cloud = Cloud::new();
    let id = create(&cloud).await;
    replicate(&cloud, &id).await.unwrap();
    cloud.advance(1).await;
    let there = cloud.in_region(OTHER);
    let input = api::UpdatePrimaryRegionRequest::new().with_key_id(&*id).with_primary_region(OTHER);
    cloud.call::<api::op::UpdatePrimaryRegion>(input.clone()).await.unwrap();
    assert_eq!(
        (cloud.state(&id).await, there.state(&id).await),
        ("Updating".to_owned(), "Updating".to_owned())
    );
    assert!(cloud.encrypt(&id, b"x", &[]).await.is_ok(), "keys work while the region is updated");
    cloud.advance(1).await;
    let expected = |kind: &str| (kind.to_owned(), OTHER.to_owned(), vec!["eu-west-1".to_owned()]);
    assert_eq!(configuration(&there, &id).await, expected("PRIMARY"));
    assert_eq!(configuration(&cloud, &id).await, expected("REPLICA"));
    assert_eq!(
        code(cloud.call::<api::op::UpdatePrimaryRegion>(input).await),
        "UnsupportedOperationException"
    );
}

#[tokio::test]
async fn a_primary_key_waits_for_its_replicas_to_be_deleted() {
    let cloud = Cloud::new();
    let id = create(&cloud).await;
    replicate(&cloud, &id).await.unwrap();
    cloud.advance(1).await;
    let there = cloud.in_region(OTHER);
    cloud.schedule_deletion(&id, 7).await.unwrap();
    let key = cloud.describe(&id).await.unwrap();
    assert_eq!(key.key_state(), Some("PendingReplicaDeletion"));
    assert_eq!(key.pending_deletion_window_in_days(), Some(7));
    cloud.advance(30 * DAY).await;
    assert_eq!(cloud.state(&id).await, "PendingReplicaDeletion");
    there.schedule_deletion(&id, 7).await.unwrap();
    cloud.advance(7 * DAY).await;
    assert_eq!(code(there.describe(&id).await), "NotFoundException");
    assert_eq!(cloud.state(&id).await, "PendingDeletion");
    cloud.advance(7 * DAY).await;
    assert_eq!(code(cloud.describe(&id).await), "NotFoundException");
}
