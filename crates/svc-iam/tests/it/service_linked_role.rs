//! Service-linked roles.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error, words};

async fn create(cloud: &Cloud, service: &str, suffix: Option<&str>) -> Result<api::Role, ApiError> {
    let input =
        api::CreateServiceLinkedRoleInput::new().with_aws_service_name(service).with_custom_suffix(suffix);
    Ok(cloud.call::<api::op::CreateServiceLinkedRole>(input).await?.role().unwrap().clone())
}

#[tokio::test]
async fn a_role_has_the_name_the_path_and_the_policy_of_its_service() {
    let cloud = Cloud::new();
    let role = create(&cloud, "autoscaling.amazonaws.com", Some("mine")).await.unwrap();
    assert_eq!(
        role.arn(),
        "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_mine"
    );
    assert_eq!(
        error(create(&cloud, "autoscaling.amazonaws.com", Some("mine")).await),
        words(
            "InvalidInput",
            "Service role name AWSServiceRoleForAutoScaling_mine has been taken in this account, please try a \
             different suffix."
        )
    );
    assert_eq!(
        error(create(&cloud, "ecs.amazonaws.com", Some("mine")).await),
        words("InvalidInput", "Custom suffix is not allowed for ecs.amazonaws.com")
    );
    assert_eq!(error(create(&cloud, "nothing.amazonaws.com", None).await).0, "InvalidInput");
    let input = api::ListAttachedRolePoliciesInput::new().with_role_name(role.role_name());
    let attached = cloud.call::<api::op::ListAttachedRolePolicies>(input).await.unwrap();
    let names = attached.attached_policies().unwrap();
    assert_eq!(
        names.iter().map(|one| one.policy_name().unwrap().to_owned()).collect::<Vec<_>>(),
        ["AutoScalingServiceRolePolicy"]
    );
}

#[tokio::test]
async fn only_its_own_operation_deletes_it() {
    let cloud = Cloud::new();
    let role = create(&cloud, "ecs.amazonaws.com", None).await.unwrap();
    let name = role.role_name();
    let input = api::DeleteRoleInput::new().with_role_name(name);
    assert_eq!(error(cloud.call::<api::op::DeleteRole>(input).await).0, "UnmodifiableEntity");
    let delete = |name: &str| {
        let input = api::DeleteServiceLinkedRoleInput::new().with_role_name(name);
        cloud.call::<api::op::DeleteServiceLinkedRole>(input)
    };
    let task = delete(name).await.unwrap().deletion_task_id().to_owned();
    assert!(task.starts_with("task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/"), "{task}");
    let status = async |task: &str| {
        let input = api::GetServiceLinkedRoleDeletionStatusInput::new().with_deletion_task_id(task);
        let output = cloud.call::<api::op::GetServiceLinkedRoleDeletionStatus>(input).await?;
        Ok::<_, ApiError>(output.status().to_owned())
    };
    cloud.advance(1).await;
    assert_eq!(status(&task).await.unwrap(), "SUCCEEDED");
    assert_eq!(error(cloud.get_role(name).await).0, "NoSuchEntity");
    assert_eq!(error(delete(name).await).0, "NoSuchEntity");
    assert_eq!(error(status("task/none").await).0, "NoSuchEntity");
    cloud.role("ordinary").await;
    assert_eq!(error(delete("ordinary").await).0, "NoSuchEntity");
}
