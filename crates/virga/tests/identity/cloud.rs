//! A cloud with IAM, STS, KMS, SQS, S3 and DynamoDB in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;
use std::sync::Arc;

use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::WorldSettings;
use virga_kit::testing::{self, TestCloud};
pub(crate) use virga_kit::testing::{ACCOUNT, START};
use virga_model::ApiError;

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
        let services = [
            &virga_svc_dynamodb::SERVICE,
            &virga_svc_iam::SERVICE,
            &virga_svc_kms::SERVICE,
            &virga_svc_s3::SERVICE,
            &virga_svc_sqs::SERVICE,
            &virga_svc_sts::SERVICE,
        ];
        Cloud(TestCloud::new(&services, settings, "us-east-1"))
    }

    /// The same cloud for the root user of another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud(self.0.of_account(account))
    }

    /// The same cloud for whoever has an issued key.
    pub(crate) fn of_key(&self, access_key_id: &str) -> Self {
        Cloud(self.0.of_key(access_key_id))
    }

    /// The access key that calls.
    pub(crate) fn access_key_id(&self) -> &str {
        self.caller.access_key_id.as_deref().unwrap()
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.caller.principal
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

    pub(crate) async fn attach(&self, user: &str, arn: &str) -> Result<(), ApiError> {
        let input = api::AttachUserPolicyInput::new().with_user_name(user).with_policy_arn(arn);
        self.call::<api::op::AttachUserPolicy>(input).await.map(|_| ())
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
