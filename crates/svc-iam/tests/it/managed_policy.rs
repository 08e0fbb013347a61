//! Managed policies: versions, deletion, AWS's own.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, ALLOW, Cloud, error, words};

async fn new_version(cloud: &Cloud, arn: &str, default: bool) -> Result<String, ApiError> {
    let input = api::CreatePolicyVersionInput::new().with_policy_arn(arn).with_policy_document(ALLOW);
    let output = cloud.call::<api::op::CreatePolicyVersion>(input.with_set_as_default(default)).await?;
    Ok(output.policy_version().unwrap().version_id().unwrap().to_owned())
}

async fn delete_version(cloud: &Cloud, arn: &str, version: &str) -> Result<(), ApiError> {
    let input = api::DeletePolicyVersionInput::new().with_policy_arn(arn).with_version_id(version);
    cloud.call::<api::op::DeletePolicyVersion>(input).await.map(|_| ())
}

async fn delete(cloud: &Cloud, arn: &str) -> Result<(), ApiError> {
    cloud.call::<api::op::DeletePolicy>(api::DeletePolicyInput::new().with_policy_arn(arn)).await.map(|_| ())
}

#[tokio::test]
async fn a_policy_has_five_versions_at_most() {
    let cloud = Cloud::new();
    let arn = cloud.policy("p").await;
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:policy/p"));
    for number in 2..=5 {
        assert_eq!(new_version(&cloud, &arn, number == 3).await.unwrap(), format!("v{number}"));
    }
    assert_eq!(
        error(new_version(&cloud, &arn, false).await),
        words(
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
             existing version."
        )
    );
    assert_eq!(cloud.get_policy(&arn).await.unwrap().default_version_id(), Some("v3"));
    let list = || async {
        let input = api::ListPolicyVersionsInput::new().with_policy_arn(&*arn);
        let output = cloud.call::<api::op::ListPolicyVersions>(input).await.unwrap();
        let versions = output.versions().unwrap();
        versions.iter().map(|version| version.version_id().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list().await, ["v5", "v4", "v3", "v2", "v1"]);
    assert_eq!(
        error(delete_version(&cloud, &arn, "v3").await),
        words("DeleteConflict", "Cannot delete the default version of a policy.")
    );
    delete_version(&cloud, &arn, "v5").await.unwrap();
    assert_eq!(new_version(&cloud, &arn, false).await.unwrap(), "v6", "no number comes twice");
    let default = api::SetDefaultPolicyVersionInput::new().with_policy_arn(&*arn).with_version_id("v5");
    assert_eq!(error(cloud.call::<api::op::SetDefaultPolicyVersion>(default).await).0, "NoSuchEntity");
    assert_eq!(error(delete(&cloud, &arn).await).0, "DeleteConflict", "versions go first");
    for version in ["v1", "v2", "v4", "v6"] {
        delete_version(&cloud, &arn, version).await.unwrap();
    }
    delete(&cloud, &arn).await.unwrap();
    assert_eq!(
        error(cloud.get_policy(&arn).await),
        words("NoSuchEntity", &format!("Policy {arn} was not found."))
    );
}

#[tokio::test]
async fn documents_are_stored_as_given_and_counted_without_white_space() {
    let cloud = Cloud::new();
    let spaced = format!("{}\n", ALLOW.replace(',', ",\n   "));
    let create = |name: &str, document: &str| {
        let input = api::CreatePolicyInput::new().with_policy_name(name).with_policy_document(document);
        cloud.call::<api::op::CreatePolicy>(input)
    };
    let arn = create("p", &spaced).await.unwrap().policy().unwrap().arn().unwrap().to_owned();
    let input = api::GetPolicyVersionInput::new().with_policy_arn(&*arn).with_version_id("v1");
    let output = cloud.call::<api::op::GetPolicyVersion>(input).await.unwrap();
    let version = output.policy_version().unwrap();
    let document = version.document().unwrap();
    assert!(document.contains("%0A%20%20%20") && !document.contains('*') && document.ends_with("%7D%0A"));
    assert_eq!(version.is_default_version(), Some(true));

    let sized = |size: usize| ALLOW.replace("sqs:*", &format!("sqs:{}", "a".repeat(size - ALLOW.len() + 1)));
    create("most", &format!("{}{}", sized(6144), " ".repeat(100))).await.unwrap();
    assert_eq!(
        error(create("more", &sized(6145)).await),
        words("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    );
    assert_eq!(error(create("bad", "{}").await).0, "MalformedPolicyDocument");
    assert_eq!(
        error(create("P", ALLOW).await),
        words("EntityAlreadyExists", "A policy called P already exists. Duplicate names are not allowed.")
    );
}

#[tokio::test]
async fn policies_of_aws_are_there_and_stay_as_they_are() {
    let cloud = Cloud::new();
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let policy = cloud.get_policy(arn).await.unwrap();
    assert_eq!((policy.policy_name(), policy.path()), (Some("AdministratorAccess"), Some("/")));
    let input = api::GetPolicyVersionInput::new().with_policy_arn(arn);
    let input = input.with_version_id(policy.default_version_id().unwrap());
    let output = cloud.call::<api::op::GetPolicyVersion>(input).await.unwrap();
    assert!(output.policy_version().unwrap().document().unwrap().contains("%22Action%22%3A%22%2A%22"));
    assert!(cloud.get_policy("arn:aws:iam::aws:policy/x/AdministratorAccess").await.is_err(), "another path");
    assert_eq!(error(delete(&cloud, arn).await).0, "AccessDenied");
    assert_eq!(error(new_version(&cloud, arn, true).await).0, "AccessDenied");

    cloud.user("ann").await;
    cloud.attach("ann", arn).await.unwrap();
    assert_eq!(cloud.get_policy(arn).await.unwrap().attachment_count(), Some(1));
    let other = cloud.of_account("999988887777");
    assert_eq!(other.get_policy(arn).await.unwrap().attachment_count(), Some(0), "counts are of the account");
    let of_service = "arn:aws:iam::aws:policy/aws-service-role/AWSBatchServiceRolePolicyForSageMaker";
    let result = cloud.attach("ann", of_service).await;
    assert_eq!(
        error(result),
        words("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer User.")
    );
}

#[tokio::test]
async fn an_arn_that_is_none() {
    let cloud = Cloud::new();
    let expected = words("ValidationError", "Invalid ARN:  Could not be parsed!");
    assert_eq!(error(cloud.get_policy("AdministratorAccessIsNoArn").await), expected);
    cloud.user("ann").await;
    assert_eq!(error(cloud.attach("ann", "AdministratorAccessIsNoArn").await), expected);
}
