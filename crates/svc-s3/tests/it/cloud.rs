//! A cloud with S3 in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use virga_api::s3 as api;
use virga_iam::Caller;
use virga_kit::testing::TestCloud;
pub(crate) use virga_kit::testing::{ACCOUNT, START};
use virga_kit::{Incoming, WorldSettings, dispatch_streaming};
use virga_model::ApiError;
use virga_model::view::{Operation, Structure};

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
        Cloud::with(WorldSettings::default())
    }

    /// A cloud that enforces AWS's rates of requests.
    pub(crate) fn with_quotas() -> Self {
        Cloud::with(WorldSettings { enforce_quotas: true, ..WorldSettings::default() })
    }

    fn with(settings: WorldSettings) -> Self {
        Cloud(TestCloud::new(&[&virga_svc_s3::SERVICE, &virga_svc_s3::CONTROL], settings, "us-east-1"))
    }

    /// The same cloud for another account.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud(self.0.of_account(account))
    }

    /// The same cloud for somebody else.
    pub(crate) fn as_caller(&self, caller: impl Into<Arc<Caller>>) -> Self {
        Cloud(self.0.of(caller))
    }

    /// The same cloud by the endpoint of another region.
    pub(crate) fn in_region(&self, region: &'static str) -> Self {
        Cloud(self.0.in_region(region))
    }

    /// The same cloud over TLS.
    pub(crate) fn over_tls(&self) -> Self {
        Cloud(self.0.from_client(|origin| {
            origin.secure = true;
            origin.endpoint.secure = true;
        }))
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
