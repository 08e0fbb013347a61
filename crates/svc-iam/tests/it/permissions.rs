//! What calls need permission for, and that the policies kept here decide.

use virga_api::iam::{self as api, op};
use virga_iam::policy::{Effect, Policy};
use virga_iam::{Caller, KeyStatus, Keys as _, Principal};
use virga_kit::PolicySource as _;
use virga_model::view::Operation;

use crate::cloud::{ACCOUNT, Cloud, TRUST, error};

/// Actions and resources of the last call.
fn last(cloud: &Cloud) -> Vec<(String, Vec<String>)> {
    let calls = cloud.world.log().recent(1, |_| true);
    calls[0].accesses.iter().map(|access| (access.full_action(), access.resources.clone())).collect()
}

fn on(action: &str, resource: &str) -> (String, Vec<String>) {
    (format!("iam:{action}"), vec![format!("arn:aws:iam::{ACCOUNT}:{resource}")])
}

#[tokio::test]
async fn calls_need_actions_on_resources() {
    let cloud = Cloud::new();
    let tag = api::Tag::new().with_key("k").with_value("v");
    let input = api::CreateUserInput::new().with_user_name("ann").with_path("/dev/").with_tags(vec![tag]);
    cloud.call::<op::CreateUser>(input).await.unwrap();
    assert_eq!(last(&cloud), [on("CreateUser", "user/dev/ann"), on("TagUser", "user/dev/ann")]);
    cloud.call::<op::GetUser>(api::GetUserInput::new().with_user_name("ann")).await.unwrap();
    assert_eq!(last(&cloud), [on("GetUser", "user/dev/ann")], "with the stored path");
    let arn = cloud.policy("p").await;
    assert_eq!(last(&cloud), [on("CreatePolicy", "policy/p")]);
    cloud.attach("ann", &arn).await.unwrap();
    assert_eq!(last(&cloud), [on("AttachUserPolicy", "user/dev/ann")]);
    cloud.get_policy(&arn).await.unwrap();
    assert_eq!(last(&cloud), [on("GetPolicy", "policy/p")]);
    cloud.call::<op::ListUsers>(api::ListUsersInput::new()).await.unwrap();
    assert_eq!(last(&cloud), [("iam:ListUsers".to_owned(), vec![])]);
    let key = cloud.key(Some("ann")).await.unwrap();
    let input = api::GetAccessKeyLastUsedInput::new().with_access_key_id(key.access_key_id());
    cloud.call::<op::GetAccessKeyLastUsed>(input).await.unwrap();
    assert_eq!(last(&cloud), [on("GetAccessKeyLastUsed", "user/dev/ann")]);
}

/// What a call needs permission for, whether it succeeds or not.
async fn needs<O: Operation>(cloud: &Cloud, input: O::Input) -> Vec<(String, Vec<String>)> {
    let outcome = cloud.call::<O>(input).await;
    let calls = cloud.world.log().recent(1, |_| true);
    assert_eq!(outcome.is_ok(), calls[0].error.is_none());
    last(cloud)
}

#[tokio::test]
async fn resources_of_every_kind_have_their_arns() {
    let cloud = Cloud::new();
    let input = api::CreateOpenIDConnectProviderInput::new().with_url("https://idp.example.com/x");
    assert_eq!(
        needs::<op::CreateOpenIDConnectProvider>(&cloud, input).await,
        [on("CreateOpenIDConnectProvider", "oidc-provider/idp.example.com/x")]
    );
    let document = "m".repeat(1000);
    let input = api::CreateSAMLProviderInput::new().with_name("saml").with_saml_metadata_document(document);
    assert_eq!(
        needs::<op::CreateSAMLProvider>(&cloud, input).await,
        [on("CreateSAMLProvider", "saml-provider/saml")]
    );
    let input =
        api::CreateVirtualMFADeviceInput::new().with_virtual_mfa_device_name("phone").with_path("/p/");
    assert_eq!(
        needs::<op::CreateVirtualMFADevice>(&cloud, input).await,
        [on("CreateVirtualMFADevice", "mfa/p/phone")]
    );
    let input = api::DeleteServerCertificateInput::new().with_server_certificate_name("c");
    assert_eq!(
        needs::<op::DeleteServerCertificate>(&cloud, input).await,
        [on("DeleteServerCertificate", "server-certificate/c")]
    );
    let role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x";
    let input = api::CreateServiceLinkedRoleInput::new()
        .with_aws_service_name("autoscaling.amazonaws.com")
        .with_custom_suffix("x");
    assert_eq!(
        needs::<op::CreateServiceLinkedRole>(&cloud, input).await,
        [on("CreateServiceLinkedRole", role)]
    );
    let input = api::DeleteServiceLinkedRoleInput::new();
    let input = input.with_role_name("AWSServiceRoleForAutoScaling_x");
    let output = cloud.call::<op::DeleteServiceLinkedRole>(input).await.unwrap();
    assert_eq!(last(&cloud), [on("DeleteServiceLinkedRole", role)], "with the stored path");
    let input = api::GetServiceLinkedRoleDeletionStatusInput::new();
    let input = input.with_deletion_task_id(output.deletion_task_id());
    assert_eq!(
        needs::<op::GetServiceLinkedRoleDeletionStatus>(&cloud, input).await,
        [on("GetServiceLinkedRoleDeletionStatus", role)]
    );
    let arn = format!("arn:aws:iam::{ACCOUNT}:group/g");
    let input = api::SimulatePrincipalPolicyInput::new().with_policy_source_arn(arn);
    assert_eq!(
        needs::<op::SimulatePrincipalPolicy>(&cloud, input.with_action_names(vec!["sqs:SendMessage"])).await,
        [on("SimulatePrincipalPolicy", "group/g")]
    );
}

#[tokio::test]
async fn a_role_in_an_instance_profile_is_passed() {
    let cloud = Cloud::new();
    cloud.role("R").await;
    let input = api::CreateInstanceProfileInput::new().with_instance_profile_name("ip");
    cloud.call::<op::CreateInstanceProfile>(input).await.unwrap();
    let input =
        api::AddRoleToInstanceProfileInput::new().with_instance_profile_name("ip").with_role_name("R");
    cloud.call::<op::AddRoleToInstanceProfile>(input).await.unwrap();
    let expected = [on("AddRoleToInstanceProfile", "instance-profile/ip"), on("PassRole", "role/R")];
    assert_eq!(last(&cloud), expected);
}

/// A user whose only policy is this statement.
async fn limited(cloud: &Cloud, statement: &str) -> Cloud {
    cloud.user("ann").await;
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    cloud.put_user_policy("ann", "p", &document).await.unwrap();
    cloud.of_key(cloud.key(Some("ann")).await.unwrap().access_key_id())
}

#[tokio::test]
async fn a_user_may_what_its_policies_allow() {
    let cloud = Cloud::new();
    let statement =
        r#"{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/${aws:username}"}"#;
    let ann = limited(&cloud, statement).await;
    cloud.user("bob").await;
    let get = |name: Option<&str>| ann.call::<op::GetUser>(api::GetUserInput::new().with_user_name(name));
    get(None).await.unwrap();
    get(Some("ann")).await.unwrap();
    let (code, text) = error(get(Some("bob")).await);
    assert_eq!(code, "AccessDenied");
    assert_eq!(
        text,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: iam:GetUser on resource: \
             arn:aws:iam::{ACCOUNT}:user/bob because no identity-based policy allows the iam:GetUser action"
        )
    );
}

#[tokio::test]
async fn groups_and_boundaries_count_and_changes_work_at_once() {
    let cloud = Cloud::new();
    let ann = cloud.administrator("ann").await;
    let list = || ann.call::<op::ListUsers>(api::ListUsersInput::new());
    list().await.unwrap();
    let boundary = api::PutUserPermissionsBoundaryInput::new().with_user_name("ann");
    let boundary = boundary.with_permissions_boundary("arn:aws:iam::aws:policy/AmazonSQSFullAccess");
    cloud.call::<op::PutUserPermissionsBoundary>(boundary).await.unwrap();
    assert_eq!(error(list().await).0, "AccessDenied", "the boundary has no iam:ListUsers");
    let input = api::DeleteUserPermissionsBoundaryInput::new().with_user_name("ann");
    cloud.call::<op::DeleteUserPermissionsBoundary>(input).await.unwrap();
    list().await.unwrap();
    cloud.detach("ann", "arn:aws:iam::aws:policy/AdministratorAccess").await.unwrap();
    assert_eq!(error(list().await).0, "AccessDenied");
    cloud.group("g").await;
    let attach = api::AttachGroupPolicyInput::new().with_group_name("g");
    let attach = attach.with_policy_arn("arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    cloud.call::<op::AttachGroupPolicy>(attach).await.unwrap();
    cloud.join("ann", "g").await.unwrap();
    list().await.unwrap();
}

#[tokio::test]
async fn conditions_see_policies_boundaries_and_tags() {
    let cloud = Cloud::new();
    let statement = format!(
        r#"{{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*",
            "Condition":{{"ArnEquals":{{"iam:PolicyARN":"arn:aws:iam::{ACCOUNT}:policy/p"}}}}}},
           {{"Effect":"Allow","Action":["iam:CreateUser","iam:TagUser"],"Resource":"*",
            "Condition":{{"StringEquals":{{"aws:RequestTag/team":"red"}}}}}},
           {{"Effect":"Allow","Action":"iam:DeleteUser","Resource":"*",
            "Condition":{{"StringEquals":{{"iam:ResourceTag/team":"red"}}}}}},
           {{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*",
            "Condition":{{"StringLike":{{"iam:PermissionsBoundary":"*policy/p"}}}}}}"#
    );
    let ann = limited(&cloud, &statement).await;
    let (p, q) = (cloud.policy("p").await, cloud.policy("q").await);
    ann.attach("ann", &p).await.unwrap();
    assert_eq!(error(ann.attach("ann", &q).await).0, "AccessDenied");

    let create = |name: &str, team: &str| {
        let tag = api::Tag::new().with_key("team").with_value(team);
        let input = api::CreateUserInput::new().with_user_name(name).with_tags(vec![tag]);
        ann.call::<op::CreateUser>(input)
    };
    create("red", "red").await.unwrap();
    assert_eq!(error(create("blue", "blue").await).0, "AccessDenied");
    let delete = |name: &str| ann.call::<op::DeleteUser>(api::DeleteUserInput::new().with_user_name(name));
    delete("red").await.unwrap();
    cloud.user("plain").await;
    assert_eq!(error(delete("plain").await).0, "AccessDenied");

    let role = api::CreateRoleInput::new().with_role_name("R").with_assume_role_policy_document(TRUST);
    assert_eq!(error(ann.call::<op::CreateRole>(role.clone()).await).0, "AccessDenied");
    ann.call::<op::CreateRole>(role.with_permissions_boundary(&*p)).await.unwrap();
}

#[tokio::test]
async fn a_name_in_another_case_and_an_arn_with_another_path_are_the_same_resource() {
    let cloud = Cloud::new();
    let input = api::CreateUserInput::new().with_user_name("Admin").with_path("/ops/");
    cloud.call::<op::CreateUser>(input).await.unwrap();
    cloud.call::<op::GetUser>(api::GetUserInput::new().with_user_name("aDMIN")).await.unwrap();
    assert_eq!(last(&cloud), [on("GetUser", "user/ops/Admin")]);
    cloud.key(Some("admin")).await.unwrap();
    assert_eq!(last(&cloud), [on("CreateAccessKey", "user/ops/Admin")]);
    for arn in [format!("arn:aws:iam::{ACCOUNT}:user/dev/admin"), "arn:aws:iam::x:user/admin".to_owned()] {
        let input = api::GetContextKeysForPrincipalPolicyInput::new().with_policy_source_arn(arn);
        cloud.call::<op::GetContextKeysForPrincipalPolicy>(input).await.unwrap();
        assert_eq!(last(&cloud), [on("GetContextKeysForPrincipalPolicy", "user/ops/Admin")]);
    }
    let input = api::GetContextKeysForPrincipalPolicyInput::new()
        .with_policy_source_arn("arn:aws:iam::999988887777:user/Admin");
    let foreign = cloud.call::<op::GetContextKeysForPrincipalPolicy>(input).await;
    assert_eq!(error(foreign).0, "AccessDenied");
}

#[tokio::test]
async fn moving_a_user_needs_the_permission_at_both_ends() {
    let cloud = Cloud::new();
    let statement = r#"{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::*:user/dev/*"}"#;
    let ann = limited(&cloud, statement).await;
    let input = api::CreateUserInput::new().with_user_name("bob").with_path("/dev/");
    cloud.call::<op::CreateUser>(input).await.unwrap();
    let input = || api::UpdateUserInput::new().with_user_name("bob");
    let moved = ann.call::<op::UpdateUser>(input().with_new_path("/ops/")).await;
    assert_eq!(error(moved).0, "AccessDenied");
    ann.call::<op::UpdateUser>(input().with_new_user_name("rob")).await.unwrap();
    assert_eq!(last(&cloud), [on("UpdateUser", "user/dev/bob"), on("UpdateUser", "user/dev/rob")]);
}

#[tokio::test]
async fn a_deleted_key_stays_known_as_one_that_may_not_be_used() {
    let cloud = Cloud::new();
    let key = cloud.key(None).await.unwrap();
    let status = || cloud.world.keys().lookup(key.access_key_id()).map(|key| key.status);
    assert_eq!(status(), Some(KeyStatus::Active));
    let input = api::DeleteAccessKeyInput::new().with_access_key_id(key.access_key_id());
    cloud.call::<op::DeleteAccessKey>(input).await.unwrap();
    assert_eq!(status(), Some(KeyStatus::Inactive), "not as a stranger, who stands for a root user");
}

#[tokio::test]
async fn the_sessions_of_a_deleted_user_may_nothing() {
    let cloud = Cloud::new();
    let output = cloud.call::<op::CreateUser>(api::CreateUserInput::new().with_user_name("ann")).await;
    let id = output.unwrap().user().unwrap().user_id().to_owned();
    let principal = Principal::User { path: "/".into(), name: "ann".into(), id };
    let caller = Caller { principal, ..Caller::root(ACCOUNT.parse().unwrap(), None) };
    let policies = || virga_svc_iam::Policies.of_principal(&cloud.world.store().read().unwrap(), &caller);
    assert!(policies().unwrap().identity.is_empty());
    cloud.call::<op::DeleteUser>(api::DeleteUserInput::new().with_user_name("ann")).await.unwrap();
    cloud.user("ann").await;
    let identity = policies().unwrap().identity;
    let is_denial = |policy: &Policy| policy.statements().iter().all(|one| one.effect() == Effect::Deny);
    assert!(identity.len() == 1 && is_denial(identity[0].policy()), "not those of another of that name");
}
