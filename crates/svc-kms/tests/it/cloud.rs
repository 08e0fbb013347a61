//! A cloud with KMS in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;

use virga_api::kms as api;
use virga_iam::Caller;
use virga_kit::WorldSettings;
use virga_kit::testing::TestCloud;
pub(crate) use virga_kit::testing::{ACCOUNT, START, error};
use virga_model::ApiError;

pub(crate) const REGION: &str = "eu-west-1";
/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// A world to call, as somebody in some region.
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
        Cloud(TestCloud::new(&[&virga_svc_kms::SERVICE], WorldSettings::default(), REGION))
    }

    /// The same cloud for another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud(self.0.of_account(account))
    }

    /// The same cloud for another caller.
    pub(crate) fn of(&self, caller: Caller) -> Self {
        Cloud(self.0.of(caller))
    }

    /// The same cloud in another region.
    pub(crate) fn in_region(&self, region: &'static str) -> Self {
        Cloud(self.0.in_region(region))
    }

    /// The same cloud, called through a service.
    pub(crate) fn via(&self, service: &'static str) -> Self {
        Cloud(self.0.via(service))
    }

    pub(crate) async fn create_with(&self, input: api::CreateKeyRequest) -> Result<String, ApiError> {
        let output = self.call::<api::op::CreateKey>(input).await?;
        Ok(output.key_metadata().unwrap().key_id().to_owned())
    }

    /// A symmetric encryption key.
    pub(crate) async fn create(&self) -> String {
        self.create_with(api::CreateKeyRequest::new()).await.unwrap()
    }

    /// A key of some kind.
    pub(crate) async fn create_spec(&self, spec: &str, usage: &str) -> String {
        let input = api::CreateKeyRequest::new().with_key_spec(spec).with_key_usage(usage);
        self.create_with(input).await.unwrap()
    }

    pub(crate) async fn describe(&self, id: &str) -> Result<api::KeyMetadata, ApiError> {
        let input = api::DescribeKeyRequest::new().with_key_id(id);
        Ok(self.call::<api::op::DescribeKey>(input).await?.key_metadata().unwrap().clone())
    }

    pub(crate) async fn state(&self, id: &str) -> String {
        self.describe(id).await.unwrap().key_state().unwrap().to_owned()
    }

    pub(crate) async fn encrypt(
        &self,
        id: &str,
        plaintext: &[u8],
        context: &[(&str, &str)],
    ) -> Result<Vec<u8>, ApiError> {
        let input = api::EncryptRequest::new()
            .with_key_id(id)
            .with_plaintext(plaintext.to_vec())
            .with_encryption_context(context.to_vec());
        Ok(self.call::<api::op::Encrypt>(input).await?.ciphertext_blob().unwrap().to_vec())
    }

    /// Plaintext and key material.
    pub(crate) async fn decrypt(
        &self,
        blob: &[u8],
        context: &[(&str, &str)],
    ) -> Result<(Vec<u8>, String), ApiError> {
        let input = api::DecryptRequest::new()
            .with_ciphertext_blob(blob.to_vec())
            .with_encryption_context(context.to_vec());
        let output = self.call::<api::op::Decrypt>(input).await?;
        Ok((output.plaintext().unwrap().to_vec(), output.key_material_id().unwrap_or_default().to_owned()))
    }

    pub(crate) async fn disable(&self, id: &str) {
        self.call::<api::op::DisableKey>(api::DisableKeyRequest::new().with_key_id(id)).await.unwrap();
    }

    pub(crate) async fn enable(&self, id: &str) {
        self.call::<api::op::EnableKey>(api::EnableKeyRequest::new().with_key_id(id)).await.unwrap();
    }

    pub(crate) async fn schedule_deletion(&self, id: &str, days: i32) -> Result<(), ApiError> {
        let input = api::ScheduleKeyDeletionRequest::new().with_key_id(id).with_pending_window_in_days(days);
        self.call::<api::op::ScheduleKeyDeletion>(input).await.map(|_| ())
    }

    pub(crate) async fn create_alias(&self, name: &str, id: &str) -> Result<(), ApiError> {
        let input = api::CreateAliasRequest::new().with_alias_name(name).with_target_key_id(id);
        self.call::<api::op::CreateAlias>(input).await.map(|_| ())
    }
}

/// The ARN of a key of the test's account and region.
pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}")
}

/// Code of an error.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
    error(result).0
}
