//! Condition keys that tell of what a call asks for.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>

use virga_api::kms as api;
use virga_api::kms::op;
use virga_model::Timestamp;
use virga_model::view::Operation;

use crate::cloud::{Cloud, START};
use crate::policy::{ALICE, alice, policy, put};

/// Whether a call passes that a key policy allows under a condition only. What becomes of it after that is another matter.
async fn passes<O: Operation>(cloud: &Cloud, id: &str, condition: &str, input: O::Input) -> bool {
    let action = format!("kms:{}", O::model().name());
    let condition = format!(r#","Condition":{condition}"#);
    put(cloud, id, &policy(ALICE, &action, &condition), false).await.unwrap();
    let answer = alice(cloud).call::<O>(input).await;
    answer.err().is_none_or(|error| error.code != "AccessDenied")
}

/// Checks that a key has a value, and no other.
async fn check<O: Operation>(
    cloud: &Cloud,
    id: &str,
    key: &str,
    [right, wrong]: [&str; 2],
    input: impl Fn() -> O::Input,
) {
    let condition = |value: &str| format!(r#"{{"StringEquals":{{"kms:{key}":"{value}"}}}}"#);
    assert!(!passes::<O>(cloud, id, &condition(wrong), input()).await, "{key} is not {wrong}");
    assert!(passes::<O>(cloud, id, &condition(right), input()).await, "{key} is {right}");
}

#[tokio::test]
async fn what_a_key_is_used_with_is_a_condition() {
    let cloud = Cloud::new();
    let id = &cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    let sign = || {
        let input = api::SignRequest::new().with_key_id(&**id).with_message(b"hello".to_vec());
        input.with_signing_algorithm("ECDSA_SHA_256").with_message_type("RAW")
    };
    check::<op::Sign>(&cloud, id, "SigningAlgorithm", ["ECDSA_SHA_256", "ECDSA_SHA_512"], sign).await;
    check::<op::Sign>(&cloud, id, "MessageType", ["RAW", "DIGEST"], sign).await;
    let id = &cloud.create_spec("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let mac = || {
        let input = api::GenerateMacRequest::new().with_key_id(&**id).with_message(b"hello".to_vec());
        input.with_mac_algorithm("HMAC_SHA_256")
    };
    check::<op::GenerateMac>(&cloud, id, "MacAlgorithm", ["HMAC_SHA_256", "HMAC_SHA_512"], mac).await;
    let id = &cloud.create_spec("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let derive = || {
        let input =
            api::DeriveSharedSecretRequest::new().with_key_id(&**id).with_public_key(b"none".to_vec());
        input.with_key_agreement_algorithm("ECDH")
    };
    check::<op::DeriveSharedSecret>(&cloud, id, "KeyAgreementAlgorithm", ["ECDH", "DH"], derive).await;
    let id = &cloud.create().await;
    let pair = || {
        let input = api::GenerateDataKeyPairWithoutPlaintextRequest::new().with_key_id(&**id);
        input.with_key_pair_spec("ECC_NIST_P256")
    };
    let specs = ["ECC_NIST_P256", "RSA_4096"];
    check::<op::GenerateDataKeyPairWithoutPlaintext>(&cloud, id, "DataKeyPairSpec", specs, pair).await;
}

#[tokio::test]
async fn what_is_asked_of_a_grant_is_a_condition() {
    let cloud = Cloud::new();
    let id = &cloud.create().await;
    let (bob, eve) = ("arn:aws:iam::111122223333:user/bob", "arn:aws:iam::111122223333:user/eve");
    let grant = || {
        let constraints = api::GrantConstraints::new().with_encryption_context_subset(vec![("tenant", "7")]);
        api::CreateGrantRequest::new()
            .with_key_id(&**id)
            .with_grantee_principal(bob)
            .with_retiring_principal(eve)
            .with_operations(vec!["Encrypt", "Decrypt"])
            .with_constraints(constraints)
    };
    check::<op::CreateGrant>(&cloud, id, "GranteePrincipal", [bob, eve], grant).await;
    check::<op::CreateGrant>(&cloud, id, "RetiringPrincipal", [eve, bob], grant).await;
    let kinds = ["EncryptionContextSubset", "EncryptionContextEquals"];
    check::<op::CreateGrant>(&cloud, id, "GrantConstraintType", kinds, grant).await;
    check::<op::CreateGrant>(&cloud, id, "GrantIsForAWSResource", ["false", "true"], grant).await;
    let through = cloud.via("s3");
    check::<op::CreateGrant>(&through, id, "GrantIsForAWSResource", ["true", "false"], grant).await;
    let only = |operations: &str| {
        format!(r#"{{"ForAllValues:StringEquals":{{"kms:GrantOperations":[{operations}]}}}}"#)
    };
    assert!(!passes::<op::CreateGrant>(&cloud, id, &only(r#""Encrypt""#), grant()).await);
    assert!(passes::<op::CreateGrant>(&cloud, id, &only(r#""Encrypt","Decrypt""#), grant()).await);
}

#[tokio::test]
async fn how_a_key_is_to_live_is_a_condition() {
    let cloud = Cloud::new();
    let id = &cloud.create().await;
    let rotate = || api::EnableKeyRotationRequest::new().with_key_id(&**id).with_rotation_period_in_days(90);
    check::<op::EnableKeyRotation>(&cloud, id, "RotationPeriodInDays", ["90", "365"], rotate).await;
    let own = policy(ALICE, "kms:*", "");
    let replace = || {
        let input = api::PutKeyPolicyRequest::new().with_key_id(&**id).with_policy(&*own);
        input.with_bypass_policy_lockout_safety_check(true)
    };
    let key = "BypassPolicyLockoutSafetyCheck";
    check::<op::PutKeyPolicy>(&cloud, id, key, ["true", "false"], replace).await;
    let delete = || api::ScheduleKeyDeletionRequest::new().with_key_id(&**id).with_pending_window_in_days(7);
    let key = "ScheduleKeyDeletionPendingWindowInDays";
    check::<op::ScheduleKeyDeletion>(&cloud, id, key, ["7", "30"], delete).await;
}

#[tokio::test]
async fn how_material_is_imported_is_a_condition() {
    let cloud = Cloud::new();
    let id = &cloud.create_with(api::CreateKeyRequest::new().with_origin("EXTERNAL")).await.unwrap();
    let parameters = || {
        let input = api::GetParametersForImportRequest::new().with_key_id(&**id);
        input.with_wrapping_algorithm("RSAES_OAEP_SHA_256").with_wrapping_key_spec("RSA_2048")
    };
    let algorithms = ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"];
    check::<op::GetParametersForImport>(&cloud, id, "WrappingAlgorithm", algorithms, parameters).await;
    check::<op::GetParametersForImport>(&cloud, id, "WrappingKeySpec", ["RSA_2048", "RSA_4096"], parameters)
        .await;
    let import = || {
        api::ImportKeyMaterialRequest::new()
            .with_key_id(&**id)
            .with_import_token(b"none".to_vec())
            .with_encrypted_key_material(b"none".to_vec())
            .with_expiration_model("KEY_MATERIAL_EXPIRES")
            .with_valid_to(Timestamp::from_secs(START + 86_400))
    };
    let models = ["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];
    check::<op::ImportKeyMaterial>(&cloud, id, "ExpirationModel", models, import).await;
    let until = |date: &str| format!(r#"{{"DateLessThan":{{"kms:ValidTo":"{date}"}}}}"#);
    assert!(!passes::<op::ImportKeyMaterial>(&cloud, id, &until("2027-01-16T08:00:00Z"), import()).await);
    assert!(passes::<op::ImportKeyMaterial>(&cloud, id, &until("2027-01-16T08:00:01Z"), import()).await);
}

#[tokio::test]
async fn regions_are_conditions() {
    let cloud = Cloud::new();
    let id = &cloud.create_with(api::CreateKeyRequest::new().with_multi_region(true)).await.unwrap();
    let describe = || api::DescribeKeyRequest::new().with_key_id(&**id);
    check::<op::DescribeKey>(&cloud, id, "MultiRegion", ["true", "false"], describe).await;
    check::<op::DescribeKey>(&cloud, id, "MultiRegionKeyType", ["PRIMARY", "REPLICA"], describe).await;
    let primary =
        || api::UpdatePrimaryRegionRequest::new().with_key_id(&**id).with_primary_region("eu-west-1");
    check::<op::UpdatePrimaryRegion>(&cloud, id, "PrimaryRegion", ["eu-west-1", "us-east-1"], primary).await;
    let replicate = api::ReplicateKeyRequest::new().with_key_id(&**id).with_replica_region("us-east-1");
    let condition = |region: &str| format!(r#"{{"StringEquals":{{"kms:ReplicaRegion":"{region}"}}}}"#);
    assert!(!passes::<op::ReplicateKey>(&cloud, id, &condition("eu-west-2"), replicate).await);
}
