//! The table of key states: what each operation answers in each state.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use virga_api::kms as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, arn, error};

/// The outcome of an operation on a key.
async fn outcome(cloud: &Cloud, operation: &str, id: &str) -> Result<(), ApiError> {
    macro_rules! call {
        ($operation:ident, $input:expr) => {
            cloud.call::<api::op::$operation>($input).await.map(|_| ())
        };
    }
    match operation {
        "CancelKeyDeletion" => call!(CancelKeyDeletion, api::CancelKeyDeletionRequest::new().with_key_id(id)),
        "CreateAlias" => {
            let name = format!("alias/{}", cloud.world.log().recent(1000, |_| true).len());
            cloud.create_alias(&name, id).await
        }
        "CreateGrant" => call!(
            CreateGrant,
            api::CreateGrantRequest::new()
                .with_key_id(id)
                .with_grantee_principal("arn:aws:iam::111122223333:user/a")
                .with_operations(vec!["Encrypt"])
        ),
        "DescribeKey" => cloud.describe(id).await.map(|_| ()),
        "DisableKey" => call!(DisableKey, api::DisableKeyRequest::new().with_key_id(id)),
        "EnableKey" => call!(EnableKey, api::EnableKeyRequest::new().with_key_id(id)),
        "EnableKeyRotation" => call!(EnableKeyRotation, api::EnableKeyRotationRequest::new().with_key_id(id)),
        "Encrypt" => cloud.encrypt(id, b"x", &[]).await.map(|_| ()),
        "GenerateDataKey" => call!(
            GenerateDataKey,
            api::GenerateDataKeyRequest::new().with_key_id(id).with_key_spec("AES_256")
        ),
        "GetKeyPolicy" => call!(GetKeyPolicy, api::GetKeyPolicyRequest::new().with_key_id(id)),
        "GetKeyRotationStatus" => {
            call!(GetKeyRotationStatus, api::GetKeyRotationStatusRequest::new().with_key_id(id))
        }
        "ListGrants" => call!(ListGrants, api::ListGrantsRequest::new().with_key_id(id)),
        "ListResourceTags" => call!(ListResourceTags, api::ListResourceTagsRequest::new().with_key_id(id)),
        "RotateKeyOnDemand" => call!(RotateKeyOnDemand, api::RotateKeyOnDemandRequest::new().with_key_id(id)),
        "ScheduleKeyDeletion" => cloud.schedule_deletion(id, 7).await,
        "TagResource" => {
            let tag = api::Tag::new().with_tag_key("a").with_tag_value("1");
            call!(TagResource, api::TagResourceRequest::new().with_key_id(id).with_tags(vec![tag]))
        }
        "UpdateKeyDescription" => call!(
            UpdateKeyDescription,
            api::UpdateKeyDescriptionRequest::new().with_key_id(id).with_description("d")
        ),
        other => unreachable!("{other} is not in the table"),
    }
}

#[tokio::test]
async fn operations_answer_as_the_table_says() {
    const GOOD: &str = "";
    const DISABLED: &str = "DisabledException: … is disabled.";
    const DELETED: &str = "KMSInvalidStateException: … is pending deletion.";
    const NOT_DELETED: &str = "KMSInvalidStateException: … is not pending deletion.";
    let table = [
        ("CancelKeyDeletion", NOT_DELETED, NOT_DELETED, GOOD),
        ("CreateAlias", GOOD, GOOD, DELETED),
        ("CreateGrant", GOOD, DISABLED, DELETED),
        ("DescribeKey", GOOD, GOOD, GOOD),
        ("DisableKey", GOOD, GOOD, DELETED),
        ("EnableKey", GOOD, GOOD, DELETED),
        ("EnableKeyRotation", GOOD, DISABLED, DELETED),
        ("Encrypt", GOOD, DISABLED, DELETED),
        ("GenerateDataKey", GOOD, DISABLED, DELETED),
        ("GetKeyPolicy", GOOD, GOOD, GOOD),
        ("GetKeyRotationStatus", GOOD, GOOD, GOOD),
        ("ListGrants", GOOD, GOOD, GOOD),
        ("ListResourceTags", GOOD, GOOD, GOOD),
        ("RotateKeyOnDemand", GOOD, DISABLED, DELETED),
        ("ScheduleKeyDeletion", GOOD, GOOD, DELETED),
        ("TagResource", GOOD, GOOD, DELETED),
        ("UpdateKeyDescription", GOOD, GOOD, DELETED),
    ];
    let cloud = Cloud::new();
    for (operation, enabled, disabled, deleted) in table {
        for (state, expected) in [("Enabled", enabled), ("Disabled", disabled), ("PendingDeletion", deleted)]
        {
            let id = cloud.create().await;
            match state {
                "Disabled" => cloud.disable(&id).await,
                "PendingDeletion" => cloud.schedule_deletion(&id, 30).await.unwrap(),
                _ => {}
            }
            assert_eq!(cloud.state(&id).await, state);
            let shown = match outcome(&cloud, operation, &id).await {
                Ok(()) => String::new(),
                Err(failed) => {
                    let (code, text) = error::<()>(Err(failed));
                    format!("{code}: {text}").replace(&arn(&id), "…")
                }
            };
            assert_eq!(shown, expected, "{operation} of a key in the state {state}");
        }
    }
}
