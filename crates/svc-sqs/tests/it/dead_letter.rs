//! Dead-letter queues and message move tasks.

use virga_api::sqs as api;
use virga_api::sqs::message_system_attribute_name as system;

use crate::cloud::{ACCOUNT, Cloud, REGION, error, sorted_bodies};

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

fn redrive(target: &str, count: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{count}}}"#, arn(target))
}

/// A queue with a dead-letter queue after `count` receives.
async fn queues(cloud: &Cloud, count: u32) -> (String, String) {
    let dead = cloud.create("dead").await;
    let source = cloud.create_with("source", &[("RedrivePolicy", &redrive("dead", count))]).await.unwrap();
    (source, dead)
}

/// A dead-letter queue with this many messages from its source.
async fn buried(cloud: &Cloud, count: usize) -> (String, String) {
    let (source, dead) = queues(cloud, 1).await;
    for n in 0..count {
        cloud.send(&source, &n.to_string()).await;
    }
    let mut left = count;
    while left > 0 {
        left -= cloud.receive(&source).await.len();
    }
    cloud.advance(30).await;
    while cloud.numbers(&source).await != (0, 0, 0) {
        assert_eq!(cloud.receive(&source).await, []);
    }
    (source, dead)
}

#[tokio::test]
async fn a_message_received_too_often_moves_and_keeps_its_age() {
    let cloud = Cloud::new();
    let (source, dead) = queues(&cloud, 2).await;
    cloud.send(&source, "m").await;
    for _ in 0..2 {
        assert_eq!(cloud.receive(&source).await.len(), 1);
        cloud.advance(30).await;
    }
    assert_eq!(cloud.numbers(&source).await, (1, 0, 0));
    assert_eq!(cloud.receive(&source).await, []);
    assert_eq!((cloud.numbers(&source).await, cloud.numbers(&dead).await), ((0, 0, 0), (1, 0, 0)));
    let input =
        api::ReceiveMessageInput::new().with_queue_url(&*dead).with_attribute_names(vec![system::ALL_]);
    let output = cloud.call::<api::op::ReceiveMessage>(input).await.unwrap();
    let attributes = output.messages().unwrap().iter().next().unwrap().attributes().unwrap();
    assert_eq!(attributes.get(system::APPROXIMATE_RECEIVE_COUNT), Some("3"), "over all queues");
    assert_eq!(attributes.get(system::SENT_TIMESTAMP), Some("1800000000000"));
    assert_eq!(attributes.get(system::DEAD_LETTER_QUEUE_SOURCE_ARN), Some(&*arn("source")));
    cloud.advance(345_600 - 60).await;
    assert_eq!(cloud.numbers(&dead).await, (0, 0, 0), "its retention counts from when it was sent");
}

#[tokio::test]
async fn a_fifo_message_moves_and_gets_a_new_age_and_deduplication_id() {
    let cloud = Cloud::new();
    let dead = cloud.create_fifo("dead.fifo", &[]).await;
    let attributes = [("RedrivePolicy", &*redrive("dead.fifo", 1)), ("ContentBasedDeduplication", "true")];
    let source = cloud.create_fifo("source.fifo", &attributes).await;
    cloud.send_to_group(&source, "1", "g", None).await.unwrap();
    cloud.send_to_group(&source, "2", "g", None).await.unwrap();
    let first = cloud.receive_one(&source).await.unwrap();
    cloud.advance(30).await;
    assert_eq!(cloud.receive_one(&source).await.unwrap().body, "2");
    let input =
        api::ReceiveMessageInput::new().with_queue_url(&*dead).with_attribute_names(vec![system::ALL_]);
    let output = cloud.call::<api::op::ReceiveMessage>(input).await.unwrap();
    let message = output.messages().unwrap().iter().next().unwrap();
    let attributes = message.attributes().unwrap();
    assert_eq!(message.message_id(), Some(&*first.id));
    assert_eq!(attributes.get(system::MESSAGE_DEDUPLICATION_ID), Some(&*first.id));
    assert_eq!(attributes.get(system::MESSAGE_GROUP_ID), Some("g"));
    assert_eq!(attributes.get(system::SENT_TIMESTAMP), Some("1800000030000"));
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_message_stays() {
    let cloud = Cloud::new();
    let (source, dead) = queues(&cloud, 1).await;
    cloud.send(&source, "m").await;
    cloud.receive(&source).await;
    cloud.call::<api::op::DeleteQueue>(api::DeleteQueueInput::new().with_queue_url(&*dead)).await.unwrap();
    cloud.advance(30).await;
    assert_eq!(cloud.receive(&source).await.len(), 1);
}

#[tokio::test]
async fn a_redrive_policy_is_checked_against_the_queues() {
    let cloud = Cloud::new();
    let source = cloud.create("source").await;
    let (code, text) = error(cloud.set(&source, &[("RedrivePolicy", &redrive("none", 1))]).await);
    assert_eq!(code, "InvalidParameterValueException");
    assert!(text.ends_with("Reason: Dead letter target does not exist."), "{text}");
    let denied = [("RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#)];
    cloud.create_with("denied", &denied).await.unwrap();
    let (_, text) = error(cloud.set(&source, &[("RedrivePolicy", &redrive("denied", 1))]).await);
    assert!(text.contains("does not allow"), "{text}");
    let by_queue = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{}"]}}"#, arn("source"));
    cloud.create_with("allowed", &[("RedriveAllowPolicy", &by_queue)]).await.unwrap();
    cloud.set(&source, &[("RedrivePolicy", &redrive("allowed", 1))]).await.unwrap();
    assert!(cloud.create_with("other", &[("RedrivePolicy", &redrive("allowed", 1))]).await.is_err());
}

#[tokio::test]
async fn sources_of_a_dead_letter_queue_are_listed() {
    let cloud = Cloud::new();
    let (source, dead) = queues(&cloud, 1).await;
    let second = cloud.create_with("source2", &[("RedrivePolicy", &redrive("dead", 1))]).await.unwrap();
    let list = async |max: Option<i32>, token: Option<&str>| {
        let input = api::ListDeadLetterSourceQueuesInput::new().with_queue_url(&*dead);
        let input = input.with_max_results(max).with_next_token(token);
        let output = cloud.call::<api::op::ListDeadLetterSourceQueues>(input).await.unwrap();
        let urls: Vec<String> = output.queue_urls().iter().map(str::to_owned).collect();
        (urls, output.next_token().map(str::to_owned))
    };
    assert_eq!(list(None, None).await, (vec![source.clone(), second.clone()], None));
    let (first, token) = list(Some(1), None).await;
    assert_eq!(first, [source.as_str()]);
    assert_eq!(list(Some(1), token.as_deref()).await, (vec![second.clone()], None));
    cloud.set(&second, &[("RedrivePolicy", "")]).await.unwrap();
    assert_eq!(cloud.attribute(&second, "RedrivePolicy").await, None);
    cloud.call::<api::op::DeleteQueue>(api::DeleteQueueInput::new().with_queue_url(&*source)).await.unwrap();
    assert_eq!(list(None, None).await, (vec![], None));
}

async fn start(
    cloud: &Cloud,
    destination: Option<&str>,
    rate: Option<i32>,
) -> Result<String, virga_model::ApiError> {
    let input = api::StartMessageMoveTaskInput::new()
        .with_source_arn(arn("dead"))
        .with_destination_arn(destination.map(arn))
        .with_max_number_of_messages_per_second(rate);
    let output = cloud.call::<api::op::StartMessageMoveTask>(input).await?;
    Ok(output.task_handle().unwrap().to_owned())
}

/// Status, moved and to move of each task, newest first.
async fn tasks(cloud: &Cloud) -> Vec<(String, i64, i64)> {
    let input = api::ListMessageMoveTasksInput::new().with_source_arn(arn("dead")).with_max_results(10);
    let output = cloud.call::<api::op::ListMessageMoveTasks>(input).await.unwrap();
    let entries = output.results().unwrap().iter().map(|entry| {
        let running = entry.status() == Some("RUNNING");
        assert_eq!(entry.task_handle().is_some(), running, "only a running task has a handle");
        let moved = entry.approximate_number_of_messages_moved().unwrap();
        (entry.status().unwrap().to_owned(), moved, entry.approximate_number_of_messages_to_move().unwrap())
    });
    entries.collect()
}

#[tokio::test]
async fn a_task_fails_on_a_message_that_came_from_no_queue() {
    let cloud = Cloud::new();
    let (_, dead) = queues(&cloud, 1).await;
    cloud.send(&dead, "sent here").await;
    start(&cloud, None, None).await.unwrap();
    cloud.world.settle().await.unwrap();
    let input = api::ListMessageMoveTasksInput::new().with_source_arn(arn("dead"));
    let output = cloud.call::<api::op::ListMessageMoveTasks>(input).await.unwrap();
    let task = output.results().unwrap().iter().next().unwrap();
    let found = (task.status(), task.failure_reason());
    assert_eq!(found, (Some("FAILED"), Some("CouldNotDetermineMessageSource")));
    assert_eq!(cloud.numbers(&dead).await, (1, 0, 0));
}

#[tokio::test]
async fn a_new_queue_has_no_tasks_of_an_old_one() {
    let cloud = Cloud::new();
    let (_, dead) = buried(&cloud, 1).await;
    start(&cloud, None, None).await.unwrap();
    cloud.world.settle().await.unwrap();
    cloud.call::<api::op::DeleteQueue>(api::DeleteQueueInput::new().with_queue_url(&*dead)).await.unwrap();
    cloud.advance(60).await;
    cloud.create("dead").await;
    assert_eq!(tasks(&cloud).await, []);
}

#[tokio::test]
async fn a_task_moves_messages_back_where_they_came_from() {
    let cloud = Cloud::new();
    let (source, dead) = buried(&cloud, 2).await;
    start(&cloud, None, None).await.unwrap();
    cloud.world.settle().await.unwrap();
    assert_eq!(tasks(&cloud).await, [("COMPLETED".to_owned(), 2, 2)]);
    assert_eq!((cloud.numbers(&source).await, cloud.numbers(&dead).await), ((2, 0, 0), (0, 0, 0)));
    let received = cloud.receive(&source).await;
    assert_eq!(sorted_bodies(&received), ["0", "1"], "they count as new, not as received before");
}

#[tokio::test]
async fn a_task_keeps_its_rate_and_can_be_cancelled() {
    let cloud = Cloud::new();
    buried(&cloud, 10).await;
    let target = cloud.create("target").await;
    let handle = start(&cloud, Some("target"), Some(1)).await.unwrap();
    cloud.advance(1).await;
    assert_eq!(tasks(&cloud).await, [("RUNNING".to_owned(), 2, 10)]);
    let (_, text) = error(start(&cloud, None, None).await);
    assert!(text.starts_with("There is already a task running."), "{text}");
    let cancel = |handle: &str| api::CancelMessageMoveTaskInput::new().with_task_handle(handle);
    let output = cloud.call::<api::op::CancelMessageMoveTask>(cancel(&handle)).await.unwrap();
    assert_eq!(output.approximate_number_of_messages_moved(), Some(2));
    cloud.advance(10).await;
    assert_eq!(tasks(&cloud).await, [("CANCELLED".to_owned(), 2, 10)]);
    assert_eq!(cloud.numbers(&target).await, (2, 0, 0));
    start(&cloud, Some("target"), Some(4)).await.unwrap();
    cloud.advance(1).await;
    assert_eq!(tasks(&cloud).await[0], ("COMPLETED".to_owned(), 8, 8));
    let (code, text) = error(cloud.call::<api::op::CancelMessageMoveTask>(cancel("nonsense")).await);
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "Value for parameter TaskHandle is invalid.");
}

#[tokio::test]
async fn a_task_fails_when_its_destination_goes_away() {
    let cloud = Cloud::new();
    buried(&cloud, 10).await;
    let target = cloud.create("target").await;
    start(&cloud, Some("target"), Some(1)).await.unwrap();
    cloud.advance(2).await;
    cloud.call::<api::op::DeleteQueue>(api::DeleteQueueInput::new().with_queue_url(&*target)).await.unwrap();
    cloud.advance(5).await;
    assert_eq!(tasks(&cloud).await, [("FAILED".to_owned(), 3, 10)]);
}

#[tokio::test]
async fn a_task_needs_a_dead_letter_queue_and_a_destination() {
    let cloud = Cloud::new();
    let (code, text) = error(start(&cloud, None, None).await);
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(text, "The resource that you specified for the SourceArn parameter doesn't exist.");
    let dead = cloud.create("dead").await;
    let (_, text) = error(start(&cloud, None, None).await);
    assert_eq!(text, "Source queue must be configured as a Dead Letter Queue.");
    cloud.create_with("source", &[("RedrivePolicy", &redrive("dead", 1))]).await.unwrap();
    let (_, text) = error(start(&cloud, Some("nowhere"), None).await);
    assert_eq!(text, "The resource that you specified for the DestinationArn parameter doesn't exist.");
    assert!(start(&cloud, None, Some(501)).await.is_err());
    assert_eq!(cloud.numbers(&dead).await, (0, 0, 0));
}

#[tokio::test]
async fn a_task_waits_for_messages_in_flight_and_moves_the_others() {
    let cloud = Cloud::new();
    let (source, dead) = buried(&cloud, 120).await;
    for _ in 0..11 {
        assert_eq!(cloud.receive(&dead).await.len(), 10);
    }
    start(&cloud, None, None).await.unwrap();
    cloud.world.settle().await.unwrap();
    assert_eq!(tasks(&cloud).await, [("COMPLETED".to_owned(), 10, 10)]);
    assert_eq!((cloud.numbers(&source).await, cloud.numbers(&dead).await), ((10, 0, 0), (0, 110, 0)));
}
