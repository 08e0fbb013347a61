//! A cloud with IAM in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;
use std::sync::Arc;

use virga_api::iam as api;
use virga_kit::WorldSettings;
use virga_kit::testing::{self, TestCloud};
pub(crate) use virga_kit::testing::{ACCOUNT, START};
use virga_model::ApiError;

/// A policy.
pub(crate) const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#;
/// A trust policy.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A world to call.
#[derive(Clone)]
pub(crate) struct Cloud(TestCloud);

impl Deref for Cloud {
    type Target = TestCloud;

    fn deref(&self) -> &TestCloud {
        &self.0
    }
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let policies = Arc::new(virga_svc_iam::Policies);
        let settings = WorldSettings { policies, ..WorldSettings::default() };
        Cloud(TestCloud::new(&[&virga_svc_iam::SERVICE], settings, "us-east-1"))
    }

    /// The same cloud for the root user of another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud(self.0.of_account(account))
    }

    /// The same cloud for whoever has an issued key.
    pub(crate) fn of_key(&self, access_key_id: &str) -> Self {
        Cloud(self.0.of_key(access_key_id))
    }

    pub(crate) async fn user(&self, name: &str) -> api::User {
        let input = api::CreateUserInput::new().with_user_name(name);
        self.call::<api::op::CreateUser>(input).await.unwrap().user().unwrap().clone()
    }

    /// Creates a user who may do everything; the same cloud for it.
    pub(crate) async fn administrator(&self, name: &str) -> Self {
        self.user(name).await;
        self.attach(name, "arn:aws:iam::aws:policy/AdministratorAccess").await.unwrap();
        self.of_key(self.key(Some(name)).await.unwrap().access_key_id())
    }

    pub(crate) async fn group(&self, name: &str) {
        let input = api::CreateGroupInput::new().with_group_name(name);
        self.call::<api::op::CreateGroup>(input).await.unwrap();
    }

    pub(crate) async fn join(&self, user: &str, group: &str) -> Result<(), ApiError> {
        let input = api::AddUserToGroupInput::new().with_user_name(user).with_group_name(group);
        self.call::<api::op::AddUserToGroup>(input).await.map(|_| ())
    }

    pub(crate) async fn role(&self, name: &str) -> api::Role {
        let input = api::CreateRoleInput::new().with_role_name(name).with_assume_role_policy_document(TRUST);
        self.call::<api::op::CreateRole>(input).await.unwrap().role().clone()
    }

    /// Creates a managed policy; its ARN.
    pub(crate) async fn policy(&self, name: &str) -> String {
        let input = api::CreatePolicyInput::new().with_policy_name(name).with_policy_document(ALLOW);
        let output = self.call::<api::op::CreatePolicy>(input).await.unwrap();
        output.policy().unwrap().arn().unwrap().to_owned()
    }

    pub(crate) async fn attach(&self, user: &str, arn: &str) -> Result<(), ApiError> {
        let input = api::AttachUserPolicyInput::new().with_user_name(user).with_policy_arn(arn);
        self.call::<api::op::AttachUserPolicy>(input).await.map(|_| ())
    }

    pub(crate) async fn detach(&self, user: &str, arn: &str) -> Result<(), ApiError> {
        let input = api::DetachUserPolicyInput::new().with_user_name(user).with_policy_arn(arn);
        self.call::<api::op::DetachUserPolicy>(input).await.map(|_| ())
    }

    pub(crate) async fn put_user_policy(
        &self,
        user: &str,
        name: &str,
        document: &str,
    ) -> Result<(), ApiError> {
        let input = api::PutUserPolicyInput::new()
            .with_user_name(user)
            .with_policy_name(name)
            .with_policy_document(document);
        self.call::<api::op::PutUserPolicy>(input).await.map(|_| ())
    }

    pub(crate) async fn get_policy(&self, arn: &str) -> Result<api::Policy, ApiError> {
        let output = self.call::<api::op::GetPolicy>(api::GetPolicyInput::new().with_policy_arn(arn)).await?;
        Ok(output.policy().unwrap().clone())
    }

    pub(crate) async fn get_role(&self, name: &str) -> Result<api::Role, ApiError> {
        let output = self.call::<api::op::GetRole>(api::GetRoleInput::new().with_role_name(name)).await?;
        Ok(output.role().clone())
    }

    pub(crate) async fn key(&self, user: Option<&str>) -> Result<api::AccessKey, ApiError> {
        let input = api::CreateAccessKeyInput::new().with_user_name(user);
        Ok(self.call::<api::op::CreateAccessKey>(input).await?.access_key().clone())
    }
}

/// Code and text of an error. On the wire, IAM's codes are the names of its errors without `Exception`.
pub(crate) fn error<T: std::fmt::Debug>(result: Result<T, ApiError>) -> (String, String) {
    let (code, text) = testing::error(result);
    (code.trim_end_matches("Exception").to_owned(), text)
}

/// The same as literals.
pub(crate) fn words(code: &str, text: &str) -> (String, String) {
    (code.to_owned(), text.to_owned())
}
