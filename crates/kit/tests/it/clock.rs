//! The virtual clock, timers and deliveries.

use std::sync::atomic::Ordering;
use std::time::Duration;

use virga_kit::World;
use virga_model::Timestamp;

use crate::service::{DELIVERIES, create, fired, world};

const START: i64 = 1_800_000_000;

#[tokio::test]
async fn timers_fire_in_order_each_at_its_own_time() {
    let world = world();
    for name in ["c-2592000", "a-10", "b-3600", "d-2592001"] {
        create(&world, name).await.unwrap();
    }
    world.advance_to(Timestamp::from_secs(START + 2_592_000)).await.unwrap();
    let expected = [("a-10", 10), ("b-3600", 3600), ("c-2592000", 2_592_000)];
    assert_eq!(fired(&world).await, expected.map(|(name, second)| (name.to_owned(), second)));
    assert_eq!(world.clock().now(), Timestamp::from_secs(START + 2_592_000));
}

#[tokio::test]
async fn a_timer_of_the_same_name_replaces_the_earlier_one() {
    let world = world();
    create(&world, "a-10").await.unwrap();
    world.advance_to(Timestamp::from_secs(START + 5)).await.unwrap();
    create(&world, "a-10").await.unwrap();
    world.advance_to(Timestamp::from_secs(START + 100)).await.unwrap();
    assert_eq!(fired(&world).await, [("a-10".to_owned(), 15)]);
}

#[tokio::test]
async fn due_timers_fire_by_themselves() {
    let world = world();
    create(&world, "a-0").await.unwrap();
    // The worker runs beside this test on the same thread.
    for _ in 0..1000 {
        if !fired(&world).await.is_empty() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(fired(&world).await, [("a-0".to_owned(), 0)]);
}

#[tokio::test]
async fn a_delivery_is_tried_until_it_succeeds() {
    let world = world();
    create(&world, "deliver-10").await.unwrap();
    world.advance_to(Timestamp::from_secs(START + 10)).await.unwrap();
    assert_eq!(DELIVERIES.load(Ordering::SeqCst), 1);
    world.advance_to(Timestamp::from_secs(START + 69)).await.unwrap();
    assert_eq!(DELIVERIES.load(Ordering::SeqCst), 1, "not before its time");
    // The second try panics, which puts it off too.
    world.advance_to(Timestamp::from_secs(START + 70)).await.unwrap();
    assert_eq!(DELIVERIES.load(Ordering::SeqCst), 2);
    world.advance_to(Timestamp::from_secs(START + 600)).await.unwrap();
    assert_eq!(DELIVERIES.load(Ordering::SeqCst), 3, "and no more once it has succeeded");
}

#[tokio::test]
async fn the_clock_stands_runs_and_jumps() {
    let world = world();
    let start = world.clock().now();
    assert_eq!(world.clock().now(), start);
    world.clock().resume(world.store()).unwrap();
    let later = world.clock().now();
    assert!(later >= start && later.since(start) < Duration::from_secs(60));
    world.clock().set(world.store(), Timestamp::from_secs(5)).unwrap();
    assert_eq!(world.clock().now().secs(), 5);
}

#[tokio::test]
async fn the_store_remembers_how_the_clock_stands() {
    let world = world();
    let again =
        World::open("again", world.store().clone(), services(&world), world.settings().clone()).unwrap();
    assert_eq!(again.clock().state(), world.clock().state());
}

fn services(_: &World) -> std::sync::Arc<virga_kit::Services> {
    std::sync::Arc::new(virga_kit::Services::new(&[&crate::service::SERVICE]))
}
