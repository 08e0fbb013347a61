//! Who may speak, what they may, and what the cluster may.

use virga_api::iam;
use virga_iam::AuthMode;

use super::client::{Client, Key};
use super::cloud::{ALL_OF_DYNAMODB, Cloud};

/// A user with a key and a policy.
async fn user(cloud: &Cloud, policy: &str) -> (String, String) {
    let input = iam::CreateUserInput::new().with_user_name("ann");
    cloud.call::<iam::op::CreateUser>(input).await.unwrap();
    let input = iam::PutUserPolicyInput::new()
        .with_user_name("ann")
        .with_policy_name("own")
        .with_policy_document(policy);
    cloud.call::<iam::op::PutUserPolicy>(input).await.unwrap();
    let input = iam::CreateAccessKeyInput::new().with_user_name("ann");
    let output = cloud.call::<iam::op::CreateAccessKey>(input).await.unwrap();
    let key = output.access_key();
    (key.access_key_id().to_owned(), key.secret_access_key().to_owned())
}

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dax:GetItem","Resource":"arn:aws:dax:*:*:cache/quick"}]}"#;

#[tokio::test]
async fn users_need_permissions_for_the_cluster_and_none_for_the_table() {
    let cloud = Cloud::new(AuthMode::Strict).await;
    let (id, secret) = user(&cloud, READ).await;
    let mut client = Client::greet(&cloud).await;
    client.authorize(&cloud, &Key { id: &id, secret: &secret }).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
    let refused = client.delete("p=a s=1").await.unwrap_err();
    assert_eq!((&*refused.code, &refused.numbers[..]), ("AccessDeniedException", &[4, 37, 38, 42][..]));
    assert!(refused.message.contains("dax:DeleteItem"), "{}", refused.message);
}

#[tokio::test]
async fn the_cluster_needs_permissions_for_the_table() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    cloud.allow_role(&ALL_OF_DYNAMODB.replace("dynamodb:*", "dynamodb:DescribeTable")).await;
    let refused = client.get("p=a s=1", false).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    assert!(refused.message.contains("dynamodb:GetItem"), "{}", refused.message);
    cloud.allow_role(ALL_OF_DYNAMODB).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
}

#[tokio::test]
async fn signatures_are_verified() {
    let cloud = Cloud::new(AuthMode::Strict).await;
    let (id, secret) = user(&cloud, READ).await;
    let mut client = Client::greet(&cloud).await;
    let refused = client.get("p=a s=1", false).await.unwrap_err();
    assert_eq!(
        (&*refused.code, &refused.numbers[..]),
        ("MissingAuthenticationTokenException", &[4, 23, 31, 33][..])
    );
    client.authorize(&cloud, &Key { id: &id, secret: "wrong" }).await;
    let refused = client.get("p=a s=1", false).await.unwrap_err();
    assert_eq!((&*refused.code, &refused.numbers[..]), ("InvalidSignatureException", &[4, 23, 31, 33][..]));
    client.authorize(&cloud, &Key { id: "AKIAUNKNOWN", secret: "any" }).await;
    let refused = client.get("p=a s=1", false).await.unwrap_err();
    assert_eq!(refused.code, "UnrecognizedClientException");
    client.authorize(&cloud, &Key { id: &id, secret: &secret }).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
}

#[tokio::test]
async fn a_key_that_was_switched_off_speaks_no_longer() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let (id, secret) = user(&cloud, READ).await;
    let mut client = Client::greet(&cloud).await;
    client.authorize(&cloud, &Key { id: &id, secret: &secret }).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
    let input = iam::UpdateAccessKeyInput::new()
        .with_user_name("ann")
        .with_access_key_id(&*id)
        .with_status("Inactive");
    cloud.call::<iam::op::UpdateAccessKey>(input).await.unwrap();
    let refused = client.get("p=a s=1", false).await.unwrap_err();
    assert_eq!(refused.code, "UnrecognizedClientException");
}
