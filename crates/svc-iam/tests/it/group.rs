//! Groups: members, limits, deletion.

use virga_api::iam as api;

use crate::cloud::{ACCOUNT, Cloud, error, words};

#[tokio::test]
async fn a_group_has_members() {
    let cloud = Cloud::new();
    cloud.group("G").await;
    for user in ["bob", "Ann"] {
        cloud.user(user).await;
        cloud.join(user, "g").await.unwrap();
        cloud.join(user, "g").await.unwrap();
    }
    let group =
        cloud.call::<api::op::GetGroup>(api::GetGroupInput::new().with_group_name("G")).await.unwrap();
    assert_eq!(group.group().arn(), format!("arn:aws:iam::{ACCOUNT}:group/G"));
    assert!(group.group().group_id().starts_with("AGPA"));
    let members: Vec<_> = group.users().iter().map(api::User::user_name).collect();
    assert_eq!(members, ["Ann", "bob"], "by name, each once");
    assert_eq!(
        error(cloud.join("carl", "G").await),
        words("NoSuchEntity", "The user with name carl cannot be found.")
    );
    assert_eq!(
        error(cloud.join("Ann", "h").await),
        words("NoSuchEntity", "The group with name h cannot be found.")
    );
    let delete = || cloud.call::<api::op::DeleteGroup>(api::DeleteGroupInput::new().with_group_name("G"));
    assert_eq!(
        error(delete().await),
        words("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    );
    for user in ["bob", "Ann"] {
        let leave = || {
            let input = api::RemoveUserFromGroupInput::new().with_user_name(user).with_group_name("G");
            cloud.call::<api::op::RemoveUserFromGroup>(input)
        };
        leave().await.unwrap();
        leave().await.unwrap();
    }
    delete().await.unwrap();
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    for number in 0..10 {
        cloud.group(&format!("g{number}")).await;
        cloud.join("ann", &format!("g{number}")).await.unwrap();
    }
    cloud.group("more").await;
    assert_eq!(
        error(cloud.join("ann", "more").await),
        words("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
    );
}

#[tokio::test]
async fn a_renamed_group_keeps_its_members() {
    let cloud = Cloud::new();
    cloud.group("g").await;
    cloud.user("ann").await;
    cloud.join("ann", "g").await.unwrap();
    let rename =
        api::UpdateGroupInput::new().with_group_name("g").with_new_group_name("h").with_new_path("/p/");
    cloud.call::<api::op::UpdateGroup>(rename).await.unwrap();
    let groups = api::ListGroupsForUserInput::new().with_user_name("ann");
    let groups = cloud.call::<api::op::ListGroupsForUser>(groups).await.unwrap();
    let arns: Vec<_> = groups.groups().iter().map(|group| group.arn().to_owned()).collect();
    assert_eq!(arns, [format!("arn:aws:iam::{ACCOUNT}:group/p/h")]);
}

#[tokio::test]
async fn an_account_has_three_hundred_groups_at_most() {
    let cloud = Cloud::new();
    for number in 0..300 {
        cloud.group(&format!("g{number}")).await;
    }
    let more = cloud.call::<api::op::CreateGroup>(api::CreateGroupInput::new().with_group_name("more")).await;
    assert_eq!(error(more), words("LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 300"));
}
