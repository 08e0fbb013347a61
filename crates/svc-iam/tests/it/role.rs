//! Roles: trust policies, what single answers and lists show, updates, deletion.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, ALLOW, Cloud, TRUST, error, words};

#[tokio::test]
async fn a_role_shows_its_trust_policy_encoded() {
    let cloud = Cloud::new();
    let created = cloud.role("R").await;
    assert_eq!(created.arn(), format!("arn:aws:iam::{ACCOUNT}:role/R"));
    assert!(created.role_id().starts_with("AROA"));
    assert_eq!(created.max_session_duration(), None, "only what was given is answered");
    let role = cloud.get_role("R").await.unwrap();
    let document = role.assume_role_policy_document().unwrap();
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{document}");
    assert_eq!(role.max_session_duration(), Some(3600));
    assert!(role.role_last_used().is_some());
    let listed = cloud.call::<api::op::ListRoles>(api::ListRolesInput::new()).await.unwrap();
    let listed = listed.roles().iter().next().unwrap().clone();
    assert!(listed.role_last_used().is_none());
    assert_eq!(listed.max_session_duration(), Some(3600));
}

#[tokio::test]
async fn the_trust_policy_is_the_policy_of_the_role() {
    let cloud = Cloud::new();
    let arn = cloud.role("R").await.arn().to_owned();
    let stored = || {
        static POLICIES: virga_store::Space<Text> = virga_store::Space::new("kit.resource-policy");
        let read = cloud.world.store().read().unwrap();
        virga_store::Reader::get(&read, &POLICIES.key(&*arn)).unwrap().map(|Text(text)| text)
    };
    assert_eq!(stored().as_deref(), Some(TRUST));
    let other = TRUST.replace("ec2", "lambda");
    let update = |document: &str| {
        let input = api::UpdateAssumeRolePolicyInput::new().with_role_name("R");
        cloud.call::<api::op::UpdateAssumeRolePolicy>(input.with_policy_document(document))
    };
    update(&other).await.unwrap();
    assert_eq!(stored(), Some(other));
    assert_eq!(
        error(update("{").await),
        words("MalformedPolicyDocument", "This policy contains invalid Json")
    );
    let long = TRUST.replace("sts:AssumeRole", &format!("sts:AssumeRole{}", "*".repeat(2000)));
    assert_eq!(error(update(&long).await).0, "LimitExceeded");
    cloud.call::<api::op::DeleteRole>(api::DeleteRoleInput::new().with_role_name("R")).await.unwrap();
    assert_eq!(stored(), None);
}

/// A stored text, as the kit keeps resource policies.
#[derive(serde::Serialize, serde::Deserialize)]
struct Text(String);
virga_store::stored!(Text, 1);

#[tokio::test]
async fn an_identity_policy_is_no_trust_policy() {
    let cloud = Cloud::new();
    let input = api::CreateRoleInput::new().with_role_name("R").with_assume_role_policy_document(ALLOW);
    assert_eq!(error(cloud.call::<api::op::CreateRole>(input).await).0, "MalformedPolicyDocument");
    assert!(cloud.get_role("R").await.is_err(), "nothing is stored");
}

#[tokio::test]
async fn a_trust_policy_trusts_only_who_is_there() {
    let cloud = Cloud::new();
    let of = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    };
    let create = |name: &str, principal: &str| {
        let input = api::CreateRoleInput::new().with_role_name(name);
        cloud.call::<api::op::CreateRole>(input.with_assume_role_policy_document(of(principal)))
    };
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    assert_eq!(
        error(create("R", &ann).await),
        words("MalformedPolicyDocument", &format!("Invalid principal in policy: \"AWS\":\"{ann}\""))
    );
    cloud.user("ann").await;
    create("R", &ann).await.unwrap();
    create("S", &format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/session")).await.unwrap();
    create("T", "arn:aws:iam::999988887777:root").await.unwrap();
    let elsewhere = create("U", "arn:aws:iam::999988887777:role/R").await;
    assert_eq!(error(elsewhere).0, "MalformedPolicyDocument");
}

#[tokio::test]
async fn a_role_trusts_a_user_not_a_name() {
    let cloud = Cloud::new();
    let id = cloud.user("ann").await.user_id().to_owned();
    let document = TRUST.replace(
        r#"{"Service":"ec2.amazonaws.com"}"#,
        &format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:user/ann"}}"#),
    );
    let other = cloud.of_account("999988887777");
    let input = api::CreateRoleInput::new().with_role_name("R").with_assume_role_policy_document(&*document);
    other.call::<api::op::CreateRole>(input).await.unwrap();
    let trusted = async || {
        let role = other.get_role("R").await.unwrap();
        let document = role.assume_role_policy_document().unwrap().to_owned();
        document.split("%22AWS%22%3A%22").nth(1).unwrap().split("%22").next().unwrap().to_owned()
    };
    let rename = api::UpdateUserInput::new().with_user_name("ann").with_new_user_name("anna");
    cloud.call::<api::op::UpdateUser>(rename).await.unwrap();
    assert_eq!(trusted().await, format!("arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Auser%2Fanna"));
    cloud.call::<api::op::DeleteUser>(api::DeleteUserInput::new().with_user_name("anna")).await.unwrap();
    assert_eq!(trusted().await, id);
    cloud.user("anna").await;
    assert_eq!(trusted().await, id, "somebody else");
}

#[tokio::test]
async fn a_role_of_a_service_belongs_to_it() {
    let cloud = Cloud::new();
    let input = api::CreateServiceLinkedRoleInput::new().with_aws_service_name("batch.amazonaws.com");
    let output = cloud.call::<api::op::CreateServiceLinkedRole>(input).await.unwrap();
    let name = output.role().unwrap().role_name().to_owned();
    let protected = words(
        "UnmodifiableEntity",
        &format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        ),
    );
    let input = api::AttachRolePolicyInput::new().with_role_name(&name);
    let input = input.with_policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert_eq!(error(cloud.call::<api::op::AttachRolePolicy>(input).await), protected);
    let input = api::PutRolePolicyInput::new().with_role_name(&name).with_policy_name("p");
    let input = input.with_policy_document(ALLOW);
    assert_eq!(error(cloud.call::<api::op::PutRolePolicy>(input).await), protected);
    let input = api::UpdateAssumeRolePolicyInput::new().with_role_name(&name).with_policy_document(TRUST);
    assert_eq!(error(cloud.call::<api::op::UpdateAssumeRolePolicy>(input).await), protected);
    let input = api::DeleteRoleInput::new().with_role_name(&name);
    assert_eq!(error(cloud.call::<api::op::DeleteRole>(input).await), protected);
    let input = api::UpdateRoleDescriptionInput::new().with_role_name(&name).with_description("mine");
    cloud.call::<api::op::UpdateRoleDescription>(input).await.unwrap();
}

#[tokio::test]
async fn descriptions_and_sessions_change() {
    let cloud = Cloud::new();
    cloud.role("R").await;
    let input = api::UpdateRoleInput::new().with_role_name("R").with_max_session_duration(7200);
    cloud.call::<api::op::UpdateRole>(input.with_description("one")).await.unwrap();
    let role = cloud.get_role("R").await.unwrap();
    assert_eq!((role.description(), role.max_session_duration()), (Some("one"), Some(7200)));
    let input = api::UpdateRoleDescriptionInput::new().with_role_name("R").with_description("two");
    let output = cloud.call::<api::op::UpdateRoleDescription>(input).await.unwrap();
    assert_eq!(output.role().unwrap().description(), Some("two"));
    cloud.call::<api::op::UpdateRole>(api::UpdateRoleInput::new().with_role_name("R")).await.unwrap();
    let role = cloud.get_role("R").await.unwrap();
    let shown = (role.description(), role.max_session_duration());
    assert_eq!(shown, (Some("two"), Some(3600)), "sessions without a length are an hour");
}

#[tokio::test]
async fn what_belongs_to_a_role_goes_before_it() {
    let cloud = Cloud::new();
    cloud.role("R").await;
    let arn = cloud.policy("p").await;
    let profile = api::CreateInstanceProfileInput::new().with_instance_profile_name("ip");
    cloud.call::<api::op::CreateInstanceProfile>(profile).await.unwrap();
    let add = api::AddRoleToInstanceProfileInput::new().with_instance_profile_name("ip").with_role_name("R");
    cloud.call::<api::op::AddRoleToInstanceProfile>(add).await.unwrap();
    let attach = api::AttachRolePolicyInput::new().with_role_name("R").with_policy_arn(&*arn);
    cloud.call::<api::op::AttachRolePolicy>(attach).await.unwrap();
    let inline = api::PutRolePolicyInput::new().with_role_name("R").with_policy_name("i");
    cloud.call::<api::op::PutRolePolicy>(inline.with_policy_document(ALLOW)).await.unwrap();

    let delete = || cloud.call::<api::op::DeleteRole>(api::DeleteRoleInput::new().with_role_name("R"));
    let conflict = |what: &str| words("DeleteConflict", &format!("Cannot delete entity, must {what} first."));
    assert_eq!(error(delete().await), conflict("remove roles from instance profile"));
    let input = api::RemoveRoleFromInstanceProfileInput::new().with_instance_profile_name("ip");
    cloud.call::<api::op::RemoveRoleFromInstanceProfile>(input.with_role_name("R")).await.unwrap();
    assert_eq!(error(delete().await), conflict("detach all policies"));
    let detach = api::DetachRolePolicyInput::new().with_role_name("R").with_policy_arn(&*arn);
    cloud.call::<api::op::DetachRolePolicy>(detach).await.unwrap();
    assert_eq!(error(delete().await), conflict("delete policies"));
    let inline = api::DeleteRolePolicyInput::new().with_role_name("R").with_policy_name("i");
    cloud.call::<api::op::DeleteRolePolicy>(inline).await.unwrap();
    delete().await.unwrap();
    assert_eq!(
        error(cloud.get_role("R").await),
        words("NoSuchEntity", "The role with name R cannot be found.")
    );
}

#[tokio::test]
async fn the_path_of_service_linked_roles_is_reserved() {
    let cloud = Cloud::new();
    let input =
        api::CreateRoleInput::new().with_role_name("R").with_path("/aws-service-role/x.amazonaws.com/");
    let result: Result<_, ApiError> =
        cloud.call::<api::op::CreateRole>(input.with_assume_role_policy_document(TRUST)).await;
    assert_eq!(error(result).0, "ValidationError");
}
