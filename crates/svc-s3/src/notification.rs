//! Event notifications: from what happened to the receivers, at least once.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_api::{s3 as api, sqs};
use virga_iam::{AccountId, Caller, Principal};
use virga_kit::{Arn, Ctx, Delivering, DeliveryFailure, Incoming, Timer};
use virga_model::ApiError;
use virga_store::Write;

use crate::configuration::{Kind, document};
use crate::events::Subject;
use crate::records::Bucket;
use crate::{bucket, workers};
use virga_object::Error;
use virga_object::configured::{NotificationConfiguration, NotificationTarget, TargetKind};
use virga_object::event_record::{self, EventRecord, EventSource};
use virga_object::notification::matching;

/// How often a message is tried before it is given up.
const MOST_ATTEMPTS: u32 = 8;
/// How long the second attempt waits; every further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// A message on its way.
#[derive(Serialize, Deserialize)]
struct Message {
    kind: TargetKind,
    arn: String,
    text: String,
    bucket: String,
    /// The account of the bucket.
    account: String,
}

/// Sends an event to the targets that want it, once the transaction commits.
pub(crate) fn notify(
    ctx: &Ctx,
    txn: &mut Write,
    subject: &Subject<'_>,
    event: &EventRecord,
) -> Result<(), Error> {
    let given = document::find::<api::NotificationConfiguration>(txn, subject.bucket, Kind::Notification)?;
    let Some(given) = given else { return Ok(()) };
    let configuration = NotificationConfiguration::read(&given);
    for target in matching(&configuration, &event.name, subject.key) {
        let source = source(ctx, subject.bucket_name, subject.bucket);
        let text = event_record::message(&source, event, &target.id);
        let message = message(target, text, subject.bucket_name, subject.bucket);
        let id = format!("{:016x}-{:016x}", subject.bucket.id, ctx.sequence());
        workers::set(ctx, txn, workers::NOTIFY, id, ctx.now().micros(), &message)?;
    }
    Ok(())
}

fn message(target: &NotificationTarget, text: String, bucket_name: &str, bucket: &Bucket) -> Message {
    Message {
        kind: target.kind,
        arn: target.arn.clone(),
        text,
        bucket: bucket_name.to_owned(),
        account: bucket.account.clone(),
    }
}

/// Who did what, and where.
fn source(ctx: &Ctx, name: &str, bucket: &Bucket) -> EventSource {
    let caller = ctx.caller();
    let is_service = matches!(caller.principal, Principal::Service { .. });
    let ip = ctx.origin().source_ip.map(|ip| ip.to_string());
    EventSource {
        region: bucket.region.clone(),
        time: event_record::iso_millis(ctx.now().millis()),
        principal: match caller.principal {
            Principal::Service { .. } => format!("AmazonCustomer:{}", bucket.account),
            Principal::Root => caller.user_id(),
            _ => format!("AWS:{}", caller.user_id()),
        },
        source_ip: ip.unwrap_or_else(|| if is_service { "s3.amazonaws.com" } else { "127.0.0.1" }.to_owned()),
        request_id: ctx.request_id().to_owned(),
        host_id: host_id(ctx),
        bucket: name.to_owned(),
        owner: bucket.account.clone(),
    }
}

fn host_id(ctx: &Ctx) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    format!("{}=", ctx.random_letters(LETTERS, 75))
}

/// Hands a message to its receiver.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(message) = timer.read::<Message>() else { return Err(DeliveryFailure::GiveUp) };
        match send(&ctx, &message).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(
                    destination = message.arn,
                    "an event notification was refused: {}",
                    error.message
                );
                if timer.attempts + 1 >= MOST_ATTEMPTS {
                    return Err(DeliveryFailure::GiveUp);
                }
                Err(DeliveryFailure::Retry(FIRST_WAIT * 2u32.saturating_pow(timer.attempts)))
            }
        }
    })
}

/// Sends as S3 on behalf of the bucket: the receiver's policy decides.
async fn send(ctx: &Ctx, message: &Message) -> Result<(), ApiError> {
    let Some(arn) = Arn::parse(&message.arn) else {
        return Err(ApiError::common("InvalidArgument", 400, "The ARN could not be parsed"));
    };
    let account: AccountId = message.account.parse().unwrap_or(AccountId::DEFAULT);
    let caller = Caller::service("s3.amazonaws.com", account, Some(bucket::arn(&message.bucket)));
    match message.kind {
        TargetKind::Queue => {
            let url = format!("{}/{}/{}", ctx.endpoint(), arn.account, arn.resource);
            let input = sqs::SendMessageInput::new().with_queue_url(url).with_message_body(&*message.text);
            let body = &mut Incoming::empty();
            ctx.call_streaming::<sqs::op::SendMessage>(Arc::new(caller), arn.region, input, body).await?;
            Ok(())
        }
        // Neither service is there yet.
        TargetKind::Topic | TargetKind::Function => {
            let text = "The destination is of a service that is not there.";
            Err(ApiError::common("NotImplemented", 501, text))
        }
    }
}
