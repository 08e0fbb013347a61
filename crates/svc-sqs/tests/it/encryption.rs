//! Queues that are encrypted with a KMS key. KMS itself is played by a service of this file: it seals by reversing.

use std::sync::atomic::{AtomicU32, Ordering};

use virga_api::kms;
use virga_api::sqs as api;
use virga_kit::{Access, Ctx, Service, Validation};
use virga_store::{Direction, Reader as _, Space, Write};

use crate::cloud::{Cloud, error};

static OPENED: AtomicU32 = AtomicU32::new(0);

virga_kit::service_errors! {
    /// Errors of the played KMS.
    pub(crate) enum Error in virga_api::kms {
        /// Not this key.
        Disabled => modelled disabled_exception: "the key is disabled";
    }
}

virga_kit::operations! {
    static OPERATIONS in virga_api::kms;
    write GenerateDataKey => generate_data_key;
    write Decrypt => decrypt;
}

static KMS: Service = Service {
    model: kms::model(),
    action_prefix: "kms",
    operations: OPERATIONS,
    access: |_, operation, _| vec![Access::without_resource(operation.name())],
    timers: &[],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

const KEY: [u8; 32] = *b"0123456789abcdef0123456789ABCDEF";

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn generate_data_key(
    _: &Ctx,
    _: &mut Write,
    input: &kms::GenerateDataKeyInput,
) -> Result<kms::GenerateDataKeyOutput, Error> {
    if input.key_id() == "disabled" {
        return Err(Error::Disabled);
    }
    Ok(kms::GenerateDataKeyOutput::new().with_plaintext(KEY.to_vec()).with_ciphertext_blob(reversed(&KEY)))
}

fn decrypt(_: &Ctx, _: &mut Write, input: &kms::DecryptInput) -> Result<kms::DecryptOutput, Error> {
    OPENED.fetch_add(1, Ordering::SeqCst);
    let context: Vec<_> =
        input.encryption_context().into_iter().flat_map(virga_model::view::Entries::iter).collect();
    assert_eq!(context, [("aws:sqs:arn", "arn:aws:sqs:eu-west-1:111122223333:q")]);
    Ok(kms::DecryptOutput::new().with_plaintext(reversed(input.ciphertext_blob().unwrap())))
}

/// Everything that is stored under a key space, as bytes.
struct Raw(Vec<u8>);
impl virga_store::Stored for Raw {
    const VERSION: u8 = 2;
    fn encode(&self, body: &mut Vec<u8>) -> Result<(), virga_store::Fault> {
        body.extend(&self.0);
        Ok(())
    }
    fn decode(_: u8, body: &[u8]) -> Result<Self, virga_store::Fault> {
        Ok(Raw(body.to_vec()))
    }
}
static MESSAGES: Space<Raw> = Space::new("sqs.m");

fn is_stored(cloud: &Cloud, text: &str) -> bool {
    let read = cloud.world.store().read().unwrap();
    let stored = read.scan(&MESSAGES.all(), Direction::Forward, 100).unwrap();
    stored.iter().any(|(_, Raw(bytes))| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn bodies_are_sealed_at_rest_and_opened_for_receivers() {
    let cloud = Cloud::serving(&[&virga_svc_sqs::SERVICE, &KMS]);
    let url = cloud.create_with("q", &[("KmsMasterKeyId", "alias/k")]).await.unwrap();
    cloud.send(&url, "a secret").await;
    assert!(!is_stored(&cloud, "a secret"));
    cloud.set(&url, &[("KmsMasterKeyId", "")]).await.unwrap();
    cloud.send(&url, "no secret").await;
    assert!(is_stored(&cloud, "no secret"));
    let mut bodies: Vec<String> = Vec::new();
    for _ in 0..2 {
        bodies.extend(cloud.receive(&url).await.into_iter().map(|message| message.body));
    }
    bodies.sort();
    assert_eq!(bodies, ["a secret", "no secret"]);
    assert_eq!(OPENED.load(Ordering::SeqCst), 0, "the data key is remembered");
    cloud.set(&url, &[("KmsMasterKeyId", "alias/k"), ("KmsDataKeyReusePeriodSeconds", "60")]).await.unwrap();
    cloud.advance(301).await;
    let again: Vec<_> = cloud.receive(&url).await;
    assert!(!again.is_empty());
    assert_eq!(OPENED.load(Ordering::SeqCst), 1, "after its time KMS is asked again");
}

#[tokio::test]
async fn messages_that_move_are_opened_for_as_long_as_they_live() {
    let cloud = Cloud::serving(&[&virga_svc_sqs::SERVICE, &KMS]);
    let long =
        [("KmsMasterKeyId", "alias/k"), ("MessageRetentionPeriod", "1209600"), ("VisibilityTimeout", "0")];
    let arn = |name: &str| format!("arn:aws:sqs:eu-west-1:111122223333:{name}");
    let redrive = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, arn("dead"));
    cloud.create_with("dead", &long).await.unwrap();
    let mut attributes = long.to_vec();
    attributes.push(("RedrivePolicy", &redrive));
    let url = cloud.create_with("q", &attributes).await.unwrap();
    cloud.send(&url, "a secret").await;
    for _ in 0..2 {
        while cloud.numbers(&url).await != (0, 0, 0) {
            cloud.receive(&url).await;
        }
        cloud.advance(13 * 24 * 3600).await;
        let input = api::StartMessageMoveTaskInput::new().with_source_arn(arn("dead"));
        cloud.call::<api::op::StartMessageMoveTask>(input).await.unwrap();
        cloud.world.settle().await.unwrap();
    }
    cloud.advance(10 * 24 * 3600).await;
    let received = cloud.receive(&url).await;
    assert_eq!(received[0].body, "a secret", "36 days after its data key was made");
}

#[tokio::test]
async fn errors_of_kms_are_told_in_the_terms_of_sqs() {
    let cloud = Cloud::serving(&[&virga_svc_sqs::SERVICE, &KMS]);
    let url = cloud.create_with("q", &[("KmsMasterKeyId", "disabled")]).await.unwrap();
    let input = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("m");
    let (code, text) = error(cloud.call::<api::op::SendMessage>(input).await);
    assert_eq!((&*code, &*text), ("KmsDisabled", "the key is disabled"));
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}
