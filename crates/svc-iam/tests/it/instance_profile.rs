//! Instance profiles: one role, lists, deletion.

use virga_api::iam as api;

use crate::cloud::{ACCOUNT, Cloud, error, words};

#[tokio::test]
async fn an_instance_profile_holds_one_role() {
    let cloud = Cloud::new();
    let input = api::CreateInstanceProfileInput::new().with_instance_profile_name("IP").with_path("/a/");
    let create = || cloud.call::<api::op::CreateInstanceProfile>(input.clone());
    let output = create().await.unwrap();
    let profile = output.instance_profile();
    assert_eq!(profile.arn(), format!("arn:aws:iam::{ACCOUNT}:instance-profile/a/IP"));
    assert!(profile.instance_profile_id().starts_with("AIPA") && profile.roles().is_empty());
    assert_eq!(error(create().await), words("EntityAlreadyExists", "Instance Profile IP already exists."));

    cloud.role("R").await;
    cloud.role("S").await;
    let add = |role: &str| {
        let input = api::AddRoleToInstanceProfileInput::new().with_instance_profile_name("IP");
        cloud.call::<api::op::AddRoleToInstanceProfile>(input.with_role_name(role))
    };
    add("R").await.unwrap();
    assert_eq!(
        error(add("S").await),
        words("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    );
    let get = api::GetInstanceProfileInput::new().with_instance_profile_name("ip");
    let output = cloud.call::<api::op::GetInstanceProfile>(get).await.unwrap();
    let roles: Vec<_> = output.instance_profile().roles().iter().map(api::Role::role_name).collect();
    assert_eq!(roles, ["R"]);
    let of_role = |role: &str| {
        let input = api::ListInstanceProfilesForRoleInput::new().with_role_name(role);
        cloud.call::<api::op::ListInstanceProfilesForRole>(input)
    };
    assert_eq!(of_role("R").await.unwrap().instance_profiles().len(), 1);
    assert_eq!(of_role("S").await.unwrap().instance_profiles().len(), 0);
    let delete = api::DeleteInstanceProfileInput::new().with_instance_profile_name("IP");
    let delete = cloud.call::<api::op::DeleteInstanceProfile>(delete).await;
    assert_eq!(
        error(delete),
        words("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    );
}

#[tokio::test]
async fn a_missing_instance_profile() {
    let cloud = Cloud::new();
    let get = api::GetInstanceProfileInput::new().with_instance_profile_name("none");
    let result = cloud.call::<api::op::GetInstanceProfile>(get).await;
    assert_eq!(error(result), words("NoSuchEntity", "Instance Profile none cannot be found."));
}

#[tokio::test]
async fn lists_are_under_a_path_and_without_tags() {
    let cloud = Cloud::new();
    for (name, path) in [("b", "/x/"), ("a", "/x/y/"), ("c", "/")] {
        let tag = api::Tag::new().with_key("k").with_value("v");
        let input = api::CreateInstanceProfileInput::new().with_instance_profile_name(name).with_path(path);
        cloud.call::<api::op::CreateInstanceProfile>(input.with_tags(vec![tag])).await.unwrap();
    }
    let input = api::ListInstanceProfilesInput::new().with_path_prefix("/x/");
    let output = cloud.call::<api::op::ListInstanceProfiles>(input).await.unwrap();
    let names: Vec<_> =
        output.instance_profiles().iter().map(api::InstanceProfile::instance_profile_name).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(output.instance_profiles().iter().all(|profile| profile.tags().is_none()));
    let input = api::UntagInstanceProfileInput::new().with_instance_profile_name("a");
    cloud.call::<api::op::UntagInstanceProfile>(input.with_tag_keys(vec!["k"])).await.unwrap();
    let get = |name: &str| {
        let input = api::GetInstanceProfileInput::new().with_instance_profile_name(name);
        cloud.call::<api::op::GetInstanceProfile>(input)
    };
    assert!(get("a").await.unwrap().instance_profile().tags().unwrap().is_empty());
    assert_eq!(get("b").await.unwrap().instance_profile().tags().unwrap().len(), 1);
}
