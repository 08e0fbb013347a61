//! How policies are used: attached, inline, as boundaries.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, ALLOW, Cloud, error, words};

#[tokio::test]
async fn ten_policies_are_attached_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    for number in 0..10 {
        let arn = cloud.policy(&format!("p{number}")).await;
        cloud.attach("ann", &arn).await.unwrap();
        cloud.attach("ann", &arn).await.unwrap();
    }
    let more = cloud.policy("more").await;
    assert_eq!(
        error(cloud.attach("ann", &more).await),
        words("LimitExceeded", "Cannot exceed quota for PoliciesPerUser: 10")
    );
    assert_eq!(
        error(cloud.detach("ann", &more).await),
        words("NoSuchEntity", &format!("Policy {more} was not found."))
    );
    let input = api::ListAttachedUserPoliciesInput::new().with_user_name("ann").with_max_items(7);
    let output = cloud.call::<api::op::ListAttachedUserPolicies>(input).await.unwrap();
    assert_eq!((output.attached_policies().unwrap().len(), output.is_truncated()), (7, Some(true)));
    let first = output.attached_policies().unwrap().iter().next().unwrap().clone();
    assert_eq!(first.policy_name(), Some("p0"));
}

#[tokio::test]
async fn only_a_policy_that_is_there_can_be_attached() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let elsewhere = cloud.of_account("999988887777").policy("p").await;
    for arn in [&*elsewhere, &format!("arn:aws:iam::{ACCOUNT}:policy/none")] {
        assert_eq!(
            error(cloud.attach("ann", arn).await),
            words("NoSuchEntity", &format!("Policy {arn} does not exist or is not attachable."))
        );
    }
}

#[tokio::test]
async fn an_attached_policy_cannot_be_deleted() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let arn = cloud.policy("p").await;
    cloud.attach("ann", &arn).await.unwrap();
    let delete = || cloud.call::<api::op::DeletePolicy>(api::DeletePolicyInput::new().with_policy_arn(&*arn));
    assert_eq!(
        error(delete().await),
        words("DeleteConflict", "Cannot delete a policy attached to entities.")
    );
    cloud.detach("ann", &arn).await.unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn inline_policies_have_a_size_together() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let sized = |size: usize| ALLOW.replace("sqs:*", &format!("sqs:{}", "a".repeat(size - ALLOW.len() + 1)));
    cloud.put_user_policy("ann", "a", &sized(1000)).await.unwrap();
    cloud.put_user_policy("ann", "a", &sized(1048)).await.unwrap();
    cloud.put_user_policy("ann", "b", &format!("{} ", sized(1000))).await.unwrap();
    assert_eq!(
        error(cloud.put_user_policy("ann", "b", &sized(1001)).await),
        words("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann")
    );
    let get = |name: &str| {
        let input = api::GetUserPolicyInput::new().with_user_name("ann").with_policy_name(name);
        cloud.call::<api::op::GetUserPolicy>(input)
    };
    assert_eq!(get("a").await.unwrap().policy_document().replace('%', "").len() % 2, 0);
    assert_eq!(error(get("c").await), words("NoSuchEntity", "The user policy with name c cannot be found."));
    let list = api::ListUserPoliciesInput::new().with_user_name("ann");
    let output = cloud.call::<api::op::ListUserPolicies>(list).await.unwrap();
    assert_eq!(output.policy_names().iter().collect::<Vec<_>>(), ["a", "b"]);
}

async fn bound(cloud: &Cloud, user: &str, arn: &str) -> Result<(), ApiError> {
    let input = api::PutUserPermissionsBoundaryInput::new().with_user_name(user);
    cloud.call::<api::op::PutUserPermissionsBoundary>(input.with_permissions_boundary(arn)).await.map(|_| ())
}

#[tokio::test]
async fn a_boundary_is_a_use_of_a_policy() {
    let cloud = Cloud::new();
    let (arn, other) = (cloud.policy("p").await, cloud.policy("q").await);
    let input = api::CreateUserInput::new().with_user_name("ann").with_permissions_boundary(&*arn);
    let output = cloud.call::<api::op::CreateUser>(input).await.unwrap();
    let boundary = output.user().unwrap().permissions_boundary().unwrap().clone();
    assert_eq!(boundary.permissions_boundary_arn(), Some(&*arn));
    let counts = |policy: api::Policy| {
        (policy.attachment_count().unwrap(), policy.permissions_boundary_usage_count().unwrap())
    };
    assert_eq!(counts(cloud.get_policy(&arn).await.unwrap()), (0, 1));
    bound(&cloud, "ann", &other).await.unwrap();
    assert_eq!(counts(cloud.get_policy(&arn).await.unwrap()), (0, 0));
    assert_eq!(counts(cloud.get_policy(&other).await.unwrap()), (0, 1));
    let none = format!("arn:aws:iam::{ACCOUNT}:policy/none");
    assert_eq!(
        error(bound(&cloud, "ann", &none).await),
        words("NoSuchEntity", &format!("Scope ARN: {none} does not exist or is not attachable."))
    );
    let remove = || {
        let input = api::DeleteUserPermissionsBoundaryInput::new().with_user_name("ann");
        cloud.call::<api::op::DeleteUserPermissionsBoundary>(input)
    };
    remove().await.unwrap();
    assert_eq!(counts(cloud.get_policy(&other).await.unwrap()), (0, 0));
    assert_eq!(error(remove().await).0, "NoSuchEntity");
}

#[tokio::test]
async fn groups_and_roles_have_inline_policies_of_their_own_size() {
    let cloud = Cloud::new();
    cloud.group("g").await;
    cloud.role("R").await;
    let sized = |size: usize| ALLOW.replace("sqs:*", &format!("sqs:{}", "a".repeat(size - ALLOW.len() + 1)));
    let of_group = |size: usize| {
        let input = api::PutGroupPolicyInput::new().with_group_name("g").with_policy_name("p");
        cloud.call::<api::op::PutGroupPolicy>(input.with_policy_document(sized(size)))
    };
    let of_role = |size: usize| {
        let input = api::PutRolePolicyInput::new().with_role_name("R").with_policy_name("p");
        cloud.call::<api::op::PutRolePolicy>(input.with_policy_document(sized(size)))
    };
    of_group(5120).await.unwrap();
    assert_eq!(
        error(of_group(5121).await),
        words("LimitExceeded", "Maximum policy size of 5120 bytes exceeded for group g")
    );
    of_role(10_240).await.unwrap();
    assert_eq!(
        error(of_role(10_241).await),
        words("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role R")
    );
    let input = api::PutUserPolicyInput::new().with_user_name("none").with_policy_name("p");
    let result = cloud.call::<api::op::PutUserPolicy>(input.with_policy_document("{")).await;
    assert_eq!(error(result).0, "NoSuchEntity", "who comes before what");
}
