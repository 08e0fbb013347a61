//! What a message carries: attributes, digests, sizes; batches and their partial failures.

use virga_api::sqs as api;
use virga_api::sqs::message_system_attribute_name as system;
use virga_model::view::{Entries, List};

use crate::cloud::{Cloud, error};

fn string_attribute(value: &str) -> api::MessageAttributeValue {
    api::MessageAttributeValue::new().with_data_type("String").with_string_value(value)
}

/// Receives one message with what was asked for: its attributes as text, and the digest of its message attributes.
async fn receive(cloud: &Cloud, input: api::ReceiveMessageInput) -> (String, String, Option<String>) {
    let output = cloud.call::<api::op::ReceiveMessage>(input.with_visibility_timeout(0)).await.unwrap();
    let message = output.messages().unwrap().iter().next().unwrap();
    let mut system: Vec<_> =
        message.attributes().into_iter().flat_map(Entries::iter).map(|(name, _)| name).collect();
    system.sort_unstable();
    let own = message.message_attributes().into_iter().flat_map(Entries::iter);
    let mut own: Vec<_> =
        own.map(|(name, value)| format!("{name}={}", value.string_value().unwrap_or("binary"))).collect();
    own.sort_unstable();
    (system.join(" "), own.join(" "), message.md5_of_message_attributes().map(str::to_owned))
}

#[tokio::test]
async fn attributes_come_back_as_they_are_asked_for() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let attributes = [("General", "Kenobi"), ("Hello", "There"), ("Help.Me", "Me")];
    let attributes: Vec<_> = attributes.map(|(name, value)| (name, string_attribute(value))).into();
    let input = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("msg");
    let sent = cloud.call::<api::op::SendMessage>(input.with_message_attributes(attributes)).await.unwrap();
    // The digests are those that AWS gave.
    assert_eq!(sent.md5_of_message_attributes(), Some("4c360f3fdafd970e05fae2f149d997f5"));
    let asked = |names: &[&'static str]| {
        api::ReceiveMessageInput::new().with_queue_url(&*url).with_message_attribute_names(names.to_vec())
    };
    for (names, shown, digest) in [
        (&[][..], "", None),
        (&["All"][..], "General=Kenobi Hello=There Help.Me=Me", Some("4c360f3fdafd970e05fae2f149d997f5")),
        (&["Hello", "General"][..], "General=Kenobi Hello=There", Some("fca026605781cb4126a1e9044df24232")),
        (&["Hello", "Nothing"][..], "Hello=There", Some("a311262e065454b75da111d535b8dacd")),
        (&["Hel.*"][..], "Hello=There Help.Me=Me", Some("83fee93c1bcd8b9a5a923ffacdc636c7")),
    ] {
        let (_, own, md5) = receive(&cloud, asked(names)).await;
        assert_eq!((&*own, md5.as_deref()), (shown, digest), "{names:?}");
    }
}

#[tokio::test]
async fn system_attributes_come_back_by_either_list_of_names() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let header = api::MessageSystemAttributeValue::new().with_data_type("String").with_string_value(trace);
    let input = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("test");
    let input = input.with_message_system_attributes(vec![("AWSTraceHeader", header)]);
    let sent = cloud.call::<api::op::SendMessage>(input).await.unwrap();
    assert!(sent.md5_of_message_system_attributes().is_some());
    let input = || api::ReceiveMessageInput::new().with_queue_url(&*url);
    let all =
        "AWSTraceHeader ApproximateFirstReceiveTimestamp ApproximateReceiveCount SenderId SentTimestamp";
    assert_eq!(receive(&cloud, input().with_attribute_names(vec![system::ALL_])).await.0, all);
    assert_eq!(receive(&cloud, input().with_message_system_attribute_names(vec![system::ALL_])).await.0, all);
    let both = input()
        .with_attribute_names(vec![system::SENDER_ID])
        .with_message_system_attribute_names(vec![system::SENT_TIMESTAMP]);
    assert_eq!(receive(&cloud, both).await.0, "SenderId SentTimestamp");
    let (code, text) =
        error(cloud.call::<api::op::ReceiveMessage>(input().with_attribute_names(vec!["Nonsense"])).await);
    assert_eq!((&*code, &*text), ("InvalidAttributeName", "Unknown Attribute Nonsense."));
}

#[tokio::test]
async fn receives_are_counted_and_the_first_is_remembered() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    cloud.advance(5).await;
    for count in 1..=3 {
        let input =
            api::ReceiveMessageInput::new().with_queue_url(&*url).with_attribute_names(vec![system::ALL_]);
        let output = cloud.call::<api::op::ReceiveMessage>(input).await.unwrap();
        let attributes = output.messages().unwrap().iter().next().unwrap().attributes().unwrap();
        assert_eq!(attributes.get(system::APPROXIMATE_RECEIVE_COUNT), Some(&*count.to_string()));
        assert_eq!(attributes.get(system::APPROXIMATE_FIRST_RECEIVE_TIMESTAMP), Some("1800000005000"));
        assert_eq!(attributes.get(system::SENT_TIMESTAMP), Some("1800000000000"));
        cloud.advance(30).await;
    }
}

#[tokio::test]
async fn a_message_has_a_size_that_counts_its_attributes() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("MaximumMessageSize", "1024")]).await.unwrap();
    let input = |length: usize| {
        api::SendMessageInput::new()
            .with_queue_url(&*url)
            .with_message_body("x".repeat(length))
            .with_message_attributes(vec![("name", string_attribute("value"))])
    };
    cloud.call::<api::op::SendMessage>(input(1024 - 15)).await.unwrap();
    let (code, text) = error(cloud.call::<api::op::SendMessage>(input(1024 - 14)).await);
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
}

#[tokio::test]
async fn characters_outside_of_xml_are_refused() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let input = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("a\u{1}");
    let (code, text) = error(cloud.call::<api::op::SendMessage>(input).await);
    assert_eq!(code, "InvalidMessageContents");
    assert!(text.starts_with("Invalid binary character '#x1' was found in the message body"), "{text}");
}

fn entry(id: &str, body: &str) -> api::SendMessageBatchRequestEntry {
    api::SendMessageBatchRequestEntry::new().with_id(id).with_message_body(body)
}

async fn send_batch(
    cloud: &Cloud,
    url: &str,
    entries: Vec<api::SendMessageBatchRequestEntry>,
) -> Result<api::SendMessageBatchOutput, virga_model::ApiError> {
    let input = api::SendMessageBatchInput::new().with_queue_url(url).with_entries(entries);
    cloud.call::<api::op::SendMessageBatch>(input).await
}

/// The failed entries of a batch: id, code, text, whether the sender is to blame.
fn failures<'a>(
    failed: Option<List<'a, &'a api::BatchResultErrorEntry>>,
) -> Vec<(&'a str, &'a str, &'a str, bool)> {
    let entries = failed.into_iter().flat_map(List::iter);
    entries.map(|entry| (entry.id(), entry.code(), entry.message().unwrap(), entry.sender_fault())).collect()
}

#[tokio::test]
async fn entries_of_a_batch_fail_each_for_itself() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("MaximumMessageSize", "1024")]).await.unwrap();
    let entries = vec![entry("long", &"x".repeat(1025)), entry("good", "m"), entry("empty", "")];
    let output = send_batch(&cloud, &url, entries).await.unwrap();
    assert_eq!(
        output.successful().iter().map(api::SendMessageBatchResultEntry::id).collect::<Vec<_>>(),
        ["good"]
    );
    let text = "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.";
    assert_eq!(
        failures(Some(output.failed())),
        [
            ("long", "InvalidParameterValue", text, true),
            ("empty", "MissingParameter", "The request must contain the parameter MessageBody.", true),
        ]
    );
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
}

#[tokio::test]
async fn a_batch_fails_as_a_whole_for_its_form() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let many = (0..20).map(|n| entry(&n.to_string(), "m")).collect();
    let long = vec![entry("1", &"x".repeat(1_048_576)), entry("2", "x")];
    for (entries, code, text) in [
        (
            vec![],
            "EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
        (
            many,
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent 20.",
        ),
        (vec![entry("1", "m"), entry("1", "m")], "BatchEntryIdsNotDistinct", "Id 1 repeated."),
        (
            long,
            "BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
        ),
    ] {
        let error = error(send_batch(&cloud, &url, entries).await);
        assert_eq!((&*error.0, &*error.1), (code, text));
    }
    let fifo = cloud.create_fifo("q.fifo", &[]).await;
    let (code, text) = error(send_batch(&cloud, &fifo, vec![entry("1", "m")]).await);
    assert_eq!(code, "InvalidParameterValueException");
    assert_eq!(text, "The request must contain the parameter MessageGroupId.");
}

#[tokio::test]
async fn messages_are_deleted_and_changed_in_batches() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for n in 0..3 {
        cloud.send(&url, &n.to_string()).await;
    }
    let received = cloud.receive(&url).await;
    let change = |id: &str, handle: &str, seconds: i32| {
        api::ChangeMessageVisibilityBatchRequestEntry::new()
            .with_id(id)
            .with_receipt_handle(handle)
            .with_visibility_timeout(seconds)
    };
    let input = api::ChangeMessageVisibilityBatchInput::new().with_queue_url(&*url).with_entries(vec![
        change("a", &received[0].handle, 0),
        change("b", &received[1].handle, 50_000),
        change("c", "nonsense", 1),
    ]);
    let output = cloud.call::<api::op::ChangeMessageVisibilityBatch>(input).await.unwrap();
    assert_eq!(
        output.successful().iter().map(api::ChangeMessageVisibilityBatchResultEntry::id).collect::<Vec<_>>(),
        ["a"]
    );
    let failed = failures(Some(output.failed()));
    assert_eq!((failed[0].1, failed[1].1), ("InvalidParameterValue", "ReceiptHandleIsInvalid"));
    assert_eq!(cloud.numbers(&url).await, (1, 2, 0));
    let delete = |id: &str, handle: &str| {
        api::DeleteMessageBatchRequestEntry::new().with_id(id).with_receipt_handle(handle)
    };
    let entries = received.iter().map(|message| delete(&message.body, &message.handle)).collect::<Vec<_>>();
    let input = api::DeleteMessageBatchInput::new().with_queue_url(&*url).with_entries(entries);
    let output = cloud.call::<api::op::DeleteMessageBatch>(input).await.unwrap();
    assert_eq!(output.successful().len(), 3);
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn a_standard_queue_takes_groups_and_no_deduplication_ids() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let (_, text) = error(cloud.send_to_group(&url, "m", "g", Some("d")).await);
    assert!(text.starts_with("Value d for parameter MessageDeduplicationId is invalid."), "{text}");
    let (_, text) = error(cloud.send_to_group(&url, "m", "group 123", None).await);
    assert!(text.starts_with("Value group 123 for parameter MessageGroupId is invalid."), "{text}");
    cloud.send_to_group(&url, "m", "g", None).await.unwrap();
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url);
    let (system, _, _) = receive(&cloud, input.with_attribute_names(vec![system::MESSAGE_GROUP_ID])).await;
    assert_eq!(system, "MessageGroupId");
}

/// One group sends a thousand messages, nine others one each: these do not wait for the thousand.
#[tokio::test]
async fn quiet_groups_are_served_in_spite_of_a_noisy_one() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for n in 0..1000 {
        cloud.send_to_group(&url, &format!("noisy-{n}"), "noisy", None).await.unwrap();
    }
    for n in 0..9 {
        cloud.send_to_group(&url, "quiet", &format!("quiet-{n}"), None).await.unwrap();
    }
    cloud.send(&url, "none").await;
    let mut quiet = 0;
    let mut calls = 0;
    while quiet < 10 {
        quiet +=
            cloud.receive(&url).await.iter().filter(|message| !message.body.starts_with("noisy")).count();
        calls += 1;
        assert!(calls < 60, "{quiet} of 10 quiet messages after {calls} receives");
    }
}

#[tokio::test]
async fn every_grouped_message_is_delivered_once() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for n in 0..100 {
        cloud.send_to_group(&url, &n.to_string(), &format!("g{}", n % 7), None).await.unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 100 {
        let received = cloud.receive(&url).await;
        assert!(!received.is_empty(), "{} of 100 received", seen.len());
        for message in received {
            assert!(seen.insert(message.body.clone()), "{} twice", message.body);
            cloud.delete(&url, &message.handle).await.unwrap();
        }
    }
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}
