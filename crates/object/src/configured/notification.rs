//! The notification configuration of a bucket.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_model::view::List;

/// Where events of a bucket go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotificationConfiguration {
    /// In the order of the document, kind by kind.
    pub targets: Vec<NotificationTarget>,
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetKind {
    /// Of Amazon SNS.
    Topic,
    /// Of Amazon SQS.
    Queue,
    /// Of AWS Lambda.
    Function,
}

/// Events of some types about some keys, for one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// What the receiver is.
    pub kind: TargetKind,
    /// Name of the entry, which events repeat.
    pub id: String,
    /// The receiver.
    pub arn: String,
    /// `s3:ObjectCreated:*` and the like.
    pub events: Vec<String>,
    /// None when the document has no filter.
    pub filter: Option<KeyFilter>,
}

/// How keys must begin and end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// (name, value), `prefix` and `suffix` in any case.
    pub rules: Vec<(String, String)>,
}

impl NotificationConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::NotificationConfiguration) -> Self {
        let topics = given.topic_configurations().into_iter().flat_map(List::iter).map(|topic| {
            target(TargetKind::Topic, topic.id(), topic.topic_arn(), topic.events(), topic.filter())
        });
        let queues = given.queue_configurations().into_iter().flat_map(List::iter).map(|queue| {
            target(TargetKind::Queue, queue.id(), queue.queue_arn(), queue.events(), queue.filter())
        });
        let functions = given.lambda_function_configurations().into_iter().flat_map(List::iter);
        let functions = functions.map(|function| {
            let arn = function.lambda_function_arn();
            target(TargetKind::Function, function.id(), arn, function.events(), function.filter())
        });
        NotificationConfiguration { targets: topics.chain(queues).chain(functions).collect() }
    }
}

fn target(
    kind: TargetKind,
    id: Option<&str>,
    arn: &str,
    events: List<'_, &str>,
    filter: Option<&api::NotificationConfigurationFilter>,
) -> NotificationTarget {
    let rules = filter.and_then(api::NotificationConfigurationFilter::key);
    let rules = rules.and_then(api::S3KeyFilter::filter_rules).into_iter().flat_map(List::iter);
    let rules = rules.filter_map(|rule| Some((rule.name()?.to_owned(), rule.value()?.to_owned())));
    NotificationTarget {
        kind,
        id: id.unwrap_or_default().to_owned(),
        arn: arn.to_owned(),
        events: events.iter().map(str::to_owned).collect(),
        filter: filter.map(|_| KeyFilter { rules: rules.collect() }),
    }
}
