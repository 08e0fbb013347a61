//! Lists of policies and of their users; the whole account in one listing.

use virga_api::iam as api;

use crate::cloud::{ALLOW, Cloud, TRUST};

async fn names(cloud: &Cloud, input: api::ListPoliciesInput) -> Vec<String> {
    let output = cloud.call::<api::op::ListPolicies>(input).await.unwrap();
    output.policies().unwrap().iter().map(|policy| policy.policy_name().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn policies_are_listed_by_scope_path_and_use() {
    let cloud = Cloud::new();
    let all = || api::ListPoliciesInput::new();
    let arn = cloud.policy("mine").await;
    let input = api::CreatePolicyInput::new().with_policy_name("bound").with_path("/p/");
    let output = cloud.call::<api::op::CreatePolicy>(input.with_policy_document(ALLOW)).await.unwrap();
    let bound = output.policy().unwrap().arn().unwrap().to_owned();
    let user = api::CreateUserInput::new().with_user_name("ann").with_permissions_boundary(bound);
    cloud.call::<api::op::CreateUser>(user).await.unwrap();
    cloud.attach("ann", &arn).await.unwrap();
    cloud.attach("ann", "arn:aws:iam::aws:policy/ReadOnlyAccess").await.unwrap();

    assert_eq!(names(&cloud, all().with_scope("Local")).await, ["bound", "mine"]);
    assert_eq!(names(&cloud, all().with_scope("Local").with_path_prefix("/p/")).await, ["bound"]);
    assert_eq!(names(&cloud, all().with_scope("AWS").with_only_attached(true)).await, ["ReadOnlyAccess"]);
    assert_eq!(names(&cloud, all().with_policy_usage_filter("PermissionsBoundary")).await, ["bound"]);
    let job = names(&cloud, all().with_path_prefix("/job-function/")).await;
    assert!(job.contains(&"Billing".to_owned()), "{job:?}");
    assert_eq!(names(&cloud, all()).await.len(), 100, "a page when nothing is said");
}

#[tokio::test]
async fn all_pages_together_are_everything() {
    let cloud = Cloud::new();
    cloud.policy("mine").await;
    let (mut count, mut marker) = (0, None::<String>);
    loop {
        let input = api::ListPoliciesInput::new().with_max_items(1000).with_marker(marker.as_deref());
        let output = cloud.call::<api::op::ListPolicies>(input).await.unwrap();
        count += output.policies().unwrap().len();
        assert_eq!(output.is_truncated(), Some(output.marker().is_some()));
        marker = output.marker().map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    assert!(count > 1000, "{count}");
}

#[tokio::test]
async fn entities_of_a_policy() {
    let cloud = Cloud::new();
    let arn = cloud.policy("p").await;
    cloud.user("ann").await;
    cloud.group("g").await;
    cloud.role("R").await;
    cloud.attach("ann", &arn).await.unwrap();
    let group = api::AttachGroupPolicyInput::new().with_group_name("g").with_policy_arn(&*arn);
    cloud.call::<api::op::AttachGroupPolicy>(group).await.unwrap();
    let role =
        api::PutRolePermissionsBoundaryInput::new().with_role_name("R").with_permissions_boundary(&*arn);
    cloud.call::<api::op::PutRolePermissionsBoundary>(role).await.unwrap();
    let count = async |input: api::ListEntitiesForPolicyInput| {
        let output =
            cloud.call::<api::op::ListEntitiesForPolicy>(input.with_policy_arn(&*arn)).await.unwrap();
        (
            output.policy_users().unwrap().len(),
            output.policy_groups().unwrap().len(),
            output.policy_roles().unwrap().len(),
        )
    };
    let input = api::ListEntitiesForPolicyInput::new;
    assert_eq!(count(input()).await, (1, 1, 1));
    assert_eq!(count(input().with_policy_usage_filter("PermissionsPolicy")).await, (1, 1, 0));
    assert_eq!(count(input().with_policy_usage_filter("PermissionsBoundary")).await, (0, 0, 1));
    assert_eq!(count(input().with_entity_filter("Group")).await, (0, 1, 0));
    assert_eq!(count(input().with_path_prefix("/x/")).await, (0, 0, 0));
}

#[tokio::test]
async fn policies_that_grant_access_to_a_service() {
    let cloud = Cloud::new();
    let user = cloud.user("ann").await;
    cloud.group("g").await;
    cloud.join("ann", "g").await.unwrap();
    cloud.put_user_policy("ann", "inline", ALLOW).await.unwrap();
    let attach = api::AttachGroupPolicyInput::new().with_group_name("g");
    let attach = attach.with_policy_arn("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    cloud.call::<api::op::AttachGroupPolicy>(attach).await.unwrap();
    let input = api::ListPoliciesGrantingServiceAccessInput::new().with_arn(user.arn());
    let input = input.with_service_namespaces(vec!["sqs", "s3", "ec2"]);
    let output = cloud.call::<api::op::ListPoliciesGrantingServiceAccess>(input).await.unwrap();
    let found: Vec<_> = output
        .policies_granting_service_access()
        .iter()
        .map(|entry| {
            let policies = entry.policies().unwrap();
            policies
                .iter()
                .map(|p| (p.policy_name().to_owned(), p.policy_type().to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    let expected = [
        vec![("inline".to_owned(), "INLINE".to_owned())],
        vec![("AmazonS3ReadOnlyAccess".to_owned(), "MANAGED".to_owned())],
        vec![],
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_whole_account_in_one_listing() {
    let cloud = Cloud::new();
    let arn = cloud.policy("p").await;
    cloud.user("ann").await;
    cloud.group("g").await;
    cloud.join("ann", "g").await.unwrap();
    cloud.put_user_policy("ann", "inline", ALLOW).await.unwrap();
    cloud.attach("ann", &arn).await.unwrap();
    cloud.role("R").await;
    let input = api::GetAccountAuthorizationDetailsInput::new();
    let input = input.with_filter(vec!["User", "Group", "Role", "LocalManagedPolicy"]);
    let output = cloud.call::<api::op::GetAccountAuthorizationDetails>(input).await.unwrap();
    let user = output.user_detail_list().unwrap().iter().next().unwrap().clone();
    assert_eq!(user.group_list().unwrap().iter().collect::<Vec<_>>(), ["g"]);
    assert_eq!(user.user_policy_list().unwrap().len(), 1);
    let attached = user.attached_managed_policies().unwrap().iter().next().unwrap().clone();
    assert_eq!(attached.policy_arn(), Some(&*arn));
    let role = output.role_detail_list().unwrap().iter().next().unwrap().clone();
    assert_eq!(
        role.assume_role_policy_document().unwrap().matches("%22").count(),
        TRUST.matches('"').count()
    );
    let policy = output.policies().unwrap().iter().next().unwrap().clone();
    assert_eq!((policy.attachment_count(), policy.policy_version_list().unwrap().len()), (Some(1), 1));
    let input = api::GetAccountAuthorizationDetailsInput::new().with_max_items(1);
    let output = cloud.call::<api::op::GetAccountAuthorizationDetails>(input).await.unwrap();
    assert_eq!((output.user_detail_list().unwrap().len(), output.is_truncated()), (1, Some(true)));
}
