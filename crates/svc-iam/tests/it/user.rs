//! Users: creation, names, paths, listing, renaming, deletion.

use virga_api::iam as api;

use crate::cloud::{ACCOUNT, ALLOW, Cloud, START, error, words};

async fn get(cloud: &Cloud, name: Option<&str>) -> Result<api::User, virga_model::ApiError> {
    let output = cloud.call::<api::op::GetUser>(api::GetUserInput::new().with_user_name(name)).await?;
    Ok(output.user().clone())
}

async fn delete(cloud: &Cloud, name: &str) -> Result<(), virga_model::ApiError> {
    cloud.call::<api::op::DeleteUser>(api::DeleteUserInput::new().with_user_name(name)).await.map(|_| ())
}

#[tokio::test]
async fn a_user_has_path_id_and_arn() {
    let cloud = Cloud::new();
    let input = api::CreateUserInput::new().with_user_name("Ann").with_path("/dev/");
    let output = cloud.call::<api::op::CreateUser>(input).await.unwrap();
    let user = output.user().unwrap();
    assert_eq!(user.arn(), format!("arn:aws:iam::{ACCOUNT}:user/dev/Ann"));
    assert_eq!((user.path(), user.create_date().secs()), ("/dev/", START));
    assert!(user.user_id().starts_with("AIDA") && user.user_id().len() == 21);
    assert!(user.tags().is_none() && user.permissions_boundary().is_none());
    assert_eq!(get(&cloud, Some("Ann")).await.unwrap(), *user);
    assert_eq!(
        error(get(&cloud, Some("bob")).await),
        words("NoSuchEntity", "The user with name bob cannot be found.")
    );
    assert!(get(&cloud.of_account("999988887777"), Some("Ann")).await.is_err(), "accounts are apart");
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case() {
    let cloud = Cloud::new();
    cloud.user("Ann").await;
    let again = cloud.call::<api::op::CreateUser>(api::CreateUserInput::new().with_user_name("ANN")).await;
    assert_eq!(error(again), words("EntityAlreadyExists", "User with name ANN already exists."));
}

#[tokio::test]
async fn without_a_name_the_caller_is_meant() {
    let cloud = Cloud::new();
    let root = get(&cloud, None).await.unwrap();
    assert_eq!(root.arn(), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!(root.user_id(), ACCOUNT);
    let ann = cloud.administrator("ann").await;
    assert_eq!(get(&ann, None).await.unwrap().user_name(), "ann");
}

#[tokio::test]
async fn lists_are_by_name_in_pages_and_under_a_path() {
    let cloud = Cloud::new();
    for (name, path) in [("carl", "/"), ("Ann", "/dev/"), ("bob", "/dev/x/")] {
        let input = api::CreateUserInput::new().with_user_name(name).with_path(path);
        cloud.call::<api::op::CreateUser>(input).await.unwrap();
    }
    let names = |output: &api::ListUsersOutput| {
        output.users().iter().map(|user| user.user_name().to_owned()).collect::<Vec<_>>()
    };
    let first = cloud.call::<api::op::ListUsers>(api::ListUsersInput::new().with_max_items(2)).await.unwrap();
    assert_eq!(names(&first), ["Ann", "bob"]);
    assert_eq!(first.is_truncated(), Some(true));
    let rest = api::ListUsersInput::new().with_marker(first.marker());
    let rest = cloud.call::<api::op::ListUsers>(rest).await.unwrap();
    assert_eq!((names(&rest), rest.is_truncated(), rest.marker()), (vec!["carl".into()], Some(false), None));
    let under = api::ListUsersInput::new().with_path_prefix("/dev/");
    assert_eq!(names(&cloud.call::<api::op::ListUsers>(under).await.unwrap()), ["Ann", "bob"]);
}

#[tokio::test]
async fn a_renamed_user_keeps_what_belongs_to_it() {
    let cloud = Cloud::new();
    let id = cloud.user("ann").await.user_id().to_owned();
    cloud.user("bob").await;
    cloud.group("g").await;
    cloud.join("ann", "g").await.unwrap();
    cloud.put_user_policy("ann", "p", &ALLOW.replace("sqs:", "iam:")).await.unwrap();
    let key = cloud.key(Some("ann")).await.unwrap();
    let rename = |name: &str| {
        let input = api::UpdateUserInput::new().with_user_name("ann");
        cloud.call::<api::op::UpdateUser>(input.with_new_user_name(name).with_new_path("/new/"))
    };
    assert_eq!(
        error(rename("BOB").await),
        words("EntityAlreadyExists", "User with name BOB already exists.")
    );
    rename("Anna").await.unwrap();
    assert_eq!(get(&cloud, Some("anna")).await.unwrap().user_id(), id);
    assert!(get(&cloud, Some("ann")).await.is_err());
    let caller = get(&cloud.of_key(key.access_key_id()), None).await.unwrap();
    assert_eq!(caller.arn(), format!("arn:aws:iam::{ACCOUNT}:user/new/Anna"));
    let groups = api::ListGroupsForUserInput::new().with_user_name("Anna");
    assert_eq!(cloud.call::<api::op::ListGroupsForUser>(groups).await.unwrap().groups().len(), 1);
    let policies = api::ListUserPoliciesInput::new().with_user_name("Anna");
    let policies = cloud.call::<api::op::ListUserPolicies>(policies).await.unwrap();
    assert_eq!(policies.policy_names().iter().collect::<Vec<_>>(), ["p"]);
}

#[tokio::test]
async fn what_belongs_to_a_user_goes_before_it() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.group("g").await;
    let arn = cloud.policy("p").await;
    cloud.join("ann", "g").await.unwrap();
    cloud.attach("ann", &arn).await.unwrap();
    cloud.put_user_policy("ann", "inline", ALLOW).await.unwrap();
    let key = cloud.key(Some("ann")).await.unwrap();
    let conflict = |what: &str| words("DeleteConflict", &format!("Cannot delete entity, must {what} first."));

    assert_eq!(error(delete(&cloud, "ann").await), conflict("remove users from group"));
    let leave = api::RemoveUserFromGroupInput::new().with_user_name("ann").with_group_name("g");
    cloud.call::<api::op::RemoveUserFromGroup>(leave).await.unwrap();
    assert_eq!(error(delete(&cloud, "ann").await), conflict("detach all policies"));
    cloud.detach("ann", &arn).await.unwrap();
    assert_eq!(error(delete(&cloud, "ann").await), conflict("delete policies"));
    let inline = api::DeleteUserPolicyInput::new().with_user_name("ann").with_policy_name("inline");
    cloud.call::<api::op::DeleteUserPolicy>(inline).await.unwrap();
    assert_eq!(error(delete(&cloud, "ann").await), conflict("delete access keys"));
    let key = api::DeleteAccessKeyInput::new().with_user_name("ann").with_access_key_id(key.access_key_id());
    cloud.call::<api::op::DeleteAccessKey>(key).await.unwrap();
    delete(&cloud, "ann").await.unwrap();
    assert!(get(&cloud, Some("ann")).await.is_err());
}
