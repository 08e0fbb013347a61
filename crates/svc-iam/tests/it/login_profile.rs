//! Passwords and the policy they are under.

use virga_api::Nothing;
use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, START, error, words};

async fn create(cloud: &Cloud, user: &str, password: &str) -> Result<api::LoginProfile, ApiError> {
    let input = api::CreateLoginProfileInput::new().with_user_name(user).with_password(password);
    Ok(cloud.call::<api::op::CreateLoginProfile>(input).await?.login_profile().clone())
}

async fn change(cloud: &Cloud, old: &str, new: &str) -> Result<Nothing, ApiError> {
    let input = api::ChangePasswordInput::new().with_old_password(old).with_new_password(new);
    cloud.call::<api::op::ChangePassword>(input).await
}

#[tokio::test]
async fn a_user_has_one_password_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let get =
        || cloud.call::<api::op::GetLoginProfile>(api::GetLoginProfileInput::new().with_user_name("ann"));
    let missing = words("NoSuchEntity", "Login Profile for User ann cannot be found.");
    assert_eq!(error(get().await), missing);
    let profile = create(&cloud, "ann", "Secret-1").await.unwrap();
    assert_eq!((profile.user_name(), profile.create_date().secs()), ("ann", START));
    assert_eq!(profile.password_reset_required(), Some(false));
    assert_eq!(
        error(create(&cloud, "ann", "Secret-2").await),
        words("EntityAlreadyExists", "Login Profile for user ann already exists.")
    );
    assert_eq!(error(create(&cloud, "bob", "Secret-2").await).0, "NoSuchEntity");
    let update = api::UpdateLoginProfileInput::new().with_user_name("ann").with_password_reset_required(true);
    cloud.call::<api::op::UpdateLoginProfile>(update).await.unwrap();
    assert_eq!(get().await.unwrap().login_profile().password_reset_required(), Some(true));
    let delete_user = || cloud.call::<api::op::DeleteUser>(api::DeleteUserInput::new().with_user_name("ann"));
    assert_eq!(
        error(delete_user().await),
        words("DeleteConflict", "Cannot delete entity, must delete login profile first.")
    );
    let delete = || {
        cloud.call::<api::op::DeleteLoginProfile>(api::DeleteLoginProfileInput::new().with_user_name("ann"))
    };
    delete().await.unwrap();
    assert_eq!(error(delete().await), missing);
    delete_user().await.unwrap();
}

#[tokio::test]
async fn a_policy_is_replaced_as_a_whole() {
    let cloud = Cloud::new();
    let get = async || {
        let output = cloud.call::<api::op::GetAccountPasswordPolicy>(Nothing::new()).await?;
        Ok::<_, ApiError>(output.password_policy().clone())
    };
    let delete = || cloud.call::<api::op::DeleteAccountPasswordPolicy>(Nothing::new());
    assert_eq!(
        error(get().await),
        words("NoSuchEntity", "The Password Policy with domain name 111122223333 cannot be found.")
    );
    assert_eq!(error(delete().await).0, "NoSuchEntity");
    let input = api::UpdateAccountPasswordPolicyInput::new()
        .with_minimum_password_length(12)
        .with_require_symbols(true)
        .with_max_password_age(90);
    cloud.call::<api::op::UpdateAccountPasswordPolicy>(input).await.unwrap();
    let policy = get().await.unwrap();
    assert_eq!((policy.minimum_password_length(), policy.require_symbols()), (Some(12), Some(true)));
    assert_eq!((policy.expire_passwords(), policy.max_password_age()), (Some(true), Some(90)));
    let input = api::UpdateAccountPasswordPolicyInput::new();
    cloud.call::<api::op::UpdateAccountPasswordPolicy>(input).await.unwrap();
    let policy = get().await.unwrap();
    assert_eq!((policy.minimum_password_length(), policy.require_symbols()), (Some(6), Some(false)));
    assert_eq!((policy.expire_passwords(), policy.max_password_age()), (Some(false), None));
    delete().await.unwrap();
    assert!(get().await.is_err());
}

#[tokio::test]
async fn users_change_their_password_under_the_policy() {
    let cloud = Cloud::new();
    let ann = cloud.administrator("ann").await;
    assert_eq!(
        error(change(&cloud, "Secret-1", "Secret-2").await),
        words("InvalidUserType", "Only IAM Users can change their own password")
    );
    assert_eq!(error(change(&ann, "Secret-1", "Secret-2").await).0, "NoSuchEntity");
    create(&cloud, "ann", "Secret-1").await.unwrap();
    assert_eq!(
        error(change(&ann, "Secret-9", "Secret-2").await),
        words("AccessDenied", "The old password was incorrect.")
    );
    let input = api::UpdateAccountPasswordPolicyInput::new()
        .with_minimum_password_length(8)
        .with_require_numbers(true)
        .with_password_reuse_prevention(2);
    cloud.call::<api::op::UpdateAccountPasswordPolicy>(input).await.unwrap();
    assert_eq!(
        error(change(&ann, "Secret-1", "Secret--").await),
        words("PasswordPolicyViolation", "Password should have at least one number")
    );
    assert_eq!(error(change(&ann, "Secret-1", "Secret-1").await).0, "PasswordPolicyViolation");
    change(&ann, "Secret-1", "Secret-2").await.unwrap();
    assert_eq!(error(change(&ann, "Secret-2", "Secret-1").await).0, "PasswordPolicyViolation");
    change(&ann, "Secret-2", "Secret-3").await.unwrap();
    change(&ann, "Secret-3", "Secret-1").await.unwrap();
}

#[tokio::test]
async fn a_weak_password_is_refused_without_a_policy_too() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    assert_eq!(
        error(create(&cloud, "ann", "Aa1-").await),
        words("PasswordPolicyViolation", "Password should have a minimum length of 8")
    );
    assert_eq!(error(create(&cloud, "ann", "abcdefgh").await).0, "PasswordPolicyViolation");
}

#[tokio::test]
async fn the_policy_can_let_all_users_change_their_password() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let key = cloud.key(Some("ann")).await.unwrap();
    let ann = cloud.of_key(key.access_key_id());
    create(&cloud, "ann", "Secret-1").await.unwrap();
    assert_eq!(error(change(&ann, "Secret-1", "Secret-2").await).0, "AccessDenied");
    let input = api::UpdateAccountPasswordPolicyInput::new().with_allow_users_to_change_password(true);
    cloud.call::<api::op::UpdateAccountPasswordPolicy>(input).await.unwrap();
    change(&ann, "Secret-1", "Secret-2").await.unwrap();
}
