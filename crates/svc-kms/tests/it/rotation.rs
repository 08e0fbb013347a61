//! Rotation under the clock and on demand.

use virga_api::kms as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, DAY, START, arn, code, error};

async fn enable(cloud: &Cloud, id: &str, days: Option<i32>) -> Result<(), ApiError> {
    let input = api::EnableKeyRotationRequest::new().with_key_id(id).with_rotation_period_in_days(days);
    cloud.call::<api::op::EnableKeyRotation>(input).await.map(|_| ())
}

async fn on_demand(cloud: &Cloud, id: &str) -> Result<(), ApiError> {
    let input = api::RotateKeyOnDemandRequest::new().with_key_id(id);
    cloud.call::<api::op::RotateKeyOnDemand>(input).await.map(|_| ())
}

async fn status(cloud: &Cloud, id: &str) -> api::GetKeyRotationStatusResponse {
    let input = api::GetKeyRotationStatusRequest::new().with_key_id(id);
    cloud.call::<api::op::GetKeyRotationStatus>(input).await.unwrap()
}

/// Dates and types of the rotations.
async fn rotations(cloud: &Cloud, id: &str) -> Vec<(i64, String)> {
    let input = api::ListKeyRotationsRequest::new().with_key_id(id);
    let output = cloud.call::<api::op::ListKeyRotations>(input).await.unwrap();
    let rotations = output.rotations().unwrap().iter();
    rotations.map(|it| (it.rotation_date().unwrap().secs(), it.rotation_type().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn a_key_rotates_every_period_and_still_decrypts() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    assert_eq!(status(&cloud, &id).await.key_rotation_enabled(), Some(false));
    let old = cloud.encrypt(&id, b"old", &[]).await.unwrap();
    let before = cloud.describe(&id).await.unwrap().current_key_material_id().unwrap().to_owned();
    enable(&cloud, &id, Some(90)).await.unwrap();
    let shown = status(&cloud, &id).await;
    assert_eq!((shown.key_rotation_enabled(), shown.rotation_period_in_days()), (Some(true), Some(90)));
    assert_eq!(shown.next_rotation_date().unwrap().secs(), START + 90 * 86_400);
    cloud.advance(181 * DAY).await;
    let automatic = |days: i64| (START + days * 86_400, "AUTOMATIC".to_owned());
    assert_eq!(rotations(&cloud, &id).await, [automatic(90), automatic(180)]);
    let after = cloud.describe(&id).await.unwrap().current_key_material_id().unwrap().to_owned();
    assert_ne!(before, after);
    assert_eq!(cloud.decrypt(&old, &[]).await.unwrap(), (b"old".to_vec(), before));
    let new = cloud.encrypt(&id, b"new", &[]).await.unwrap();
    assert_eq!(cloud.decrypt(&new, &[]).await.unwrap(), (b"new".to_vec(), after));
    let input = api::DisableKeyRotationRequest::new().with_key_id(&*id);
    cloud.call::<api::op::DisableKeyRotation>(input).await.unwrap();
    cloud.advance(365 * DAY).await;
    assert_eq!(rotations(&cloud, &id).await.len(), 2);
}

#[tokio::test]
async fn a_disabled_key_rotates_when_it_is_enabled_again() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    enable(&cloud, &id, None).await.unwrap();
    cloud.disable(&id).await;
    cloud.advance(400 * DAY).await;
    assert!(rotations(&cloud, &id).await.is_empty());
    cloud.enable(&id).await;
    cloud.advance(1).await;
    assert_eq!(rotations(&cloud, &id).await.len(), 1);
    let next = status(&cloud, &id).await.next_rotation_date().unwrap().secs();
    assert!(next > cloud.world.clock().now().secs());
}

#[tokio::test]
async fn rotations_on_demand_are_limited() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    for _ in 0..25 {
        on_demand(&cloud, &id).await.unwrap();
    }
    assert_eq!(
        error(on_demand(&cloud, &id).await),
        (
            "LimitExceededException".to_owned(),
            format!(
                "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can \
                 be performed for this key: {}",
                arn(&id)
            )
        )
    );
    assert_eq!(rotations(&cloud, &id).await[24], (START, "ON_DEMAND".to_owned()));
}

#[tokio::test]
async fn what_can_not_rotate_is_refused() {
    let cloud = Cloud::new();
    let id = cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    assert_eq!(
        error(on_demand(&cloud, &id).await),
        ("UnsupportedOperationException".to_owned(), String::new())
    );
    assert_eq!(code(enable(&cloud, &id, None).await), "UnsupportedOperationException");
    assert_eq!(status(&cloud, &id).await.key_rotation_enabled(), Some(false));
    let id = cloud.create().await;
    cloud.disable(&id).await;
    assert_eq!(
        error(on_demand(&cloud, &id).await),
        ("DisabledException".to_owned(), format!("{} is disabled.", arn(&id)))
    );
    let input = api::CreateKeyRequest::new().with_origin("EXTERNAL");
    let id = cloud.create_with(input).await.unwrap();
    assert_eq!(
        error(enable(&cloud, &id, None).await).1,
        format!("{} origin is EXTERNAL which is not valid for this operation.", arn(&id))
    );
    assert_eq!(error(on_demand(&cloud, &id).await).1, format!("{} is pending import.", arn(&id)));
}
