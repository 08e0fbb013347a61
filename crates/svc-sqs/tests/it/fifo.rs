//! FIFO queues: order, blocked groups, exactly-once sending, attempts.

use virga_api::sqs as api;
use virga_api::sqs::message_system_attribute_name as system;
use virga_kit::WorldSettings;

use crate::cloud::{Cloud, Received, error};

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

async fn cloud_with_fifo() -> (Cloud, String) {
    let cloud = Cloud::new();
    let url = cloud.create_fifo("q.fifo", &[("ContentBasedDeduplication", "true")]).await;
    (cloud, url)
}

async fn send(cloud: &Cloud, url: &str, body: &str, group: &str) {
    cloud.send_to_group(url, body, group, None).await.unwrap();
}

#[tokio::test]
async fn a_group_keeps_its_order_and_waits_for_what_is_in_flight() {
    let (cloud, url) = cloud_with_fifo().await;
    for body in ["a1", "b1", "a2", "b2", "a3"] {
        send(&cloud, &url, body, &body[..1]).await;
    }
    let one = cloud.receive_one(&url).await.unwrap();
    assert_eq!(one.body, "a1");
    assert_eq!(bodies(&cloud.receive(&url).await), ["b1", "b2"], "the other group alone");
    assert_eq!(cloud.numbers(&url).await, (2, 3, 0));
    cloud.delete(&url, &one.handle).await.unwrap();
    assert_eq!(bodies(&cloud.receive(&url).await), ["a2", "a3"]);
    cloud.advance(30).await;
    assert_eq!(cloud.numbers(&url).await, (4, 0, 0));
    assert_eq!(bodies(&cloud.receive(&url).await), ["b1", "b2", "a2", "a3"]);
}

#[tokio::test]
async fn what_comes_before_a_message_in_flight_can_be_received() {
    let (cloud, url) = cloud_with_fifo().await;
    for body in ["foo", "bar", "baz"] {
        send(&cloud, &url, body, "g").await;
    }
    let all = cloud.receive(&url).await;
    assert_eq!(bodies(&all), ["foo", "bar", "baz"]);
    cloud.change_visibility(&url, &all[1].handle, 0).await.unwrap();
    assert_eq!(bodies(&cloud.receive(&url).await), [""; 0]);
    cloud.change_visibility(&url, &all[0].handle, 0).await.unwrap();
    assert_eq!(bodies(&cloud.receive(&url).await), ["foo", "bar"]);
}

#[tokio::test]
async fn an_expired_handle_is_refused() {
    let (cloud, url) = cloud_with_fifo().await;
    send(&cloud, &url, "m", "g").await;
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.change_visibility(&url, &message.handle, 60).await.unwrap();
    cloud.advance(40).await;
    cloud.change_visibility(&url, &message.handle, 10).await.unwrap();
    cloud.advance(10).await;
    for result in
        [cloud.delete(&url, &message.handle).await, cloud.change_visibility(&url, &message.handle, 5).await]
    {
        let (code, text) = error(result);
        assert_eq!(code, "InvalidParameterValueException");
        let expected = format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
            message.handle
        );
        assert_eq!(text, expected);
    }
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.delete(&url, &message.handle).await.unwrap();
    cloud.delete(&url, &message.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn a_duplicate_is_accepted_and_not_delivered_for_five_minutes() {
    let (cloud, url) = cloud_with_fifo().await;
    let first = cloud.send_to_group(&url, "m", "g", Some("id")).await.unwrap();
    let again = cloud.send_to_group(&url, "other", "h", Some("id")).await.unwrap();
    assert_eq!((first.message_id(), first.sequence_number()), (again.message_id(), again.sequence_number()));
    assert_eq!(first.sequence_number().unwrap().len(), 20);
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.delete(&url, &message.handle).await.unwrap();
    cloud.advance(299).await;
    cloud.send_to_group(&url, "m", "g", Some("id")).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0), "also after it was deleted");
    cloud.advance(1).await;
    cloud.send_to_group(&url, "m", "g", Some("id")).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    send(&cloud, &url, "content", "g").await;
    send(&cloud, &url, "content", "h").await;
    assert_eq!(cloud.numbers(&url).await, (2, 0, 0), "the content is the id when none is given");
}

#[tokio::test]
async fn the_scope_of_deduplication_can_be_changed() {
    let cloud = Cloud::new();
    let url = cloud.create_fifo("q.fifo", &[]).await;
    let send = async |group: &str, id: &str| {
        let before = cloud.numbers(&url).await.0;
        cloud.send_to_group(&url, "m", group, Some(id)).await.unwrap();
        cloud.numbers(&url).await.0 > before
    };
    assert!(send("g", "1").await && !send("h", "1").await);
    let high = [("DeduplicationScope", "messageGroup"), ("FifoThroughputLimit", "perMessageGroupId")];
    cloud.set(&url, &high).await.unwrap();
    assert!(!send("h", "1").await, "an id of the whole queue goes on counting for all groups");
    assert!(send("g", "2").await && send("h", "2").await && !send("h", "2").await);
    cloud.set(&url, &[("DeduplicationScope", "queue"), ("FifoThroughputLimit", "perQueue")]).await.unwrap();
    assert!(send("i", "2").await, "an id of a group does not count for the queue");
}

#[tokio::test]
async fn a_delay_is_the_queues_alone() {
    let cloud = Cloud::new();
    let attributes = [("DelaySeconds", "10"), ("ContentBasedDeduplication", "true")];
    let url = cloud.create_fifo("q.fifo", &attributes).await;
    let input = |delay: i32| {
        api::SendMessageInput::new()
            .with_queue_url(&*url)
            .with_message_body("m")
            .with_message_group_id("g")
            .with_delay_seconds(delay)
    };
    let (_, text) = error(cloud.call::<api::op::SendMessage>(input(2)).await);
    assert_eq!(
        text,
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for \
         this queue type."
    );
    cloud.call::<api::op::SendMessage>(input(0)).await.unwrap();
    assert_eq!((cloud.numbers(&url).await, cloud.receive(&url).await), ((0, 0, 1), vec![]));
    cloud.advance(10).await;
    assert_eq!(bodies(&cloud.receive(&url).await), ["m"]);
}

#[tokio::test]
async fn ids_are_required() {
    let cloud = Cloud::new();
    let url = cloud.create_fifo("q.fifo", &[]).await;
    let input = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("m");
    let (code, text) = error(cloud.call::<api::op::SendMessage>(input).await);
    assert_eq!(code, "MissingRequiredParameterException");
    assert_eq!(text, "The request must contain the parameter MessageGroupId.");
    let (_, text) = error(cloud.send_to_group(&url, "m", "g", None).await);
    assert_eq!(
        text,
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    );
}

#[tokio::test]
async fn a_receive_can_be_repeated_by_its_attempt_id() {
    let (cloud, url) = cloud_with_fifo().await;
    for body in ["1", "2", "3"] {
        send(&cloud, &url, body, "g").await;
    }
    let attempt = async |id: &str| {
        let input = api::ReceiveMessageInput::new().with_queue_url(&*url).with_max_number_of_messages(2);
        cloud.receive_with(input.with_receive_request_attempt_id(id)).await
    };
    let first = attempt("a").await;
    assert_eq!(bodies(&first), ["1", "2"]);
    assert_eq!(attempt("b").await, []);
    cloud.advance(20).await;
    assert_eq!(attempt("a").await, first, "the same messages with the same handles");
    cloud.advance(20).await;
    assert_eq!(cloud.numbers(&url).await, (1, 2, 0), "hidden anew");
    cloud.delete(&url, &first[0].handle).await.unwrap();
    assert_eq!(attempt("a").await, [], "one of them has changed");
    cloud.advance(10).await;
    assert_eq!(bodies(&attempt("a").await), ["2", "3"]);
}

#[tokio::test]
async fn messages_tell_group_deduplication_and_sequence() {
    let (cloud, url) = cloud_with_fifo().await;
    let sent = cloud.send_to_group(&url, "m", "g", Some("d")).await.unwrap();
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url);
    let input = input.with_message_system_attribute_names(vec![system::ALL_]);
    let output = cloud.call::<api::op::ReceiveMessage>(input).await.unwrap();
    let message = output.messages().unwrap().iter().next().unwrap();
    let mut attributes: Vec<_> = message.attributes().unwrap().iter().collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            (system::APPROXIMATE_FIRST_RECEIVE_TIMESTAMP, "1800000000000"),
            (system::APPROXIMATE_RECEIVE_COUNT, "1"),
            (system::MESSAGE_DEDUPLICATION_ID, "d"),
            (system::MESSAGE_GROUP_ID, "g"),
            (system::SENDER_ID, crate::cloud::ACCOUNT),
            (system::SENT_TIMESTAMP, "1800000000000"),
            (system::SEQUENCE_NUMBER, sent.sequence_number().unwrap()),
        ]
    );
}

#[tokio::test]
async fn old_messages_expire_and_unblock_nothing_wrongly() {
    let cloud = Cloud::new();
    let attributes = [("MessageRetentionPeriod", "60"), ("ContentBasedDeduplication", "true")];
    let url = cloud.create_fifo("q.fifo", &attributes).await;
    send(&cloud, &url, "1", "g").await;
    cloud.advance(30).await;
    send(&cloud, &url, "2", "g").await;
    cloud.advance(30).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    assert_eq!(bodies(&cloud.receive(&url).await), ["2"]);
    cloud.advance(100).await;
    assert_eq!((cloud.numbers(&url).await, cloud.receive(&url).await), ((0, 0, 0), vec![]));
}

#[tokio::test]
async fn quotas_of_fifo_queues_count_calls_and_groups_where_they_are_enforced() {
    let cloud = Cloud::with(WorldSettings { enforce_quotas: true, ..WorldSettings::default() });
    let plain = cloud.create_fifo("plain.fifo", &[("ContentBasedDeduplication", "true")]).await;
    let sent = async |url: &str, group: &str, from: usize, count: usize| {
        let mut sent = 0;
        for number in from..from + count {
            let input = api::SendMessageInput::new()
                .with_queue_url(url)
                .with_message_body(number.to_string())
                .with_message_group_id(group);
            match cloud.call::<api::op::SendMessage>(input).await {
                Ok(_) => sent += 1,
                Err(error) => assert_eq!(error.code, "RequestThrottled"),
            }
        }
        sent
    };
    assert_eq!(sent(&plain, "a", 0, 301).await, 300, "all groups together");
    assert_eq!(sent(&plain, "b", 1000, 1).await, 0);
    cloud.advance(1).await;
    assert_eq!(sent(&plain, "b", 2000, 1).await, 1);
    let high = [
        ("ContentBasedDeduplication", "true"),
        ("DeduplicationScope", "messageGroup"),
        ("FifoThroughputLimit", "perMessageGroupId"),
    ];
    let high = cloud.create_fifo("high.fifo", &high).await;
    assert_eq!(sent(&high, "a", 0, 301).await, 300, "each group for itself");
    assert_eq!(sent(&high, "b", 0, 300).await, 300);
}
