//! Organizations: who may switch what for root users, and the sessions of root users that follow.

use virga_api::iam::{self as api, op};
use virga_api::sts;
use virga_kit::organization::{self, Membership};

use crate::cloud::{ACCOUNT, Cloud, error};

const MEMBER: &str = "444455556666";

fn organize(cloud: &Cloud) {
    let membership = Membership {
        organization_id: "o-example123".to_owned(),
        path: "o-example123/r-ab12/".to_owned(),
        management_account: ACCOUNT.to_owned(),
    };
    for account in [ACCOUNT, MEMBER] {
        cloud.world.store().write(|txn| organization::put_membership(txn, account, &membership)).unwrap();
    }
}

async fn assume_root(cloud: &Cloud, task: &str) -> Result<sts::AssumeRootOutput, virga_model::ApiError> {
    let arn = format!("arn:aws:iam::aws:policy/root-task/{task}");
    let input = sts::AssumeRootInput::new()
        .with_target_principal(MEMBER)
        .with_task_policy_arn(sts::PolicyDescriptorType::new().with_arn(arn));
    cloud.call::<sts::op::AssumeRoot>(input).await
}

#[tokio::test]
async fn accounts_without_an_organization_are_told_so() {
    let cloud = Cloud::new();
    let input = api::EnableOrganizationsRootSessionsInput::new();
    assert_eq!(
        error(cloud.call::<op::EnableOrganizationsRootSessions>(input).await).0,
        "OrganizationNotFound"
    );
    let ann = cloud.administrator("ann").await;
    assert_eq!(error(assume_root(&ann, "IAMAuditRootUserCredentials").await).0, "AccessDenied");
}

#[tokio::test]
async fn the_management_account_acts_as_root_of_its_members() {
    let cloud = Cloud::new();
    organize(&cloud);
    let ann = cloud.administrator("ann").await;
    assert_eq!(
        error(assume_root(&ann, "IAMAuditRootUserCredentials").await).0,
        "AccessDenied",
        "not yet enabled"
    );
    let member = cloud.of_account(MEMBER);
    let input = api::EnableOrganizationsRootSessionsInput::new;
    let refused = error(member.call::<op::EnableOrganizationsRootSessions>(input()).await);
    assert_eq!(refused.0, "AccountNotManagementOrDelegatedAdministrator");
    let output = ann.call::<op::EnableOrganizationsRootSessions>(input()).await.unwrap();
    let features: Vec<&str> = output.enabled_features().unwrap().iter().collect();
    assert_eq!((output.organization_id(), features), (Some("o-example123"), vec!["RootSessions"]));

    assert_eq!(
        error(assume_root(&cloud, "IAMAuditRootUserCredentials").await).0,
        "AccessDenied",
        "by a root user"
    );
    assert_eq!(error(assume_root(&ann, "AdministratorAccess").await).0, "ValidationError");
    member.key(None).await.unwrap();
    let output = assume_root(&ann, "IAMAuditRootUserCredentials").await.unwrap();
    let root = cloud.of_key(output.credentials().unwrap().access_key_id());
    let keys = root.call::<op::ListAccessKeys>(api::ListAccessKeysInput::new()).await.unwrap();
    assert_eq!(keys.access_key_metadata().iter().count(), 1);
    let refused = error(root.call::<op::ListUsers>(api::ListUsersInput::new()).await);
    assert!(refused.1.ends_with("with an explicit deny in a session policy"), "{refused:?}");
    assert_eq!(error(root.key(None).await).0, "AccessDenied", "auditing is not creating");

    let output = assume_root(&ann, "IAMCreateRootUserPassword").await.unwrap();
    let root = cloud.of_key(output.credentials().unwrap().access_key_id());
    root.call::<op::CreateLoginProfile>(api::CreateLoginProfileInput::new()).await.unwrap();
    root.call::<op::GetLoginProfile>(api::GetLoginProfileInput::new()).await.unwrap();
    let output = assume_root(&ann, "IAMDeleteRootUserCredentials").await.unwrap();
    let root = cloud.of_key(output.credentials().unwrap().access_key_id());
    root.call::<op::DeleteLoginProfile>(api::DeleteLoginProfileInput::new()).await.unwrap();
}

#[tokio::test]
async fn root_sessions_need_the_permission() {
    let cloud = Cloud::new();
    organize(&cloud);
    cloud
        .call::<op::EnableOrganizationsRootSessions>(api::EnableOrganizationsRootSessionsInput::new())
        .await
        .unwrap();
    cloud.user("bob").await;
    let bob = cloud.of_key(cloud.key(Some("bob")).await.unwrap().access_key_id());
    let refused = error(assume_root(&bob, "IAMAuditRootUserCredentials").await);
    assert!(
        refused.1.contains("because no identity-based policy allows the sts:AssumeRoot action"),
        "{refused:?}"
    );
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"*","Condition":{"StringEquals":{"sts:TaskPolicyArn":"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}}}}"#;
    cloud.put_user_policy("bob", "p", document).await.unwrap();
    assume_root(&bob, "IAMAuditRootUserCredentials").await.unwrap();
    assert_eq!(error(assume_root(&bob, "IAMDeleteRootUserCredentials").await).0, "AccessDenied");
}
