//! The one way of a call: answers, errors, conflicts, panics, faults, the log and the metrics.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use virga_api::sqs as api;
use virga_iam::authorization_request::{AuthorizationRequest, Authorizer, Decision};
use virga_kit::{FaultEffect, FaultRule, World, WorldSettings};
use virga_model::view::Operation as _;
use virga_model::{ApiError, Record};

use crate::service::{call, create, raw, send, world, world_with};

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
    let error = through_call(&world, "panic").await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("InternalFailure", 500));
    assert!(!error.message.contains("on purpose"));
    assert_eq!(send(&world, "still alive").await, "0");
}

async fn through_call(world: &Arc<World>, name: &str) -> Result<String, ApiError> {
    let input = api::GetQueueUrlInput::new().with_queue_name(name);
    call::<api::op::GetQueueUrl>(world, input).await.map(|output| output.queue_url().unwrap().to_owned())
}

#[tokio::test]
async fn a_handler_can_call_other_services_and_passes_their_errors_on() {
    let world = world();
    assert_eq!(through_call(&world, "note-1").await.unwrap(), "http://localhost:4566/111122223333/note-1");
    let error = through_call(&world, "refused").await.unwrap_err();
    assert_eq!(error.code, "RefusedException");
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
    let access = &recent[0].accesses[0];
    assert_eq!(access.full_action(), "sqs:SendMessage");
    assert_eq!(access.resources, ["arn:aws:sqs:eu-west-1:111122223333:q"]);
    assert!(access.decision.is_none(), "nothing decides in this world");
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

/// Refuses everything, and keeps what it was asked.
#[derive(Default)]
struct RefuseAll(std::sync::Mutex<Vec<AuthorizationRequest>>);

impl Authorizer for RefuseAll {
    fn authorize(&self, request: &AuthorizationRequest) -> Decision {
        self.0.lock().unwrap().push(request.clone());
        Decision { allowed: false, explanation: "no identity-based policy allows it".into() }
    }
}

#[tokio::test]
async fn a_call_that_is_not_allowed_is_refused_before_the_handler_runs() {
    let authorizer = Arc::new(RefuseAll::default());
    let settings = WorldSettings { authorizer: authorizer.clone(), ..world().settings().clone() };
    let world = world_with(settings);
    let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
    let error = call::<api::op::SendMessage>(&world, input).await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("AccessDenied", 403));
    assert_eq!(
        &*error.message,
        "User: arn:aws:iam::111122223333:root is not authorized to perform: sqs:SendMessage on resource: \
         arn:aws:sqs:eu-west-1:111122223333:q because no identity-based policy allows it"
    );
    let asked = authorizer.0.lock().unwrap();
    assert_eq!(
        (&*asked[0].action, &*asked[0].resources[0]),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q")
    );
    let value = |key: &str| {
        asked[0].conditions.iter().find(|condition| condition.key == key).map(|c| c.values.join(","))
    };
    assert_eq!(value("aws:RequestedRegion").as_deref(), Some("eu-west-1"));
    assert_eq!(value("aws:SecureTransport").as_deref(), Some("false"));
    assert!(
        world.log().recent(1, |_| true)[0].accesses[0]
            .decision
            .as_ref()
            .is_some_and(|decision| !decision.allowed)
    );
}
