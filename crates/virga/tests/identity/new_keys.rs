//! What a user may ask of a KMS key that is to be created: no key policy speaks of it yet.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>

use virga_api::kms::{self, op};

use crate::cloud::Cloud;

/// Whether a user may create such a key under a condition.
async fn passes(cloud: &Cloud, condition: &str, input: &kms::CreateKeyRequest) -> bool {
    let statement = format!(
        r#"{{"Effect":"Allow","Action":"kms:CreateKey","Resource":"*","Condition":{{"StringEquals":{{{condition}}}}}}}"#
    );
    let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    cloud.put_user_policy("ann", "create", &document).await.unwrap();
    let ann = cloud.of_key(cloud.key(Some("ann")).await.unwrap().access_key_id());
    let answer = ann.call::<op::CreateKey>(input.clone()).await;
    let delete = virga_api::iam::DeleteAccessKeyInput::new().with_user_name("ann");
    cloud
        .call::<virga_api::iam::op::DeleteAccessKey>(delete.with_access_key_id(ann.access_key_id()))
        .await
        .unwrap();
    answer.err().is_none_or(|error| error.code != "AccessDenied")
}

/// Checks that a key has a value, and no other.
async fn check(key: &str, [right, wrong]: [&str; 2], input: kms::CreateKeyRequest) {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let condition = |value: &str| format!(r#""kms:{key}":"{value}""#);
    assert!(!passes(&cloud, &condition(wrong), &input).await, "{key} is not {wrong}");
    assert!(passes(&cloud, &condition(right), &input).await, "{key} is {right}");
}

#[tokio::test]
async fn what_a_new_key_is_to_be_is_a_condition() {
    let new = kms::CreateKeyRequest::new;
    check(
        "KeySpec",
        ["ECC_NIST_P256", "SYMMETRIC_DEFAULT"],
        new().with_key_spec("ECC_NIST_P256").with_key_usage("SIGN_VERIFY"),
    )
    .await;
    check(
        "KeyUsage",
        ["SIGN_VERIFY", "ENCRYPT_DECRYPT"],
        new().with_key_spec("ECC_NIST_P256").with_key_usage("SIGN_VERIFY"),
    )
    .await;
    check("KeyOrigin", ["EXTERNAL", "AWS_KMS"], new().with_origin("EXTERNAL")).await;
    check("MultiRegion", ["true", "false"], new().with_multi_region(true)).await;
}

#[tokio::test]
async fn what_is_not_said_of_a_new_key_counts_as_its_default() {
    let new = kms::CreateKeyRequest::new;
    check("KeySpec", ["SYMMETRIC_DEFAULT", "RSA_2048"], new()).await;
    check("KeyUsage", ["ENCRYPT_DECRYPT", "SIGN_VERIFY"], new()).await;
    check("KeyOrigin", ["AWS_KMS", "EXTERNAL"], new()).await;
    check("MultiRegion", ["false", "true"], new()).await;
}
