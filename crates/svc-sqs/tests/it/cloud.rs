//! A cloud with SQS in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;

use virga_api::sqs as api;
use virga_kit::testing::TestCloud;
pub(crate) use virga_kit::testing::{ACCOUNT, START, error};
use virga_kit::{Service, WorldSettings};
use virga_model::ApiError;

pub(crate) const REGION: &str = "eu-west-1";

/// A world to call.
#[derive(Clone)]
pub(crate) struct Cloud(TestCloud);

impl Deref for Cloud {
    type Target = TestCloud;

    fn deref(&self) -> &TestCloud {
        &self.0
    }
}

/// A received message, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) body: String,
    pub(crate) handle: String,
    pub(crate) id: String,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        Self::with(WorldSettings::default())
    }

    /// A cloud with settings of its own.
    pub(crate) fn with(settings: WorldSettings) -> Self {
        Cloud(TestCloud::new(&[&virga_svc_sqs::SERVICE], settings, REGION))
    }

    /// A cloud with other services.
    pub(crate) fn serving(services: &[&'static Service]) -> Self {
        Cloud(TestCloud::new(services, WorldSettings::default(), REGION))
    }

    /// The same cloud for another caller.
    pub(crate) fn of_account(&self, account: &str) -> Self {
        Cloud(self.0.of_account(account))
    }

    pub(crate) async fn create_with(
        &self,
        name: &str,
        attributes: &[(&str, &str)],
    ) -> Result<String, ApiError> {
        let attributes = attributes.iter().map(|(name, value)| (*name, *value)).collect::<Vec<_>>();
        let attributes = (!attributes.is_empty()).then_some(attributes);
        let input = api::CreateQueueInput::new().with_queue_name(name).with_attributes(attributes);
        Ok(self.call::<api::op::CreateQueue>(input).await?.queue_url().unwrap().to_owned())
    }

    pub(crate) async fn create(&self, name: &str) -> String {
        self.create_with(name, &[]).await.unwrap()
    }

    pub(crate) async fn create_fifo(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let all: Vec<_> = [("FifoQueue", "true")].into_iter().chain(attributes.iter().copied()).collect();
        self.create_with(name, &all).await.unwrap()
    }

    pub(crate) async fn set(&self, url: &str, attributes: &[(&str, &str)]) -> Result<(), ApiError> {
        let input =
            api::SetQueueAttributesInput::new().with_queue_url(url).with_attributes(attributes.to_vec());
        self.call::<api::op::SetQueueAttributes>(input).await.map(|_| ())
    }

    pub(crate) async fn attribute(&self, url: &str, name: &str) -> Option<String> {
        let input = api::GetQueueAttributesInput::new().with_queue_url(url).with_attribute_names(vec![name]);
        let output = self.call::<api::op::GetQueueAttributes>(input).await.unwrap();
        output.attributes().and_then(|attributes| attributes.get(name).map(str::to_owned))
    }

    /// Messages visible, in flight and delayed.
    pub(crate) async fn numbers(&self, url: &str) -> (i64, i64, i64) {
        let mut numbers = [0; 3];
        let suffixes = ["", "NotVisible", "Delayed"];
        for (number, suffix) in numbers.iter_mut().zip(suffixes) {
            let value = self.attribute(url, &format!("ApproximateNumberOfMessages{suffix}")).await;
            *number = value.unwrap().parse().unwrap();
        }
        numbers.into()
    }

    /// Lets another account do something with the queue.
    pub(crate) async fn share(&self, url: &str, account: &str, actions: &[&str]) {
        let input = api::AddPermissionInput::new()
            .with_queue_url(url)
            .with_label("shared")
            .with_aws_account_ids(vec![account])
            .with_actions(actions.to_vec());
        self.call::<api::op::AddPermission>(input).await.unwrap();
    }

    pub(crate) async fn send(&self, url: &str, body: &str) -> String {
        let input = api::SendMessageInput::new().with_queue_url(url).with_message_body(body);
        self.call::<api::op::SendMessage>(input).await.unwrap().message_id().unwrap().to_owned()
    }

    pub(crate) async fn send_to_group(
        &self,
        url: &str,
        body: &str,
        group: &str,
        deduplication_id: Option<&str>,
    ) -> Result<api::SendMessageOutput, ApiError> {
        let input = api::SendMessageInput::new()
            .with_queue_url(url)
            .with_message_body(body)
            .with_message_group_id(group)
            .with_message_deduplication_id(deduplication_id);
        self.call::<api::op::SendMessage>(input).await
    }

    /// Receives up to ten messages at once, with the queue's visibility timeout.
    pub(crate) async fn receive(&self, url: &str) -> Vec<Received> {
        self.receive_with(api::ReceiveMessageInput::new().with_queue_url(url).with_max_number_of_messages(10))
            .await
    }

    /// Receives one message.
    pub(crate) async fn receive_one(&self, url: &str) -> Option<Received> {
        self.receive_with(api::ReceiveMessageInput::new().with_queue_url(url)).await.pop()
    }

    pub(crate) async fn receive_with(&self, input: api::ReceiveMessageInput) -> Vec<Received> {
        let output = self.call::<api::op::ReceiveMessage>(input).await.unwrap();
        output.messages().into_iter().flat_map(virga_model::view::List::iter).map(received).collect()
    }

    pub(crate) async fn delete(&self, url: &str, handle: &str) -> Result<(), ApiError> {
        let input = api::DeleteMessageInput::new().with_queue_url(url).with_receipt_handle(handle);
        self.call::<api::op::DeleteMessage>(input).await.map(|_| ())
    }

    pub(crate) async fn change_visibility(
        &self,
        url: &str,
        handle: &str,
        seconds: i32,
    ) -> Result<(), ApiError> {
        let input = api::ChangeMessageVisibilityInput::new()
            .with_queue_url(url)
            .with_receipt_handle(handle)
            .with_visibility_timeout(seconds);
        self.call::<api::op::ChangeMessageVisibility>(input).await.map(|_| ())
    }
}

pub(crate) fn received(message: &api::Message) -> Received {
    Received {
        body: message.body().unwrap().to_owned(),
        handle: message.receipt_handle().unwrap().to_owned(),
        id: message.message_id().unwrap().to_owned(),
    }
}

/// The texts of messages, sorted: a standard queue promises no order.
pub(crate) fn sorted_bodies(received: &[Received]) -> Vec<&str> {
    let mut bodies: Vec<_> = received.iter().map(|message| message.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}
