//! A cloud with IAM, STS, KMS and SQS in memory, its clock frozen, and short ways to call it.

use std::sync::Arc;
use std::time::Duration;

use virga_api::iam as api;
use virga_iam::{Caller, Keys as _, Principal};
use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

pub(crate) const ACCOUNT: &str = "111122223333";
/// When the frozen clock stands at first.
pub(crate) const START: i64 = 1_800_000_000;

/// A world to call.
#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) world: Arc<World>,
    caller: Arc<Caller>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let settings = WorldSettings {
            own_host: "localhost:4566".into(),
            policies: Arc::new(virga_svc_iam::Policies),
            ..WorldSettings::default()
        };
        let services = Arc::new(Services::new(&[
            &virga_svc_iam::SERVICE,
            &virga_svc_kms::SERVICE,
            &virga_svc_sqs::SERVICE,
            &virga_svc_sts::SERVICE,
        ]));
        let world = World::open("main", Store::memory(), services, settings).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(START)).unwrap();
        Cloud { world, caller: Arc::new(Caller::of_unknown_key(ACCOUNT)) }
    }

    /// The same cloud for the root user of another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud { world: Arc::clone(&self.world), caller: Arc::new(Caller::of_unknown_key(account)) }
    }

    /// The same cloud for whoever has an issued key.
    pub(crate) fn of_key(&self, access_key_id: &str) -> Self {
        let caller = self.world.keys().lookup(access_key_id).unwrap().caller.clone();
        Cloud { world: Arc::clone(&self.world), caller: Arc::new(caller) }
    }

    /// The access key that calls.
    pub(crate) fn access_key_id(&self) -> &str {
        self.caller.access_key_id.as_deref().unwrap()
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::clone(&self.caller),
            region: Text::from_static("us-east-1"),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin { secure: false, ..Origin::internal(endpoint) }),
            via: Via::default(),
        };
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    /// Moves the clock forward; everything due on the way happens.
    pub(crate) async fn advance(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.unwrap();
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
    let error = result.unwrap_err();
    (error.code.trim_end_matches("Exception").to_owned(), error.message.to_string())
}

/// The same as literals.
pub(crate) fn words(code: &str, text: &str) -> (String, String) {
    (code.to_owned(), text.to_owned())
}
