//! Queues: creation, names, attributes, listing, deletion, purging, tags, permissions, other accounts.

use virga_api::sqs as api;

use virga_store::{Direction, Reader as _, Space};

use crate::cloud::{ACCOUNT, Cloud, REGION, error};

/// The key spaces that hold something of a queue.
static SPACES: [Space<()>; 20] = [
    Space::new("sqs.queue"),
    Space::new("sqs.details"),
    Space::new("sqs.tags"),
    Space::new("sqs.e"),
    Space::new("sqs.m"),
    Space::new("sqs.c"),
    Space::new("sqs.cd"),
    Space::new("sqs.r"),
    Space::new("sqs.v"),
    Space::new("sqs.h"),
    Space::new("sqs.p"),
    Space::new("sqs.gl"),
    Space::new("sqs.fl"),
    Space::new("sqs.fr"),
    Space::new("sqs.fd"),
    Space::new("sqs.fg"),
    Space::new("sqs.dd"),
    Space::new("sqs.da"),
    Space::new("kit.timer"),
    Space::new("kit.timer-due"),
];

#[tokio::test]
async fn creating_again_gives_the_same_queue_when_the_attributes_agree() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("DelaySeconds", "5")]).await.unwrap();
    assert_eq!(cloud.create("q").await, url);
    assert_eq!(cloud.create_with("q", &[("DelaySeconds", "5")]).await.unwrap(), url);
    let (code, text) = error(cloud.create_with("q", &[("DelaySeconds", "6")]).await);
    assert_eq!(code, "QueueNameExists");
    assert_eq!(
        text,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
}

#[tokio::test]
async fn a_new_queue_reads_with_the_defaults_of_aws() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let input = api::GetQueueAttributesInput::new().with_queue_url(&*url).with_attribute_names(vec!["All"]);
    let output = cloud.call::<api::op::GetQueueAttributes>(input).await.unwrap();
    let mut attributes: Vec<_> = output.attributes().unwrap().iter().collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            ("ApproximateNumberOfMessages", "0"),
            ("ApproximateNumberOfMessagesDelayed", "0"),
            ("ApproximateNumberOfMessagesNotVisible", "0"),
            ("CreatedTimestamp", "1800000000"),
            ("DelaySeconds", "0"),
            ("LastModifiedTimestamp", "1800000000"),
            ("MaximumMessageSize", "1048576"),
            ("MessageRetentionPeriod", "345600"),
            ("QueueArn", &format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q")),
            ("ReceiveMessageWaitTimeSeconds", "0"),
            ("SqsManagedSseEnabled", "true"),
            ("VisibilityTimeout", "30"),
        ]
    );
    let input = api::GetQueueAttributesInput::new().with_queue_url(&*url);
    assert!(cloud.call::<api::op::GetQueueAttributes>(input).await.unwrap().attributes().is_none());
    let input = api::GetQueueAttributesInput::new().with_queue_url(&*url).with_attribute_names(vec!["X"]);
    let (code, text) = error(cloud.call::<api::op::GetQueueAttributes>(input).await);
    assert_eq!((&*code, &*text), ("InvalidAttributeName", "Unknown Attribute X."));
}

#[tokio::test]
async fn setting_attributes_changes_the_time_of_modification() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.advance(7).await;
    cloud.set(&url, &[("VisibilityTimeout", "1")]).await.unwrap();
    assert_eq!(cloud.attribute(&url, "VisibilityTimeout").await.as_deref(), Some("1"));
    assert_eq!(cloud.attribute(&url, "CreatedTimestamp").await.as_deref(), Some("1800000000"));
    assert_eq!(cloud.attribute(&url, "LastModifiedTimestamp").await.as_deref(), Some("1800000007"));
}

#[tokio::test]
async fn queues_are_listed_by_name_prefix_and_page() {
    let cloud = Cloud::new();
    for name in ["b", "a1", "a2", "a3"] {
        cloud.create(name).await;
    }
    cloud.of_account("999988887777").create("a4").await;
    let list = async |input: api::ListQueuesInput| {
        let output = cloud.call::<api::op::ListQueues>(input).await.unwrap();
        let names = output.queue_urls().into_iter().flat_map(virga_model::view::List::iter);
        let names: Vec<String> = names.map(|url| url.rsplit('/').next().unwrap().to_owned()).collect();
        (names.join(" "), output.next_token().map(str::to_owned))
    };
    assert_eq!(list(api::ListQueuesInput::new()).await, ("a1 a2 a3 b".to_owned(), None));
    let with_prefix = || api::ListQueuesInput::new().with_queue_name_prefix("a").with_max_results(2);
    let (names, token) = list(with_prefix()).await;
    assert_eq!(names, "a1 a2");
    assert_eq!(list(with_prefix().with_next_token(token.unwrap())).await, ("a3".to_owned(), None));
    let none = api::ListQueuesInput::new().with_queue_name_prefix("c");
    assert!(cloud.call::<api::op::ListQueues>(none).await.unwrap().queue_urls().is_none());
}

#[tokio::test]
async fn a_deleted_queue_is_gone_and_its_name_is_free_after_a_minute() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "old").await;
    let input = || api::DeleteQueueInput::new().with_queue_url(&*url);
    cloud.call::<api::op::DeleteQueue>(input()).await.unwrap();
    let (code, text) = error(cloud.call::<api::op::DeleteQueue>(input()).await);
    assert_eq!((&*code, &*text), ("QueueDoesNotExist", "The specified queue does not exist."));
    assert_eq!(error(cloud.create_with("q", &[]).await).0, "QueueDeletedRecently");
    cloud.advance(60).await;
    cloud.create("q").await;
    assert_eq!((cloud.numbers(&url).await, cloud.receive(&url).await), ((0, 0, 0), vec![]));
}

#[tokio::test]
async fn nothing_is_left_of_a_deleted_queue() {
    let cloud = Cloud::new();
    let attributes = [("ContentBasedDeduplication", "true"), ("DelaySeconds", "1")];
    let fifo = cloud.create_fifo("q.fifo", &attributes).await;
    let standard = cloud.create("q").await;
    for n in 0..30 {
        cloud.send_to_group(&fifo, &n.to_string(), "g", None).await.unwrap();
        cloud.send(&standard, &n.to_string()).await;
    }
    cloud.advance(1).await;
    cloud.receive(&fifo).await;
    cloud.receive(&standard).await;
    for url in [&fifo, &standard] {
        let input = api::DeleteQueueInput::new().with_queue_url(url.as_str());
        cloud.call::<api::op::DeleteQueue>(input).await.unwrap();
    }
    cloud.world.settle().await.unwrap();
    // Nothing is decoded, so that the type of the records does not matter.
    let read = cloud.world.store().read().unwrap();
    for space in &SPACES {
        let keys = read.scan_keys(&space.all(), Direction::Forward, 10).unwrap();
        assert_eq!(keys.len(), 0, "{}", space.name());
    }
}

#[tokio::test]
async fn purging_empties_a_queue_once_a_minute() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let input = || api::PurgeQueueInput::new().with_queue_url(&*url);
    cloud.send(&url, "1").await;
    cloud.send(&url, "2").await;
    let held = cloud.receive_one(&url).await.unwrap();
    cloud.call::<api::op::PurgeQueue>(input()).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
    cloud.delete(&url, &held.handle).await.unwrap();
    cloud.send(&url, "3").await;
    let (code, text) = error(cloud.call::<api::op::PurgeQueue>(input()).await);
    assert_eq!(code, "PurgeQueueInProgress");
    assert_eq!(text, "Only one PurgeQueue operation on q is allowed every 60 seconds.");
    cloud.advance(60).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    cloud.call::<api::op::PurgeQueue>(input()).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn tags_are_set_listed_and_removed() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let list = async || {
        let input = api::ListQueueTagsInput::new().with_queue_url(&*url);
        let output = cloud.call::<api::op::ListQueueTags>(input).await.unwrap();
        output.tags().map(|tags| {
            tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(list().await, None);
    let tags = vec![("tag1", "value1"), ("tag2", "value2"), ("tag3", "")];
    let input = api::TagQueueInput::new().with_queue_url(&*url).with_tags(tags);
    cloud.call::<api::op::TagQueue>(input).await.unwrap();
    assert_eq!(list().await.as_deref(), Some("tag1=value1 tag2=value2 tag3="));
    let untag =
        |keys: Vec<&'static str>| api::UntagQueueInput::new().with_queue_url(&*url).with_tag_keys(keys);
    cloud.call::<api::op::UntagQueue>(untag(vec!["tag1", "tag3", "nothing"])).await.unwrap();
    assert_eq!(list().await.as_deref(), Some("tag2=value2"));
    cloud.call::<api::op::UntagQueue>(untag(vec!["tag2"])).await.unwrap();
    assert_eq!(list().await, None);
}

#[tokio::test]
async fn permissions_edit_the_policy() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let add = |label: &'static str| {
        api::AddPermissionInput::new()
            .with_queue_url(&*url)
            .with_label(label)
            .with_aws_account_ids(vec!["668614515564"])
            .with_actions(vec!["ReceiveMessage"])
    };
    let remove =
        |label: &'static str| api::RemovePermissionInput::new().with_queue_url(&*url).with_label(label);
    cloud.call::<api::op::AddPermission>(add("one")).await.unwrap();
    let (_, text) = error(cloud.call::<api::op::AddPermission>(add("one")).await);
    assert_eq!(text, "Value one for parameter Label is invalid. Reason: Already exists.");
    cloud.call::<api::op::AddPermission>(add("two")).await.unwrap();
    let policy = cloud.attribute(&url, "Policy").await.unwrap();
    assert!(
        policy.contains("\"one\"") && policy.contains("\"two\"") && policy.contains("SQS:ReceiveMessage")
    );
    cloud.call::<api::op::RemovePermission>(remove("one")).await.unwrap();
    cloud.call::<api::op::RemovePermission>(remove("two")).await.unwrap();
    assert_eq!(cloud.attribute(&url, "Policy").await, None);
}

#[tokio::test]
async fn a_queue_of_another_account_is_reached_by_its_url() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let other = cloud.of_account("999988887777");
    let refused = api::SendMessageInput::new().with_queue_url(&*url).with_message_body("m");
    let (code, text) = error(other.call::<api::op::SendMessage>(refused).await);
    assert_eq!(code, "AccessDenied");
    assert!(text.ends_with("because no resource-based policy allows the sqs:SendMessage action"), "{text}");
    cloud.share(&url, "999988887777", &["SendMessage", "GetQueueUrl"]).await;
    other.send(&url, "m").await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    let input = api::GetQueueUrlInput::new().with_queue_name("q");
    let (code, _) = error(other.call::<api::op::GetQueueUrl>(input.clone()).await);
    assert_eq!(code, "QueueDoesNotExist");
    let input = input.with_queue_owner_aws_account_id(ACCOUNT);
    let output = other.call::<api::op::GetQueueUrl>(input).await.unwrap();
    assert_eq!(output.queue_url(), Some(&*url));
}

#[tokio::test]
async fn a_url_without_a_queue_is_no_address() {
    let cloud = Cloud::new();
    cloud.create("q").await;
    cloud.send("q", "a bare name is enough").await;
    let input = api::PurgeQueueInput::new().with_queue_url("http://localhost:4566/q");
    let (code, text) = error(cloud.call::<api::op::PurgeQueue>(input).await);
    assert_eq!(
        (&*code, &*text),
        ("InvalidAddress", "The address http://localhost:4566/q is not valid for this endpoint.")
    );
}
