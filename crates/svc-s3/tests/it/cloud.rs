//! A cloud with S3 in memory, its clock frozen, and short ways to call it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use virga_api::s3 as api;
use virga_iam::Caller;
use virga_kit::{
    Call, Endpoint, Incoming, Origin, Services, Via, World, WorldSettings, dispatch, dispatch_streaming,
};
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
    region: Text,
    secure: bool,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        Cloud::with(WorldSettings::default())
    }

    /// A cloud that enforces AWS's rates of requests.
    pub(crate) fn with_quotas() -> Self {
        Cloud::with(WorldSettings { enforce_quotas: true, ..WorldSettings::default() })
    }

    fn with(settings: WorldSettings) -> Self {
        let services = Arc::new(Services::new(&[&virga_svc_s3::SERVICE, &virga_svc_s3::CONTROL]));
        let settings = WorldSettings { own_host: "localhost:4566".into(), ..settings };
        let world = World::open("main", Store::memory(), services, settings).unwrap();
        world.clock().freeze(world.store()).unwrap();
        world.clock().set(world.store(), Timestamp::from_secs(START)).unwrap();
        let caller = Arc::new(Caller::of_unknown_key(ACCOUNT));
        Cloud { world, caller, region: Text::from_static("us-east-1"), secure: false }
    }

    /// The same cloud for another caller.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud { caller: Arc::new(Caller::of_unknown_key(account)), ..self.clone() }
    }

    /// The same cloud by the endpoint of another region.
    pub(crate) fn in_region(&self, region: &'static str) -> Self {
        Cloud { region: Text::from_static(region), ..self.clone() }
    }

    /// The same cloud over TLS.
    pub(crate) fn over_tls(&self) -> Self {
        Cloud { secure: true, ..self.clone() }
    }

    /// Lets time pass, and everything that is due in it happen.
    pub(crate) async fn pass(&self, seconds: u64) {
        let target = self.world.clock().now().plus(Duration::from_secs(seconds));
        self.world.advance_to(target).await.unwrap();
    }

    fn request<O: Operation>(&self, input: O::Input) -> Call {
        let endpoint = Endpoint { secure: self.secure, host: "localhost:4566".into() };
        Call {
            operation: O::model(),
            input: input.into_record(),
            caller: Arc::clone(&self.caller),
            region: self.region.clone(),
            request_id: Text::from_static("request-1"),
            origin: Arc::new(Origin { secure: self.secure, ..Origin::internal(endpoint) }),
            via: Via::default(),
        }
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        dispatch(&self.world, self.request::<O>(input)).await.map(O::Output::from_record)
    }

    /// Calls without a body and gives the HTTP status of the answer.
    pub(crate) async fn status<O: Operation>(&self, input: O::Input) -> Result<u16, ApiError> {
        let call = self.request::<O>(input);
        Ok(dispatch_streaming(&self.world, call, &mut Incoming::empty()).await?.status(O::model()))
    }

    /// Calls with a body and gives that of the answer.
    async fn stream<O: Operation>(
        &self,
        input: O::Input,
        body: Bytes,
    ) -> Result<(O::Output, Bytes), ApiError> {
        let mut body = Incoming::from(body);
        let streamed = dispatch_streaming(&self.world, self.request::<O>(input), &mut body).await?;
        let body = streamed.body.collect(usize::MAX).await.unwrap();
        Ok((O::Output::from_record(streamed.output), body))
    }

    pub(crate) async fn put(
        &self,
        input: api::PutObjectInput,
        body: impl Into<Bytes>,
    ) -> Result<api::PutObjectOutput, ApiError> {
        Ok(self.stream::<api::op::PutObject>(input, body.into()).await?.0)
    }

    pub(crate) async fn upload(
        &self,
        input: api::UploadPartInput,
        body: impl Into<Bytes>,
    ) -> Result<api::UploadPartOutput, ApiError> {
        Ok(self.stream::<api::op::UploadPart>(input, body.into()).await?.0)
    }

    pub(crate) async fn get(
        &self,
        input: api::GetObjectInput,
    ) -> Result<(api::GetObjectOutput, Bytes), ApiError> {
        self.stream::<api::op::GetObject>(input, Bytes::new()).await
    }

    pub(crate) async fn create(&self, name: &str) -> Result<api::CreateBucketOutput, ApiError> {
        self.call::<api::op::CreateBucket>(api::CreateBucketInput::new().with_bucket(name)).await
    }
}

/// Code of an error.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
    result.unwrap_err().code.to_string()
}
