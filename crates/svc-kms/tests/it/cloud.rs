//! A cloud with KMS in memory, its clock frozen, and short ways to call it.

use std::sync::Arc;
use std::time::Duration;

use virga_api::kms as api;
use virga_iam::Caller;
use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
/// When the frozen clock stands at first.
pub(crate) const START: i64 = 1_800_000_000;
/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// A world to call, as somebody in some region.
#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) world: Arc<World>,
    pub(crate) caller: Arc<Caller>,
    region: &'static str,
    via: Via,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let settings = WorldSettings { own_host: "localhost:4566".into(), ..WorldSettings::default() };
        let services = Arc::new(Services::new(&[&virga_svc_kms::SERVICE]));
        let world = World::open("main", Store::memory(), services, settings).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(START)).unwrap();
        let caller = Arc::new(Caller::of_unknown_key(ACCOUNT));
        Cloud { world, caller, region: REGION, via: Via::default() }
    }

    /// The same cloud for another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud { caller: Arc::new(Caller::of_unknown_key(account)), ..self.clone() }
    }

    /// The same cloud for another caller.
    pub(crate) fn of(&self, caller: Caller) -> Self {
        Cloud { caller: Arc::new(caller), ..self.clone() }
    }

    /// The same cloud in another region.
    pub(crate) fn in_region(&self, region: &'static str) -> Self {
        Cloud { region, ..self.clone() }
    }

    /// The same cloud, called through a service.
    pub(crate) fn via(&self, service: &'static str) -> Self {
        Cloud { via: Via { services: vec![service], trusted: false }, ..self.clone() }
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::clone(&self.caller),
            region: Text::from(self.region),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin { secure: false, ..Origin::internal(endpoint) }),
            via: self.via.clone(),
        };
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    /// Moves the clock forward; everything due on the way happens.
    pub(crate) async fn advance(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.unwrap();
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

/// Code and text of an error.
pub(crate) fn error<T: std::fmt::Debug>(result: Result<T, ApiError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code.to_string(), error.message.to_string())
}

/// Code of an error.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
    error(result).0
}
