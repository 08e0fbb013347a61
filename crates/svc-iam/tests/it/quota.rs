//! What an account may have of each kind. Groups, certificates and providers have tests of their own.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use virga_api::iam as api;
use virga_api::iam::op;
use virga_model::ApiError;
use virga_model::view::Operation;

use crate::cloud::{ALLOW, Cloud, TRUST, error, words};

/// Checks that as many can be created, and that one more is refused until one is deleted.
async fn check<C: Operation, D: Operation>(
    quota: &str,
    limit: usize,
    create: impl Fn(&str) -> C::Input,
    delete: impl Fn(&str) -> D::Input,
) {
    let cloud = Cloud::new();
    for number in 0..limit {
        let created: Result<_, ApiError> = cloud.call::<C>(create(&format!("n{number}"))).await;
        assert!(created.is_ok(), "{quota}: {number}");
    }
    let more = cloud.call::<C>(create("more")).await.map(|_| ());
    assert_eq!(error(more), words("LimitExceeded", &format!("Cannot exceed quota for {quota}: {limit}")));
    cloud.of_account("999988887777").call::<C>(create("more")).await.map(|_| ()).unwrap();
    cloud.call::<D>(delete("n0")).await.map(|_| ()).unwrap();
    cloud.call::<C>(create("more")).await.map(|_| ()).unwrap();
}

#[tokio::test]
async fn users() {
    check::<op::CreateUser, op::DeleteUser>(
        "UsersPerAccount",
        5000,
        |name| api::CreateUserInput::new().with_user_name(name),
        |name| api::DeleteUserInput::new().with_user_name(name),
    )
    .await;
}

#[tokio::test]
async fn roles() {
    check::<op::CreateRole, op::DeleteRole>(
        "RolesPerAccount",
        1000,
        |name| api::CreateRoleInput::new().with_role_name(name).with_assume_role_policy_document(TRUST),
        |name| api::DeleteRoleInput::new().with_role_name(name),
    )
    .await;
}

#[tokio::test]
async fn instance_profiles() {
    check::<op::CreateInstanceProfile, op::DeleteInstanceProfile>(
        "InstanceProfilesPerAccount",
        1000,
        |name| api::CreateInstanceProfileInput::new().with_instance_profile_name(name),
        |name| api::DeleteInstanceProfileInput::new().with_instance_profile_name(name),
    )
    .await;
}

#[tokio::test]
async fn policies() {
    check::<op::CreatePolicy, op::DeletePolicy>(
        "PoliciesPerAccount",
        1500,
        |name| api::CreatePolicyInput::new().with_policy_name(name).with_policy_document(ALLOW),
        |name| {
            api::DeletePolicyInput::new().with_policy_arn(format!("arn:aws:iam::111122223333:policy/{name}"))
        },
    )
    .await;
}
