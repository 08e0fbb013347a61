//! Grants.

use virga_api::kms as api;
use virga_iam::{Caller, Principal};
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, Cloud, arn, code};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";

fn user(cloud: &Cloud, name: &str) -> Cloud {
    let principal =
        Principal::User { path: "/".into(), name: name.into(), id: format!("AIDA{}", name.to_uppercase()) };
    cloud.of(Caller { principal, ..Caller::of_unknown_key(ACCOUNT) })
}

fn request(id: &str, operations: &[&str]) -> api::CreateGrantRequest {
    api::CreateGrantRequest::new()
        .with_key_id(id)
        .with_grantee_principal(ALICE)
        .with_operations(operations.to_vec())
}

async fn create(cloud: &Cloud, input: api::CreateGrantRequest) -> Result<(String, String), ApiError> {
    let output = cloud.call::<api::op::CreateGrant>(input).await?;
    Ok((output.grant_id().unwrap().to_owned(), output.grant_token().unwrap().to_owned()))
}

async fn list(cloud: &Cloud, id: &str) -> Vec<String> {
    let input = api::ListGrantsRequest::new().with_key_id(id);
    let output = cloud.call::<api::op::ListGrants>(input).await.unwrap();
    output.grants().unwrap().iter().map(|grant| grant.grant_id().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_grant_allows_what_no_policy_does() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let alice = user(&cloud, "alice");
    assert_eq!(code(alice.encrypt(&id, b"x", &[]).await), "AccessDenied");
    let (grant, _) = create(&cloud, request(&id, &["Encrypt"])).await.unwrap();
    let blob = alice.encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(code(alice.decrypt(&blob, &[]).await), "AccessDenied", "another operation");
    assert_eq!(code(user(&cloud, "bob").encrypt(&id, b"x", &[]).await), "AccessDenied", "another user");
    let input = api::RevokeGrantRequest::new().with_key_id(&*id).with_grant_id(&*grant);
    cloud.call::<api::op::RevokeGrant>(input.clone()).await.unwrap();
    assert_eq!(code(alice.encrypt(&id, b"x", &[]).await), "AccessDenied");
    assert_eq!(code(cloud.call::<api::op::RevokeGrant>(input).await), "NotFoundException");
}

#[tokio::test]
async fn constraints_are_about_the_encryption_context() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let alice = user(&cloud, "alice");
    let constraints = api::GrantConstraints::new().with_encryption_context_subset(vec![("a", "1")]);
    let input = request(&id, &["Encrypt", "Decrypt"]).with_constraints(constraints);
    create(&cloud, input).await.unwrap();
    assert_eq!(code(alice.encrypt(&id, b"x", &[]).await), "AccessDenied");
    let context = [("a", "1"), ("b", "2")];
    let blob = alice.encrypt(&id, b"x", &context).await.unwrap();
    assert_eq!(alice.decrypt(&blob, &context).await.unwrap().0, b"x");
}

#[tokio::test]
async fn a_grant_to_the_account_is_none_to_each_of_its_users() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    create(&cloud, request(&id, &["Encrypt"]).with_grantee_principal(root)).await.unwrap();
    assert_eq!(code(user(&cloud, "alice").encrypt(&id, b"x", &[]).await), "AccessDenied");
}

#[tokio::test]
async fn constraints_leave_what_has_no_context_and_are_handed_on() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let alice = user(&cloud, "alice");
    let only = |pairs: Vec<(&'static str, &'static str)>| {
        api::GrantConstraints::new().with_encryption_context_subset(pairs)
    };
    let operations = ["Encrypt", "DescribeKey", "CreateGrant"];
    create(&cloud, request(&id, &operations).with_constraints(only(vec![("a", "1")]))).await.unwrap();
    alice.describe(&id).await.unwrap();
    let to_bob = || request(&id, &["Encrypt"]).with_grantee_principal(BOB);
    assert_eq!(code(create(&alice, to_bob()).await), "AccessDenied", "without a constraint");
    let other = to_bob().with_constraints(only(vec![("b", "2")]));
    assert_eq!(code(create(&alice, other).await), "AccessDenied", "with another");
    let stricter = only(vec![("a", "1"), ("b", "2")]);
    create(&alice, to_bob().with_constraints(stricter)).await.unwrap();
}

#[tokio::test]
async fn a_grant_to_grant_hands_on_no_more_than_it_has() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let alice = user(&cloud, "alice");
    create(&cloud, request(&id, &["Encrypt", "CreateGrant"])).await.unwrap();
    let to_bob = |operation: &str| request(&id, &[operation]).with_grantee_principal(BOB);
    assert_eq!(code(create(&alice, to_bob("Decrypt")).await), "AccessDenied");
    create(&alice, to_bob("Encrypt")).await.unwrap();
    assert!(user(&cloud, "bob").encrypt(&id, b"x", &[]).await.is_ok());
}

#[tokio::test]
async fn the_same_request_with_a_name_gives_the_same_grant() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let named = || request(&id, &["Decrypt", "Encrypt"]).with_name("n");
    let first = create(&cloud, named()).await.unwrap();
    cloud.advance(1).await;
    assert_eq!(create(&cloud, named()).await.unwrap().0, first.0);
    let other = create(&cloud, request(&id, &["Encrypt"]).with_name("n")).await.unwrap();
    assert_ne!(other.0, first.0);
    let unnamed = create(&cloud, request(&id, &["Encrypt"])).await.unwrap();
    assert_ne!(unnamed.0, create(&cloud, request(&id, &["Encrypt"])).await.unwrap().0);
    assert_eq!(list(&cloud, &id).await.len(), 4);
}

#[tokio::test]
async fn the_retiring_principal_retires_by_token_or_id() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let bob = user(&cloud, "bob");
    let with_bob = || request(&id, &["Encrypt"]).with_retiring_principal(BOB);
    let (_, token) = create(&cloud, with_bob()).await.unwrap();
    let (grant, _) = create(&cloud, with_bob()).await.unwrap();
    let input = api::ListRetirableGrantsRequest::new().with_retiring_principal(BOB);
    let output = cloud.call::<api::op::ListRetirableGrants>(input).await.unwrap();
    assert_eq!(output.grants().unwrap().len(), 2);
    assert!(output.grants().unwrap().iter().all(|grant| grant.key_id() == Some(&*arn(&id))));
    let by_token = api::RetireGrantRequest::new().with_grant_token(&*token);
    assert_eq!(
        code(user(&cloud, "alice").call::<api::op::RetireGrant>(by_token.clone()).await),
        "AccessDenied"
    );
    bob.call::<api::op::RetireGrant>(by_token.clone()).await.unwrap();
    let by_id = api::RetireGrantRequest::new().with_key_id(arn(&id)).with_grant_id(&*grant);
    bob.call::<api::op::RetireGrant>(by_id).await.unwrap();
    assert!(list(&cloud, &id).await.is_empty());
    assert_eq!(code(cloud.call::<api::op::RetireGrant>(by_token).await), "InvalidGrantTokenException");
}

#[tokio::test]
async fn impossible_grants_are_refused() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    assert_eq!(code(create(&cloud, request(&id, &["Sign"])).await), "ValidationException");
    let input = request(&id, &["Encrypt"]).with_grantee_principal("nobody");
    assert_eq!(code(create(&cloud, input).await), "InvalidArnException");
    let input = request(&id, &["Encrypt"]).with_grant_tokens(vec!["nonsense"]);
    assert_eq!(code(create(&cloud, input).await), "InvalidGrantTokenException");
    let input = request(&id, &["Encrypt"]).with_dry_run(true);
    assert_eq!(code(create(&cloud, input).await), "DryRunOperationException");
    assert!(list(&cloud, &id).await.is_empty());
    let sign = cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    let constraints = api::GrantConstraints::new().with_encryption_context_equals(vec![("a", "1")]);
    let input = request(&sign, &["Sign"]).with_constraints(constraints);
    assert_eq!(code(create(&cloud, input).await), "ValidationException");
    create(&cloud, request(&sign, &["Sign", "GetPublicKey", "DescribeKey"])).await.unwrap();
}
