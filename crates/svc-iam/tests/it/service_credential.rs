//! Service-specific credentials.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error, words};

async fn create(
    cloud: &Cloud,
    service: &str,
    days: Option<i32>,
) -> Result<api::ServiceSpecificCredential, ApiError> {
    let input = api::CreateServiceSpecificCredentialInput::new()
        .with_user_name("ann")
        .with_service_name(service)
        .with_credential_age_days(days);
    let output = cloud.call::<api::op::CreateServiceSpecificCredential>(input).await?;
    Ok(output.service_specific_credential().unwrap().clone())
}

async fn listed(cloud: &Cloud, service: Option<&str>) -> Vec<api::ServiceSpecificCredentialMetadata> {
    let input =
        api::ListServiceSpecificCredentialsInput::new().with_user_name("ann").with_service_name(service);
    let output = cloud.call::<api::op::ListServiceSpecificCredentials>(input).await.unwrap();
    output.service_specific_credentials().unwrap().iter().cloned().collect()
}

#[tokio::test]
async fn two_for_each_service() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let first = create(&cloud, "codecommit.amazonaws.com", None).await.unwrap();
    assert_eq!(first.service_user_name(), Some("ann-at-111122223333"));
    assert!(first.service_specific_credential_id().starts_with("ACCA"));
    let second = create(&cloud, "codecommit.amazonaws.com", None).await.unwrap();
    assert_eq!(second.service_user_name(), Some("ann+1-at-111122223333"));
    assert_ne!(first.service_password(), second.service_password());
    assert_eq!(
        error(create(&cloud, "codecommit.amazonaws.com", None).await),
        words("LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
    );
    create(&cloud, "cassandra.amazonaws.com", None).await.unwrap();
    assert_eq!(listed(&cloud, None).await.len(), 3);
    assert_eq!(listed(&cloud, Some("cassandra.amazonaws.com")).await.len(), 1);
    assert_eq!(
        error(create(&cloud, "lambda.amazonaws.com", None).await),
        words(
            "NoSuchEntity",
            "No such service lambda.amazonaws.com is supported for Service Specific Credentials"
        )
    );
}

#[tokio::test]
async fn a_reset_gives_a_new_secret() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let first = create(&cloud, "codecommit.amazonaws.com", None).await.unwrap();
    let id = first.service_specific_credential_id();
    let input = api::UpdateServiceSpecificCredentialInput::new()
        .with_user_name("ann")
        .with_service_specific_credential_id(id)
        .with_status("Inactive");
    cloud.call::<api::op::UpdateServiceSpecificCredential>(input).await.unwrap();
    let reset = |id: &str| {
        let input = api::ResetServiceSpecificCredentialInput::new()
            .with_user_name("ann")
            .with_service_specific_credential_id(id);
        cloud.call::<api::op::ResetServiceSpecificCredential>(input)
    };
    let again = reset(id).await.unwrap();
    let again = again.service_specific_credential().unwrap();
    assert_eq!((again.status(), again.service_user_name()), ("Inactive", first.service_user_name()));
    assert_ne!(again.service_password(), first.service_password());
    assert_eq!(
        error(reset("satisfiesregexbutstillinvalid").await),
        words("NoSuchEntity", "No such credential satisfiesregexbutstillinvalid exists")
    );
    let input = api::DeleteServiceSpecificCredentialInput::new()
        .with_user_name("ann")
        .with_service_specific_credential_id(id);
    cloud.call::<api::op::DeleteServiceSpecificCredential>(input).await.unwrap();
    assert!(listed(&cloud, None).await.is_empty());
}

#[tokio::test]
async fn an_api_key_expires() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let key = create(&cloud, "bedrock.amazonaws.com", Some(1)).await.unwrap();
    assert_eq!(key.service_credential_alias(), Some("ann-at-111122223333"));
    assert!(key.service_credential_secret().unwrap().starts_with("ABSK"));
    assert_eq!((key.service_user_name(), key.service_password()), (None, None));
    assert_eq!(listed(&cloud, None).await[0].status(), "Active");
    cloud.advance(86_400).await;
    assert_eq!(listed(&cloud, None).await[0].status(), "Expired");
}
