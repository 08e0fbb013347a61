//! Calls that wait: for a wake-up, or for the clock.

use std::future::Future;
use std::task::Poll;

use virga_model::Timestamp;

use crate::service::{receive, send, world};

/// Lets everything run that can.
async fn turn() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_waiting_call_answers_as_soon_as_it_is_woken() {
    let world = world();
    let waiting = tokio::spawn({
        let world = world.clone();
        async move { receive(&world, 20).await }
    });
    turn().await;
    assert!(!waiting.is_finished());
    send(&world, "hello").await;
    // The clock stands: only the wake-up can have ended the wait.
    assert_eq!(waiting.await.unwrap().as_deref(), Some("hello"));
}

#[tokio::test]
async fn a_waiting_call_answers_when_the_clock_has_reached_its_end() {
    let world = world();
    let waiting = tokio::spawn({
        let world = world.clone();
        async move { receive(&world, 20).await }
    });
    turn().await;
    world.advance_to(Timestamp::from_secs(1_800_000_019)).await.unwrap();
    turn().await;
    assert!(!waiting.is_finished());
    world.advance_to(Timestamp::from_secs(1_800_000_020)).await.unwrap();
    assert_eq!(waiting.await.unwrap(), None);
}

#[tokio::test]
async fn a_call_without_patience_answers_at_once() {
    assert_eq!(receive(&world(), 0).await, None);
}

#[tokio::test]
async fn one_message_wakes_one_waiter_and_a_waiter_that_leaves_passes_its_wake_up_on() {
    let world = world();
    let mut leaver = Box::pin(receive(&world, 20));
    // Polled once, it has taken its place among the waiters.
    std::future::poll_fn(|context| {
        assert!(leaver.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    let stayer = tokio::spawn({
        let world = world.clone();
        async move { receive(&world, 20).await }
    });
    turn().await;
    send(&world, "for one").await;
    drop(leaver);
    assert_eq!(stayer.await.unwrap().as_deref(), Some("for one"));
}

#[tokio::test]
async fn no_call_waits_while_the_cloud_stops() {
    let world = world();
    let waiting = tokio::spawn({
        let world = world.clone();
        async move { receive(&world, 20).await }
    });
    turn().await;
    assert!(!waiting.is_finished());
    world.end_waits();
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(receive(&world, 20).await, None, "nor one that comes later");
}
