//! The one way of a call: answers, errors, conflicts, panics, faults, the log and the metrics.

use std::sync::atomic::Ordering;

use virga_api::sqs as api;
use virga_kit::{FaultEffect, FaultRule};
use virga_model::Record;
use virga_model::view::Operation as _;

use crate::service::{call, create, raw, send, world};

#[tokio::test]
async fn the_answer_knows_account_and_endpoint() {
    assert_eq!(create(&world(), "note-1").await.unwrap(), "http://localhost:4566/111122223333/note-1");
}

#[tokio::test]
async fn modelled_errors_take_code_and_status_from_the_model() {
    let error = create(&world(), "unknown").await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("QueueDoesNotExist", 400));
    assert_eq!(error.message, "The specified queue does not exist.");
    let error = create(&world(), "refused").await.unwrap_err();
    assert_eq!((&*error.code, error.query_code, error.status), ("RefusedException", Some("Refused"), 409));
    assert_eq!(error.message, "not refused");
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_name() {
    let operation = api::op::TagQueue::model();
    let error = raw(&world(), operation, Record::empty()).await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("NotImplemented", 501));
    assert!(error.message.contains("sqs TagQueue"), "{}", error.message);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_of_that_call_only() {
    let world = world();
    let error = call::<api::op::PurgeQueue>(&world, api::PurgeQueueInput::new().with_queue_url("q"))
        .await
        .unwrap_err();
    assert_eq!((&*error.code, error.status), ("InternalFailure", 500));
    assert!(!error.message.contains("on purpose"));
    assert_eq!(send(&world, "still alive").await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn conflicting_calls_run_again_until_each_has_its_own_count() {
    let world = world();
    let calls = (0..64).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { send(&world, "x").await.parse::<u32>().unwrap() })
    });
    let mut counts = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        counts.push(call.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (0..64).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_call_is_logged_with_what_it_needed_permission_for() {
    let world = world();
    let mut tail = world.log().tail();
    create(&world, "refused").await.unwrap_err();
    send(&world, "x").await;
    let recent = world.log().recent(10, |_| true);
    let seen: Vec<_> = recent.iter().map(|call| (call.operation.name(), call.status)).collect();
    assert_eq!(seen, [("SendMessage", 200), ("CreateQueue", 409)]);
    let (action, resources, decision) = &recent[0].accesses[0];
    assert_eq!(action, "sqs:SendMessage");
    assert_eq!(resources, &["arn:aws:sqs:eu-west-1:111122223333:q"]);
    assert!(decision.allowed);
    assert_eq!(world.log().recent(10, |call| call.error.is_some()).len(), 1);
    assert_eq!(tail.recv().await.unwrap().operation.name(), "CreateQueue");
    let stats: Vec<_> = world
        .metrics()
        .called(world.services())
        .map(|(operation, stats)| (operation.name(), stats.client_errors.load(Ordering::Relaxed)))
        .collect();
    assert_eq!(stats, [("CreateQueue", 1), ("SendMessage", 0)]);
}

fn rule(operation: &str, probability: f64, effect: FaultEffect) -> FaultRule {
    let operation = Some(operation.to_owned());
    FaultRule { service: None, operation, resource: None, probability, limit: None, effect }
}

#[tokio::test]
async fn injected_faults_strike_the_calls_that_their_rule_names() {
    let world = world();
    let error = FaultEffect::Error { code: "QueueDoesNotExist".into(), status: 400, message: "gone".into() };
    let limited = FaultRule { limit: Some(1), ..rule("CreateQueue", 1.0, error) };
    let throttle = FaultRule { resource: Some(":q".into()), ..rule("TagQueue", 1.0, FaultEffect::Throttle) };
    world.faults().set(7, vec![limited, throttle]);
    let error = create(&world, "note-1").await.unwrap_err();
    assert_eq!((&*error.code, &*error.message), ("QueueDoesNotExist", "gone"));
    create(&world, "note-1").await.unwrap();
    world.faults().set(7, vec![rule("CreateQueue", 1.0, FaultEffect::Throttle)]);
    assert_eq!(&*create(&world, "note-1").await.unwrap_err().code, "RequestThrottled");
    send(&world, "other operations are not struck").await;
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = world();
        world.faults().set(42, vec![rule("CreateQueue", 0.5, FaultEffect::Throttle)]);
        let mut struck = Vec::new();
        for _ in 0..64 {
            struck.push(create(&world, "note-1").await.is_err());
        }
        runs.push(struck);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&true) && runs[0].contains(&false));
}
