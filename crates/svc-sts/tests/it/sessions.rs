//! Sessions of root users and federated users; how credentials end.

use virga_api::sts::{self as api, op};
use virga_iam::{Principal, access_key_id};

use crate::cloud::{ACCOUNT, Cloud, START, error};

const WEEK: u64 = 7 * 24 * 3600;

#[tokio::test]
async fn credentials_tell_their_account_and_when_they_end() {
    let cloud = Cloud::new();
    let output = cloud.call::<op::GetSessionToken>(api::GetSessionTokenInput::new()).await.unwrap();
    let credentials = output.credentials().unwrap();
    assert_eq!(credentials.expiration().secs(), START + 3600);
    assert_eq!(access_key_id::account_of(credentials.access_key_id()).unwrap().as_str(), ACCOUNT);
    let session = cloud.with(credentials);
    assert_eq!(session.principal(), &Principal::Root);
    assert_eq!((session.session().issued_at, session.session().mfa_authenticated_at), (START, None));
    let denied = error(session.call::<op::GetSessionToken>(api::GetSessionTokenInput::new()).await);
    assert_eq!(denied.1, "Cannot call GetSessionToken with session credentials");
}

#[tokio::test]
async fn a_key_is_forgotten_a_week_after_it_expired() {
    let cloud = Cloud::new();
    let output = cloud.call::<op::GetSessionToken>(api::GetSessionTokenInput::new()).await.unwrap();
    let credentials = output.credentials().unwrap();
    cloud.advance(3600 + WEEK - 1).await;
    assert!(cloud.knows(credentials));
    cloud.advance(1).await;
    assert!(!cloud.knows(credentials));
}

#[tokio::test]
async fn a_federated_user_carries_policies_and_tags() {
    let cloud = Cloud::new();
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let input = || api::GetFederationTokenInput::new().with_name("bob");
    let tag = api::Tag::new().with_key("team").with_value("blue");
    let full = input().with_policy(policy).with_tags(vec![tag.clone()]).with_duration_seconds(900);
    let output = cloud.call::<op::GetFederationToken>(full).await.unwrap();
    assert!(output.packed_policy_size().unwrap() > 0);
    let session = cloud.with(output.credentials().unwrap());
    assert_eq!(session.principal(), &Principal::FederatedUser { name: "bob".to_owned() });
    assert_eq!(session.session().policy.as_deref(), Some(policy));
    assert_eq!(session.session().tags, [("team".to_owned(), "blue".to_owned())]);
    let twice = input().with_tags(vec![tag.clone(), tag.with_key("TEAM")]);
    assert_eq!(error(cloud.call::<op::GetFederationToken>(twice).await).0, "InvalidParameterValue");
    let malformed = input().with_policy("{");
    assert_eq!(
        error(cloud.call::<op::GetFederationToken>(malformed).await).0,
        "MalformedPolicyDocumentException"
    );
}
