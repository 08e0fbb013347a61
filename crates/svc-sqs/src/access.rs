//! What a call needs permission for: actions, queue ARNs and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html>

use virga_api::sqs as api;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::{Entries, Structure};
use virga_model::{Operation, Record, Value};
use virga_store::{Direction, Read, Reader as _};

use crate::rules::{QueueAddress, QueueReference};
use crate::{keys, move_task, records};

/// The most sources of a dead-letter queue that are asked for.
const MOST_SOURCES: usize = 1000;

/// Actions that no queue policy gives to another account.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html>
const OWNERS_ONLY: [&str; 10] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// The accesses of a call. Batches need the permission of the single action.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let mut accesses = found(ctx, operation, input);
    for access in &mut accesses {
        let is_owners = OWNERS_ONLY.contains(&&*access.action);
        let mut queues = access.resources.iter().filter_map(|arn| QueueAddress::of_arn(arn));
        if is_owners && queues.any(|queue| queue.account != ctx.account()) {
            // Under this name there is no policy: nothing allows it.
            access.policy_holder = Some(String::new());
        }
    }
    accesses
}

fn found(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    let action = name.strip_suffix("Batch").unwrap_or(name);
    match name {
        "ListQueues" => return vec![Access::without_resource(action)],
        "StartMessageMoveTask" => return of_move(ctx, input),
        "ListMessageMoveTasks" => {
            let source = canonical(text(input, "SourceArn").unwrap_or_default());
            return vec![Access::to(action, source).looking_up(queue_tags)];
        }
        "CancelMessageMoveTask" => {
            let source = text(input, "TaskHandle").and_then(move_task::source_of);
            let access = source.map(|source| Access::to(action, canonical(&source)).looking_up(queue_tags));
            return vec![access.unwrap_or_else(|| Access::without_resource(action))];
        }
        _ => {}
    }
    let Some(at) = address(ctx, input) else { return vec![Access::without_resource(action)] };
    let mut access = Access::to(action, at.arn()).looking_up(queue_tags);
    match name {
        "CreateQueue" => {
            let tags = api::CreateQueueRequest::view(input).tags();
            access.conditions.extend(request_tags(tags));
            if tags.is_some_and(|tags| !tags.is_empty()) {
                let mut tagging = Access::to("TagQueue", at.arn());
                tagging.conditions.extend(request_tags(tags));
                return vec![access, tagging];
            }
        }
        "TagQueue" => access.conditions.extend(request_tags(Some(api::TagQueueRequest::view(input).tags()))),
        "UntagQueue" => {
            let keys = api::UntagQueueRequest::view(input).tag_keys().iter().map(str::to_owned).collect();
            access.conditions.push(Condition::multivalued("aws:TagKeys", keys));
        }
        _ => {}
    }
    vec![access]
}

/// A move task receives and deletes for the caller, and sends where the caller says, or back to the queues that the messages
/// came from.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>
fn of_move(ctx: &Ctx, input: &Record) -> Vec<Access> {
    let source = canonical(text(input, "SourceArn").unwrap_or_default());
    let actions = ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
    let mut accesses: Vec<Access> =
        actions.into_iter().map(|action| Access::to(action, &*source).looking_up(queue_tags)).collect();
    let destinations = match text(input, "DestinationArn") {
        Some(destination) => vec![canonical(destination)],
        None => original_sources(ctx, &source),
    };
    if !destinations.is_empty() {
        let sending = Access::without_resource("SendMessage").looking_up(queue_tags);
        accesses.push(Access { resources: destinations, ..sending });
    }
    accesses
}

/// The queues that have a queue as their dead-letter queue. A store failure leaves them out: then the call itself fails
/// for the same reason.
fn original_sources(ctx: &Ctx, arn: &str) -> Vec<String> {
    let Some(at) = QueueAddress::of_arn(arn) else { return Vec::new() };
    let read = ctx.world().store().read();
    let found = read.and_then(|read| read.scan_keys(&keys::sources(at), Direction::Forward, MOST_SOURCES));
    let parts = found.unwrap_or_default();
    let parts = parts.iter().filter_map(|key| key.parts::<(String, String, String, String, String)>().ok());
    parts
        .map(|(_, region, _, account, name)| {
            QueueAddress { account: &account, region: &region, name: &name }.arn()
        })
        .collect()
}

/// The ARN as policies know the queue: the partition that a caller writes is not looked at when it is found.
fn canonical(arn: &str) -> String {
    QueueAddress::of_arn(arn).map_or_else(|| arn.to_owned(), QueueAddress::arn)
}

/// The queue of a call: by its URL, or by its name.
fn address<'a>(ctx: &'a Ctx, input: &'a Record) -> Option<QueueAddress<'a>> {
    let region = ctx.region();
    if let Some(url) = text(input, "QueueUrl") {
        let reference = QueueReference::parse(url)?;
        let account = reference.account.unwrap_or(ctx.account());
        return Some(QueueAddress { account, region, name: reference.name });
    }
    let account = text(input, "QueueOwnerAWSAccountId").unwrap_or(ctx.account());
    Some(QueueAddress { account, region, name: text(input, "QueueName")? })
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn request_tags(tags: Option<Entries<'_, &str>>) -> Vec<Condition> {
    let tags: Vec<(&str, &str)> = tags.into_iter().flat_map(Entries::iter).collect();
    if tags.is_empty() {
        return Vec::new();
    }
    let one = |(key, value): &(&str, &str)| Condition::new(format!("aws:RequestTag/{key}"), *value);
    let keys = tags.iter().map(|(key, _)| (*key).to_owned()).collect();
    tags.iter().map(one).chain([Condition::multivalued("aws:TagKeys", keys)]).collect()
}

/// The tags of the queue. A store failure leaves them out: then the call itself fails for the same reason.
fn queue_tags(ctx: &Ctx, _: &Record, arn: &str) -> Vec<Condition> {
    let tags = ctx.world().store().read().ok().and_then(|read| tags(&read, arn));
    let tags = tags.into_iter().flat_map(|tags| tags.0);
    tags.map(|(key, value)| Condition::new(format!("aws:ResourceTag/{key}"), value)).collect()
}

fn tags(read: &Read, arn: &str) -> Option<records::Tags> {
    let queue = read.get(&keys::queue(QueueAddress::of_arn(arn)?)).ok()??;
    read.get(&keys::tags(&queue)).ok()?
}
