//! A cloud with S3 Tables in memory, its clock frozen, and short ways to call it.

use std::sync::Arc;

use virga_api::s3tables as api;
use virga_iam::Caller;
use virga_kit::{Call, Endpoint, Origin, Services, Via, World, WorldSettings, dispatch};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Text, Timestamp};
use virga_store::Store;

/// The frozen time, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A world to call.
pub(crate) struct Cloud {
    world: Arc<World>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let services = Arc::new(Services::new(&[&virga_svc_s3tables::SERVICE]));
        let world = World::open("main", Store::memory(), services, WorldSettings::default()).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(NOW)).unwrap();
        Cloud { world }
    }

    /// Calls as the root user of an account, in a region.
    pub(crate) async fn call_as<O: Operation>(
        &self,
        account: &str,
        region: &'static str,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
        let call = Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::new(Caller::of_unknown_key(account)),
            region: Text::from_static(region),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin::internal(endpoint)),
            via: Via::default(),
        };
        dispatch(&self.world, call).await.map(O::Output::from_record)
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        self.call_as::<O>("111122223333", "eu-west-1", input).await
    }

    /// Makes a table bucket; its ARN.
    pub(crate) async fn bucket(&self, name: &str) -> Result<String, ApiError> {
        let input = api::CreateTableBucketRequest::new().with_name(name);
        self.call::<api::op::CreateTableBucket>(input).await.map(|output| output.arn().to_owned())
    }

    /// Makes a namespace.
    pub(crate) async fn namespace(&self, arn: &str, name: &str) -> Result<(), ApiError> {
        let input = api::CreateNamespaceRequest::new().with_table_bucket_arn(arn).with_namespace(vec![name]);
        self.call::<api::op::CreateNamespace>(input).await.map(|_| ())
    }
}

/// The code and the text of a refusal.
pub(crate) fn refusal<T>(result: Result<T, ApiError>) -> (String, String) {
    let error = result.err().expect("the call is refused");
    (error.code.to_string(), error.message.to_string())
}
