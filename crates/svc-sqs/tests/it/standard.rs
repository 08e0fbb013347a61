//! Standard queues: sending, receiving, deleting, visibility, delay, retention, long polling.

use virga_api::sqs as api;

use virga_store::{Counter, Direction, Key, Reader as _, Space};

use crate::cloud::{ACCOUNT, Cloud, error, sorted_bodies};

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    assert_eq!(url, format!("http://localhost:4566/{ACCOUNT}/q"));
    let id = cloud.send(&url, "hello").await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    let message = cloud.receive_one(&url).await.unwrap();
    assert_eq!((message.body.as_str(), &message.id), ("hello", &id));
    assert_eq!(cloud.numbers(&url).await, (0, 1, 0));
    assert_eq!(cloud.receive(&url).await, []);
    cloud.delete(&url, &message.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
    cloud.advance(60).await;
    assert_eq!(cloud.receive(&url).await, []);
    cloud.delete(&url, &message.handle).await.unwrap();
}

#[tokio::test]
async fn a_message_comes_back_when_its_visibility_timeout_is_over() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    let first = cloud.receive_one(&url).await.unwrap();
    cloud.advance(29).await;
    assert_eq!((cloud.receive_one(&url).await, cloud.numbers(&url).await), (None, (0, 1, 0)));
    cloud.advance(1).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    let second = cloud.receive_one(&url).await.unwrap();
    assert_eq!(second.id, first.id);
    assert_ne!(second.handle, first.handle);
    // A handle that a newer receive has made stale succeeds, and deletes nothing.
    cloud.delete(&url, &first.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 1, 0));
    cloud.advance(30).await;
    // One that has merely expired deletes.
    cloud.delete(&url, &second.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn the_clock_alone_moves_messages_when_it_runs_on_its_own() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    cloud.receive_one(&url).await.unwrap();
    // Without the timers having fired: the call itself finds what is due.
    cloud
        .world
        .clock()
        .set(cloud.world.store(), virga_model::Timestamp::from_secs(crate::cloud::START + 30))
        .unwrap();
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    assert!(cloud.receive_one(&url).await.is_some());
}

#[tokio::test]
async fn visibility_is_extended_shortened_and_ended() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.advance(10).await;
    cloud.change_visibility(&url, &message.handle, 100).await.unwrap();
    cloud.advance(99).await;
    assert_eq!(cloud.numbers(&url).await, (0, 1, 0));
    cloud.change_visibility(&url, &message.handle, 5).await.unwrap();
    cloud.advance(5).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    cloud.change_visibility(&url, &message.handle, 5).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0), "an expired timeout is not revived");
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.change_visibility(&url, &message.handle, 7).await.unwrap();
    cloud.change_visibility(&url, &message.handle, 0).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.change_visibility(&url, &message.handle, 7).await.unwrap();
    cloud.delete(&url, &message.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
    let (code, text) = error(cloud.change_visibility(&url, &message.handle, 7).await);
    assert_eq!(code, "InvalidParameterValueException");
    assert!(
        text.ends_with("Message does not exist or is not available for visibility timeout change."),
        "{text}"
    );
}

#[tokio::test]
async fn a_message_stays_hidden_for_twelve_hours_at_most() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    let message = cloud.receive_one(&url).await.unwrap();
    cloud.advance(20).await;
    let (_, text) = error(cloud.change_visibility(&url, &message.handle, 43_200).await);
    assert!(
        text.contains("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"),
        "{text}"
    );
    cloud.change_visibility(&url, &message.handle, 43_180).await.unwrap();
    cloud.advance(43_179).await;
    assert_eq!(cloud.numbers(&url).await, (0, 1, 0));
    cloud.advance(1).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 0));
}

#[tokio::test]
async fn a_receive_without_visibility_timeout_leaves_the_message_visible() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    let input = || {
        api::ReceiveMessageInput::new()
            .with_queue_url(&*url)
            .with_max_number_of_messages(10)
            .with_visibility_timeout(0)
    };
    assert_eq!(cloud.receive_with(input()).await.len(), 1);
    let again = cloud.receive_with(input()).await;
    assert_eq!((again.len(), cloud.numbers(&url).await), (1, (1, 0, 0)));
    cloud.delete(&url, &again[0].handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn a_delayed_message_appears_when_its_delay_is_over() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("DelaySeconds", "10")]).await.unwrap();
    cloud.send(&url, "queue's delay").await;
    let input = api::SendMessageInput::new().with_queue_url(&*url);
    cloud
        .call::<api::op::SendMessage>(input.with_message_body("own delay").with_delay_seconds(2))
        .await
        .unwrap();
    assert_eq!(cloud.numbers(&url).await, (0, 0, 2));
    cloud.advance(2).await;
    assert_eq!(cloud.numbers(&url).await, (1, 0, 1));
    assert_eq!(cloud.receive_one(&url).await.unwrap().body, "own delay");
    cloud.advance(8).await;
    assert_eq!(cloud.receive_one(&url).await.unwrap().body, "queue's delay");
}

#[tokio::test]
async fn old_messages_expire() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("MessageRetentionPeriod", "100")]).await.unwrap();
    for n in 0..3 {
        cloud.send(&url, &n.to_string()).await;
        cloud.advance(10).await;
    }
    let held = cloud.receive_with(
        api::ReceiveMessageInput::new()
            .with_queue_url(&*url)
            .with_visibility_timeout(200)
            .with_max_number_of_messages(1),
    );
    assert_eq!(held.await.len(), 1);
    cloud.advance(69).await;
    assert_eq!(cloud.numbers(&url).await, (2, 1, 0));
    cloud.advance(21).await;
    assert_eq!(cloud.numbers(&url).await, (0, 1, 0), "what is in flight goes when it is released");
    cloud.advance(200).await;
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
    cloud.send(&url, "later").await;
    cloud.set(&url, &[("MessageRetentionPeriod", "60")]).await.unwrap();
    cloud.advance(60).await;
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn many_messages_expire_in_batches() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for n in 0..1200 {
        cloud.send(&url, &n.to_string()).await;
    }
    cloud.advance(345_600).await;
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

/// Runs something on a thread of its own: each sends to a shard of its own.
fn on_another_thread(cloud: &Cloud, run: impl AsyncFnOnce(&Cloud) + Send) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| runtime().block_on(run(cloud)));
    });
}

#[tokio::test]
async fn messages_of_all_shards_are_received_released_and_expire() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for thread in 0..6 {
        on_another_thread(&cloud, async |cloud| {
            for n in 0..20 {
                cloud.send(&url, &format!("{thread}-{n}")).await;
            }
        });
    }
    for round in 0..3 {
        on_another_thread(&cloud, async |cloud| {
            let mut received = std::collections::BTreeSet::new();
            while let Some(message) = cloud.receive_one(&url).await {
                assert!(received.insert(message.body), "each once in round {round}");
            }
            assert_eq!(received.len(), 120, "all in round {round}");
        });
        assert_eq!(cloud.numbers(&url).await, (0, 120, 0));
        cloud.advance(30).await;
        assert_eq!(cloud.numbers(&url).await, (120, 0, 0));
    }
    cloud.advance(345_600).await;
    assert_eq!(cloud.numbers(&url).await, (0, 0, 0));
}

#[tokio::test]
async fn a_long_poll_is_answered_as_soon_as_a_message_comes() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url).with_wait_time_seconds(20);
    let poll = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.receive_with(input).await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!poll.is_finished());
    cloud.send(&url, "m").await;
    assert_eq!(sorted_bodies(&poll.await.unwrap()), ["m"]);
}

#[tokio::test]
async fn a_long_poll_ends_empty_when_its_time_is_over() {
    let cloud = Cloud::new();
    let url = cloud.create_with("q", &[("ReceiveMessageWaitTimeSeconds", "5")]).await.unwrap();
    let poll = tokio::spawn({
        let (cloud, url) = (cloud.clone(), url.clone());
        async move { cloud.receive_one(&url).await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!poll.is_finished());
    cloud.advance(5).await;
    assert_eq!(poll.await.unwrap(), None);
}

#[tokio::test]
async fn a_long_poll_sees_a_message_that_becomes_visible() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "m").await;
    cloud
        .receive_with(api::ReceiveMessageInput::new().with_queue_url(&*url).with_visibility_timeout(3))
        .await;
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url).with_wait_time_seconds(20);
    let poll = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.receive_with(input).await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    cloud.advance(3).await;
    assert_eq!(sorted_bodies(&poll.await.unwrap()), ["m"]);
}

/// The packed counts of messages and of messages in flight.
static COUNTS: Space<Counter> = Space::new("sqs.c");

/// Adds to the messages in flight of a shard of the only queue, instead of receiving that many.
fn count_in_flight(cloud: &Cloud, number: i64) {
    let store = cloud.world.store();
    let counts = store.read().unwrap().scan_keys(&COUNTS.all(), Direction::Forward, 1).unwrap();
    count_in_flight_at(cloud, &counts[0], number);
}

fn count_in_flight_at(cloud: &Cloud, counter: &Key<Counter>, number: i64) {
    cloud.world.store().write(|txn| txn.add(counter, number * ((1 << 40) + 1))).unwrap();
}

#[tokio::test]
async fn a_standard_queue_has_120_000_messages_in_flight_at_most() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "1").await;
    cloud.send(&url, "2").await;
    count_in_flight(&cloud, 119_999);
    assert!(cloud.receive_one(&url).await.is_some());
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url);
    let (code, _) = error(cloud.call::<api::op::ReceiveMessage>(input).await);
    assert_eq!(code, "OverLimit");
}

#[tokio::test]
async fn messages_are_counted_over_all_shards() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    cloud.send(&url, "1").await;
    cloud.send(&url, "2").await;
    let store = cloud.world.store();
    let own = store.read().unwrap().scan_keys(&COUNTS.all(), Direction::Forward, 2).unwrap();
    let (content, shard) =
        own[0].parts::<(u64, u64)>().unwrap_or_else(|_| (own[0].parts::<(u64,)>().unwrap().0, 0));
    // Another thread has received so many.
    let other = COUNTS.key((content, if shard == 3 { 2_u64 } else { 3 }));
    count_in_flight_at(&cloud, &other, 90_000);
    count_in_flight_at(&cloud, &own[0], 29_999);
    assert!(cloud.receive_one(&url).await.is_some());
    assert_eq!(cloud.numbers(&url).await, (1, 120_000, 0));
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url);
    let (code, _) = error(cloud.call::<api::op::ReceiveMessage>(input).await);
    assert_eq!(code, "OverLimit");
}

#[tokio::test]
async fn a_shard_that_has_its_part_in_flight_takes_from_the_part_of_others() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    for body in ["1", "2", "3", "4"] {
        cloud.send(&url, body).await;
    }
    // All that are in flight lie in one shard, which therefore counts with the others.
    count_in_flight(&cloud, 30_000);
    let read = cloud.receive_one(&url).await.expect("a message");
    assert_eq!(cloud.numbers(&url).await, (3, 30_001, 0));
    let counts = cloud.world.store().read().unwrap().scan(&COUNTS.all(), Direction::Forward, 5).unwrap();
    let mut in_flight: Vec<i64> = counts.iter().map(|(_, count)| count.0 >> 40).collect();
    in_flight.sort_unstable();
    assert_eq!(in_flight, [7500, 7500, 7500, 7501]);
    cloud.delete(&url, &read.handle).await.unwrap();
    assert_eq!(cloud.numbers(&url).await, (3, 30_000, 0));
    // Two are left of the limit, of three that are visible.
    count_in_flight(&cloud, 89_998);
    let input = api::ReceiveMessageInput::new().with_queue_url(&*url).with_max_number_of_messages(10);
    let mut received = 0;
    while let Ok(output) = cloud.call::<api::op::ReceiveMessage>(input.clone()).await {
        received += output.messages().map_or(0, |messages| messages.iter().count());
    }
    assert_eq!((received, cloud.numbers(&url).await), (2, (1, 120_000, 0)));
}

#[tokio::test]
async fn a_fifo_queue_at_the_limit_gives_no_messages() {
    let cloud = Cloud::new();
    let url = cloud.create_fifo("q.fifo", &[("ContentBasedDeduplication", "true")]).await;
    cloud.send_to_group(&url, "m", "g", None).await.unwrap();
    count_in_flight(&cloud, 120_000);
    assert_eq!(cloud.receive(&url).await, []);
    count_in_flight(&cloud, -1);
    assert_eq!(cloud.receive(&url).await.len(), 1);
}
