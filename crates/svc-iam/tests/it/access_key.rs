//! Access keys: real keys, two per user, status, deletion.

use virga_api::iam as api;
use virga_iam::{KeyStatus, Keys as _};
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, Cloud, error, words};

#[tokio::test]
async fn a_key_is_a_credential_of_its_user() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let key = cloud.key(Some("ann")).await.unwrap();
    assert_eq!((key.user_name(), key.status()), ("ann", "Active"));
    assert!(key.access_key_id().starts_with("AKIA") && key.secret_access_key().len() == 40);
    let issued = cloud.world.keys().lookup(key.access_key_id()).unwrap();
    assert_eq!(issued.secret_access_key, key.secret_access_key());
    assert_eq!(issued.caller.arn().unwrap(), format!("arn:aws:iam::{ACCOUNT}:user/ann"));
}

#[tokio::test]
async fn two_keys_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.key(Some("ann")).await.unwrap();
    cloud.key(Some("ann")).await.unwrap();
    assert_eq!(
        error(cloud.key(Some("ann")).await),
        words("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    );
    let list = api::ListAccessKeysInput::new().with_user_name("ann");
    let keys = cloud.call::<api::op::ListAccessKeys>(list).await.unwrap();
    assert_eq!(keys.access_key_metadata().len(), 2);
}

async fn update(cloud: &Cloud, id: &str, status: &str) -> Result<(), ApiError> {
    let input = api::UpdateAccessKeyInput::new().with_access_key_id(id).with_status(status);
    cloud.call::<api::op::UpdateAccessKey>(input.with_user_name("ann")).await.map(|_| ())
}

#[tokio::test]
async fn a_key_is_switched_off_and_deleted() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.user("bob").await;
    let key = cloud.key(Some("ann")).await.unwrap();
    let id = key.access_key_id();
    update(&cloud, id, "Inactive").await.unwrap();
    assert_eq!(cloud.world.keys().lookup(id).unwrap().status, KeyStatus::Inactive);
    update(&cloud, id, "Active").await.unwrap();
    assert_eq!(cloud.world.keys().lookup(id).unwrap().status, KeyStatus::Active);
    let delete = |user: &str| {
        let input = api::DeleteAccessKeyInput::new().with_user_name(user).with_access_key_id(id);
        cloud.call::<api::op::DeleteAccessKey>(input)
    };
    assert_eq!(
        error(delete("bob").await),
        words("NoSuchEntity", &format!("The Access Key with id {id} cannot be found."))
    );
    let used = api::GetAccessKeyLastUsedInput::new().with_access_key_id(id);
    let used = cloud.call::<api::op::GetAccessKeyLastUsed>(used).await.unwrap();
    assert_eq!((used.user_name(), used.access_key_last_used().unwrap().region()), (Some("ann"), "N/A"));
    delete("ann").await.unwrap();
    assert_eq!(cloud.world.keys().lookup(id).unwrap().status, KeyStatus::Inactive);
    assert_eq!(error(update(&cloud, id, "Active").await).0, "NoSuchEntity");
}

#[tokio::test]
async fn without_a_name_the_keys_are_the_callers() {
    let cloud = Cloud::new();
    let ann = cloud.administrator("ann").await;
    assert_eq!(ann.key(None).await.unwrap().user_name(), "ann");
    let root = cloud.key(None).await.unwrap();
    let issued = cloud.world.keys().lookup(root.access_key_id()).unwrap();
    assert_eq!(issued.caller.arn().unwrap(), format!("arn:aws:iam::{ACCOUNT}:root"));
}
