//! Event notifications: who hears of what happens to objects. What is told when is not here.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>

use std::sync::Arc;

use serde_json::json;
use virga_api::s3 as api;
use virga_api::{Nothing, sqs};
use virga_iam::Caller;
use virga_kit::{Arn, Ctx};
use virga_model::ApiError;
use virga_model::view::List;
use virga_store::Read;

use super::{Kind, document, rule_id};
use crate::bucket;
use crate::records::Bucket;
use virga_object::Error;
use virga_object::notification_configuration::{self, Destination};

/// Sets who hears of what. Every new destination is sent a test event, unless the caller wants none; those that can't
/// take it are refused.
pub(crate) async fn put_bucket_notification_configuration(
    ctx: &Ctx,
    input: &api::PutBucketNotificationConfigurationRequest,
) -> Result<Nothing, Error> {
    let configuration = input.notification_configuration();
    let owner = input.expected_bucket_owner();
    let bucket = bucket::find(&ctx.world().store().read()?, input.bucket(), owner)?;
    notification_configuration::check(configuration, &bucket.region)?;
    if input.skip_destination_validation() != Some(true) {
        send_test_events(ctx, input.bucket(), &bucket, configuration).await?;
    }
    if configuration.event_bridge_configuration().is_some() {
        tracing::warn!(
            bucket = input.bucket(),
            "events are not delivered to EventBridge: virga does not have it yet"
        );
    }
    let configuration = completed(ctx, configuration);
    ctx.transact(|txn| -> Result<(), Error> {
        let mut bucket = bucket::find(txn, input.bucket(), owner)?;
        document::set(txn, input.bucket(), &mut bucket, Kind::Notification, &configuration)?;
        Ok(())
    })
    .await?;
    Ok(Nothing::new())
}

/// Who hears of what; says nothing when nobody hears of anything.
pub(crate) fn get_bucket_notification_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketNotificationConfigurationRequest,
) -> Result<api::NotificationConfiguration, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found = document::find(txn, &bucket, Kind::Notification)?;
    Ok(found.unwrap_or_else(api::NotificationConfiguration::new))
}

/// The configuration with ids, and with the names of filters as AWS shows them.
fn completed(ctx: &Ctx, configuration: &api::NotificationConfiguration) -> api::NotificationConfiguration {
    macro_rules! completed {
        ($list:expr) => {
            $list.map(|list| {
                let complete = list.iter().map(|one| {
                    let is_named = one.id().is_some_and(|id| !id.is_empty());
                    let one = if is_named { one.clone() } else { one.clone().with_id(rule_id::draw(ctx)) };
                    match one.filter().map(capitalized) {
                        Some(filter) => one.with_filter(filter),
                        None => one,
                    }
                });
                complete.collect::<Vec<_>>()
            })
        };
    }
    let complete = configuration.clone();
    complete
        .with_topic_configurations(completed!(configuration.topic_configurations()))
        .with_queue_configurations(completed!(configuration.queue_configurations()))
        .with_lambda_function_configurations(completed!(configuration.lambda_function_configurations()))
}

fn capitalized(filter: &api::NotificationConfigurationFilter) -> api::NotificationConfigurationFilter {
    let rules = filter.key().and_then(api::S3KeyFilter::filter_rules).into_iter().flat_map(List::iter);
    let shown = rules.map(|rule| {
        let is_prefix = rule.name().is_some_and(|name| name.eq_ignore_ascii_case("prefix"));
        let value = rule.value().unwrap_or_default();
        api::FilterRule::new().with_name(if is_prefix { "Prefix" } else { "Suffix" }).with_value(value)
    });
    let key = api::S3KeyFilter::new().with_filter_rules(shown.collect::<Vec<_>>());
    api::NotificationConfigurationFilter::new().with_key(key)
}

/// Sends each destination the test event, as S3 and for the bucket. All that can't take it are in the refusal.
async fn send_test_events(
    ctx: &Ctx,
    name: &str,
    bucket: &Bucket,
    configuration: &api::NotificationConfiguration,
) -> Result<(), Error> {
    let mut refused: Vec<(String, String)> = Vec::new();
    for destination in notification_configuration::destinations(configuration) {
        let refusal = match destination.element {
            "Queue" => test_queue(ctx, name, bucket, &destination).await?,
            "Topic" => Some("The destination topic does not exist".to_owned()),
            _ => Some(format!("Not authorized to invoke function [{}]", destination.arn)),
        };
        if let Some(reason) = refusal {
            let argument = match destination.element {
                "CloudFunction" => format!("{}, null", destination.arn),
                _ => destination.arn.to_owned(),
            };
            refused.push((argument, reason));
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(unable_to_validate(refused)) }
}

/// Why a queue does not take the test event, if it does not.
async fn test_queue(
    ctx: &Ctx,
    name: &str,
    bucket: &Bucket,
    destination: &Destination<'_>,
) -> Result<Option<String>, Error> {
    let Some(arn) = Arn::parse(destination.arn) else { return Ok(None) };
    let owner = arn.account.parse().unwrap_or(ctx.caller().account);
    let question = sqs::GetQueueUrlRequest::new()
        .with_queue_name(arn.resource)
        .with_queue_owner_aws_account_id(arn.account);
    let url = match ctx.call_trusted::<sqs::op::GetQueueUrl>(owner, arn.region, question).await {
        Ok(found) => found.queue_url().unwrap_or_default().to_owned(),
        Err(error) if error.is_fault() => return Err(error.into()),
        Err(_) => return Ok(Some("The destination queue does not exist".to_owned())),
    };
    let seconds = ctx.iso_time(ctx.now().secs());
    let millis = ctx.now().micros().rem_euclid(1_000_000) / 1000;
    let time = format!("{}.{millis:03}Z", seconds.trim_end_matches('Z'));
    let event = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": time,
        "Bucket": name,
        "RequestId": ctx.request_id(),
        "HostId": ctx.request_id(),
    });
    let account = bucket.account.parse().unwrap_or(ctx.caller().account);
    let caller = Caller::service("s3.amazonaws.com", account, Some(bucket::arn(name)));
    let message = sqs::SendMessageRequest::new().with_queue_url(url).with_message_body(event.to_string());
    match ctx.call::<sqs::op::SendMessage>(Arc::new(caller), message).await {
        Ok(_) => Ok(None),
        Err(error) if error.code.contains("AccessDenied") => Ok(Some(
            "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
                .to_owned(),
        )),
        Err(error) if error.is_fault() => Err(error.into()),
        Err(_) => Ok(Some("The destination queue does not exist".to_owned())),
    }
}

/// AWS numbers the arguments that are wrong.
fn unable_to_validate(refused: Vec<(String, String)>) -> Error {
    const NAMES: [(&str, &str); 5] = [
        ("ArgumentName1", "ArgumentValue1"),
        ("ArgumentName2", "ArgumentValue2"),
        ("ArgumentName3", "ArgumentValue3"),
        ("ArgumentName4", "ArgumentValue4"),
        ("ArgumentName5", "ArgumentValue5"),
    ];
    let details = NAMES
        .iter()
        .zip(refused)
        .flat_map(|((argument, value), (name, reason))| [(*argument, name), (*value, reason)]);
    let message = "Unable to validate the following destination configurations";
    let error = ApiError::common("InvalidArgument", 400, message).with_details(details.collect());
    Error::Other(Box::new(error))
}
