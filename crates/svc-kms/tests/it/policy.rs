//! Key policies, and permissions that depend on the key.

use virga_api::kms as api;
use virga_iam::{Caller, Principal};

use crate::cloud::{ACCOUNT, Cloud, arn, code, error};

pub(crate) async fn put(
    cloud: &Cloud,
    id: &str,
    policy: &str,
    bypass: bool,
) -> Result<(), virga_model::ApiError> {
    let input = api::PutKeyPolicyRequest::new()
        .with_key_id(id)
        .with_policy(policy)
        .with_bypass_policy_lockout_safety_check(bypass);
    cloud.call::<api::op::PutKeyPolicy>(input).await.map(|_| ())
}

pub(crate) fn policy(principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"{condition}}}]}}"#
    )
}

pub(crate) fn alice(cloud: &Cloud) -> Cloud {
    let principal = Principal::User { path: "/".into(), name: "alice".into(), id: "AIDAALICE".into() };
    cloud.of(Caller { principal, ..Caller::of_unknown_key(ACCOUNT) })
}

pub(crate) const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

#[tokio::test]
async fn the_default_policy_leaves_it_to_the_account() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let input = api::GetKeyPolicyRequest::new().with_key_id(&*id);
    let output = cloud.call::<api::op::GetKeyPolicy>(input).await.unwrap();
    assert!(output.policy().unwrap().contains("Enable IAM User Permissions"));
    assert_eq!(output.policy_name(), Some("default"));
    let input = api::ListKeyPoliciesRequest::new().with_key_id(&*id);
    let output = cloud.call::<api::op::ListKeyPolicies>(input).await.unwrap();
    assert_eq!(output.policy_names().unwrap().iter().collect::<Vec<_>>(), ["default"]);
    assert_eq!(code(alice(&cloud).encrypt(&id, b"x", &[]).await), "AccessDenied");
}

#[tokio::test]
async fn a_policy_allows_another_account_and_a_user() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    put(&cloud, &id, &policy(ALICE, "kms:Encrypt", ""), false).await.unwrap();
    let blob = alice(&cloud).encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(code(alice(&cloud).decrypt(&blob, &[]).await), "AccessDenied");
    let other = cloud.of_account("999988887777");
    assert_eq!(code(other.decrypt(&blob, &[]).await), "AccessDenied");
    put(&cloud, &id, &policy("arn:aws:iam::999988887777:root", "kms:Decrypt", ""), false).await.unwrap();
    assert_eq!(other.decrypt(&blob, &[]).await.unwrap().0, b"x");
    assert!(other.encrypt(&arn(&id), b"x", &[]).await.is_err());
}

#[tokio::test]
async fn conditions_see_the_call_and_the_key() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    cloud.create_alias("alias/a", &id).await.unwrap();
    let allow = async |condition: &str| {
        let condition = format!(r#","Condition":{condition}"#);
        put(&cloud, &id, &policy(ALICE, "kms:Encrypt", &condition), false).await.unwrap();
    };
    let may = async |cloud: &Cloud, key: &str, context: &[(&str, &str)]| {
        alice(cloud).encrypt(key, b"x", context).await.is_ok()
    };
    allow(r#"{"StringEquals":{"kms:EncryptionContext:tenant":"7"}}"#).await;
    assert!(may(&cloud, &id, &[("tenant", "7")]).await && !may(&cloud, &id, &[("tenant", "8")]).await);
    allow(r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["tenant"]}}"#).await;
    assert!(may(&cloud, &id, &[("tenant", "8")]).await && !may(&cloud, &id, &[("other", "8")]).await);
    allow(r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#).await;
    assert!(!may(&cloud, &id, &[]).await && may(&cloud.via("s3"), &id, &[]).await);
    allow(r#"{"StringEquals":{"kms:RequestAlias":"alias/a"}}"#).await;
    assert!(!may(&cloud, &id, &[]).await && may(&cloud, "alias/a", &[]).await);
    allow(r#"{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/a"}}"#).await;
    assert!(may(&cloud, &id, &[]).await);
    allow(r#"{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT","kms:KeyUsage":"ENCRYPT_DECRYPT","kms:KeyOrigin":"AWS_KMS","kms:CallerAccount":"111122223333","kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#).await;
    assert!(may(&cloud, &id, &[]).await);
    allow(r#"{"StringEquals":{"aws:ResourceTag/team":"red"}}"#).await;
    assert!(!may(&cloud, &id, &[]).await);
    let tag = api::Tag::new().with_tag_key("team").with_tag_value("red");
    let input = api::TagResourceRequest::new().with_key_id(&*id).with_tags(vec![tag]);
    cloud.call::<api::op::TagResource>(input).await.unwrap();
    assert!(may(&cloud, &id, &[]).await);
}

#[tokio::test]
async fn policies_that_lock_everyone_out_are_refused_unless_asked_for() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let locked = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ALICE}"}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    assert_eq!(
        error(put(&cloud, &id, &locked, false).await),
        (
            "MalformedPolicyDocumentException".to_owned(),
            "The new key policy will not allow you to update the key policy in the future.".to_owned()
        )
    );
    assert_eq!(code(put(&cloud, &id, "no policy", false).await), "MalformedPolicyDocumentException");
    put(&cloud, &id, &locked, true).await.unwrap();
    assert_eq!(code(cloud.encrypt(&id, b"x", &[]).await), "AccessDenied", "even the root user");
    assert!(alice(&cloud).encrypt(&id, b"x", &[]).await.is_ok());
}

/// Actions and resources of the last call.
fn last(cloud: &Cloud) -> Vec<(String, Vec<String>)> {
    let calls = cloud.world.log().recent(1, |_| true);
    calls[0].accesses.iter().map(|access| (access.full_action(), access.resources.clone())).collect()
}

#[tokio::test]
async fn calls_need_actions_on_keys_and_aliases() {
    let cloud = Cloud::new();
    let (id, other) = (cloud.create().await, cloud.create().await);
    let on = |action: &str, resource: String| (action.to_owned(), vec![resource]);
    assert_eq!(last(&cloud), [("kms:CreateKey".to_owned(), vec![])]);
    cloud.create_alias("alias/a", &id).await.unwrap();
    let alias = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a");
    assert_eq!(last(&cloud), [on("kms:CreateAlias", alias.clone()), on("kms:CreateAlias", arn(&id))]);
    let input = api::UpdateAliasRequest::new().with_alias_name("alias/a").with_target_key_id(&*other);
    cloud.call::<api::op::UpdateAlias>(input).await.unwrap();
    let expected = [alias, arn(&id), arn(&other)].map(|resource| on("kms:UpdateAlias", resource));
    assert_eq!(last(&cloud), expected);
    let blob = cloud.encrypt("alias/a", b"x", &[]).await.unwrap();
    assert_eq!(last(&cloud), [on("kms:Encrypt", arn(&other))]);
    cloud.decrypt(&blob, &[]).await.unwrap();
    assert_eq!(last(&cloud), [on("kms:Decrypt", arn(&other))]);
    let input = api::ReEncryptRequest::new().with_ciphertext_blob(blob).with_destination_key_id(&*id);
    cloud.call::<api::op::ReEncrypt>(input).await.unwrap();
    assert_eq!(last(&cloud), [on("kms:ReEncryptFrom", arn(&other)), on("kms:ReEncryptTo", arn(&id))]);
    cloud.call::<api::op::ListKeys>(api::ListKeysRequest::new()).await.unwrap();
    assert_eq!(last(&cloud), [("kms:ListKeys".to_owned(), vec![])]);
}

#[tokio::test]
async fn each_key_of_a_re_encryption_has_its_own_conditions() {
    let cloud = Cloud::new();
    let (from, to) = (cloud.create().await, cloud.create().await);
    cloud.create_alias("alias/to", &to).await.unwrap();
    put(&cloud, &from, &policy(ALICE, "kms:ReEncryptFrom", ""), false).await.unwrap();
    let blob = cloud.encrypt(&from, b"x", &[("tenant", "7")]).await.unwrap();
    let allow = async |condition: &str| {
        let condition = format!(r#","Condition":{condition}"#);
        put(&cloud, &to, &policy(ALICE, "kms:ReEncryptTo", &condition), false).await.unwrap();
    };
    let may = async |tenant: &'static str| {
        let input = api::ReEncryptRequest::new()
            .with_ciphertext_blob(blob.clone())
            .with_source_encryption_context(vec![("tenant", "7")])
            .with_destination_key_id("alias/to")
            .with_destination_encryption_context(vec![("tenant", tenant)]);
        alice(&cloud).call::<api::op::ReEncrypt>(input).await.is_ok()
    };
    allow(r#"{"StringEquals":{"kms:EncryptionContext:tenant":"7"}}"#).await;
    assert!(may("7").await && !may("8").await);
    allow(r#"{"StringEquals":{"kms:RequestAlias":"alias/to"}}"#).await;
    assert!(may("8").await);
    allow(r#"{"Bool":{"kms:ReEncryptOnSameKey":"true"}}"#).await;
    assert!(!may("7").await, "the ciphertext names another key");
}

#[tokio::test]
async fn a_new_primary_region_needs_the_permission_on_both_keys() {
    let cloud = Cloud::new();
    let id = cloud.create_with(api::CreateKeyRequest::new().with_multi_region(true)).await.unwrap();
    let input = api::ReplicateKeyRequest::new().with_key_id(&*id).with_replica_region("us-east-1");
    cloud.call::<api::op::ReplicateKey>(input).await.unwrap();
    cloud.advance(1).await;
    let input = || api::UpdatePrimaryRegionRequest::new().with_key_id(&*id).with_primary_region("us-east-1");
    let allow = policy(ALICE, "kms:UpdatePrimaryRegion", "");
    put(&cloud, &id, &allow, false).await.unwrap();
    let refused = alice(&cloud).call::<api::op::UpdatePrimaryRegion>(input()).await;
    let (refused, text) = error(refused);
    assert_eq!(refused, "AccessDenied", "the policy of the other key says nothing of it");
    assert!(text.contains(&arn(&id).replace("eu-west-1", "us-east-1")), "{text}");
    put(&cloud.in_region("us-east-1"), &id, &allow, false).await.unwrap();
    alice(&cloud).call::<api::op::UpdatePrimaryRegion>(input()).await.unwrap();
    let on = |resource: String| ("kms:UpdatePrimaryRegion".to_owned(), vec![resource]);
    assert_eq!(last(&cloud), [on(arn(&id)), on(arn(&id).replace("eu-west-1", "us-east-1"))]);
}
